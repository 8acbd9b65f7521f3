"""The mocks as pure state machines, without HTTP."""

from syncd.mock.core.calls import Call, CallLog
from syncd.mock.core.erp import PARTS, Cell, ErpSettings, ErpState, Reading
from syncd.mock.core.listing import Line, Listing, ShopSettings, read_line
from syncd.mock.core.settings import CallSettings
from syncd.mock.core.shop import ShopState

__all__ = [
    "PARTS",
    "Call",
    "CallLog",
    "CallSettings",
    "Cell",
    "ErpSettings",
    "ErpState",
    "Line",
    "Listing",
    "Reading",
    "ShopSettings",
    "ShopState",
    "read_line",
]
