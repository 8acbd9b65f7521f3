"""The orders of one mock shop as a state machine; the time and the buyers come in from outside.

A step that cannot be done changes nothing and returns a word that says why; one that was done returns "".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from syncd.mock.core.listing import Listing
from syncd.mock.core.orders import (
    Cause,
    Order,
    OrderItem,
    OrderSettings,
    Refund,
    Stage,
    deadline,
    whole_second,
)

FIRST_ID = 3_000_000_000_000_000_000
"""Where the ids begin: 19 digits, beyond what a float holds."""

_BUYERS = 10_000
_NEVER = datetime.max.replace(tzinfo=UTC)
_OPEN_REFUNDS = frozenset({Refund.ASKED, Refund.AGREED, Refund.SENT_BACK, Refund.REFUSED})

Want = tuple[str, int]
"""A listing and how many of it a buyer wants."""


class Shelf(Protocol):
    """What orders are taken from: the listings of a shop."""

    @property
    def listings(self) -> dict[str, Listing]:
        """Return the listings by id."""
        ...

    def unbuyable(self, listing_id: str, units: int) -> str:
        """Return why nobody can buy so many units now, empty where they can."""
        ...

    def takes_on_order(self, listing: Listing) -> bool:
        """Return True where the counter falls as an order is placed, not only as it is paid."""
        ...

    def take(self, listing: Listing, units: int) -> None:
        """Take sold units from the counter."""
        ...


class Placed(NamedTuple):
    """What became of a buyer's wish: an order, or why there is none and which listing is to blame."""

    order: Order | None
    refusal: str = ""
    listing: str = ""


class _Step(NamedTuple):
    """What happens to a line, which lines it may happen to, and the word where there is none of them."""

    change: Callable[[OrderItem], OrderItem]
    may: Callable[[OrderItem], bool]
    refusal: str


class OrderBook:
    """All orders of a shop, the newest version of each, with what they take from its counters.

    `before` holds the version before the newest one. Each of `listeners` is told every version as it comes to
    be. Ids grow, and end in digits of the buyer; a single line has the id of its order.
    """

    def __init__(self, shelf: Shelf, settings: OrderSettings | None = None, first_id: int = FIRST_ID) -> None:
        self.settings = settings or OrderSettings()
        self.orders: dict[str, Order] = {}
        self.before: dict[str, Order] = {}
        self.listeners: list[Callable[[Order], None]] = []
        self.next_close = _NEVER
        self._shelf = shelf
        self._next_id = first_id
        self._deadlines: list[tuple[datetime, str]] = []
        # Ids in the order of their newest change, so that a feed need not look at every order.
        self._trail: dict[str, None] = {}
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._in_order = True

    # --- what can be asked ---------------------------------------------------------------------------------

    def modified_between(self, since: datetime, until: datetime) -> list[Order]:
        """Return the orders whose newest version is of that time, both ends included, newest first."""
        found = [order for order in self._trail_from(since) if since <= order.modified <= until]
        return sorted(found, key=lambda order: (order.modified, order.id), reverse=True)

    def created_between(self, since: datetime, until: datetime) -> list[Order]:
        """Return the orders that were placed in that time, both ends included, newest first."""
        found = [order for order in self.orders.values() if since <= order.created <= until]
        return sorted(found, key=lambda order: (order.created, order.id), reverse=True)

    def unpaid_units(self, listing_id: str) -> int:
        """Return the units of a listing that are ordered and not paid."""
        return sum(
            line.units
            for order in self.orders.values()
            if order.paid is None
            for line in order.lines
            if line.listing == listing_id and line.stage is Stage.UNPAID
        )

    # --- what buyers do ------------------------------------------------------------------------------------

    def place(self, now: datetime, wants: Sequence[Want], *, buyer: int = 0, paid: bool = False) -> Placed:
        """Order everything that a buyer wants, or nothing of it; `paid` pays it in the same moment.

        The same listing may be wanted twice, for two lines.
        """
        shelf = self._shelf
        for listing_id, units in _summed(wants):
            if refusal := shelf.unbuyable(listing_id, units):
                return Placed(None, refusal, listing_id)
        at = whole_second(now)
        order_id = self._new_id(buyer)
        single = len(wants) == 1
        lines = []
        for listing_id, units in wants:
            listing = shelf.listings[listing_id]
            taken = shelf.takes_on_order(listing)
            if taken or paid:
                shelf.take(listing, units)
            else:
                listing.withheld += units
            line_id = order_id if single else self._new_id(buyer)
            stage = Stage.PAID if paid else Stage.UNPAID
            lines.append(OrderItem(line_id, listing_id, listing.item, listing.code, units, taken, stage))
        order = Order(order_id, buyer, at, at, tuple(lines), at if paid else None)
        if not paid:
            self._watch(order)
        self._keep(order)
        return Placed(order)

    def pay(self, now: datetime, order_id: str) -> str:
        """Pay an order; lines that were cancelled stay so."""
        order = self.orders.get(order_id)
        if order is None:
            return "not_found"
        if order.stage is not Stage.UNPAID:
            return "not_unpaid"
        at = whole_second(now)
        lines = tuple([self._paid(line) for line in order.lines])
        # Spelled out, as everywhere on the path of a sale: a crowd must be faster than the program it tests.
        self._keep(Order(order_id, order.buyer, order.created, at, lines, at))
        return ""

    def cancel(
        self, now: datetime, order_id: str, *, lines: Sequence[str] = (), cause: Cause = Cause.BUYER
    ) -> str:
        """End an unpaid order, or only some of its lines; its units come back."""

        def ended(line: OrderItem) -> OrderItem:
            self._give_back(line, line.units, cause)
            return line._replace(stage=Stage.CANCELLED, ended=whole_second(now))

        return self._change(now, order_id, lines, _Step(ended, _stands_at(Stage.UNPAID), "not_unpaid"))

    def close_unpaid(self, now: datetime) -> None:
        """Close by itself what was not paid in time, each order at its own time."""
        while self.next_close <= now:
            due, order_id = heappop(self._deadlines)
            self.next_close = self._deadlines[0][0] if self._deadlines else _NEVER
            order = self.orders.get(order_id)
            if order is not None and order.paid is None and order.stage is Stage.UNPAID:
                self.cancel(due, order_id, cause=Cause.UNPAID)

    def finish(self, now: datetime, order_id: str, *, lines: Sequence[str] = ()) -> str:
        """Let the buyer confirm that shipped goods have come."""

        def finished(line: OrderItem) -> OrderItem:
            return line._replace(stage=Stage.FINISHED, ended=whole_second(now))

        return self._change(now, order_id, lines, _Step(finished, _stands_at(Stage.SHIPPED), "not_shipped"))

    # --- what the seller does ------------------------------------------------------------------------------

    def ship(self, now: datetime, order_id: str, *, lines: Sequence[str] = ()) -> str:
        """Ship an order, or only some of its lines; what is refunded by then is not shipped."""

        def shipped(line: OrderItem) -> OrderItem:
            # Shipping answers a refund that was only asked for: there is nothing left to stop.
            return line._replace(stage=Stage.SHIPPED, sent=whole_second(now))

        return self._change(now, order_id, lines, _Step(shipped, _stands_at(Stage.PAID), "not_paid"))

    # --- refunds -------------------------------------------------------------------------------------------

    def ask_refund(self, now: datetime, order_id: str, *, lines: Sequence[str] = ()) -> str:
        """Let the buyer ask for the money back; that alone moves no unit."""

        def asked(line: OrderItem) -> OrderItem:
            return line._replace(
                refund=Refund.ASKED, refund_id=line.refund_id or self._new_id(self.orders[order_id].buyer)
            )

        def may_ask(line: OrderItem) -> bool:
            going_on = line.stage in (Stage.PAID, Stage.SHIPPED, Stage.FINISHED)
            return going_on and line.refund in (Refund.NONE, Refund.REFUSED, Refund.WITHDRAWN)

        return self._change(now, order_id, lines, _Step(asked, may_ask, "not_paid"))

    def agree_refund(
        self,
        now: datetime,
        order_id: str,
        *,
        lines: Sequence[str] = (),
        units: int = 0,
        returns: bool = False,
    ) -> str:
        """Give the money back: the line is closed, and units that were not shipped are free again.

        With `units` only so many of a line that was not shipped are given up, and it goes on with the rest.
        With `returns` the buyer must send shipped goods back first; agreeing again then ends it.
        """

        def may_agree(line: OrderItem) -> bool:
            fits = not units or (line.stage is Stage.PAID and units < line.open_units)
            return fits and line.refund in (Refund.ASKED, Refund.REFUSED, Refund.SENT_BACK)

        def agreed(line: OrderItem) -> OrderItem:
            if line.stage is Stage.PAID:
                self._give_back(line, units or line.open_units, Cause.REFUND)
                if units:
                    return line._replace(refund=Refund.DONE, refunded=line.refunded + units)
            elif returns and line.refund is not Refund.SENT_BACK:
                return line._replace(refund=Refund.AGREED)
            return line._replace(stage=Stage.CLOSED, refund=Refund.DONE, ended=whole_second(now))

        return self._change(now, order_id, lines, _Step(agreed, may_agree, "no_refund"))

    def turn_refund(self, now: datetime, order_id: str, refund: Refund, *, lines: Sequence[str] = ()) -> str:
        """Refuse a refund, withdraw it, or send the goods back for it; none of them moves a unit."""
        possible = {
            Refund.REFUSED: frozenset({Refund.ASKED, Refund.SENT_BACK}),
            Refund.WITHDRAWN: _OPEN_REFUNDS,
            Refund.SENT_BACK: frozenset({Refund.AGREED}),
        }[refund]
        turned = _Step(
            change=lambda line: line._replace(refund=refund),
            may=lambda line: line.refund in possible,
            refusal="no_refund",
        )
        return self._change(now, order_id, lines, turned)

    # --- a person's hand -----------------------------------------------------------------------------------

    def forget(self) -> None:
        """Forget every order; nothing comes back into the counters."""
        self.orders, self.before, self._trail, self._deadlines = {}, {}, {}, []
        self.next_close, self._latest = _NEVER, datetime.min.replace(tzinfo=UTC)
        self._in_order = True

    def put(self, orders: Iterable[Order]) -> None:
        """Take in orders as they are; their units stand in the counters already."""
        for order in sorted(orders, key=lambda one: one.modified):
            if order.stage is Stage.UNPAID:
                self._watch(order)
            self._keep(order)
            last = max(int(order.id), *(int(line.id) for line in order.lines))
            self._next_id = max(self._next_id, last // _BUYERS * _BUYERS)

    # --- inside --------------------------------------------------------------------------------------------

    def _change(self, now: datetime, order_id: str, names: Sequence[str], step: _Step) -> str:
        """Change the named lines, without names all that may be; return why not, and then change none."""
        order = self.orders.get(order_id)
        if order is None:
            return "not_found"
        chosen = {line.id for line in order.lines if step.may(line)}
        if names and not chosen.issuperset(names):
            known = {line.id for line in order.lines}
            return step.refusal if known.issuperset(names) else "not_found"
        chosen = set(names) or chosen
        if not chosen:
            return step.refusal
        lines = tuple(step.change(line) if line.id in chosen else line for line in order.lines)
        self._keep(order._replace(modified=whole_second(now), lines=lines))
        return ""

    def _paid(self, line: OrderItem) -> OrderItem:
        if line.stage is not Stage.UNPAID:
            return line
        listing = None if line.taken else self._shelf.listings.get(line.listing)
        if listing is not None:
            listing.withheld = max(listing.withheld - line.units, 0)
            self._shelf.take(listing, line.units)
        return OrderItem(line.id, line.listing, line.item, line.code, line.units, line.taken, Stage.PAID)

    def _give_back(self, line: OrderItem, units: int, cause: Cause) -> None:
        listing = self._shelf.listings.get(line.listing)
        if listing is None:
            return
        if line.stage is Stage.UNPAID and not line.taken:
            listing.withheld = max(listing.withheld - units, 0)
            return
        listing.sold -= units
        if cause in self.settings.restores:
            listing.quantity += units

    def _new_id(self, buyer: int) -> str:
        self._next_id += _BUYERS
        return str(self._next_id + buyer % _BUYERS)

    def _watch(self, order: Order) -> None:
        if not self.settings.pay_within:
            return
        heappush(self._deadlines, (deadline(order, self.settings), order.id))
        self.next_close = self._deadlines[0][0]

    def _keep(self, order: Order) -> None:
        order_id = order.id
        known = self.orders.get(order_id)
        if known is not None:
            self.before[order_id] = known
            self._trail.pop(order_id, None)
        self.orders[order_id] = order
        self._trail[order_id] = None
        if order.modified < self._latest:
            self._in_order = False
        else:
            self._latest = order.modified
        for tell in self.listeners:
            tell(order)

    def _trail_from(self, since: datetime) -> Iterator[Order]:
        for order_id in reversed(self._trail):
            order = self.orders[order_id]
            # A clock that was once set back leaves no order to rely on.
            if order.modified < since and self._in_order:
                return
            yield order


def _summed(wants: Sequence[Want]) -> Iterable[Want]:
    if len(wants) == 1:
        return wants
    sums: dict[str, int] = {}
    for listing_id, units in wants:
        sums[listing_id] = sums.get(listing_id, 0) + units
    return sums.items()


def _stands_at(stage: Stage) -> Callable[[OrderItem], bool]:
    return lambda line: line.stage is stage
