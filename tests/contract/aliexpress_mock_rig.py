"""The AliExpress mock by the words of the conformance kit."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.aliexpress import ADAPTER
from syncd.conformance import Ability, Stock
from syncd.domain.model import ListingId
from syncd.errors import Kind
from syncd.mock.aliexpress import (
    ON_ORDER,
    ON_PAYMENT,
    AliexpressSettings,
    AliexpressState,
    aliexpress_app,
)
from syncd.mock.aliexpress.product import SHOP_SETTINGS
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, REFRESH, SECRET, TOKEN, MockRig

_LACKING = frozenset(
    {
        # Units that unpaid orders hold are not shown anywhere; with `place_order_withhold` they have left the
        # counter already, with `payment_success_deduct` nobody but the feed of orders knows of them.
        Ability.WITHHOLDING,
        # The lists say "offline" of whatever was taken off sale, by whom or what soever.
        Ability.SALE_REASONS,
        # Background alone knows of one word for tokens (`IllegalAccessToken`), whatever is wrong with them.
        Ability.REVOCATION,
        # The documented rows of the list of orders have no time of shipping, and none of an order's end.
        Ability.SENT_TIMES,
        Ability.END_TIMES,
        # Times are local ones of Los Angeles without an offset: an hour of them comes twice in autumn.
        Ability.EXACT_TIMES,
    }
)

ERRORS = {
    "REJECTED": "rejected",
    "STOCK_BELOW_WITHHELD": "rejected",
    "PRODUCT_WITHOUT_STOCK": "rejected",
    "PRODUCT_NOT_FOUND": "not_found",
    "SKU_CODE_NOT_FOUND": "rejected",
    "ORDER_NOT_FOUND": "not_found",
}
"""What an operator writes once the platform's words are known: none for these is documented."""

_MOST_PRODUCTS, _MOST_SKUS = 20, 200


class AliexpressRig(MockRig[AliexpressState]):
    """A shop on AliExpress; `options` are settings of the adapter beside the account and small pages."""

    adapter = ADAPTER
    abilities = EVERYTHING - _LACKING
    never: ClassVar = {Kind.DUPLICATE: "no write has a key"}
    advice: ClassVar = {
        Kind.AUTH_EXPIRED: "`access_token`",
        Kind.SIGNATURE: "app_secret",
        Kind.PERMISSION: "the permission",
    }
    read_calls = frozenset({"aliexpress.solution.product.list.get", "aliexpress.solution.product.info.get"})
    write_calls = frozenset({"aliexpress.solution.batch.product.inventory.update"})
    switch_calls = frozenset(
        f"aliexpress.postproduct.redefining.{switch}" for switch in ("onlineaeproduct", "offlineaeproduct")
    )
    order_calls = frozenset({"aliexpress.solution.order.get", "aliexpress.solution.order.info.get"})
    renew_calls = frozenset({"/auth/token/refresh"})
    detail_call = "aliexpress.solution.product.info.get"
    lone_has_sku = False
    options: ClassVar[dict[str, Any]] = {}
    shop: ClassVar[dict[str, Any]] = {}
    platform: ClassVar[dict[str, Any]] = {}

    def new_state(self) -> AliexpressState:
        """Return the shop; `shop` and `platform` are what is not as usual there."""
        return AliexpressState(
            settings=replace(SHOP_SETTINGS, token=TOKEN, **self.shop),
            aliexpress=AliexpressSettings(app_secret=SECRET, refresh_token=REFRESH, **self.platform),
        )

    def app(self) -> web.Application:
        return aliexpress_app(self.mock)

    def settings(self, url: str) -> dict[str, Any]:
        account = {
            "url": url,
            "app_key": "mock-app",
            "app_secret": SECRET,
            "access_token": TOKEN,
            "refresh_token": REFRESH,
        }
        pages = {"page_size": 10, "order_page_size": 5}
        # The mock gives back what was never paid, and nothing of a refund.
        restores = {"restores_unpaid": "yes", "restores_paid": "no"}
        # The mock's word for orders that never were sent, and for no others.
        words = {"unsent_logistics": ["WAIT_SELLER_SEND_GOODS", "NO_LOGISTICS"], "errors": ERRORS}
        limits = {"timeout": "1s", "max_bytes": MAX_BYTES}
        return account | pages | restores | words | limits | self.options

    def listing_id(self, item: str, sku: str) -> ListingId:
        """Return the product with the seller's code, by which alone stock is written and orders are told."""
        return ListingId(f"{item}:{self.mock.state.listings[sku].code}")

    def document(self, stock: Stock, item: str, sku: str) -> dict[str, Any]:
        strategy = ON_PAYMENT if stock.withheld else ON_ORDER
        return super().document(stock, item, sku) | {"products": [{"id": item, "reduce_strategy": strategy}]}

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        parts = [-(-size // _MOST_SKUS) for size in sizes]
        return max(-(-sum(parts) // _MOST_PRODUCTS), *parts)

    def expire_token(self) -> None:
        over = datetime(2026, 1, 1, tzinfo=UTC)
        self.mock.state.aliexpress = replace(self.mock.state.aliexpress, token_until=over)

    def revoke_token(self) -> None:
        self.mock.state.settings = replace(self.mock.state.settings, token="a token that nobody has")
        self.mock.state.aliexpress = replace(self.mock.state.aliexpress, refresh_token="another")

    def change_secret(self) -> None:
        self.mock.state.aliexpress = replace(self.mock.state.aliexpress, app_secret="another")

    def deny(self, calls: frozenset[str]) -> None:
        self.mock.state.aliexpress = replace(self.mock.state.aliexpress, denied=tuple(calls))


class FewWords(AliexpressRig):
    """A shop whose errors were given no meaning: what is not documented is unknown, and never for good."""

    abilities = AliexpressRig.abilities - {
        Ability.TELLS_GONE,
        # A product fails, but as what is only known where `errors` says so.
        Ability.FLOOR,
    }
    line_kinds = frozenset()
    never: ClassVar = AliexpressRig.never | {
        Kind.NOT_FOUND: "no documented word says that a listing is gone",
        Kind.REJECTED: "only a call that is wrong in itself is refused with a word that is known",
    }
    options: ClassVar = {"errors": {}}


class OtherReading(AliexpressRig):
    """A shop that does otherwise wherever the documents leave it open.

    The gateway wraps its own errors, a product says itself how it stands, a counter at 0 is not shown and
    takes its product off sale, lists without a row are there, and orders come the oldest first. Calls carry
    one product each, which is done, refused or left out with all that its call carries.
    """

    abilities = AliexpressRig.abilities - {Ability.LINE_REFUSALS, Ability.SILENT_LINES}
    options: ClassVar = {"auto_delists_at_zero": True, "products_per_call": 1}
    shop: ClassVar = {"auto_delists_at_zero": True}
    platform: ClassVar = {
        "wraps_errors": True,
        "shows_status": True,
        "shows_zero": False,
        "shows_empty_lists": True,
        "refresh_once": False,
        "oldest_first": True,
    }

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        return sum(-(-size // _MOST_SKUS) for size in sizes)
