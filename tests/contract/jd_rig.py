"""The JD mock by the words of the conformance kit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from aiohttp import web

from syncd.adapters.channels.jd import ADAPTER
from syncd.conformance import Ability, Fault
from syncd.domain.model import ListingId
from syncd.errors import Kind
from syncd.mock import JdSettings, JdState, jd_app
from syncd.mock.jd.settings import SHOP_SETTINGS
from tests.contract.mock_rig import EVERYTHING, MAX_BYTES, REFRESH, SECRET, TOKEN, MockRig

_LACKING = {
    # A list may or may not show orders that are not paid, and one that it shows looks like cash on delivery:
    # no time of payment. Both hold their units, as if they were paid, and say so.
    Ability.UNPAID,
    # A ware is on or off sale; none of its statuses says that it was sold out.
    Ability.SALE_REASONS,
    # An order has one state and no figure of a line says how far that one came; nothing tells of refunds.
    Ability.PART_SHIPMENTS,
    Ability.REFUNDS,
    Ability.LINE_REFUNDS,
    Ability.LATE_REFUNDS,
    # Its lines have no ids: those of one SKU are told as one.
    Ability.TWINS,
    # No field has the time of shipping.
    Ability.SENT_TIMES,
}

_LAST_HOURS = timedelta(hours=6)


class JdRig(MockRig[JdState]):
    """A JD shop; `options` are settings of the adapter beside the account.

    `lists_all` says whether an answer to a write names the rows that were written, too. Where it does not, a
    row that is left out was written, and none can be left out in silence.
    """

    adapter = ADAPTER
    abilities = EVERYTHING - _LACKING
    # An error of the gateway has a code and two texts, and nothing of how long to wait.
    faults: ClassVar = frozenset(Fault) - {Fault.THROTTLED_FOR_7_SECONDS}
    # A row has a text for people and no code: it does not say for certain that a SKU is gone.
    line_kinds: ClassVar = frozenset({Kind.REJECTED})
    never: ClassVar = {Kind.DUPLICATE: "a row that was written under the same code is skipped in silence"}
    advice: ClassVar = {
        Kind.AUTH_EXPIRED: "access_token",
        Kind.AUTH_REVOKED: "access_token",
        Kind.SIGNATURE: "app_secret",
        Kind.PERMISSION: "permission",
    }
    read_calls = frozenset(
        {
            "jingdong.ware.read.searchWare4Valid",
            "jingdong.sku.read.searchSkuList",
            "jingdong.ware.stock.sku.query",
        }
    )
    write_calls = frozenset({"jingdong.ware.stock.sku.set"})
    switch_calls = frozenset({"jingdong.ware.write.upOrDown"})
    order_calls = frozenset({"jingdong.pop.order.search", "jingdong.pop.order.get"})
    renew_calls = frozenset({"oauth2/refresh_token"})
    detail_call = "jingdong.ware.stock.sku.query"

    def __init__(self, *, lists_all: bool = True, **options: Any) -> None:  # noqa: ANN401 - the adapter's
        super().__init__()
        self._options = options
        self.mock.state.jd = replace(self.mock.state.jd, lists_successes=lists_all)
        if not lists_all:
            self.abilities = self.abilities - {Ability.SILENT_LINES}

    def new_state(self) -> JdState:
        return JdState(
            settings=replace(SHOP_SETTINGS, token=TOKEN),
            jd=JdSettings(app_secret=SECRET, refresh_token=REFRESH, token_until=_soon()),
        )

    def app(self) -> web.Application:
        return jd_app(self.mock)

    def settings(self, url: str) -> dict[str, Any]:
        account = {
            "url": f"{url}/routerjson",
            "oauth_url": f"{url}/oauth2",
            "app_key": "mock-app",
            "app_secret": SECRET,
            "access_token": TOKEN,
            "refresh_token": REFRESH,
        }
        pages: dict[str, Any] = {"page_size": 10, "order_page_size": 5}
        # The mock ends a booking with its order, paid or not.
        pages |= {"restores_unpaid": "yes", "restores_paid": "yes"}
        return account | pages | {"timeout": "1s", "max_bytes": MAX_BYTES} | self._options

    def listing_id(self, item: str, sku: str) -> ListingId:
        del item
        return ListingId(sku)

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        most = 1 if "keyed_calls" in self._options else 30
        return -(-sum(sizes) // most)

    def expire_token(self) -> None:
        """Refuse the token on its last day: one that is over by the clock is renewed by nobody here."""
        self.mock.state.settings = replace(self.mock.state.settings, token="a token that nobody has")
        self.mock.state.jd = replace(self.mock.state.jd, token_until=_soon())

    def revoke_token(self) -> None:
        self.expire_token()
        self.mock.state.jd = replace(self.mock.state.jd, refresh_token="another that nobody has")

    def change_secret(self) -> None:
        self.mock.state.jd = replace(self.mock.state.jd, app_secret="another")

    def deny(self, calls: frozenset[str]) -> None:
        self.mock.state.jd = replace(self.mock.state.jd, denied=tuple(calls))


def _soon() -> datetime:
    return datetime.now(UTC) + _LAST_HOURS
