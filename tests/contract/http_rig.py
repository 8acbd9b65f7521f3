"""The mock shop with a generic JSON API, by the words of the conformance kit."""

from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.http import ADAPTER
from syncd.conformance import Ability, Stock
from syncd.domain.model import ListingId
from syncd.errors import Kind
from syncd.mock import ShopSettings, ShopState, shop_app
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, TOKEN, MockRig

_ORDERS = {
    Ability.UNPAID,
    Ability.MANY_LINES,
    Ability.TWINS,
    Ability.PART_SHIPMENTS,
    Ability.REFUNDS,
    Ability.LINE_REFUNDS,
    Ability.LATE_REFUNDS,
    Ability.SENT_TIMES,
    Ability.END_TIMES,
    Ability.EXACT_TIMES,
    Ability.TIMES_TWICE,
    Ability.OLD_VERSIONS,
}
_GATE = {Ability.SIGNATURES, Ability.SKEW, Ability.PERMISSIONS, Ability.RENEWAL}


class HttpRig(MockRig[ShopState]):
    """A shop whose ids are what people write; `options` are settings of the adapter beside the account."""

    adapter = ADAPTER
    # Its pages are counted, so that what leaves one shifts the rest forward.
    abilities = EVERYTHING - _ORDERS - _GATE - {Ability.STEADY_LISTS, Ability.SILENT_ITEMS}
    line_kinds = frozenset({Kind.REJECTED, Kind.NOT_FOUND, Kind.THROTTLED, Kind.PERMISSION})
    never: ClassVar = {Kind.SIGNATURE: "its calls are not signed"}
    write_calls = frozenset({"POST /stock"})
    detail_call = "/listings"

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the adapter's settings
        super().__init__()
        self._options = options

    def new_state(self) -> ShopState:
        return ShopState(settings=ShopSettings(token=TOKEN))

    def app(self) -> web.Application:
        return shop_app(self.mock)

    def settings(self, url: str) -> dict[str, Any]:
        account = {"url": url, "headers": {"Authorization": f"Bearer {TOKEN}"}}
        return account | {"timeout": 1.0, "max_bytes": MAX_BYTES, "list": {"page_size": 10}} | self._options

    def ids(self, stock: Stock) -> tuple[str, str]:
        return f"item {stock.item}" if stock.item else stock.key, stock.key

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        return -(-sum(sizes) // 50)

    def listing_id(self, item: str, sku: str) -> ListingId:
        del item
        return ListingId(sku)
