"""What was really sold, by the mocks' own orders and counters as they change; shares no code with syncd."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from syncd.mock import ErpState, JdState, Listing, Order, ShopState, Stage
from syncd.mock.core import OrderItem

_LEFT = frozenset({Stage.SHIPPED, Stage.FINISHED})


class Books:
    """Hears every version of every order in the moment in which it comes to be.

    `oversold` are by SKU the most units that buyers had at one time beyond what was there, `exposed` the
    most that the counters of a `strict` SKU had on sale beyond what was left. Of strict SKUs `problems` tells
    of the first in words, `news` of the second.
    """

    def __init__(self, erp: ErpState, shops: Mapping[str, ShopState], *, strict: frozenset[str]) -> None:
        self.oversold: Counter[str] = Counter()
        self.exposed: Counter[str] = Counter()
        self.problems: list[str] = []
        self.news: list[str] = []
        self._erp = erp
        self._shops = shops
        self._strict = strict
        self._start = {sku: cell.figures["on_hand"] for (sku, _), cell in erp.cells.items()}
        self._kept: Counter[str] = Counter()
        self._orders: dict[tuple[str, str], Order] = {}
        for name, state in shops.items():
            state.orders.listeners.append(partial(self._hear, name))

    @property
    def orders(self) -> int:
        """Return how many orders there were."""
        return len(self._orders)

    def start(self, sku: str) -> int:
        """Return the units that were there at first."""
        return self._start[sku]

    def left(self, sku: str) -> int:
        """Return the units that nobody has bought; negative where more were sold than were there."""
        return self._start[sku] - self._kept[sku]

    def open_units(self, sku: str) -> int:
        """Return the units of paid orders that have not left."""
        lines = [line for order in self._orders.values() for line in order.lines if line.code == sku]
        return sum(line.open_units for line in lines if line.stage is Stage.PAID)

    def shipped(self, sku: str) -> int:
        """Return the units that have left."""
        lines = [line for order in self._orders.values() for line in order.lines if line.code == sku]
        return sum(line.units - line.refunded for line in lines if line.stage in _LEFT)

    def buyable(self, shop: str, sku: str) -> int:
        """Return how many units of a SKU somebody could order in a shop now."""
        state = self._shops[shop]
        return sum(_buyable(state, one) for one in state.listings.values() if one.code == sku)

    def look(self, when: str) -> None:
        """Note what the counters of strict SKUs have on sale together beyond what is left."""
        for sku in self._strict:
            shown = {shop: self.buyable(shop, sku) for shop in self._shops}
            beyond = sum(shown.values()) - max(self.left(sku), 0)
            if beyond > self.exposed[sku]:
                self.exposed[sku] = beyond
                self.news.append(
                    f"{when}: {beyond} too many of {sku} on sale: {shown}, {self.left(sku)} left"
                )

    def _hear(self, shop: str, order: Order) -> None:
        before = self._orders.get((shop, order.id))
        self._orders[shop, order.id] = order
        for line in before.lines if before else ():
            self._kept[line.code] -= _kept_units(line)
        for line in order.lines:
            self._kept[line.code] += _kept_units(line)
        for sku in {line.code for line in order.lines}:
            beyond = -self.left(sku)
            if beyond > self.oversold[sku]:
                self.oversold[sku] = beyond
                if sku in self._strict:
                    self.problems.append(f"{order.modified}: {shop} oversold {sku} by {beyond}")


def _kept_units(line: OrderItem) -> int:
    """Return the units of a line that are somebody's: ordered and not given up."""
    ended = line.stage in (Stage.CANCELLED, Stage.CLOSED)
    # A refund after the goods have left does not bring them back.
    return 0 if ended and line.sent is None else line.units - line.refunded


def _buyable(state: ShopState, listing: Listing) -> int:
    if not listing.on_sale:
        return 0
    booked = state.booked(listing.id) if isinstance(state, JdState) and state.jd.holds_booked else 0
    return max(listing.quantity - listing.withheld - booked, 0)
