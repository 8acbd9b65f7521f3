"""One shop's platform: the mock's own core, asked by buyers and by calls.

The only place that knows how the mock keeps its shops and orders, so that another core can take its place.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from syncd.mock.core import Line, Listing, ShopSettings, ShopState
from syncd.mock.core.orders import Cause, Order, OrderItem, OrderSettings
from syncd.mock.core.orders import Stage as MockStage
from tests.bench.exact.clock import moment
from tests.bench.exact.demand import Buyer, Fate
from tests.bench.exact.scenario import WriteMode

_STAGES = {
    MockStage.UNPAID: Stage.UNPAID,
    MockStage.PAID: Stage.PAID,
    MockStage.SHIPPED: Stage.SHIPPED,
    MockStage.FINISHED: Stage.DONE,
    MockStage.CLOSED: Stage.CLOSED,
    MockStage.CANCELLED: Stage.CLOSED,
}


class Till:
    """A platform that deducts at order, puts what is closed or refunded back, and tells its orders.

    `skew` is how many seconds its clock is ahead of everybody else's.
    """

    def __init__(self, name: str, skus: Sequence[str], *, mode: WriteMode, skew: float = 0.0) -> None:
        self.name = name
        self.listing_of = {sku: f"{name}-{number:05}" for number, sku in enumerate(skus)}
        self._state = ShopState(
            settings=ShopSettings(
                clips_deltas=mode is WriteMode.CLIPPING,
                idempotent=mode is WriteMode.KEYED,
                takes_on_order=True,
            ),
            listings=[Listing(id=id_, item=id_, code=sku) for sku, id_ in self.listing_of.items()],
            # Who never pays is closed by the world: it must also tell its books.
            order_settings=OrderSettings(pay_within=0, restores=tuple(Cause)),
        )
        self._skew = skew
        self._past: list[OrderLine] = []

    # --- buyers --------------------------------------------------------------------------------------------

    def remember(self, buyer: Buyer) -> None:
        """Have sold to somebody long ago: all of it has left, and no counter nor figure knows of it."""
        number, at = f"past-{len(self._past)}", self._at(buyer.at)
        self._past.append(
            OrderLine(
                order=number,
                line=f"{number}-1",
                listing=ListingId(self.listing_of[buyer.sku]),
                code=buyer.sku,
                units=buyer.units,
                released=0,
                shipped=buyer.units,
                stage=Stage.DONE,
                created=at,
                paid=at,
                sent=at,
                ended=at,
                modified=at,
            )
        )

    def order(self, buyer: Buyer, time: float) -> str:
        """Let somebody order; return the id of the order, empty where the shop shows too few."""
        paid = buyer.fate in (Fate.KEPT, Fate.CANCELLED)
        wants = [(self.listing_of[buyer.sku], buyer.units)]
        placed = self._state.orders.place(self._at(time), wants, paid=paid)
        return placed.order.id if placed.order else ""

    def pay(self, order: str, time: float) -> None:
        """Let a buyer pay."""
        _require(self._state.orders.pay(self._at(time), order))

    def close(self, order: str, time: float) -> None:
        """End an order before it was shipped; its units are back on the counter at once."""
        book, at = self._state.orders, self._at(time)
        if book.orders[order].paid is None:
            _require(book.cancel(at, order, cause=Cause.UNPAID))
            return
        _require(book.ask_refund(at, order))
        _require(book.agree_refund(at, order))

    def ship(self, order: str, time: float) -> None:
        """Note that an order left the warehouse."""
        _require(self._state.orders.ship(self._at(time), order))

    # --- the platform's calls ------------------------------------------------------------------------------

    def pages(self, wanted: Sequence[str] | None, size: int) -> Iterator[list[Listing]]:
        """Yield the listings a page at a time, each as it is when it is asked for; at least one page."""
        known = self._state.listings
        ids = list(known) if wanted is None else [one for one in wanted if one in known]
        for start in range(0, max(len(ids), 1), size):
            yield [known[one] for one in ids[start : start + size]]

    def write(self, line: Line) -> dict[str, object]:
        """Carry out one quantity write and return what the mock answers."""
        return self._state.write(line)

    def put_on_sale(self, listing: str, *, on_sale: bool) -> dict[str, object]:
        """Put a listing on sale or take it off and return what the mock answers."""
        return self._state.relist(listing) if on_sale else self._state.delist(listing)

    def changed(self, since: datetime, until: datetime) -> list[OrderLine]:
        """Return the lines that were last modified from `since` to `until`, newest first."""
        past = []
        if self._past and since <= self._past[-1].modified:
            past = [line for line in reversed(self._past) if since <= line.modified <= until]
        return _lines(self._state.orders.modified_between(since, until)) + past

    def lines_of(self, orders: Sequence[str]) -> list[OrderLine]:
        """Return the lines of the named orders as they are now."""
        known = self._state.orders.orders
        return _lines([known[order] for order in orders if order in known])

    def counter(self, sku: str) -> int:
        """Return what a buyer sees."""
        return self._state.listings[self.listing_of[sku]].quantity

    # --- inside --------------------------------------------------------------------------------------------

    def _at(self, time: float) -> datetime:
        return moment(time) + timedelta(seconds=self._skew)


def _require(refusal: str) -> None:
    if refusal:
        msg = f"the simulated platform is out of step: {refusal}"
        raise AssertionError(msg)


def _lines(orders: Sequence[Order]) -> list[OrderLine]:
    return [_line(order, line) for order in orders for line in order.lines]


def _line(order: Order, line: OrderItem) -> OrderLine:
    gone = line.stage in (MockStage.SHIPPED, MockStage.FINISHED)
    closed = line.stage in (MockStage.CLOSED, MockStage.CANCELLED)
    return OrderLine(
        order=order.id,
        line=line.id,
        listing=ListingId(line.listing),
        code=line.code,
        units=line.units,
        released=line.units if closed else line.refunded,
        shipped=line.units - line.refunded if gone else 0,
        stage=_STAGES[line.stage],
        created=order.created,
        paid=order.paid,
        sent=line.sent,
        ended=line.ended,
        modified=order.modified,
    )
