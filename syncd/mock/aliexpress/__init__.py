"""A mock of AliExpress (IOP): one app, one seller, from the platform's documents alone.

It knows nothing of the program's own reading of those documents, so that each can find the other's mistakes.
"""

from syncd.mock.aliexpress.app import REST, SYNC, aliexpress_app, build_aliexpress
from syncd.mock.aliexpress.product import ON_ORDER, ON_PAYMENT, AliexpressSettings, Product
from syncd.mock.aliexpress.sign import signature, signed_text
from syncd.mock.aliexpress.state import AliexpressState

__all__ = [
    "ON_ORDER",
    "ON_PAYMENT",
    "REST",
    "SYNC",
    "AliexpressSettings",
    "AliexpressState",
    "Product",
    "aliexpress_app",
    "build_aliexpress",
    "signature",
    "signed_text",
]
