"""The mocks as pure state machines, without HTTP."""

from syncd.mock.core.calls import Call, CallLog
from syncd.mock.core.erp import PARTS, Cell, ErpSettings, ErpState, Reading
from syncd.mock.core.listing import Line, Listing, ShopSettings, read_line
from syncd.mock.core.orders import Cause, Order, OrderItem, OrderSettings, Refund, Stage
from syncd.mock.core.orders_book import OrderBook, Placed
from syncd.mock.core.platform import Named, PlatformState, named_listings
from syncd.mock.core.settings import CallSettings
from syncd.mock.core.shop import ShopState

__all__ = [
    "PARTS",
    "Call",
    "CallLog",
    "CallSettings",
    "Cause",
    "Cell",
    "ErpSettings",
    "ErpState",
    "Line",
    "Listing",
    "Named",
    "Order",
    "OrderBook",
    "OrderItem",
    "OrderSettings",
    "Placed",
    "PlatformState",
    "Reading",
    "Refund",
    "ShopSettings",
    "ShopState",
    "Stage",
    "named_listings",
    "read_line",
]
