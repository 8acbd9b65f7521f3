"""Judge the platform's word on one write: pure, so that every line of the table can be tested."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from syncd.domain.model import Action, Change, ChangeKind, Outcome, ShopName, Write
from syncd.domain.records import IntentRow, LedgerRow, Resolution
from syncd.domain.retry import WELL, Patience, Step, decide, in_doubt, repeatable
from syncd.domain.writes import hull
from syncd.errors import Kind
from syncd.ports.channel import ChannelTraits
from syncd.ports.store import Proof

LISTING_ACTIONS = (Action.DELIST, Action.RELIST)


class Fate(StrEnum):
    """Where a line stands after a call."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_TRIED = "not_tried"
    AGAIN = "again"


class Line(NamedTuple):
    """One write on its way.

    `lo` and `hi` bound the counter before it, `least` and `target` the one it leads to. `opened_at` is when
    its intent was committed, None while it is not; `doubtful` says that a sending of it may have been applied
    already. `earlier` is how the quantity before it ended, where that was not well, and `complaint` why.
    """

    change: Change
    write: Write
    target: int
    least: int
    lo: int | None
    hi: int | None
    attempt: int = 1
    opened_at: datetime | None = None
    doubtful: bool = False
    not_before: float = 0.0
    earlier: Fate = Fate.DONE
    complaint: str = ""

    @property
    def doubt(self) -> tuple[int | None, int | None]:
        """Return what the counter can read where nobody knows whether the write was applied."""
        return hull(*hull(self.lo, self.hi, self.target), self.least)

    @property
    def writes_quantity(self) -> bool:
        """Return whether it writes the counter and not only whether the listing is on sale."""
        return self.write.action not in LISTING_ACTIONS

    def opened(self, at: datetime) -> "Line":
        """Return the line with its intent committed at `at`, or when it was before."""
        if self.opened_at is not None:
            return self
        return Line._make((*self[:_BEFORE], at, *self[_BEFORE + 1 :]))

    def intent(self, resolution: Resolution, message: str = "") -> IntentRow:
        """Return the row of its intent; only for a line whose intent was committed."""
        at = self.opened_at
        if at is None:
            msg = f"the write {self.write.key} of listing {self.write.listing} has no committed intent"
            raise ValueError(msg)
        write, change = self.write, self.change
        # By place: every write passes here twice, and names of fields take several times as long.
        return IntentRow(
            write.key,
            change.shop,
            write.listing,
            write.item,
            write.action,
            write.value,
            write.base,
            self.target,
            str(change.cause),
            change.rule,
            at,
            at,
            resolution,
            message,
        )


_BEFORE = Line._fields.index("opened_at")


class Verdict(NamedTuple):
    """What one answer means for one line.

    `on_sale` None and `delisted_by` empty mean that nothing new is known of it. `wait` is how long to wait
    before it is sent again, or how long the platform asked for. `blind` says that it went well but does not
    prove what was sold until then: an absolute write hides it, and so does a difference that was cut to 0.
    """

    kind: Kind
    fate: Fate
    resolution: Resolution
    message: str
    lo: int | None
    hi: int | None
    on_sale: bool | None = None
    delisted_by: str = ""
    wait: float = 0.0
    stops: bool = False
    blind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a verdict depends on beside the line: the platform's traits and our patience."""

    traits: ChannelTraits
    patience: Patience

    def judge(self, line: Line, outcome: Outcome, *, sent: bool, jitter: float) -> Verdict:
        """Return what `outcome` means for `line`; what may have been applied is never refused."""
        if outcome.kind in WELL:
            return self._done(line, outcome)
        retry = decide(
            outcome.kind,
            line.attempt,
            jitter=jitter,
            safe=not sent or repeatable(line.write, idempotent=self.traits.knows_keys_of(line.write.action)),
            retry_after=outcome.retry_after,
            patience=self.patience,
        )
        doubt = line.doubtful or in_doubt(outcome.kind, sent=sent)
        lo, hi = self._interval_after_failure(line, outcome, doubt=doubt)
        return Verdict(
            kind=outcome.kind,
            fate=_fate(retry.step, outcome.kind, doubt=doubt),
            resolution=_resolution(doubt=doubt, sent=sent),
            message=outcome.message or f"the platform said {outcome.kind}",
            lo=lo,
            hi=hi,
            # Observed off sale later, an unanswered delisting must be known as ours, or nobody puts it back.
            delisted_by=line.change.delisted_by if doubt and line.write.action is Action.DELIST else "",
            wait=retry.wait,
            stops=retry.step is Step.STOP,
        )

    def _done(self, line: Line, outcome: Outcome) -> Verdict:
        lo, hi = line.lo, line.hi
        delayed = self.traits.max_apply_delay > 0
        if line.writes_quantity:
            # A counter below the target was sold from meanwhile: expecting the target still, the next
            # reading finds the drop and books the sale. Believing the answer would forget it.
            lo, hi = line.least, max(line.target, outcome.counter or 0)
            if delayed:
                lo, hi = hull(*line.doubt, hi)
        blind = self._is_blind(line.write.action, outcome)
        ending = (outcome.kind, Fate.DONE, Resolution.DONE, outcome.message)
        verdict = Verdict(*ending, lo, hi, None, "", 0.0, False, blind)
        if delayed:
            # Accepted is not applied: the intent stays open, so that the next plan observes first.
            waits = f"accepted; it may take {self.traits.max_apply_delay:g} s to show"
            ours = line.change.delisted_by if line.write.action is Action.DELIST else ""
            return verdict._replace(resolution=Resolution.OPEN, message=waits, delisted_by=ours)
        if line.write.action is Action.DELIST:
            return verdict._replace(on_sale=False, delisted_by=line.change.delisted_by)
        if line.write.action is Action.RELIST:
            return verdict._replace(on_sale=True)
        if hi == 0 and self.traits.auto_delists_at_zero:
            return verdict._replace(on_sale=False, delisted_by="platform")
        return verdict

    def _is_blind(self, action: Action, outcome: Outcome) -> bool:
        if action is Action.SET:
            return True
        return action is Action.DELTA and self.traits.delta_clips and not outcome.counter

    def _interval_after_failure(
        self, line: Line, outcome: Outcome, *, doubt: bool
    ) -> tuple[int | None, int | None]:
        if not line.writes_quantity:
            return line.lo, line.hi
        if doubt:
            return line.doubt
        # A refusal may name the counter (a failed comparison). It only widens what is expected: that the
        # counter fell is for the next reading to find, which books it as a sale.
        if line.hi is not None and outcome.counter is not None:
            return line.lo, max(line.hi, outcome.counter)
        return line.lo, line.hi


def unanswered(line: Line, message: str) -> Verdict:
    """Return the verdict on a line whose call was broken off: it may or may not have been applied."""
    lo, hi = line.doubt if line.writes_quantity else (line.lo, line.hi)
    return Verdict(
        kind=Kind.UNKNOWN,
        fate=Fate.UNKNOWN,
        resolution=Resolution.OPEN,
        message=message,
        lo=lo,
        hi=hi,
        delisted_by=line.change.delisted_by if line.write.action is Action.DELIST else "",
    )


def proofs(line: Line, verdict: Verdict) -> list[Proof]:
    """Return what the state must learn of the listing: nothing where the call proved nothing."""
    same = (verdict.lo, verdict.hi) == (line.lo, line.hi)
    if same and verdict.on_sale is None and not verdict.delisted_by and verdict.fate is not Fate.DONE:
        return []
    change = line.change
    return [Proof(change.shop, change.listing, verdict.lo, verdict.hi, verdict.on_sale, verdict.delisted_by)]


def ledger(line: Line, verdict: Verdict, *, at: datetime, who: str) -> list[LedgerRow]:
    """Return the row that a done write leaves; none for anything else: nothing is known to have changed."""
    if verdict.fate is not Fate.DONE:
        return []
    old: int | None
    new: int | None
    if line.writes_quantity:
        what, old, new = "counter", (line.lo if line.lo == line.hi else None), line.target
        if verdict.resolution is Resolution.DONE and verdict.hi is not None:
            # The platform may have named a higher counter: that is what stands from now on.
            new = verdict.hi
    else:
        was = line.change.on_sale
        what, old, new = (
            "on_sale",
            (None if was is None else int(was)),
            int(line.write.action is Action.RELIST),
        )
    change = line.change
    place = (change.shop, change.listing, change.sku)
    return [LedgerRow(at, *place, what, old, new, str(change.cause), change.rule, who)]


def told(shop: ShopName, change: Change, message: str) -> str:
    """Return `message` with the names that people need to find the listing."""
    code = f" ({change.code})" if change.code and change.code != change.listing else ""
    return f"{shop}: listing {change.listing}{code}: {message}"


def lowers(change: Change) -> bool:
    """Return whether a change can only take units off sale."""
    return change.kind in (ChangeKind.ZERO, ChangeKind.OFF, ChangeKind.LOWER)


def _fate(step: Step, kind: Kind, *, doubt: bool) -> Fate:
    if step is Step.AGAIN:
        return Fate.AGAIN
    if doubt:
        return Fate.UNKNOWN
    refused = kind in (Kind.REJECTED, Kind.NOT_FOUND, Kind.PERMISSION)
    return Fate.REFUSED if refused else Fate.NOT_TRIED


def _resolution(*, doubt: bool, sent: bool) -> Resolution:
    if doubt:
        return Resolution.OPEN
    return Resolution.REFUSED if sent else Resolution.NOT_SENT
