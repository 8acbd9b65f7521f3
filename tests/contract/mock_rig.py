"""A rig over a mock platform: the words of the conformance kit, told by the mock's state, faults and orders.

To add a platform, subclass `MockRig` in `tests/contract/NAME_rig.py` and say what is its own::

    class BazaarRig(MockRig[BazaarState]):
        adapter = ADAPTER
        write_calls = frozenset({"bazaar.stock.set"})            # names of calls in the mock's log
        switch_calls = frozenset({"bazaar.item.on", "bazaar.item.off"})
        read_calls = frozenset({"bazaar.items.list", "bazaar.item.get"})
        order_calls = frozenset({"bazaar.orders.list", "bazaar.order.get"})
        detail_call = "bazaar.item.get"                          # tells counters; what `hide` empties
        abilities = EVERYTHING - {Ability.UNPAID, Ability.LINE_REFUSALS}
        never = {Kind.DUPLICATE: "it does not tell that it knew a key"}

        def new_state(self) -> BazaarState: ...                  # an empty shop: `TOKEN`, `SECRET`, `REFRESH`
        def app(self) -> web.Application: return bazaar_app(self.mock)
        def settings(self, url: str) -> dict[str, Any]: ...      # the adapter's, with small pages
        def change_secret(self) -> None: ...                     # ability SIGNATURES
        def deny(self, calls: frozenset[str]) -> None: ...       # ability PERMISSIONS
        renew_calls = frozenset({"bazaar.token.refresh"})        # ability RENEWAL, with the next two
        def expire_token(self) -> None: ...
        def revoke_token(self) -> None: ...
        def least_calls(self, sizes): return sum(-(-size // 20) for size in sizes)

and a thin `test_NAME_conformance.py`::

    class TestBazaar(ChannelConformance):
        @staticmethod
        def factory() -> AbstractAsyncContextManager[Bench]:
            return BazaarRig().bench()

What differs is overridden: `ids`, `listing_id` and `item_id` (how ids are written), `lone_has_sku` (whether
an item always has a SKU), `document` (what `/_mock/state` takes for a listing, for figures of the item
itself), `order_id`, `fault` (how the mock is told a fault), `words` (how it is told why a line is refused).
Run one with `pytest tests/contract/test_NAME_conformance.py`; the summary says what was left out and why.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from aiohttp import web

from syncd.adapters.http import open_http
from syncd.conformance import Ability, Bench, Buyers, Fault, Gate, Rig, Stock, Task
from syncd.domain.model import ItemId, ListingId
from syncd.domain.orders import OrderLine
from syncd.errors import Kind
from syncd.mock import Fault as MockFault
from syncd.mock import FaultKind, Listing, Order, OrderItem, RealClock, ShopState
from syncd.mock import Rig as Mock
from syncd.mock.core import OrderBook
from syncd.ports.channel import Channel
from syncd.ports.plugin import Adapter
from tests.contract.mock_faults import FAULTS, MAX_BYTES, REFRESH, SECRET, TOKEN

__all__ = ["EVERYTHING", "FIRST_ID", "MAX_BYTES", "REFRESH", "SECRET", "TOKEN", "MockRig"]

EVERYTHING = frozenset(Ability)

FIRST_ID = 9_007_199_254_740_993
"""The first whole number that a float cannot hold."""

StateT = TypeVar("StateT", bound=ShopState)


class MockRig(Rig, Gate, Buyers, Generic[StateT]):
    """One mock shop on loopback, empty at first, and the channel that reads and writes it."""

    adapter: ClassVar[Adapter[Channel]]
    abilities: frozenset[Ability] = EVERYTHING
    faults: ClassVar[frozenset[Fault]] = frozenset(Fault)
    line_kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.REJECTED, Kind.NOT_FOUND})
    never: ClassVar[Mapping[Kind, str]] = {}
    advice: ClassVar[Mapping[Kind, str]] = {}
    write_calls: ClassVar[frozenset[str]] = frozenset()
    switch_calls: ClassVar[frozenset[str]] = frozenset()
    read_calls: ClassVar[frozenset[str]] = frozenset()
    order_calls: ClassVar[frozenset[str]] = frozenset()
    renew_calls: ClassVar[frozenset[str]] = frozenset()
    detail_call: ClassVar[str] = "*"
    lone_has_sku: ClassVar[bool] = True
    many: ClassVar[int] = 25
    many_orders: ClassVar[int] = 12
    words: ClassVar[Mapping[Kind, str]] = {
        Kind.REJECTED: "rejected",
        Kind.NOT_FOUND: "not_found",
        Kind.THROTTLED: "throttled",
        Kind.PERMISSION: "permission",
        Kind.TRANSIENT: "busy",
    }

    def __init__(self) -> None:
        clock = RealClock()
        self.mock: Mock[StateT] = Mock(name="mock", clock=clock, state=self.new_state())
        # Orders of a test are old, and must not end by themselves.
        self.mock.merge({"order_settings": {"pay_within": 0}})
        self._ids: dict[str, str] = {}
        self._mock_ids: dict[ListingId, str] = {}
        self._calls = 0
        self._hooks: list[tuple[int, Callable[[], object]]] = []
        self._runner: web.AppRunner | None = None

    # --- what a platform says ------------------------------------------------------------------------------

    def new_state(self) -> StateT:
        """Return an empty shop that takes `TOKEN`, and `SECRET` where calls are signed."""
        raise NotImplementedError

    def app(self) -> web.Application:
        """Return the application of `self.mock`."""
        raise NotImplementedError

    def settings(self, url: str) -> dict[str, Any]:
        """Return the adapter's settings; `timeout` a second, `max_bytes` of `MAX_BYTES`, and small pages."""
        raise NotImplementedError

    def ids(self, stock: Stock) -> tuple[str, str]:
        """Return the mock's ids of a stock's item and of its SKU, which are the same where it has none."""
        item = self._id(f"item {stock.item}" if stock.item else f"lone {stock.key}")
        return item, self._id(f"sku {stock.key}") if stock.item or self.lone_has_sku else item

    def listing_id(self, item: str, sku: str) -> ListingId:
        """Return how the channel names a SKU; `sku` is the item itself where that has none."""
        return ListingId(f"{item}:{'' if sku == item else sku}")

    def item_id(self, item: str) -> ItemId:
        """Return how the channel names an item."""
        return ItemId(item)

    def document(self, stock: Stock, item: str, sku: str) -> dict[str, Any]:
        """Return what `/_mock/state` takes to list a stock."""
        return {
            "listings": [
                {
                    "id": sku,
                    "item": item,
                    "code": stock.code,
                    "quantity": stock.quantity,
                    "withheld": stock.withheld,
                    "on_sale": stock.on_sale,
                    "off_reason": None if stock.on_sale else self.off_reason(stock),
                }
            ]
        }

    def off_reason(self, stock: Stock) -> str:
        """Return why the mock has a stock off sale."""
        return "person" if stock.quantity else "sold_out"

    def order_id(self, order: Order) -> str:
        """Return how the feed names an order."""
        return order.id

    def begins(self, now: datetime) -> datetime:
        """Return half a minute before midnight in Beijing some days ago: no test orders in the future."""
        return (now - timedelta(days=4)).replace(hour=15, minute=59, second=30, microsecond=0)

    def fault(self, fault: Fault) -> MockFault:
        """Return how the mock is told a fault."""
        return FAULTS[fault]

    def deny(self, calls: frozenset[str]) -> None:
        """Take the permission for these calls from the app. Ability: PERMISSIONS."""
        raise NotImplementedError

    # --- the bench -----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[Bench]:
        """Serve the mock, open the channel, and yield both."""
        self._runner = web.AppRunner(self._watched(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
            settings = self.adapter.settings.model_validate(self.settings(url))
            async with open_http() as http, self.adapter.open(settings, "mock", http) as channel:
                yield self._bench(channel)
        finally:
            await self._runner.cleanup()

    def _bench(self, channel: Channel) -> Bench:
        return Bench(
            channel=channel,
            rig=self,
            gate=self,
            buyers=self,
            abilities=self.abilities,
            secrets=(TOKEN, SECRET, REFRESH),
            faults=self.faults,
            line_kinds=self.line_kinds,
            never=self.never,
            advice=self.advice,
            many=self.many,
            many_orders=self.many_orders,
            begins=self.begins(datetime.now(UTC)),
        )

    def _watched(self) -> web.Application:
        app = self.app()
        app.middlewares.append(self._counted)
        return app

    @property
    def _counted(self) -> Any:  # noqa: ANN401 - aiohttp's type of a middleware is private
        @web.middleware
        async def counted(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            self._calls += 1
            due = [act for number, act in self._hooks if number == self._calls]
            for act in due:
                act()
            return await handler(request)

        return counted

    # --- listings ------------------------------------------------------------------------------------------

    def put(self, stock: Stock) -> ListingId:
        """List something under ids of the platform's form, beyond what a float holds."""
        item, sku = self.ids(stock)
        self.mock.merge(self.document(stock, item, sku))
        listing = self.listing_id(item, sku)
        self._mock_ids[listing] = sku
        return listing

    def item_of(self, listing: ListingId) -> ItemId:
        return self.item_id(self._listing(listing).item)

    def code_of(self, listing: ListingId) -> str:
        return self._listing(listing).code

    def drop(self, listing: ListingId) -> None:
        self.mock.merge({"remove": [self._mock_ids[listing]]})

    def counter(self, listing: ListingId) -> int:
        return self._listing(listing).quantity

    def is_on_sale(self, listing: ListingId) -> bool:
        return self._listing(listing).on_sale

    # --- calls ---------------------------------------------------------------------------------------------

    def calls(self) -> int:
        return self._calls

    def calls_of(self, names: frozenset[str]) -> int:
        return sum(count for name, count in self.mock.calls.counts.items() if name in names)

    def writes(self) -> int:
        return self.calls_of(self.write_calls)

    def before_call(self, number: int, act: Callable[[], object]) -> None:
        self._hooks.append((self._calls + number, act))

    # --- trouble -------------------------------------------------------------------------------------------

    def fail(self, fault: Fault, *, after: int = 0) -> None:
        planned = self.fault(fault)
        fields = {name: getattr(planned, name) for name in planned.__dataclass_fields__}
        self.mock.faults.replace([MockFault(**fields | {"after": after})])

    async def arrived(self) -> None:
        await self.mock.calls.reached(held=1)

    async def shut(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def refuse(self, listing: ListingId, kind: Kind) -> None:
        self._strike(listing, error=self.words[kind])

    def silence(self, listing: ListingId) -> None:
        self._strike(listing, error="", applied=True)

    def hide(self, listing: ListingId) -> None:
        """Let the next call that tells counters answer without this listing (and without the others)."""
        del listing
        self.mock.faults.replace([MockFault(kind=FaultKind.EMPTY, path=self.detail_call)])

    def skew(self, seconds: float) -> None:
        self.mock.clock.move_to(self.mock.clock.now() + timedelta(seconds=seconds))

    def forbid(self, task: Task) -> None:
        self.deny(
            {
                Task.READ: self.read_calls,
                Task.WRITE: self.write_calls,
                Task.SWITCH: self.switch_calls,
                Task.ORDERS: self.order_calls,
            }[task]
        )

    def renewals(self) -> int:
        return self.calls_of(self.renew_calls)

    # --- orders --------------------------------------------------------------------------------------------

    def order(self, *wanted: tuple[ListingId, int], at: datetime) -> str:
        placed = self._book.place(at, [(self._mock_ids[listing], units) for listing, units in wanted])
        assert placed.order is not None, placed.refusal
        return self.order_id(placed.order)

    def pay(self, order: str, *, at: datetime) -> None:
        _done(self._book.pay(at, self._order(order).id))

    def cancel(self, order: str, *, at: datetime) -> None:
        """Close an order; a paid one by a refund of all of it."""
        found = self._order(order)
        if found.paid is None:
            _done(self._book.cancel(at, found.id))
            return
        _done(self._book.ask_refund(at, found.id))
        _done(self._book.agree_refund(at, found.id))

    def ship(self, order: str, *lines: OrderLine, at: datetime) -> None:
        found = self._order(order)
        _done(self._book.ship(at, found.id, lines=[self._line(found, line).id for line in lines]))

    def finish(self, order: str, *, at: datetime) -> None:
        _done(self._book.finish(at, self._order(order).id))

    def show_old(self) -> None:
        self.mock.faults.replace([MockFault(kind=FaultKind.OLD_ORDERS, lines=1)])

    def ask_refund(self, line: OrderLine, *, at: datetime) -> None:
        found = self._order(line.order)
        _done(self._book.ask_refund(at, found.id, lines=[self._line(found, line).id]))

    def refund(self, line: OrderLine, *, at: datetime) -> None:
        self.ask_refund(line, at=at)
        found = self._order(line.order)
        _done(self._book.agree_refund(at, found.id, lines=[self._line(found, line).id]))

    # --- inside --------------------------------------------------------------------------------------------

    @property
    def _book(self) -> OrderBook:
        return self.mock.state.orders

    def _id(self, key: str) -> str:
        return self._ids.setdefault(key, str(FIRST_ID + 2 * len(self._ids)))

    def _listing(self, listing: ListingId) -> Listing:
        return self.mock.state.listings[self._mock_ids[listing]]

    def _strike(self, listing: ListingId, **fields: Any) -> None:  # noqa: ANN401 - a fault's own
        ids = (self._mock_ids[listing],)
        self.mock.faults.replace([MockFault(kind=FaultKind.PARTIAL, ids=ids, **fields)])

    def _order(self, name: str) -> Order:
        found: Order = next(order for order in self._book.orders.values() if self.order_id(order) == name)
        return found

    def _line(self, order: Order, line: OrderLine) -> OrderItem:
        """Return the mock's line that a told line speaks of: by its id, or by its listing."""
        mine = [each for each in order.lines if each.id == line.line]
        return (mine or [each for each in order.lines if self._mock_ids[line.listing] == each.listing])[0]


def _done(refusal: str) -> None:
    assert refusal == "", refusal
