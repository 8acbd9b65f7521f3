"""The orders of a JD shop: their units are booked from the order until they are shipped or given up."""

from collections import Counter
from collections.abc import Iterable

from syncd.mock.core import Cause, Order, OrderBook, OrderItem, OrderSettings, Stage
from syncd.mock.core.orders_book import Shelf

RESTORES = tuple(Cause)
"""On this platform a booking that ends gives its units back, whatever ended it."""

_SENT = frozenset({Stage.SHIPPED, Stage.FINISHED})


class JdBook(OrderBook):
    """The order book of every mock shop, which also counts what is booked.

    `booked` are the units of a listing in open orders, paid and unpaid. With `holds` they are still in its
    counter, which falls as they are shipped; without, the counter fell as they were ordered.
    """

    def __init__(self, shelf: Shelf, settings: OrderSettings | None, *, holds: bool) -> None:
        super().__init__(shelf, settings or OrderSettings(restores=RESTORES))
        self.holds = holds
        self.booked: Counter[str] = Counter()
        self._putting = False

    def forget(self) -> None:
        """Forget every order; nothing comes back into the counters."""
        super().forget()
        self.booked.clear()

    def put(self, orders: Iterable[Order]) -> None:
        """Take in orders as they are; they count as booked, and move no counter."""
        self._putting = True
        super().put(orders)
        self._putting = False

    # --- inside --------------------------------------------------------------------------------------------

    def _keep(self, order: Order) -> None:
        known = self.orders.get(order.id)
        old = {line.id: line for line in known.lines} if known else {}
        for line in order.lines:
            before = old.get(line.id)
            self.booked[line.listing] += line.open_units - (before.open_units if before else 0)
            left = line.stage in _SENT and before is not None and before.stage not in _SENT
            if left and self.holds and not self._putting:
                self._send(line)
        super()._keep(order)

    def _send(self, line: OrderItem) -> None:
        listing = self._shelf.listings.get(line.listing)
        if listing is not None:
            listing.quantity = max(listing.quantity - (line.units - line.refunded), 0)

    def _give_back(self, line: OrderItem, units: int, cause: Cause) -> None:
        listing = self._shelf.listings.get(line.listing)
        if listing is None or not self.holds:
            super()._give_back(line, units, cause)
            return
        # The units never left the counter: only the booking ends.
        listing.sold -= units
