"""What was really sold, counted where it happens and by nobody's opinion."""

from collections.abc import Mapping

from tests.bench.exact.demand import Buyer


class Books:
    """Every unit that was there, promised, given back, and sold though it was not there.

    An order that nobody has paid yet is promised too: it counts as oversold where it is one too many.
    """

    def __init__(self, stock: Mapping[str, int]) -> None:
        self.stock = dict(stock)
        self.promised = dict.fromkeys(stock, 0)
        self.orders = 0
        self.taken = 0
        self.oversold = 0
        self._wanted = dict.fromkeys(stock, 0)
        self._kept = dict.fromkeys(stock, 0)

    def come(self, buyer: Buyer, *, served: bool) -> None:
        """Note a buyer, and whether a shop took the order."""
        self.orders += 1
        if buyer.keeps:
            self._wanted[buyer.sku] += buyer.units
        if not served:
            return
        self.taken += 1
        free = max(self.stock[buyer.sku] - self.promised[buyer.sku], 0)
        self.oversold += max(buyer.units - free, 0)
        self.promised[buyer.sku] += buyer.units
        if buyer.keeps:
            self._kept[buyer.sku] += buyer.units

    def give_back(self, sku: str, units: int) -> None:
        """Note that an order ended and its units can be sold once more."""
        self.promised[sku] -= units

    @property
    def oversold_per_10k(self) -> float:
        """Return the units sold beyond what was there, per 10,000 buyers."""
        return 10_000 * self.oversold / max(self.orders, 1)

    @property
    def lost_pct(self) -> float:
        """Return the percent of the possible sales that nobody made, SKU by SKU.

        Possible is what a clairvoyant would have sold: of each SKU the smaller of demand and stock.
        """
        possible = {sku: min(self._wanted[sku], units) for sku, units in self.stock.items()}
        missed = sum(max(units - self._kept[sku], 0) for sku, units in possible.items())
        return 100 * missed / max(sum(possible.values()), 1)
