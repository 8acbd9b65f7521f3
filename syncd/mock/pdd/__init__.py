"""A mock of Pinduoduo's open platform: one app, one shop, from the platform's documents alone.

It knows nothing of the program's own reading of those documents, so that each can find the other's mistakes.
"""

from syncd.mock.pdd.app import GATEWAY, build_pdd, pdd_app
from syncd.mock.pdd.goods import Goods, PddSettings
from syncd.mock.pdd.sign import signature, signed_text
from syncd.mock.pdd.state import PddState
from syncd.mock.pdd.wire import TOKENS

__all__ = [
    "GATEWAY",
    "TOKENS",
    "Goods",
    "PddSettings",
    "PddState",
    "build_pdd",
    "pdd_app",
    "signature",
    "signed_text",
]
