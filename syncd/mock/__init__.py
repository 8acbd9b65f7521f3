"""Mock ERP and mock shops over real HTTP, deterministic from a seed; knows nothing of the program.

In a test of your own::

    rig = Rig(name="shop", state=ShopState(listings=[Listing(id="1", item="1", code="ABC", quantity=5)]))
    async with running(shop_app(rig)) as url:
        ...  # point the program at `url` with the header `Authorization: Bearer mock-token`
        rig.faults.replace([Fault(kind=FaultKind.LOST_REPLY, method="POST", path="/stock")])
        rig.clock.move_to(rig.clock.now() + timedelta(minutes=5))
        assert rig.calls.counts["POST /stock"] == 1

What a program outside can ask for is in `syncd.mock.control` (routes), `syncd.mock.faults.Fault` (what can go
wrong), `syncd.mock.shop`, `syncd.mock.erp` and `syncd.mock.taobao.app` (the API).
"""

from syncd.mock.catalogue import Catalogue, ListingShape, make_catalogue
from syncd.mock.clock import START, Clock, RealClock, VirtualClock
from syncd.mock.core import Cell, ErpSettings, ErpState, Listing, ShopSettings, ShopState
from syncd.mock.erp import erp_app
from syncd.mock.faults import Fault, FaultKind
from syncd.mock.fields import MockError
from syncd.mock.registry import BUILDERS, serve
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.shop import shop_app
from syncd.mock.taobao import TaobaoState, TopSettings, taobao_app

__all__ = [
    "BUILDERS",
    "START",
    "Catalogue",
    "Cell",
    "Clock",
    "ErpSettings",
    "ErpState",
    "Fault",
    "FaultKind",
    "Listing",
    "ListingShape",
    "MockError",
    "RealClock",
    "Rig",
    "ShopSettings",
    "ShopState",
    "TaobaoState",
    "TopSettings",
    "VirtualClock",
    "erp_app",
    "make_catalogue",
    "running",
    "serve",
    "shop_app",
    "taobao_app",
]
