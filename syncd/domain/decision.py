"""One cycle's judgement: from the state to a plan, with what may go now and why the rest stays."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from syncd.domain.book import Book, State, make_book
from syncd.domain.follow import follow
from syncd.domain.guard import Record, Verdict, judge
from syncd.domain.locks.blame import blamed_on_locks
from syncd.domain.model import Bools, Cause, Change, ChangeKind, Ints, ListingId, ListingRow, ShopName
from syncd.domain.pipeline import compute
from syncd.domain.plan import CAUSES, KINDS, Plan, ShopTraits, item_numbers, make_plan
from syncd.domain.policy import Stop, gates, policies, sold_by, take_first, without_delisting

Takes: TypeAlias = Callable[[ListingRow], bool]


def _all(row: ListingRow) -> bool:
    del row
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a decision rests on beside the state.

    `reconfigured` says per shop whether its configuration changed since its desired figures were stored;
    `fresh` are the listings read in this cycle, None for all; `unresolved` those whose last write is open;
    `foreign` those that somebody else keeps raising. `untaken` are shops whose sales are not known up to now.
    `kept` says by listing whether one that is not in the book keeps its item on sale, None where all are.
    """

    traits: Mapping[ShopName, ShopTraits] = field(default_factory=dict)
    reconfigured: Mapping[ShopName, bool] = field(default_factory=dict)
    record: Record = field(default_factory=lambda: Record(shops={}))
    fresh: frozenset[tuple[ShopName, ListingId]] | None = None
    unresolved: frozenset[tuple[ShopName, ListingId]] = frozenset()
    foreign: frozenset[tuple[ShopName, ListingId]] = frozenset()
    untaken: frozenset[ShopName] = frozenset()
    kept: Bools | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A judged plan: `stop[i]` says why change i stays behind, `Stop.GO` where it may go out.

    `follows` is what listings that are held owe to sales all the same.
    """

    plan: Plan
    digest: str
    stop: Ints
    verdict: Verdict
    follows: Plan

    def going(self, takes: Takes = _all) -> list[Change]:
        """Return the changes that may go out at once, of the listings that `takes` says yes to."""
        mine = self.plan.where((self.stop == Stop.GO) & _taken(self.plan, takes))
        return [*mine.changes(), *self.follows.where(_taken(self.follows, takes)).changes()]

    def waiting(self, proven: frozenset[tuple[ShopName, ListingId]]) -> list[Change]:
        """Return the raises that may go out now that the changes of `proven` listings are done."""
        done = _among(self.plan, proven)
        ready = (self.stop == Stop.TAKE_FIRST) & ~take_first(self.plan, done)
        return list(self.plan.where(ready).changes())

    def blind(self, takes: Takes = _all) -> dict[ShopName, list[ListingId]]:
        """Return the listings to read before they are written, by shop; `takes` says whether one matters.

        One that is lowered from a counter between two figures goes out all the same, but as 0 where only an
        absolute figure could be written: another reading spares it that.
        """
        found: dict[ShopName, list[ListingId]] = {}
        lowered = (self.plan.kind == KINDS.index(ChangeKind.LOWER)) & (self.stop == Stop.GO)
        again = (self.stop == Stop.UNREAD) | (lowered & _blurred(self.plan))
        mine = self.plan.listing[again & _taken(self.plan, takes)]
        for shop, listing in self.plan.book.listings.names(mine):
            found.setdefault(shop, []).append(listing)
        return found

    def raised(self) -> dict[tuple[ShopName, ListingId], int]:
        """Return the listings that are to be raised, and when each was read, in microseconds since 1970."""
        places = self.plan.listing[self.plan.raising]
        rows = self.plan.book.listings
        return dict(zip(rows.names(places), rows.observed_at[places].tolist(), strict=True))

    def stopping(self) -> set[ShopName]:
        """Return the shops of which something stays behind, and not only for another to go first."""
        stays = ~np.isin(self.stop, (Stop.GO, Stop.TAKE_FIRST))
        shops = self.plan.book.topology.shops
        return {shops[at].name for at in np.unique(self.plan.shop[stays]).tolist()}

    def stopped(self) -> Iterator[tuple[Change, Stop]]:
        """Yield the changes that stay behind, with the reason."""
        keep = self.stop != Stop.GO
        yield from zip(self.plan.where(keep).changes(), map(Stop, self.stop[keep].tolist()), strict=True)


def decide(state: State, question: Question) -> Decision:
    """Return the plan for `state` and what of it may go out; pure, and the same for the same input."""
    return decide_on(make_book(state), question)


def decide_on(book: Book, question: Question, *, digest: bool = True) -> Decision:
    """Return the same for a state whose columns are made already.

    Without the `digest`, which is empty then, the names of what changes are not read.
    """
    figures = compute(book)
    made = make_plan(figures, question.traits, question.reconfigured, question.kept)
    plan = without_delisting(blamed_on_locks(_blamed(made, book), book))
    stop = gates(plan)
    _stop_where(stop, plan.raising & _among(plan, question.foreign), Stop.FOREIGN)
    _stop_where(stop, plan.raising & sold_by(plan, question.untaken), Stop.UNTAKEN)
    sound = _among(plan, question.fresh) & ~_among(plan, question.unresolved)
    careful = ~np.isin(plan.kind, [KINDS.index(ChangeKind.ZERO), KINDS.index(ChangeKind.OFF)])
    careful |= plan.new > 0
    # Any absolute write on an old reading can put sold units back, also one that means to lower.
    _stop_where(stop, careful & ~_among(plan, question.fresh), Stop.UNREAD)
    # A counter between two figures can only be set, over whatever was sold since the reading.
    _stop_where(stop, plan.raising & _blurred(plan), Stop.UNREAD)
    _stop_where(stop, careful & ~sound, Stop.UNRESOLVED)
    _stop_where(stop, policies(plan, question.record.shops) > 0, policies(plan, question.record.shops))
    # Only what would really go is counted, so that a frozen shop cannot use up its own limit.
    going = stop == Stop.GO
    verdict = judge(plan.where(going), question.record)
    held = np.zeros(len(plan), dtype=np.bool_)
    held[going] = verdict.held
    stop[held] = Stop.HELD
    waits = take_first(plan, np.zeros(len(plan), dtype=np.bool_)) & (stop == Stop.GO)
    stop[waits] = Stop.TAKE_FIRST
    return Decision(
        plan=_sparing(plan, stop, question.traits),
        digest=plan.digest() if digest else "",
        stop=stop,
        verdict=Verdict(held=held, holds=verdict.holds),
        follows=follow(plan, held & sound),
    )


def _taken(plan: Plan, takes: Takes) -> Bools:
    if takes is _all:
        return np.ones(len(plan), dtype=np.bool_)
    rows = plan.book.listings
    return np.array([takes(rows[at]) for at in plan.listing.tolist()], dtype=np.bool_)


def _blurred(plan: Plan) -> Bools:
    """Return which counters were read, and may have moved since by orders of which nobody knows how."""
    now = plan.counters
    found: Bools = ((now.lo != now.hi) & now.observed & ~now.unread)[plan.listing]
    return found


def _blamed(plan: Plan, book: Book) -> Plan:
    """Return the plan with claims blamed only for what would not go without them.

    Otherwise a source that went wrong could zero every SKU that has an open claim, and the guard would let
    it pass as a sale.
    """
    empties = plan.figures.listings.units[plan.listing] == 0
    by_claim = (plan.cause == CAUSES.index(Cause.CLAIM)) & (empties | plan.vanished)
    if not by_claim.any():
        return plan
    without = compute(replace(book, state=replace(book.state, claims=()))).listings
    units = without.units[plan.listing]
    anyway = empties & ((units == 0) | without.off[plan.listing])
    # Of a SKU that vanished nothing is lowered without approval, so that claims must explain all of it.
    anyway |= plan.vanished & (units < plan.counters.desired[plan.listing])
    cause = np.where(by_claim & anyway, CAUSES.index(Cause.SNAPSHOT), plan.cause)
    return replace(plan, cause=cause)


def _sparing(plan: Plan, stop: Ints, traits: Mapping[ShopName, ShopTraits]) -> Plan:
    """Return the plan without delistings that would take away a listing that must stay.

    Where a delisting takes the whole item, one listing that may go must not take along one that is held.
    """
    whole = [traits.get(shop.name, ShopTraits()).unlists_items for shop in plan.book.topology.shops]
    off = np.array(whole, dtype=np.bool_)[plan.shop] & (plan.kind == KINDS.index(ChangeKind.OFF))
    item = item_numbers(plan.book.listings, plan.listing)
    stays = item[off & (stop != Stop.GO)]
    return replace(plan, unlist=plan.unlist & ~(off & np.isin(item, stays))) if stays.size else plan


def _stop_where(stop: Ints, rows: Bools, reason: Stop | Ints) -> None:
    chosen = rows & (stop == Stop.GO)
    stop[chosen] = reason[chosen] if isinstance(reason, np.ndarray) else int(reason)


def _among(plan: Plan, listings: frozenset[tuple[ShopName, ListingId]] | None) -> Bools:
    """Return which changes are of `listings`; None stands for all."""
    if not listings:
        return np.full(len(plan), listings is None, dtype=np.bool_)
    return plan.among(listings)
