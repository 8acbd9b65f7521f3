"""Buyers who come to a shop by themselves: what each wants and does, and what became of it.

A crowd acts in the order of time as its shop is settled, so that it is the same whether somebody moves a
virtual clock in one step or in many, or calls come in over HTTP on the machine's time.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from typing import Any, NamedTuple

from syncd.mock.core.orders import Cause, Stage
from syncd.mock.core.orders_book import Want
from syncd.mock.core.shop import ShopState
from syncd.mock.fields import MockError

_NEVER = datetime.max.replace(tzinfo=UTC)


class Attempt(NamedTuple):
    """One buyer's visit: everything wanted is put into one order, without what is not to be had.

    It is paid `pays_after` seconds (None: never), cancelled unpaid `cancels_after` seconds, and refunded
    before it is shipped `refunds_after` seconds after it was placed.
    """

    at: datetime
    wants: tuple[Want, ...]
    pays_after: float | None = 0.0
    cancels_after: float | None = None
    refunds_after: float | None = None
    buyer: int = 0


class Luck(StrEnum):
    """What a buyer found; `short` means that there was less than was wanted."""

    SOLD = "sold"
    SHORT = "short"
    OFF_SALE = "off_sale"
    UNKNOWN = "unknown"


class Visit(NamedTuple):
    """What became of one wish; `order` is empty where there is none."""

    at: datetime
    listing: str
    units: int
    luck: Luck
    order: str
    paying: bool


class Tally(NamedTuple):
    """Units of one listing: wanted by buyers who pay, sold to them, and lost for each reason.

    `idle` were ordered by people who never pay. A sale that was cancelled or refunded later is still one.
    """

    wanted: int
    sold: int
    short: int
    off_sale: int
    idle: int


class Crowd:
    """The buyers of one shop; `visits` is what became of those that came so far, in the order of time."""

    def __init__(self, shop: ShopState, attempts: Iterable[Attempt]) -> None:
        self.visits: list[Visit] = []
        self._shop = shop
        self._coming = iter(attempts)
        self._last = datetime.min.replace(tzinfo=UTC)
        self._next = self._follow()
        self._plans: list[tuple[datetime, int, str, str]] = []
        self._planned = 0

    @property
    def next_at(self) -> datetime | None:
        """Return when somebody acts next, None where nobody will."""
        when = min(self._next.at if self._next else _NEVER, self._plans[0][0] if self._plans else _NEVER)
        return None if when is _NEVER else when

    def advance(self, now: datetime) -> None:
        """Let everyone act whose time has come, in the order of their times; plans come before new buyers."""
        plans, catch_up = self._plans, self._shop.catch_up
        while True:
            coming = self._next
            at = coming.at if coming is not None else _NEVER
            if plans and plans[0][0] <= at:
                if plans[0][0] > now:
                    return
                due, _, step, order = heappop(plans)
                catch_up(due)
                self._follow_up(due, step, order)
                continue
            if coming is None or at > now:
                return
            catch_up(at)
            self._visit(coming)
            self._next = self._follow()

    def tallies(self) -> dict[str, Tally]:
        """Return the units of each listing that anybody wanted."""
        sums: Counter[tuple[str, str]] = Counter()
        for visit in self.visits:
            sums[visit.listing, visit.luck if visit.paying else "idle"] += visit.units
        tallies = {}
        for name in dict.fromkeys(visit.listing for visit in self.visits):
            sold, short, off = sums[name, Luck.SOLD], sums[name, Luck.SHORT], sums[name, Luck.OFF_SALE]
            wanted = sold + short + off + sums[name, Luck.UNKNOWN]
            tallies[name] = Tally(wanted, sold, short, off, sums[name, "idle"])
        return tallies

    def as_json(self) -> dict[str, Any]:
        """Return what became of the crowd so far, as `/_mock/crowd` shows it."""
        lucks = Counter(visit.luck for visit in self.visits)
        return {
            "visits": len(self.visits),
            "luck": {str(luck): lucks[luck] for luck in Luck},
            "listings": {name: tally._asdict() for name, tally in self.tallies().items()},
        }

    # --- inside --------------------------------------------------------------------------------------------

    def _follow(self) -> Attempt | None:
        attempt = next(self._coming, None)
        if attempt is None:
            return None
        if attempt.at < self._last:
            raise MockError(f"crowd: {attempt.at} comes after {self._last}, sort the attempts by time")
        self._last = attempt.at
        return attempt

    def _visit(self, attempt: Attempt) -> None:
        at, wants = attempt.at, attempt.wants
        paying = attempt.pays_after is not None
        orders, paid = self._shop.orders, attempt.pays_after == 0
        placed = orders.place(at, wants, buyer=attempt.buyer, paid=paid)
        missed: dict[str, Luck] = {}
        # Who cannot have one thing buys the rest; each round leaves out one listing.
        while placed.order is None:
            missed[placed.listing] = _LUCKS[placed.refusal]
            left = [want for want in wants if want[0] not in missed]
            if not left:
                break
            placed = orders.place(at, left, buyer=attempt.buyer, paid=paid)
        order = "" if placed.order is None else placed.order.id
        for listing, units in wants:
            luck = missed.get(listing, Luck.SOLD)
            self.visits.append(Visit(at, listing, units, luck, order if luck is Luck.SOLD else "", paying))
        if order:
            self._plan(attempt, order)

    def _plan(self, attempt: Attempt, order: str) -> None:
        if attempt.pays_after:
            self._remember(attempt.at, attempt.pays_after, "pay", order)
        if attempt.cancels_after is not None:
            self._remember(attempt.at, attempt.cancels_after, "cancel", order)
        if attempt.refunds_after is not None:
            self._remember(attempt.at, attempt.refunds_after, "refund", order)

    def _remember(self, at: datetime, after: float, step: str, order: str) -> None:
        self._planned += 1
        heappush(self._plans, (at + timedelta(seconds=after), self._planned, step, order))

    def _follow_up(self, due: datetime, step: str, order: str) -> None:
        # The platform may have closed the order before; nothing then happens, as in life.
        orders = self._shop.orders
        if step == "pay":
            orders.pay(due, order)
        elif step == "cancel":
            orders.cancel(due, order, cause=Cause.BUYER)
        elif (found := orders.orders.get(order)) is not None and found.stage is Stage.PAID:
            orders.ask_refund(due, order)
            orders.agree_refund(due, order)


_LUCKS = {
    "not_enough": Luck.SHORT,
    "not_on_sale": Luck.OFF_SALE,
    "not_found": Luck.UNKNOWN,
}


def in_order(attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    """Return the attempts by time; those of one moment keep their order."""
    return iter(sorted(attempts, key=lambda attempt: attempt.at))
