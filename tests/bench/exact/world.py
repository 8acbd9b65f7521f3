"""Everything outside syncd: buyers, platforms and the warehouse, in the order of their times."""

import heapq
from collections.abc import Callable
from zlib import crc32

from syncd.mock.core import PARTS, Cell, ErpState
from tests.bench.exact.books import Books
from tests.bench.exact.demand import Buyer, Demand, Fate
from tests.bench.exact.scenario import Scenario
from tests.bench.exact.till import Till

WAREHOUSE = "main"


class World:
    """A day that goes on while anybody waits: `reach` lets all happen that happens till then."""

    def __init__(self, scenario: Scenario, demand: Demand) -> None:
        self.scenario = scenario
        self.demand = demand
        self.books = Books(demand.stock)
        skews = {name: scenario.skew * (1 - at) for at, name in enumerate(demand.shops)}
        self.tills = {
            name: Till(name, list(demand.stock), mode=scenario.mode, skew=skews[name])
            for name in demand.shops
        }
        self.erp = ErpState(
            cells=[
                Cell(sku=sku, warehouse=WAREHOUSE, figures=_figures(units))
                for sku, units in demand.stock.items()
            ]
        )
        for buyer in demand.past:
            self.tills[buyer.shop].remember(buyer)
        self.waiting: dict[tuple[str, str], float] = {}
        self._next = 0
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._planned = 0

    def reach(self, time: float) -> None:
        """Let everything happen that happens up to `time`."""
        buyers = self.demand.buyers
        while True:
            comes = buyers[self._next].at if self._next < len(buyers) else float("inf")
            due = self._due[0][0] if self._due else float("inf")
            if min(comes, due) > time:
                return
            if due <= comes:
                at, _, happen = heapq.heappop(self._due)
                happen(at)
            else:
                self._next += 1
                self._come(buyers[self._next - 1])

    # --- what happens --------------------------------------------------------------------------------------

    def _come(self, buyer: Buyer) -> None:
        till = self.tills[buyer.shop]
        line = till.order(buyer, buyer.at)
        self.books.come(buyer, served=bool(line))
        if not line:
            return
        if buyer.fate is Fate.PAID_LATE:
            self._plan(buyer.at + buyer.after, lambda at: self._pay(till, line, buyer, at))
        elif buyer.fate is Fate.NEVER_PAID:
            self._plan(buyer.at + buyer.after, lambda at: self._close(till, line, buyer, at))
        else:
            self._tell_erp(till, line, buyer, buyer.at)

    def _pay(self, till: Till, line: str, buyer: Buyer, time: float) -> None:
        till.pay(line, time)
        self._tell_erp(till, line, buyer, time)

    def _close(self, till: Till, line: str, buyer: Buyer, time: float) -> None:
        till.close(line, time)
        self.books.give_back(buyer.sku, buyer.units)

    def _tell_erp(self, till: Till, line: str, buyer: Buyer, paid: float) -> None:
        """Let the ERP learn of a paid order after its delay, or by its sweep where the message is lost."""
        arrives = self._arrives(paid, line)
        self.waiting[till.name, line] = paid
        self._plan(arrives, lambda _: self._import(till, line, buyer))
        if buyer.fate is Fate.CANCELLED:
            ends = paid + buyer.after
            self._plan(ends, lambda at: self._close(till, line, buyer, at))
            learns = max(ends + self.scenario.erp_delay, arrives)
            self._plan(learns, lambda _: self._move(buyer.sku, allocated=-buyer.units))
            return
        self._plan(
            max(paid + self.scenario.ship_after, arrives), lambda at: self._ship(till, line, buyer, at)
        )

    def imported_until(self, shop: str, now: float) -> float:
        """Return up to which payment the ERP has imported every order of a shop, without a gap."""
        ahead = self.scenario.watermark_ahead
        until = now - self.scenario.erp_delay + ahead
        gaps = [paid + ahead for (name, _), paid in self.waiting.items() if name == shop]
        # Stamps are whole seconds, and one that is not over can still bring an order.
        return int(min([until, *gaps])) - 1.0

    def _arrives(self, paid: float, line: str) -> float:
        scenario = self.scenario
        if _chance(line) >= scenario.lost_messages:
            return paid + scenario.erp_delay
        return (paid // scenario.sweep + 1) * scenario.sweep + scenario.erp_delay

    def _import(self, till: Till, line: str, buyer: Buyer) -> None:
        del self.waiting[till.name, line]
        self._move(buyer.sku, allocated=buyer.units)

    def _ship(self, till: Till, line: str, buyer: Buyer, time: float) -> None:
        # What was oversold can never be shipped: the warehouse has no such unit.
        if self.erp.cells[buyer.sku, WAREHOUSE].figures["on_hand"] < buyer.units:
            return
        till.ship(line, time)
        self._move(buyer.sku, on_hand=-buyer.units, allocated=-buyer.units)

    def _move(self, sku: str, **differences: int) -> None:
        if problem := self.erp.move(sku, WAREHOUSE, differences):
            msg = f"the simulated warehouse is out of step: {problem}"
            raise AssertionError(msg)

    def _plan(self, time: float, happen: Callable[[float], None]) -> None:
        self._planned += 1
        heapq.heappush(self._due, (time, self._planned, happen))


def _figures(on_hand: int) -> dict[str, int]:
    return dict.fromkeys(PARTS, 0) | {"on_hand": on_hand}


def _chance(line: str) -> float:
    """Return a figure in [0, 1) that is the same for a line in every strategy's day."""
    return crc32(line.encode()) % 10_000 / 10_000
