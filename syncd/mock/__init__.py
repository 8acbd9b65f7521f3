"""Mock ERP and mock shops over real HTTP, deterministic from a seed; knows nothing of the program.

In a test of your own::

    rig = Rig(name="shop", state=ShopState(listings=[Listing(id="1", item="1", code="ABC", quantity=5)]))
    async with running(shop_app(rig)) as url:
        ...  # point the program at `url` with the header `Authorization: Bearer mock-token`
        rig.faults.replace([Fault(kind=FaultKind.LOST_REPLY, method="POST", path="/stock")])
        rig.clock.move_to(rig.clock.now() + timedelta(minutes=5))
        assert rig.calls.counts["POST /stock"] == 1

Without HTTP, a day of buyers, and an ERP that learns of them five minutes later::

    shop, erp = TaobaoState(listings=[...]), ErpState(cells=[...])
    erp.link("tmall", ImportSettings(codes={"1-ABC": Content("ABC", 1)}, ship_after=3600), shop)
    demand = Demand(start=START, hours=24, rates={"801": 40})
    shop.visitors = crowd = Crowd(shop, attempts_from(demand, habits=Habits(unpaid=0.1), seed=1))
    erp.settle(START + timedelta(hours=24))  # the shop too, in the order of time
    shop.orders.modified_between(since, until), crowd.tallies(), erp.read(now).imported_until

What a program outside can ask for is in `syncd.mock.control` (routes), `syncd.mock.buyers` (orders, crowds),
`syncd.mock.hooks` (what a platform sends), `syncd.mock.faults.Fault` (what can go wrong), and for the API
`syncd.mock.shop`, `syncd.mock.erp`, `syncd.mock.taobao.app` and `syncd.mock.aliexpress.app`.
"""

from syncd.mock.aliexpress import AliexpressSettings, AliexpressState, aliexpress_app
from syncd.mock.catalogue import Catalogue, ListingShape, make_catalogue
from syncd.mock.clock import START, Clock, RealClock, VirtualClock
from syncd.mock.core import Cell, ErpSettings, ErpState, Listing, ShopSettings, ShopState
from syncd.mock.core.erp_imports import Content, ImportSettings
from syncd.mock.core.orders import Cause, Order, OrderItem, OrderSettings, Refund, Stage
from syncd.mock.core.orders_crowd import Attempt, Crowd, Luck, Tally, Visit
from syncd.mock.core.orders_demand import Demand, Flash, Habits, attempts_from, attempts_of
from syncd.mock.douyin import DouyinSettings, DouyinState, douyin_app
from syncd.mock.erp import erp_app
from syncd.mock.faults import Fault, FaultKind
from syncd.mock.fields import MockError
from syncd.mock.jd import JdSettings, JdState, jd_app
from syncd.mock.pdd import PddSettings, PddState, pdd_app
from syncd.mock.registry import BUILDERS, serve
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.shop import shop_app
from syncd.mock.taobao import TaobaoState, TopSettings, taobao_app

__all__ = [
    "BUILDERS",
    "START",
    "AliexpressSettings",
    "AliexpressState",
    "Attempt",
    "Catalogue",
    "Cause",
    "Cell",
    "Clock",
    "Content",
    "Crowd",
    "Demand",
    "DouyinSettings",
    "DouyinState",
    "ErpSettings",
    "ErpState",
    "Fault",
    "FaultKind",
    "Flash",
    "Habits",
    "ImportSettings",
    "JdSettings",
    "JdState",
    "Listing",
    "ListingShape",
    "Luck",
    "MockError",
    "Order",
    "OrderItem",
    "OrderSettings",
    "PddSettings",
    "PddState",
    "RealClock",
    "Refund",
    "Rig",
    "ShopSettings",
    "ShopState",
    "Stage",
    "Tally",
    "TaobaoState",
    "TopSettings",
    "VirtualClock",
    "Visit",
    "aliexpress_app",
    "attempts_from",
    "attempts_of",
    "douyin_app",
    "erp_app",
    "jd_app",
    "make_catalogue",
    "pdd_app",
    "running",
    "serve",
    "shop_app",
    "taobao_app",
]
