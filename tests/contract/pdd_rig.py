"""The Pinduoduo mock by the words of the conformance kit."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.pdd import ADAPTER
from syncd.conformance import Ability, Fault
from syncd.domain.model import ListingId
from syncd.errors import Kind
from syncd.mock import Fault as MockFault
from syncd.mock import FaultKind, Order, PddSettings, PddState, pdd_app
from syncd.mock.pdd.goods import SHOP_SETTINGS
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, REFRESH, SECRET, TOKEN, MockRig

_BEIJING = timezone(timedelta(hours=8))

_LACKING = frozenset(
    {
        # Each order is of one SKU: there is no second line to send, refund or repeat.
        Ability.MANY_LINES,
        Ability.TWINS,
        Ability.PART_SHIPMENTS,
        Ability.LINE_REFUNDS,
        # Orders are told once they are paid and their group is complete.
        Ability.UNPAID,
        # Nothing tells when an order ended: at the latest with its last change.
        Ability.END_TIMES,
        # The list of the whole shop says whether goods are on sale, and never why they are not.
        Ability.SALE_REASONS,
        # Each call has one SKU, and no other line could go on beside it.
        Ability.LINE_REFUSALS,
    }
)

# SENT_TIMES stays though the documents name no `shipping_time`: the mock tells it, and the channel reads it
# where it is told.

_NO_SUCH_ORDER = {"ORDER_NOT_FOUND": "not_found"}
_NO_SUCH_GOODS = {"GOODS_NOT_FOUND": "not_found", "SKU_NOT_FOUND": "not_found"}


class PddRig(MockRig[PddState]):
    """A Pinduoduo shop; `options` are settings of the adapter beside the account.

    By the adapter's own settings no refusal of a write proves that nothing was written. The words of the
    service behind the gateway are the mock's own, as no list of the platform's is published: what they mean
    is told by `errors`, as a shop would be told what the platform says to it.
    """

    adapter = ADAPTER
    abilities = EVERYTHING - _LACKING - {Ability.FLOOR}
    line_kinds: ClassVar[frozenset[Kind]] = frozenset()
    never: ClassVar = {
        Kind.DUPLICATE: "it knows no keys of writes",
        Kind.REJECTED: "a refused write may have been applied, as the platform does not say",
        Kind.NOT_FOUND: "its words for what is gone are not published, and `errors` names none",
    }
    advice: ClassVar = {
        Kind.AUTH_EXPIRED: "`access_token`",
        Kind.AUTH_REVOKED: "`refresh_token`",
        Kind.SIGNATURE: "client_secret",
        Kind.PERMISSION: "`client_id`",
    }
    read_calls = frozenset({"pdd.goods.list.get", "pdd.goods.detail.get", "pdd.goods.skus.get"})
    write_calls = frozenset({"pdd.goods.quantity.update"})
    switch_calls = frozenset({"pdd.goods.sale.status.set", "pdd.goods.sku.price.update"})
    order_calls = frozenset({"pdd.order.number.list.increment.get", "pdd.order.information.get"})
    renew_calls = frozenset({"pdd.pop.auth.token.refresh"})

    def __init__(
        self,
        *,
        takes_on_order: bool = False,
        text_times: bool = True,
        errors: dict[str, str] | None = None,
        **options: Any,  # noqa: ANN401 - the adapter's
    ) -> None:
        super().__init__()
        self._options = options | {"errors": _NO_SUCH_ORDER | (errors or {})}
        state = self.mock.state
        state.settings = replace(state.settings, takes_on_order=takes_on_order)
        state.pdd = replace(state.pdd, text_times=text_times)

    def new_state(self) -> PddState:
        return PddState(
            settings=replace(SHOP_SETTINGS, token=TOKEN),
            pdd=PddSettings(client_secret=SECRET, refresh_token=REFRESH),
        )

    def app(self) -> web.Application:
        return pdd_app(self.mock)

    def settings(self, url: str) -> dict[str, Any]:
        account = {
            "url": f"{url}/api/router",
            "client_id": "mock-client",
            "client_secret": SECRET,
            "access_token": TOKEN,
            "refresh_token": REFRESH,
        }
        pages: dict[str, Any] = {"page_size": 10, "order_page_size": 5}
        # The mock gives back what was never paid, and nothing of a refund.
        pages |= {"restores_unpaid": "yes", "restores_paid": "no"}
        return account | pages | {"timeout": "1s", "max_bytes": MAX_BYTES} | self._options

    def drop(self, listing: ListingId) -> None:
        """Delete goods as the platform tells it: they leave the lists, and their details say so."""
        self.mock.merge({"goods": [{"id": self._listing(listing).item, "deleted": True}]})

    def hide(self, listing: ListingId) -> None:
        """Let the next list be half a page, though it counts all; the goods stand at its end."""
        goods = self.mock.state.goods
        item = self._listing(listing).item
        goods[item] = goods.pop(item)
        self.mock.faults.replace([MockFault(kind=FaultKind.HALF_PAGE, path="pdd.goods.list.get")])

    def fault(self, fault: Fault) -> MockFault:
        """Return how the mock is told a fault; the platform names no wait, a proxy before it does."""
        if fault is Fault.THROTTLED_FOR_7_SECONDS:
            return MockFault(kind=FaultKind.SERVER_ERROR, status=429, retry_after=7)
        return super().fault(fault)

    def order_id(self, order: Order) -> str:
        (line,) = order.lines
        return f"{order.created.astimezone(_BEIJING):%y%m%d}-{line.id}"

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        return sum(sizes)

    def expire_token(self) -> None:
        self.mock.state.pdd = replace(self.mock.state.pdd, token_until=self.mock.clock.now())

    def revoke_token(self) -> None:
        self.expire_token()
        self.mock.state.pdd = replace(self.mock.state.pdd, refresh_token="another that nobody has")

    def change_secret(self) -> None:
        self.mock.state.pdd = replace(self.mock.state.pdd, client_secret="another")

    def deny(self, calls: frozenset[str]) -> None:
        self.mock.state.pdd = replace(self.mock.state.pdd, denied=tuple(calls))


class FinalPddRig(PddRig):
    """The same for a shop that was told what refusals mean: they are final, and some name what is gone."""

    abilities = EVERYTHING - _LACKING
    line_kinds = frozenset({Kind.REJECTED, Kind.NOT_FOUND, Kind.THROTTLED, Kind.PERMISSION})
    never: ClassVar = {Kind.DUPLICATE: PddRig.never[Kind.DUPLICATE]}

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of `PddRig`
        super().__init__(refusals_are_final=True, errors=_NO_SUCH_GOODS, **options)

    def drop(self, listing: ListingId) -> None:
        """Delete goods so that nothing knows them any more."""
        MockRig.drop(self, listing)


class CurtPddRig(FinalPddRig):
    """The same where a refused write is told by `is_success` false, without an error."""

    words: ClassVar = {**MockRig.words, Kind.REJECTED: "not_done"}
