"""A mock of Douyin's shop platform (抖店): one app, one shop, from the platform's documents alone.

It knows nothing of the program's own reading of those documents, so that each can find the other's mistakes.
"""

from syncd.mock.douyin.app import build_douyin, douyin_app
from syncd.mock.douyin.product import DouyinSettings, Product
from syncd.mock.douyin.push import Message, order_message, pushed, spi_query
from syncd.mock.douyin.sign import canonical, event_signature, signature, signed_text, spi_signature
from syncd.mock.douyin.state import DouyinState

__all__ = [
    "DouyinSettings",
    "DouyinState",
    "Message",
    "Product",
    "build_douyin",
    "canonical",
    "douyin_app",
    "event_signature",
    "order_message",
    "pushed",
    "signature",
    "signed_text",
    "spi_query",
    "spi_signature",
]
