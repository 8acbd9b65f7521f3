"""A mock of Taobao's open platform (TOP): one app, one shop, from the platform's documents alone.

It knows nothing of the program's own reading of those documents, so that each can find the other's mistakes.
"""

from syncd.mock.taobao.app import GATEWAY, build_taobao, taobao_app
from syncd.mock.taobao.item import Item, TopSettings
from syncd.mock.taobao.sign import signature, signed_text
from syncd.mock.taobao.state import TaobaoState

__all__ = [
    "GATEWAY",
    "Item",
    "TaobaoState",
    "TopSettings",
    "build_taobao",
    "signature",
    "signed_text",
    "taobao_app",
]
