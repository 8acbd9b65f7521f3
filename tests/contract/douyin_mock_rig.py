"""The Douyin mock by the words of the conformance kit."""

from dataclasses import replace
from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.douyin import ADAPTER
from syncd.conformance import Ability, Stock
from syncd.errors import Kind
from syncd.mock.douyin import DouyinSettings, DouyinState, douyin_app
from syncd.mock.douyin.product import ON_ORDER, ON_PAYMENT, SHOP_SETTINGS
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, REFRESH, SECRET, TOKEN, MockRig


class DouyinRig(MockRig[DouyinState]):
    """A Douyin shop; `options` are settings of the adapter beside the account."""

    adapter = ADAPTER
    # A product that is sold out stays on sale, and the documents have no word for why one is off it.
    abilities = EVERYTHING - {Ability.SALE_REASONS}
    advice: ClassVar = {
        Kind.AUTH_EXPIRED: "access_token",
        Kind.SIGNATURE: "app_secret",
        Kind.AUTH_REVOKED: "authorize the app again",
        Kind.PERMISSION: "API packages",
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
            # These calls are applied whole or not at all, and say no more than that.
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
        # No document says how an order that is not there is refused: this is the mock's own word for it.
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


class OtherDouyinRig(DouyinRig):
    """A Douyin shop that behaves otherwise wherever the documents leave it open.

    It knows a key for the whole call and not for its rows, says above a list that a part failed, and calls a
    paid order paid. It refuses no counter below the withheld units, and tells only what the documents name.
    """

    # Without a time of sending the last change stands for it.
    abilities = DouyinRig.abilities - {Ability.FLOOR, Ability.SENT_TIMES}

    def new_state(self) -> DouyinState:
        state = super().new_state()
        state.douyin = replace(
            state.douyin,
            keys_by_row=False,
            partial_code=10001,
            paid_status=105,
            refuses_below_withheld=False,
            terse=True,
            refresh_once=False,
        )
        return state
