"""The Taobao mock by the words of the conformance kit."""

from dataclasses import replace
from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.taobao import ADAPTER
from syncd.conformance import Ability, Stock
from syncd.errors import Kind
from syncd.mock import TaobaoState, TopSettings, taobao_app
from syncd.mock.taobao.item import ON_ORDER, ON_PAYMENT, SHOP_SETTINGS
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, REFRESH, SECRET, TOKEN, MockRig

_READS = {"items.onsale.get", "items.inventory.get", "items.seller.list.get", "item.seller.get"}
_WRITES = {
    "item.quantity.update",
    "skus.quantity.update",
    "item.quantity.update.tmall",
    "skus.quantity.update.tmall",
}
_SWITCHES = {"item.update.listing", "item.update.delisting"}
_ORDERS = {"trades.sold.increment.get", "trade.fullinfo.get"}


def _named(methods: set[str]) -> frozenset[str]:
    return frozenset(f"taobao.{method}" for method in methods)


class TaobaoRig(MockRig[TaobaoState]):
    """A Taobao shop; `options` are settings of the adapter beside the account."""

    adapter = ADAPTER
    # TOP answers a write whole: it refuses no line and leaves none out.
    abilities = EVERYTHING - {Ability.LINE_REFUSALS, Ability.REVOCATION}
    never: ClassVar = {Kind.DUPLICATE: "the call with a key answers a known one as done"}
    advice: ClassVar = {
        Kind.AUTH_EXPIRED: "`session`",
        Kind.SIGNATURE: "app_secret",
        Kind.PERMISSION: "package",
    }
    read_calls = _named(_READS)
    write_calls = _named(_WRITES) | {"tmall.item.quantity.update"}
    switch_calls = _named(_SWITCHES | {f"{switch}.tmall" for switch in _SWITCHES})
    order_calls = _named(_ORDERS)
    renew_calls = frozenset({"taobao.top.auth.token.refresh"})
    detail_call = "taobao.items.seller.list.get"
    lone_has_sku = False

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the adapter's settings
        super().__init__()
        self._options = options
        if "keyed_calls" in options:
            # This call tells no lines at all.
            self.abilities = self.abilities - {Ability.SILENT_LINES}

    def new_state(self) -> TaobaoState:
        return TaobaoState(
            settings=replace(SHOP_SETTINGS, token=TOKEN),
            top=TopSettings(app_secret=SECRET, refresh_token=REFRESH),
        )

    def app(self) -> web.Application:
        return taobao_app(self.mock)

    def settings(self, url: str) -> dict[str, Any]:
        account = {
            "url": f"{url}/router/rest",
            "app_key": "mock-app",
            "app_secret": SECRET,
            "session": TOKEN,
            "refresh_token": REFRESH,
        }
        pages: dict[str, Any] = {
            "page_size": 10,
            "items_per_call": 10,
            "order_page_size": 5,
            "auto_delists_at_zero": True,
        }
        # The mock gives back what was never paid, and nothing of a refund.
        pages |= {"restores_unpaid": "yes", "restores_paid": "no"}
        return account | pages | {"timeout": "1s", "max_bytes": MAX_BYTES} | self._options

    def document(self, stock: Stock, item: str, sku: str) -> dict[str, Any]:
        sub_stock = ON_PAYMENT if stock.withheld else ON_ORDER
        return super().document(stock, item, sku) | {"items": [{"id": item, "sub_stock": sub_stock}]}

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        most = 1 if {"single_calls", "keyed_calls"} & self._options.keys() else 20
        return sum(-(-size // most) for size in sizes)

    def expire_token(self) -> None:
        self.mock.state.settings = replace(self.mock.state.settings, token="a token that nobody has")

    def revoke_token(self) -> None:
        self.expire_token()
        self.mock.state.top = replace(self.mock.state.top, refresh_token="another that nobody has")

    def change_secret(self) -> None:
        self.mock.state.top = replace(self.mock.state.top, app_secret="another")

    def deny(self, calls: frozenset[str]) -> None:
        self.mock.state.top = replace(self.mock.state.top, denied=tuple(calls))
