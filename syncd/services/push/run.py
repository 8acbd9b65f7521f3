"""One push under way: which changes have found their end, and which writes come next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncd.domain.model import Action, Change, ChangeKind, ListingId, Outcome, ShopName, Sku
from syncd.domain.records import LedgerRow, Resolution
from syncd.domain.retry import WELL
from syncd.domain.writes import FOLLOWED, Impossible, Intended, first_write, goes_off_by_itself, next_write
from syncd.errors import Kind
from syncd.ports.channel import ChannelTraits
from syncd.services.push.lines import Fate, Line, Verdict, ledger, lowers, told
from syncd.services.push.report import PushReport, Remark

_PUT_OFF = "not tried: the next cycle was asked for, and decides anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was ordered: the shop, its traits, who asked, and whether raises are the shop's first fill."""

    shop: ShopName
    traits: ChannelTraits
    who: str
    first_fill: bool
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The word on one call, an outcome per line; `whole` is the kind of a call that failed as one."""

    outcomes: Sequence[Outcome]
    whole: Kind | None = None
    sent: bool = True

    @property
    def is_well(self) -> bool:
        """Return whether all of it went well."""
        return self.whole is None and all(outcome.kind in WELL for outcome in self.outcomes)


@dataclass(slots=True, kw_only=True)
class Run:
    """The books of one push; every change ends in exactly one of `done` and `remarks`.

    `again` are writes to send once more, `followers` those that follow a quantity that was written.
    `unproven` are SKUs of which something could not be lowered, `blind` the listings whose write went well
    but does not prove what was sold until then. `lowered` is when the first write of a decrease was accepted.
    `hopeless` counts split calls in a row of which every line was refused. `raised_at` is when what only
    raises began, None before that, and `calls_before` counts the calls until then. The `late` listings waited
    too long already, the `withdrawn` ones of its `listings` are decided on anew. `made_way` says that
    something was left to the next cycle because that was asked for.
    """

    order: Order
    new_key: Callable[[], str]
    began: float
    done: list[Change] = field(default_factory=list)
    remarks: dict[Fate, list[Remark]] = field(default_factory=dict)
    notes: list[Remark] = field(default_factory=list)
    again: list[Line] = field(default_factory=list)
    followers: list[Line] = field(default_factory=list)
    unproven: set[Sku] = field(default_factory=set)
    blind: set[ListingId] = field(default_factory=set)
    lowered: dict[ListingId, datetime] = field(default_factory=dict)
    filled: list[int] = field(default_factory=list)
    calls: int = 0
    throttled: int = 0
    hopeless: int = 0
    late: frozenset[ListingId] = frozenset()
    listings: frozenset[ListingId] = frozenset()
    withdrawn: frozenset[ListingId] = frozenset()
    raised_at: float | None = None
    calls_before: int = 0
    made_way: bool = False
    stopped: bool = False
    stopped_by: Kind | None = None
    message: str = ""
    again_after: float = 0.0

    @property
    def settled(self) -> int:
        """Return how many changes have found their end."""
        return len(self.done) + sum(len(remarks) for remarks in self.remarks.values())

    @property
    def well(self) -> int:
        """Return how many writes went well so far."""
        return len(self.done) + len(self.followers)

    def begin(self, changes: Iterable[Change]) -> list[Line]:
        """Return the first write of each change; those that need none or can have none are settled."""
        lines = []
        for change in changes:
            if not lowers(change) and change.sku in self.unproven:
                self.settle(change, Fate.NOT_TRIED, "another listing of its SKU could not be lowered first")
                continue
            draft = first_write(change, self.order.traits, self.new_key())
            if draft is None:
                self.settle(change, Fate.DONE)
            elif isinstance(draft, Impossible):
                self._unproven(change, None)
                self.settle(change, Fate.REFUSED, draft.message)
            else:
                lines.append(_line(change, draft, change.lo, change.hi))
                if draft.note:
                    self.notes.append(Remark(change, told(self.order.shop, change, draft.note)))
        return lines

    def stop(self, kind: Kind | None, message: str, *, again_after: float = 0.0) -> None:
        """Send nothing more; the first reason is the one that is reported."""
        if self.stopped:
            return
        self.stopped, self.stopped_by, self.again_after = True, kind, again_after
        self.message = f"{self.order.shop}: {message}"

    def leave(self, lines: Iterable[Line]) -> None:
        """Settle lines that are not sent any more."""
        for line in lines:
            fate = Fate.UNKNOWN if line.doubtful else Fate.NOT_TRIED
            self._end(line, fate, self.message or _PUT_OFF, None)

    def begin_raising(self, now: float) -> None:
        """Note that from now on nothing is sent that lowers."""
        self.raised_at, self.calls_before = now, self.calls

    def put_off(self, changes: Iterable[Change]) -> None:
        """Leave `changes`, of which nothing was sent, to the next cycle."""
        self.made_way = True
        for change in changes:
            self.settle(change, Fate.NOT_TRIED, _PUT_OFF)

    def take(self, line: Line, verdict: Verdict, now: float) -> None:
        """Book one verdict: the line is settled, sent again, or followed by its next write."""
        if verdict.fate is line.earlier is Fate.DONE and line.change.kind not in FOLLOWED:
            # As nearly all end.
            if verdict.blind:
                self.blind.add(line.change.listing)
            self.done.append(line.change)
            return
        if verdict.fate is Fate.AGAIN:
            self.again.append(self._repeat(line, verdict, now))
            return
        if verdict.stops:
            self.stop(verdict.kind, verdict.message)
        if verdict.blind:
            self.blind.add(line.change.listing)
        if line.writes_quantity and self._followed(line, verdict):
            return
        self._end(line, verdict.fate, verdict.message, verdict.kind)

    def accept(self, line: Line, verdict: Verdict, at: datetime) -> None:
        """Note when a decrease was accepted; what follows it (a delisting) takes nothing more off sale."""
        if verdict.fate is Fate.DONE and lowers(line.change):
            self.lowered.setdefault(line.change.listing, at)

    def split(self, lines: Sequence[Line]) -> list[list[Line]]:
        """Return the halves of a call that was refused whole, ready to be sent apart."""
        fresh = [self._fresh(line) for line in lines]
        middle = len(fresh) // 2
        return [fresh[:middle], fresh[middle:]]

    def entries(self, line: Line, verdict: Verdict, at: datetime) -> list[LedgerRow]:
        """Return the ledger's rows; the raises of a first fill are only counted, for the summary."""
        rows = ledger(line, verdict, at=at, who=self.order.who)
        if not self.order.first_fill or lowers(line.change):
            return rows
        if rows and line.writes_quantity:
            self.filled.append(line.target)
        return []

    def summary(self, at: datetime) -> LedgerRow | None:
        """Return the one row of a first fill, None where nothing was filled."""
        if not self.filled:
            return None
        return LedgerRow(
            at=at,
            shop=self.order.shop,
            listing=ListingId(""),
            sku=Sku(""),
            what="first_fill",
            old=None,
            new=sum(self.filled),
            cause="snapshot",
            rule=f"{len(self.filled)} listings",
            who=self.order.who,
        )

    def settle(self, change: Change, fate: Fate, message: str = "") -> None:
        """Note the end of a change."""
        if fate is Fate.DONE:
            self.done.append(change)
            return
        remark = Remark(change, told(self.order.shop, change, message))
        self.remarks.setdefault(fate, []).append(remark)

    def report(self) -> PushReport:
        """Return the books as a value."""
        return PushReport(
            shop=self.order.shop,
            done=tuple(self.done),
            blind=frozenset(self.blind),
            lowered=self.lowered,
            refused=tuple(self.remarks.get(Fate.REFUSED, ())),
            unknown=tuple(self.remarks.get(Fate.UNKNOWN, ())),
            not_tried=tuple(self.remarks.get(Fate.NOT_TRIED, ())),
            notes=tuple(self.notes),
            calls=self.calls,
            throttled=self.throttled,
            stopped_by=self.stopped_by,
            message=self.message,
            again_after=self.again_after,
            made_way=self.made_way,
        )

    def _repeat(self, line: Line, verdict: Verdict, now: float) -> Line:
        doubtful = verdict.resolution is Resolution.OPEN
        repeated = line if doubtful else self._fresh(line)
        return repeated._replace(
            attempt=line.attempt + 1,
            doubtful=doubtful,
            not_before=now + verdict.wait,
        )

    def _fresh(self, line: Line) -> Line:
        # A write that is proven not to be applied gets a new intent; one in doubt keeps its key.
        if line.doubtful:
            return line
        return line._replace(write=line.write._replace(key=self.new_key()), opened_at=None)

    def _followed(self, line: Line, verdict: Verdict) -> bool:
        change, traits = line.change, self.order.traits
        done = verdict.fate is Fate.DONE
        if done and goes_off_by_itself(change, traits):
            return False
        if change.kind is ChangeKind.RELIST and not done:
            return False
        # Going off sale is safe whatever became of the 0, unless the shop is stopped or has no such listing.
        if verdict.kind is Kind.NOT_FOUND or verdict.stops or verdict.fate is Fate.NOT_TRIED:
            return False
        draft = next_write(change, traits, self.new_key()) if change.kind in FOLLOWED else None
        if draft is None:
            return False
        if draft.write.action is Action.RELIST and (verdict.hi is None or verdict.hi > draft.target):
            waits = "its new quantity is not proven yet: it is put back on sale after an observation"
            self.settle(change, Fate.UNKNOWN, waits)
            return True
        follower = _line(change, draft, verdict.lo, verdict.hi)
        if not done:
            self._unproven(change, verdict.kind)
            follower = follower._replace(earlier=verdict.fate, complaint=verdict.message)
        self.followers.append(follower)
        return True

    def _end(self, line: Line, fate: Fate, message: str, kind: Kind | None) -> None:
        if line.earlier is not Fate.DONE:
            after = (
                "it is off sale now" if fate is Fate.DONE else f"nor could it be taken off sale: {message}"
            )
            message = f"its quantity could not be written ({line.complaint}); {after}"
            fate = Fate.UNKNOWN if Fate.UNKNOWN in (fate, line.earlier) else line.earlier
        elif line.write.action is Action.DELIST and fate is Fate.REFUSED:
            message = f"it could not be taken off sale ({message}){_still(line)}"
        elif fate is not Fate.DONE and line.writes_quantity:
            self._unproven(line.change, kind)
        self.settle(line.change, fate, message)

    def _unproven(self, change: Change, kind: Kind | None) -> None:
        # Units that may still be shown there must not be shown here too. One that is gone shows nothing.
        if lowers(change) and change.sku and kind is not Kind.NOT_FOUND:
            self.unproven.add(change.sku)


def _still(line: Line) -> str:
    return "; it shows 0" if line.hi == 0 else "; its units are still on sale: take it off by hand"


def _line(change: Change, draft: Intended, lo: int | None, hi: int | None) -> Line:
    return Line(change, draft.write, draft.target, draft.least, lo, hi)
