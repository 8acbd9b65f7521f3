"""Record what a cycle decided: desired figures, off-sale states, what is held, and the ledger of it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.decision import Decision
from syncd.domain.landing import landed
from syncd.domain.model import Change, Ints, ListingId, ShopName, Sku
from syncd.domain.pipeline import Figures
from syncd.domain.plan import CAUSES, Plan, deciding_rule
from syncd.domain.policy import Stop
from syncd.domain.records import LedgerRow, LevelRow
from syncd.domain.virtual.history import history
from syncd.domain.virtual.pools import share_rows
from syncd.ports.store import Desired, PlanStore, ShareStore, Virtual

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
    unwritten = np.setdiff1d(np.arange(len(decision.plan.desired)), decision.plan.listing)
    wanted = [] if partial is not None else _desired(decision, unwritten)
    levels, dropped = changed_levels(decision.plan.figures)
    await store.save_plan(
        desired=[new for _, new in wanted],
        levels=levels,
        dropped_levels=dropped,
        held=decision.verdict.rows(decision.plan, decision.digest),
        ledger=list(_ledger(decision, wanted)),
        at=decision.plan.book.state.now,
    )
    rows = decision.plan.book.state.listings
    return Counter(new.shop for at, new in wanted if rows[at].desired is not None)


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
    plan = decision.plan
    rows = plan.book.state.listings
    reached = np.array([(rows[at].shop, rows[at].id) in done for at in plan.listing], dtype=np.bool_)
    if (found := landed(plan, reached)) is not None:
        await store.save_virtual(Virtual(shares=found.shares, moves=found.moves, ledger=found.ledger))


async def settle(store: PlanStore, decision: Decision, done: Collection[tuple[ShopName, ListingId]]) -> None:
    """Commit the desired figures of the changes that are `done`; one that is held keeps its old figure."""
    plan = decision.plan
    rows = plan.book.state.listings
    passed = plan.listing[np.isin(decision.stop, (Stop.GO, Stop.TAKE_FIRST))].tolist()
    reached = sorted({at for at in passed if (rows[at].shop, rows[at].id) in done})
    if wanted := _desired(decision, np.array(reached, dtype=np.int64)):
        await store.save_plan(
            desired=[new for _, new in wanted],
            levels=(),
            dropped_levels=(),
            held=(),
            ledger=list(_ledger(decision, wanted)),
            at=plan.book.state.now,
        )


def _desired(decision: Decision, places: Ints) -> list[tuple[int, Desired]]:
    """Return those of the listings at `places` whose desired figure is another, by their places."""
    plan, rows = decision.plan, decision.plan.book.state.listings
    new, off = plan.desired[places], plan.figures.listings.off[places]
    changed = (new != plan.counters.desired[places]) | (off != plan.counters.want_off[places])
    found = np.flatnonzero((new != NOTHING) & changed)
    figures = zip(places[found].tolist(), new[found].tolist(), off[found].tolist(), strict=True)
    return [
        (at, Desired(shop=rows[at].shop, listing=rows[at].id, desired=units, want_off=is_off))
        for at, units, is_off in figures
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
    for place, new in wanted:
        row = plan.book.state.listings[place]
        if row.desired is None and row.shop in first:
            filled[row.shop] = filled.get(row.shop, 0) + 1
            continue
        # The counter of the shop that sold reads right already, so that no change of the plan says why.
        cause, rule = reasons.get((row.shop, row.id)) or _reason(plan, place)
        yield LedgerRow(
            at, row.shop, row.id, row.sku, "desired", row.desired, new.desired, cause, rule, "syncd"
        )
    for shop, count in filled.items():
        nothing = (ListingId(""), Sku(""))
        yield LedgerRow(at, shop, *nothing, "first_fill", None, count, "snapshot", "", "syncd")
