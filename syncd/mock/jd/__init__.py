"""A mock of JD's `routerjson` gateway: one app, one shop, from the platform's documents alone.

It knows nothing of the program's own reading of those documents, so that each can find the other's mistakes.
"""

from syncd.mock.jd.app import GATEWAY, build_jd, jd_app
from syncd.mock.jd.settings import JdSettings, Ware
from syncd.mock.jd.sign import signature, signed_text
from syncd.mock.jd.state import JdState
from syncd.mock.jd.tokens import REFRESH

__all__ = [
    "GATEWAY",
    "REFRESH",
    "JdSettings",
    "JdState",
    "Ware",
    "build_jd",
    "jd_app",
    "signature",
    "signed_text",
]
