"""Record what a cycle decided: desired figures, off-sale states, what is held, and the ledger of it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypedDict, TypeVar

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.deciders import deciding_rule
from syncd.domain.decision import Decision
from syncd.domain.held import HeldRow
from syncd.domain.landing import Landed, landed
from syncd.domain.listing_columns import UNKNOWN
from syncd.domain.model import Change, Ints, ListingId, ShopName, Sku
from syncd.domain.pipeline import Figures
from syncd.domain.plan import CAUSES, Plan
from syncd.domain.policy import Stop
from syncd.domain.records import LedgerRow, LevelRow
from syncd.domain.virtual.history import history
from syncd.domain.virtual.pools import share_rows
from syncd.ports.store import Desired, PlanStore, ShareStore, Virtual

T = TypeVar("T")
Key = tuple[ShopName, ListingId]

_FEW = 1000
"""So many listings are looked through before a thread has had its turn."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RecordStore(PlanStore, ShareStore, Protocol):
    """What recording needs of the state."""


async def record(
    store: RecordStore, decision: Decision, *, partial: Callable[[Change], bool] | None = None
) -> Counter[ShopName]:
    """Commit the decision before its first call: levels, what is held, and figures that need no write.

    Return how many of these there are by shop, without those that were never known before.

    The desired figure of a listing that must be written follows with `settle`, once it is: until then the
    guard must find the same cause again, and not take a zero that never went out for the repair of a counter.
    """
    await _record_shares(store, decision, is_whole=partial is None)
    planned, spared = await _aside(decision, _planned, partial is None)
    await store.save_plan(**planned)
    return spared


class _Planned(TypedDict):
    """What there is to save of a plan."""

    desired: Sequence[Desired]
    levels: Sequence[LevelRow]
    dropped_levels: Sequence[LevelRow]
    held: Sequence[HeldRow]
    ledger: Sequence[LedgerRow]
    at: datetime


async def _aside(decision: Decision, work: Callable[[Decision, Any], T], given: Any) -> T:  # noqa: ANN401
    """Return what `work` makes of a decision and what is `given`.

    Of a large one it takes a while, and the loop has others to serve.
    """
    if len(decision.plan.desired) > _FEW:
        return await asyncio.to_thread(work, decision, given)
    return work(decision, given)


def _planned(decision: Decision, is_whole: bool) -> tuple[_Planned, Counter[ShopName]]:  # noqa: FBT001
    plan = decision.plan
    unwritten = np.ones(len(plan.desired), dtype=np.bool_)
    unwritten[plan.listing] = False
    wanted = _desired(decision, np.flatnonzero(unwritten)) if is_whole else []
    levels, dropped = changed_levels(plan.figures)
    planned = _Planned(
        desired=[new for _, new in wanted],
        levels=levels,
        dropped_levels=dropped,
        held=decision.verdict.rows(plan, decision.digest),
        ledger=list(_ledger(decision, wanted)),
        at=plan.book.state.now,
    )
    known = plan.book.listings.desired
    return planned, Counter(new.shop for at, new in wanted if known[at] != UNKNOWN)


async def _record_shares(store: ShareStore, decision: Decision, *, is_whole: bool) -> None:
    """Commit the shares before the first call that rests on them; most cycles change none.

    What was sold, and on `extra`, is committed by a cycle for some shops or SKUs too: no later one sees the
    sale.
    """
    figures = decision.plan.figures
    state, virtual = figures.book.state, figures.virtual
    extras = None if virtual.extras.rows == tuple(state.extras) else virtual.extras.rows
    changed = Virtual(extras=extras, demand=virtual.demand)
    if is_whole:
        shares = share_rows(figures.book, virtual, figures.shares.base)
        moves = None if virtual.moves == tuple(state.moves) else virtual.moves
        ledger = tuple(history(figures.book, virtual, shares)) if shares or moves is not None else ()
        changed = replace(changed, shares=shares, moves=moves, ledger=ledger)
    is_new = changed.moves is not None or changed.extras is not None
    if is_new or changed.shares or changed.demand:
        await store.save_virtual(changed)


async def record_landed(
    store: ShareStore, decision: Decision, done: Collection[tuple[ShopName, ListingId]]
) -> None:
    """Commit that units on their way have arrived with the changes that are `done`."""
    if (found := await _aside(decision, _landed, done)) is not None:
        await store.save_virtual(Virtual(shares=found.shares, moves=found.moves, ledger=found.ledger))


async def settle(store: PlanStore, decision: Decision, done: Collection[tuple[ShopName, ListingId]]) -> None:
    """Commit the desired figures of the changes that are `done`; one that is held keeps its old figure."""
    settled = await _aside(decision, _settled, done)
    if settled["desired"]:
        await store.save_plan(**settled)


def _landed(decision: Decision, done: Collection[Key]) -> Landed | None:
    plan = decision.plan
    # Nearly always nothing is on its way, and then nobody needs to know what is done.
    return landed(plan, plan.among(done)) if plan.figures.virtual.arriving.any() else None


def _settled(decision: Decision, done: Collection[Key]) -> _Planned:
    plan = decision.plan
    passed = np.isin(decision.stop, (Stop.GO, Stop.TAKE_FIRST)) & plan.among(done)
    wanted = _desired(decision, np.unique(plan.listing[passed]))
    return _Planned(
        desired=[new for _, new in wanted],
        levels=(),
        dropped_levels=(),
        held=(),
        ledger=list(_ledger(decision, wanted)),
        at=plan.book.state.now,
    )


def _desired(decision: Decision, places: Ints) -> list[tuple[int, Desired]]:
    """Return those of the listings at `places` whose desired figure is another, by their places."""
    plan = decision.plan
    new, off = plan.desired[places], plan.figures.listings.off[places]
    changed = (new != plan.counters.desired[places]) | (off != plan.counters.want_off[places])
    found = np.flatnonzero((new != NOTHING) & changed)
    places = places[found]
    names = plan.book.listings.names(places)
    figures = zip(places.tolist(), names, new[found].tolist(), off[found].tolist(), strict=True)
    return [
        (at, Desired(shop=shop, listing=listing, desired=units, want_off=is_off))
        for at, (shop, listing), units, is_off in figures
    ]


def changed_levels(figures: Figures) -> tuple[list[LevelRow], list[LevelRow]]:
    """Return the off-sale states to keep and to drop, only where they differ from the state's."""
    book = figures.book
    before, after = book.levels, figures.levels
    changed = (before.off != after.off) | (
        after.off & ((before.agree != after.agree) | (before.since != after.since))
    )
    keep: list[LevelRow] = []
    drop: list[LevelRow] = []
    for edge, sku in np.argwhere(changed).tolist():
        since = EPOCH + timedelta(microseconds=int(after.since[edge, sku]))
        row = LevelRow(
            book.edges[edge].pool,
            book.edges[edge].shop,
            book.skus[sku],
            since,
            int(after.agree[edge, sku]),
            int(after.seq[edge, sku]),
        )
        (keep if after.off[edge, sku] else drop).append(row)
    return keep, drop


def _reason(plan: Plan, at: int) -> tuple[str, str]:
    """Return the cause and the rule of a listing's figure that needs no write."""
    return CAUSES[plan.causes[at]].value, deciding_rule(plan.figures, at)


def _ledger(decision: Decision, wanted: list[tuple[int, Desired]]) -> Iterator[LedgerRow]:
    """Yield one row per desired figure that changed; the first fill of a shop is one summary."""
    if not wanted:
        return
    plan = decision.plan
    at = plan.book.state.now
    first = {shop for shop, state in plan.book.state.shops.items() if state.accepted_at is None}
    # Few of a long plan are done at a time, and a reason costs much more than a look at where it stands.
    mine = plan.where(np.isin(plan.listing, [place for place, _ in wanted]))
    reasons = {(change.shop, change.listing): (change.cause.value, change.rule) for change in mine.changes()}
    filled: dict[ShopName, int] = {}
    rows = plan.book.listings
    for place, new in wanted:
        known = int(rows.desired[place])
        before = None if known == UNKNOWN else known
        if before is None and new.shop in first:
            filled[new.shop] = filled.get(new.shop, 0) + 1
            continue
        # The counter of the shop that sold reads right already, so that no change of the plan says why.
        cause, rule = reasons.get((new.shop, new.listing)) or _reason(plan, place)
        sku = rows.skus[rows.sku[place]]
        yield LedgerRow(at, new.shop, new.listing, sku, "desired", before, new.desired, cause, rule, "syncd")
    for shop, count in filled.items():
        nothing = (ListingId(""), Sku(""))
        yield LedgerRow(at, shop, *nothing, "first_fill", None, count, "snapshot", "", "syncd")
