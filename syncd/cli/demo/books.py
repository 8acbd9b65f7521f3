"""What was really sold: every unit by the mocks' own orders and figures; shares no code with syncd."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from syncd.cli.demo.recount import Pool, Recount
from syncd.cli.demo.world import World
from syncd.mock import Order, OrderItem, Stage


def _has_left(line: OrderItem) -> bool:
    return line.sent is not None


def _waits(line: OrderItem) -> bool:
    return line.sent is None and line.stage in (Stage.UNPAID, Stage.PAID)


def _is_kept(line: OrderItem) -> bool:
    return _has_left(line) or line.stage is Stage.PAID


def _is_taken(line: OrderItem) -> bool:
    return _has_left(line) or _waits(line)


Which = Callable[[OrderItem], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The books of one SKU, in units; `problems` says in words what does not agree.

    `sold` are the units of orders that were paid and kept, `open` those of orders that have not left yet.
    `on_sale` is what the counters of a split pool come to together, or the largest one of a shared pool.
    `exposed` are the most units that a split pool had on sale beyond what was left, at any moment.
    """

    sku: str
    at_start: int
    received: int
    shipped: int
    on_hand: int
    sold: int
    open: int
    broken: int
    left: int
    on_sale: int
    reserve: int
    oversold: int
    exposed: int
    problems: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the account as the demo's document shows it."""
        return asdict(self) | {"problems": list(self.problems), "agrees": not self.problems}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the run came to; `slowest` is the longest time in seconds from a sale to the last decrease."""

    orders: int
    cancelled: int
    units: int
    oversold: int
    slowest: float


class Books:
    """Hears every order as it is placed and every delivery as it comes; counts again in the end."""

    def __init__(self, world: World, recount: Recount) -> None:
        self._world = world
        self._recount = recount
        self._orders: dict[tuple[str, str], Order] = {}
        self._promised: Counter[str] = Counter()
        self._received: Counter[str] = Counter()
        self._oversold: Counter[str] = Counter()
        self._exposed: Counter[str] = Counter()
        self._news: list[str] = []
        self._start = self._on_hand()
        self._behind: dict[tuple[str, str], datetime] = {}
        self._slowest = timedelta()
        for shop, rig in world.shops.items():
            rig.state.orders.listeners.append(partial(self._hear, shop))

    # --- while it goes on ----------------------------------------------------------------------------------

    def receive(self, sku: str, units: int) -> None:
        """Note units that came in, or went back where there are fewer than none."""
        self._received[sku] += units

    def look(self) -> list[str]:
        """Note which shops have followed the sales of the others by now; return in words what went wrong."""
        self._weigh(self._start)
        now = self._world.erp.clock.now()
        for (shop, sku), since in list(self._behind.items()):
            if self._world.shown(shop, sku) <= max(self._free(sku), 0):
                del self._behind[shop, sku]
                self._slowest = max(self._slowest, now - since)
        news, self._news = self._news, []
        return news

    def _hear(self, shop: str, order: Order) -> None:
        before = self._orders.get((shop, order.id))
        self._orders[shop, order.id] = order
        self._promised.subtract(self._waiting(shop, before))
        self._promised.update(wanted := self._waiting(shop, order))
        self._weigh(wanted)
        if before is not None:
            return
        for sku, units in wanted.items():
            self._oversold[sku] += min(units, max(-self._free(sku), 0))
            self._wait_for_others(shop, sku)

    def _weigh(self, skus: Iterable[str]) -> None:
        """Note how many units that are not there could be sold now; shared pools may have some for a bit."""
        for sku in skus:
            pool = self._pool(sku)
            if pool is not None and not pool.is_shared:
                beyond = self._on_sale(sku, pool) - max(self._free(sku), 0)
                if beyond > self._exposed[sku]:
                    self._exposed[sku] = beyond
                    self._news.append(f"{beyond} {sku} too many on sale now: {self._shown(sku, pool)}")

    def _shown(self, sku: str, pool: Pool) -> str:
        each = ", ".join(f"{shop} has {self._world.shown(shop, sku)}" for shop in pool.shops)
        return f"{each}, {self._free(sku)} are left"

    def _wait_for_others(self, shop: str, sku: str) -> None:
        """Remember which shops show more than there is now; they must lower their counters."""
        now, free = self._world.erp.clock.now(), max(self._free(sku), 0)
        pool = self._pool(sku)
        for other in pool.shops if pool and pool.is_shared else ():
            if other != shop and self._world.shown(other, sku) > free:
                self._behind.setdefault((other, sku), now)

    # --- in the end ----------------------------------------------------------------------------------------

    def totals(self) -> Totals:
        """Return what the whole run came to."""
        lines = [line for order in self._orders.values() for line in order.lines]
        return Totals(
            orders=len(self._orders),
            cancelled=sum(not _is_taken(line) for line in lines),
            units=self._sum(_is_kept).total(),
            oversold=self._oversold.total(),
            slowest=self._slowest.total_seconds(),
        )

    def accounts(self) -> list[Account]:
        """Return the account of every SKU that the ERP has or had, sorted."""
        return [self._account(sku) for sku in sorted(self._start | self._on_hand())]

    def _account(self, sku: str) -> Account:
        pool = self._pool(sku)
        left = self._free(sku)
        on_sale = self._on_sale(sku, pool)
        account = Account(
            sku=sku,
            at_start=self._start[sku],
            received=self._received[sku],
            shipped=self._sum(_has_left)[sku],
            on_hand=self._on_hand()[sku],
            sold=self._sum(_is_kept)[sku],
            open=self._sum(_waits)[sku],
            broken=self._figure(sku, "unsellable"),
            left=left,
            on_sale=on_sale,
            reserve=left - on_sale,
            oversold=self._oversold[sku],
            exposed=self._exposed[sku],
        )
        return _judged(account, self._problems(account, pool))

    def _problems(self, account: Account, pool: Pool | None) -> Iterable[str]:
        sku = account.sku
        there = account.at_start + account.received - account.shipped
        yield _difference("on hand", account.on_hand, there, "by the orders that were shipped")
        yield _difference("in the ERP's orders", self._figure(sku, "allocated"), account.open, "by the shops")
        yield _difference("taken by buyers", self._sum(_is_taken)[sku], self._counted(sku), "by the counters")
        yield _difference("oversold", account.oversold, 0, "")
        yield _difference("on sale at some moment", account.exposed, 0, "")
        if pool is None or pool.is_shared:
            return
        is_low = account.left < pool.warning_level
        yield _difference("on sale", account.on_sale, 0 if is_low else account.left, "there are")

    def _pool(self, sku: str) -> Pool | None:
        return next((pool for pool in self._recount.pools if self._recount.holds(pool, sku)), None)

    def _on_sale(self, sku: str, pool: Pool | None) -> int:
        shown = [self._world.shown(shop, sku) for shop in (pool.shops if pool else ())]
        return max(shown, default=0) if pool and pool.is_shared else sum(shown)

    def _counted(self, sku: str) -> int:
        """Return the units that left the counters of all shops for buyers and did not come back."""
        mine = [ware for ware in self._world.listed() if sku in ware.sells]
        return sum(self._world.listing(ware).sold * ware.sells[sku] for ware in mine)

    # --- sums ----------------------------------------------------------------------------------------------

    def _free(self, sku: str) -> int:
        """Return the sellable units that no order of any shop waits for; negative if more are promised."""
        there = self._on_hand()[sku] - self._figure(sku, "unsellable")
        return there - self._promised[sku]

    def _waiting(self, shop: str, order: Order | None) -> Counter[str]:
        return self._units(shop, order.lines if order else (), _waits)

    def _sum(self, which: Which) -> Counter[str]:
        """Return the units by SKU of all lines that have come so far."""
        sums: Counter[str] = Counter()
        for (shop, _), order in self._orders.items():
            sums.update(self._units(shop, order.lines, which))
        return sums

    def _units(self, shop: str, lines: Iterable[OrderItem], which: Which) -> Counter[str]:
        units: Counter[str] = Counter()
        for line in lines:
            ware = self._world.find(shop, line.listing)
            for sku, each in (ware.sells if ware and which(line) else {}).items():
                units[sku] += each * (line.units - line.refunded)
        return units

    def _on_hand(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for (sku, _), cell in self._world.erp.state.cells.items():
            sums[sku] += cell.figures["on_hand"]
        return sums

    def _figure(self, sku: str, part: str) -> int:
        cells: Mapping[tuple[str, str], Any] = self._world.erp.state.cells
        return sum(cell.figures[part] for (code, _), cell in cells.items() if code == sku)


def _judged(account: Account, problems: Iterable[str]) -> Account:
    return Account(**{**asdict(account), "problems": tuple(text for text in problems if text)})


def _difference(what: str, units: int, should: int, by_whom: str) -> str:
    """Return in words by how much a figure is wrong, nothing where it is right."""
    if units == should:
        return ""
    word = "many" if units > should else "few"
    against = f", {should} {by_whom}".rstrip()
    return f"{abs(units - should)} too {word} {what}: {units}{against}"
