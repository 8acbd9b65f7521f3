"""The AliExpress mock by the words of the conformance kit."""

from dataclasses import replace
from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.aliexpress import ADAPTER
from syncd.conformance import Ability, Stock
from syncd.domain.model import ListingId
from syncd.errors import Kind
from syncd.mock.aliexpress import AliexpressSettings, AliexpressState, aliexpress_app
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, REFRESH, SECRET, TOKEN, MockRig

_PRODUCTS, _SKUS = 20, 200
_POST = "aliexpress.postproduct.redefining"


class AliexpressRig(MockRig[AliexpressState]):
    """An AliExpress shop."""

    adapter = ADAPTER
    # Products fail whole and by codes that no document names; withheld units are not shown.
    abilities = EVERYTHING - {
        Ability.WITHHOLDING,
        Ability.FLOOR,
        Ability.SALE_REASONS,
        Ability.REVOCATION,
        Ability.LINE_REFUNDS,
        Ability.LATE_REFUNDS,
        Ability.SENT_TIMES,
        Ability.END_TIMES,
        Ability.EXACT_TIMES,
    }
    never: ClassVar = {Kind.DUPLICATE: "no key makes a write count once"}
    advice: ClassVar = {
        Kind.AUTH_EXPIRED: "`access_token`",
        Kind.SIGNATURE: "app_secret",
        Kind.PERMISSION: "permission",
    }
    read_calls = frozenset({"aliexpress.solution.product.list.get", "aliexpress.solution.product.info.get"})
    write_calls = frozenset({"aliexpress.solution.batch.product.inventory.update"})
    switch_calls = frozenset({f"{_POST}.onlineaeproduct", f"{_POST}.offlineaeproduct"})
    order_calls = frozenset({"aliexpress.solution.order.get", "aliexpress.solution.order.info.get"})
    renew_calls = frozenset({"/auth/token/refresh"})
    detail_call = "aliexpress.solution.product.info.get"

    def new_state(self) -> AliexpressState:
        return AliexpressState(
            settings=replace(AliexpressState().settings, token=TOKEN),
            aliexpress=AliexpressSettings(app_secret=SECRET, refresh_token=REFRESH),
        )

    def app(self) -> web.Application:
        return aliexpress_app(self.mock)

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "url": url,
            "app_key": "mock-app",
            "app_secret": SECRET,
            "access_token": TOKEN,
            "refresh_token": REFRESH,
            "page_size": 10,
            "order_page_size": 5,
            "restores_unpaid": "yes",
            "restores_paid": "no",
            # The mock's own words for what no document names.
            "errors": {
                "REJECTED": "rejected",
                "PRODUCT_NOT_FOUND": "not_found",
                "ORDER_NOT_FOUND": "not_found",
            },
            "unsent_logistics": ["WAIT_SELLER_SEND_GOODS", "NO_LOGISTICS"],
            "timeout": "1s",
            "max_bytes": MAX_BYTES,
        }

    def document(self, stock: Stock, item: str, sku: str) -> dict[str, Any]:
        # The seller's code is what the platform calls a SKU by.
        code = f"{stock.code}-{sku[-3:]}" if stock.item else stock.code
        return super().document(replace(stock, code=code), item, sku)

    def listing_id(self, item: str, sku: str) -> ListingId:
        return ListingId(f"{item}:{self.mock.state.listings[sku].code}")

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        pieces = sum(-(-size // _SKUS) for size in sizes)
        return -(-pieces // _PRODUCTS)

    def expire_token(self) -> None:
        self.mock.state.settings = replace(self.mock.state.settings, token="a token that nobody has")

    def revoke_token(self) -> None:
        self.expire_token()
        self.mock.state.aliexpress = replace(self.mock.state.aliexpress, refresh_token="nobody's")

    def change_secret(self) -> None:
        self.mock.state.aliexpress = replace(self.mock.state.aliexpress, app_secret="another")

    def deny(self, calls: frozenset[str]) -> None:
        self.mock.state.aliexpress = replace(self.mock.state.aliexpress, denied=tuple(calls))
