"""A shop with buyers whose platform deducts, restores, loses answers and tells its orders in any disorder."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random

from syncd.adapters.memory import FakeClock, MemoryChannel
from syncd.domain.model import Action, Deducts, ItemId, ListingId, ObservedListing, Outcome, ShopName, Write
from syncd.domain.ordering import Occupies, OrderRules, Restores
from syncd.domain.orders import OrderLine, Stage
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits, Counter, DeductsAt

HOLD = timedelta(minutes=15)
LAG = timedelta(minutes=10)
HIDDEN = timedelta(minutes=3)
"""For so long a feed that lags may keep a change to itself; intakes overlap by more."""

_OPEN = (Stage.UNPAID, Stage.PAID)


class Mode(Enum):
    """How a shop is written, best first."""

    COMPARING = auto()
    KEYED = auto()
    REFUSING = auto()
    CLIPPING = auto()
    ABSOLUTE = auto()


class Mishap(Enum):
    """What befalls one write."""

    NONE = auto()
    THROTTLED = auto()
    NOT_SENT = auto()
    DROPPED = auto()
    REPLY_LOST = auto()
    LATE = auto()
    LINE_LOST = auto()


class Telling(Enum):
    """What befalls one intake of orders."""

    WELL = auto()
    DOUBLED = auto()
    SHUFFLED = auto()
    OLD_VERSIONS = auto()
    LAGGING = auto()
    FAILING = auto()


_ACTIONS = {
    Mode.COMPARING: (Action.COMPARE_AND_SET,),
    Mode.KEYED: (Action.DELTA, Action.SET),
    Mode.REFUSING: (Action.DELTA,),
    Mode.CLIPPING: (Action.DELTA,),
    Mode.ABSOLUTE: (Action.SET,),
}
_DEDUCTS = {
    Deducts.ORDER: DeductsAt.ORDER,
    Deducts.PAYMENT: DeductsAt.PAYMENT,
    Deducts.UNKNOWN: DeductsAt.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a shop's platform is; `known_restores` is what its traits say of it, `does_restore` what it does.

    Its clock is `skew` ahead of ours. With `delay` what it accepts may take so long to show. One that deducts
    at payment may show what it withholds for unpaid orders, which its counter includes. One that does not
    tell its orders is known by its counters only.
    """

    mode: Mode = Mode.COMPARING
    occupies: Occupies = Occupies.ORDER
    deducts: Deducts = Deducts.ORDER
    knows_deducts: bool = True
    known_restores: Restores = Restores.YES
    does_restore: bool = True
    auto_off: bool = False
    tells: bool = True
    shows_withheld: bool = False
    delay: timedelta = timedelta(0)
    skew: timedelta = timedelta(0)

    @property
    def rules(self) -> OrderRules:
        """Return what the configuration says of the shop's orders."""
        return OrderRules(
            occupies=self.occupies,
            hold=HOLD,
            lag=LAG,
            deducts=self.deducts if self.knows_deducts else Deducts.UNKNOWN,
            restores_unpaid=self.known_restores,
            restores_paid=self.known_restores,
        )

    @property
    def may_lag(self) -> bool:
        """Return whether its feed may tell of a change late: no hold ends by it, the counter shows it."""
        return self.deducts is Deducts.ORDER and self.occupies is Occupies.ORDER

    @property
    def traits(self) -> ChannelTraits:
        """Return what the shop's calls can do."""
        return ChannelTraits(
            max_batch=2,
            max_batch_listing=2,
            write_modes=_ACTIONS[self.mode],
            idempotent=self.mode is Mode.KEYED,
            delta_clips=self.mode is Mode.CLIPPING,
            counter=Counter.GROSS if self.shows_withheld else Counter.NET,
            withholds=self.shows_withheld,
            deducts_at=_DEDUCTS[self.rules.deducts],
            can_unlist=True,
            auto_delists_at_zero=self.auto_off,
            max_apply_delay=self.delay.total_seconds(),
            observes_some=True,
            order_feed=self.tells,
            restores_unpaid=self.known_restores,
            restores_paid=self.known_restores,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A write that the platform has and that does not show yet."""

    write: Write
    due: datetime
    known: int


@dataclass(slots=True)
class Accidents:
    """What the next calls meet, one each."""

    pushes: deque[Mishap] = field(default_factory=deque)
    tellings: deque[tuple[Telling, int]] = field(default_factory=deque)
    readings: deque[bool] = field(default_factory=deque)


class Till(MemoryChannel):
    """A shop; `lines` are its orders in their newest versions, `sold` the units that left each counter.

    Of `hidden` lines its feed says nothing yet. `unproven` are the units by which writes since the last
    intake took less than they seem to have taken. `on_write` hears of every write that was applied, with
    the units that were sold from its counter since the last intake before it was made: an absolute write
    may put so many on sale again.
    """

    def __init__(
        self, name: ShopName, habits: Habits, clock: FakeClock, ids: Iterable[tuple[str, str]]
    ) -> None:
        super().__init__(traits=habits.traits, page_size=2)
        self.name = name
        self.habits = habits
        self.accidents = Accidents()
        self.lines: dict[str, OrderLine] = {}
        self.told: dict[str, OrderLine] = {}
        self.paid_at: dict[str, datetime] = {}
        self.hidden: set[str] = set()
        self.sold: dict[ListingId, int] = {}
        self.known_sold: dict[ListingId, int] = {}
        self.unproven: dict[ListingId, int] = {}
        self.on_write: Callable[[Till, Write, int], None] | None = None
        self._clock = clock
        self._versions: list[OrderLine] = []
        self._waiting: list[Waiting] = []
        for listing, code in ids:
            self.sold[ListingId(listing)] = self.known_sold[ListingId(listing)] = 0
            self.unproven[ListingId(listing)] = 0
            self.put(
                ObservedListing(
                    id=ListingId(listing), code=code, item=ItemId(listing), quantity=0, on_sale=True
                )
            )

    @property
    def stamp(self) -> datetime:
        """Return the platform's time."""
        return self._clock.now() + self.habits.skew

    def for_sale(self, listing: ListingId) -> int:
        """Return the units of a listing that somebody could order now."""
        return self._counters.orderable(listing)

    def at_stake(self, listing: ListingId) -> int:
        """Return the units of a listing that can still become somebody's without a word from syncd.

        Where orders occupy only once they are paid, those that wait for it are among them.
        """
        found = self.shown(listing)
        if self.habits.occupies is not Occupies.PAYMENT:
            return self.for_sale(listing)
        return (found.quantity or 0) if found.on_sale else min(found.quantity or 0, found.withheld)

    def promised_lines(self) -> list[OrderLine]:
        """Return the lines whose units are somebody's and have not left."""
        to_pay = self.habits.occupies is Occupies.PAYMENT
        return [line for line in self.open_lines() if line.stage is Stage.PAID or not to_pay]

    def listings(self) -> list[ListingId]:
        """Return all listings, in the order in which they were added."""
        return list(self._counters.shown)

    # --- buyers --------------------------------------------------------------------------------------------

    def buy(self, listing: ListingId, units: int, *, paid: bool) -> bool:
        """Let somebody order; return whether the shop shows enough for it."""
        if not 0 < units <= self.for_sale(listing):
            return False
        name = f"{len(self.lines) + 1}"
        self._deduct(listing, units, paid=False)
        self.sold[listing] += units
        at = self.stamp
        made = OrderLine(name, name, listing, "", units, 0, 0, Stage.UNPAID, at, None, None, None, at)
        self._keep(made)
        if paid:
            self.pay(name)
        return True

    def pay(self, line: str) -> None:
        """Let somebody pay what is not paid."""
        found = self.lines[line]
        if found.stage is not Stage.UNPAID:
            return
        if self.habits.deducts is Deducts.PAYMENT:
            self._counters.withhold(found.listing, -_open(found))
            self._counters.move(found.listing, -_open(found))
        self.paid_at[line] = self._clock.now()
        self._change(found, stage=Stage.PAID, paid=self.stamp)

    def release(self, line: str, units: int) -> None:
        """Take back `units` of an order that has not left: a cancellation, or a refund of a part."""
        found = self.lines[line]
        if found.stage not in _OPEN:
            return
        units = min(units, _open(found))
        if self.habits.deducts is Deducts.PAYMENT and found.stage is Stage.UNPAID:
            self._counters.withhold(found.listing, -units)
        elif self.habits.does_restore:
            self._counters.move(found.listing, units)
        after = found._replace(released=found.released + units)
        if _open(after):
            self._change(after)
        else:
            self._change(after, stage=Stage.CLOSED, ended=self.stamp)

    def ship(self, line: str) -> int:
        """Send what is paid of an order; return how many units of the listing leave."""
        found = self.lines[line]
        if found.stage is not Stage.PAID:
            return 0
        units = _open(found)
        self._change(found, stage=Stage.SHIPPED, shipped=units, sent=self.stamp)
        return units

    def expire(self) -> None:
        """Close what was not paid in time, as the platform does on its own."""
        for line in list(self.lines.values()):
            if line.stage is Stage.UNPAID and line.created + HOLD <= self.stamp:
                self.release(line.line, line.units)

    def open_lines(self) -> list[OrderLine]:
        """Return the lines of which something has still to be sent."""
        return [line for line in self.lines.values() if line.stage in _OPEN]

    # --- the platform's calls ------------------------------------------------------------------------------

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows; whatever had no delay to show is there by now."""
        self.apply_due(before_reading=True)
        if self.accidents.readings and self.accidents.readings.popleft():
            self.fail_observe(PortError(Kind.TRANSIENT, "not read"), after_pages=1)
        async for page in super().observe(listings):
            yield page if self.habits.shows_withheld else [replace(one, withheld=0) for one in page]

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call, or what an accident leaves of it."""
        self._require_batch(writes)
        mishap = self.accidents.pushes.popleft() if self.accidents.pushes else Mishap.NONE
        if mishap is Mishap.THROTTLED:
            raise PortError(Kind.THROTTLED, "too many calls", retry_after=1.0)
        if mishap is Mishap.NOT_SENT:
            raise PortError(Kind.TRANSIENT, "refused to connect", sent=False)
        if mishap is Mishap.DROPPED:
            raise PortError(Kind.UNKNOWN, "no answer")
        if mishap is Mishap.LATE or self.habits.delay:
            self._waiting += [self._queued(write) for write in writes]
            if mishap in (Mishap.LATE, Mishap.REPLY_LOST):
                raise PortError(Kind.UNKNOWN, "no answer yet")
            return [Outcome(kind=Kind.DONE) for _ in writes]
        outcomes = [self._apply(write, self.known_sold[write.listing]) for write in writes]
        if mishap is Mishap.REPLY_LOST:
            raise PortError(Kind.UNKNOWN, "the answer was lost")
        if mishap is Mishap.LINE_LOST:
            outcomes[0] = Outcome(kind=Kind.UNKNOWN, message="the answer leaves this line out")
        return outcomes

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield the lines that changed in that time, two a page, in the disorder that an accident makes."""
        telling, seed = self.accidents.tellings.popleft() if self.accidents.tellings else (Telling.WELL, 0)
        found = [
            line
            for line in self.lines.values()
            if since <= line.modified <= until and line.line not in self.hidden
        ]
        if telling is Telling.LAGGING:
            found = [line for line in found if line.modified <= self.stamp - HIDDEN]
        if telling is Telling.DOUBLED:
            found += found
        elif telling is Telling.SHUFFLED:
            Random(seed).shuffle(found)  # noqa: S311 - a repeatable disorder
        elif telling is Telling.OLD_VERSIONS:
            found += self._versions
            Random(seed).shuffle(found)  # noqa: S311 - a repeatable disorder
        fails_at = seed % (len(found) + 1) if telling is Telling.FAILING else len(found)
        self.told |= {line.line: line for line in found[:fails_at]}
        for start in range(0, fails_at, 2):
            yield found[start : min(start + 2, fails_at)]
        if telling is Telling.FAILING:
            raise PortError(Kind.TRANSIENT, "orders were not read")
        if telling is not Telling.LAGGING:
            self.known_sold = dict(self.sold)
            self.unproven = dict.fromkeys(self.sold, 0)

    def apply_due(self, *, before_reading: bool = False) -> None:
        """Let show what has waited as long as it may; without a delay, everything."""
        now = self._clock.now()
        due = [one for one in self._waiting if one.due <= now or (before_reading and not self.habits.delay)]
        self._waiting = [one for one in self._waiting if one not in due]
        for one in due:
            self._apply(one.write, one.known)

    def apply_late(self) -> None:
        """Let show whatever waits."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            self._apply(one.write, one.known)

    # --- inside --------------------------------------------------------------------------------------------

    def _queued(self, write: Write) -> Waiting:
        due = self._clock.now() + self.habits.delay
        return Waiting(write=write, due=due, known=self.known_sold[write.listing])

    def _apply(self, write: Write, known: int) -> Outcome:
        before = self.shown(write.listing).quantity or 0
        outcome = self._counters.apply(write)
        if outcome.kind is Kind.DONE:
            sold = self.sold[write.listing] - known
            if write.action is Action.SET:
                self.unproven[write.listing] += sold
            elif write.action is Action.DELTA:
                self.unproven[write.listing] += max(-before - write.value, 0)
            if self.on_write is not None:
                self.on_write(self, write, sold)
        return outcome

    def _deduct(self, listing: ListingId, units: int, *, paid: bool) -> None:
        if self.habits.deducts is Deducts.PAYMENT and not paid:
            self._counters.withhold(listing, units)
        else:
            self._counters.move(listing, -units)

    def _change(self, line: OrderLine, **fields: object) -> None:
        self._keep(line._replace(**fields, modified=self.stamp))  # type: ignore[arg-type]

    def _keep(self, line: OrderLine) -> None:
        if line.line in self.lines:
            self._versions = [*self._versions[-20:], self.lines[line.line]]
        self.lines[line.line] = line


def open_units(line: OrderLine) -> int:
    """Return the units of a line that were ordered, not given back and not sent."""
    return 0 if line.stage not in _OPEN else _open(line)


def _open(line: OrderLine) -> int:
    return line.units - line.released - line.shipped
