"""The Douyin mock by the words of the conformance kit."""

from dataclasses import replace
from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.douyin import ADAPTER
from syncd.conformance import Ability, Fault, Stock
from syncd.errors import Kind
from syncd.mock.douyin import DouyinSettings, DouyinState, douyin_app
from syncd.mock.douyin.product import ON_ORDER, ON_PAYMENT, SHOP_SETTINGS
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, REFRESH, SECRET, TOKEN, MockRig


class DouyinRig(MockRig[DouyinState]):
    """A Douyin shop; `options` are settings of the adapter beside the account."""

    adapter = ADAPTER
    abilities = EVERYTHING - {Ability.SALE_REASONS}
    # No document says how the platform names a wait.
    faults: ClassVar = frozenset(Fault) - {Fault.THROTTLED_FOR_7_SECONDS}
    never: ClassVar = {Kind.DUPLICATE: "only the call for one SKU is sent again with its key"}
    advice: ClassVar = {
        Kind.AUTH_EXPIRED: "access_token",
        Kind.SIGNATURE: "app_secret",
        Kind.PERMISSION: "permission",
    }
    read_calls = frozenset({"/product/listV2", "/product/detail", "/sku/list", "/sku/stockNum"})
    write_calls = frozenset({"/sku/syncStock", "/sku/syncStockBatch", "/sku/syncStockBatchMultiProducts"})
    switch_calls = frozenset({"/product/setOnline", "/product/setOffline", "/product/batchOfflineProducts"})
    order_calls = frozenset({"/order/searchList", "/order/orderDetail", "/afterSale/List"})
    renew_calls = frozenset({"/token/refresh"})
    detail_call = "/sku/list"

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the adapter's settings
        super().__init__()
        self._options = options
        if options.get("calls", "rows") != "rows":
            # These calls are answered whole.
            self.abilities = self.abilities - {Ability.LINE_REFUSALS, Ability.SILENT_LINES}

    def new_state(self) -> DouyinState:
        return DouyinState(
            settings=replace(SHOP_SETTINGS, token=TOKEN),
            douyin=DouyinSettings(app_secret=SECRET, refresh_token=REFRESH),
        )

    def app(self) -> web.Application:
        return douyin_app(self.mock)

    def settings(self, url: str) -> dict[str, Any]:
        account = {
            "url": url,
            "app_key": "7000000000000000001",
            "app_secret": SECRET,
            "access_token": TOKEN,
            "refresh_token": REFRESH,
        }
        pages: dict[str, Any] = {"page_size": 10, "order_page_size": 5}
        pages |= {"restores_unpaid": "yes", "restores_paid": "no"}
        # The mock's own word for what no document names.
        pages |= {"errors": {"isv.business-failed:order-not-exist": "not_found"}}
        return account | pages | {"timeout": "1s", "max_bytes": MAX_BYTES} | self._options

    def document(self, stock: Stock, item: str, sku: str) -> dict[str, Any]:
        reduce_type = ON_PAYMENT if stock.withheld else ON_ORDER
        products = [{"id": item, "reduce_type": reduce_type}]
        return super().document(stock, item, sku) | {"products": products}

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        most = self._options.get("calls", "rows")
        if most == "rows":
            return -(-sum(sizes) // 50)
        return sum(-(-size // (20 if most == "product" else 1)) for size in sizes)

    def expire_token(self) -> None:
        self.mock.state.settings = replace(self.mock.state.settings, token="a token that nobody has")

    def revoke_token(self) -> None:
        self.expire_token()
        self.mock.state.douyin = replace(self.mock.state.douyin, refresh_token="another that nobody has")

    def change_secret(self) -> None:
        self.mock.state.douyin = replace(self.mock.state.douyin, app_secret="another")

    def deny(self, calls: frozenset[str]) -> None:
        self.mock.state.douyin = replace(self.mock.state.douyin, denied=tuple(calls))


class DouyinSkuRig(DouyinRig):
    """A Douyin shop whose SKUs are written one by one, each with a key."""

    never: ClassVar = {}

    def __init__(self) -> None:
        super().__init__(calls="sku")
