"""Measure what a cycle took: from sales to seen, from decisions to accepted, and what calls came to."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncd.domain.decision import Decision
from syncd.domain.delays import BOUNDS, DELAYS, Count, buckets_of, recounted
from syncd.domain.demand import bought
from syncd.domain.model import ListingRow, ShopName, Sku
from syncd.domain.records import DemandRow, IntentRow, Measure, MeasureRow, PendingRow
from syncd.domain.seen import Seen, seen_drops, seen_orders
from syncd.domain.waiting import Accepted, Delay, Key, Past, delays, first_sold, late_answers, still_pending
from syncd.ports.events import Events
from syncd.ports.store import Measured, MeasureStore
from syncd.services.intake import Taken
from syncd.services.push import PushReport
from syncd.services.readings import Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What there is to measure of a cycle.

    `spared` counts by shop the figures that needed no write. `found` are the listings whose counter was read
    as low as a write without an answer was to make it. It is about `only` some listings, None for all, and
    not about those `beside`, on which others decided meanwhile.
    """

    at: datetime
    decision: Decision
    seen: Sequence[Seen] = ()
    pushed: Mapping[ShopName, PushReport] = field(default_factory=dict)
    spared: Counter[ShopName] = field(default_factory=Counter)
    found: frozenset[Key] = frozenset()
    only: frozenset[Key] | None = None
    beside: frozenset[Key] = frozenset()

    def is_about(self, key: Key) -> bool:
        """Return whether it can say how a listing stands."""
        return key not in self.beside and (self.only is None or key in self.only)

    @property
    def counts(self) -> bool:
        """Return whether anything adds to the measures."""
        return bool(self.seen or self.pushed or self.spared or self.found)

    @property
    def bought(self) -> Mapping[tuple[ShopName, Sku], int]:
        """Return the units sold whose demand nobody else keeps: where a pool is split, the shares do."""
        state = self.decision.plan.book.state
        return {} if state.topology.has_shares else state.sold

    def was_filled(self, shop: ShopName) -> bool:
        """Return whether a shop was filled before: the hours of a first fill tell nothing of later days."""
        state = self.decision.plan.book.state.shops.get(shop)
        return state is not None and state.accepted_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the state knows of the same."""

    pending: Sequence[PendingRow]
    rows: Sequence[MeasureRow]
    demand: Sequence[DemandRow]


class Measuring:
    """Counts; nothing that is sold depends on it, and what a crash takes of it is lost."""

    def __init__(self, store: MeasureStore, events: Events) -> None:
        self._store = store
        self._events = events

    async def note(self, moment: Moment) -> None:
        """Make the state know what a cycle took, after its last call; one that saw nothing writes nothing."""
        pending = await self._store.pending()
        if not (pending or moment.counts or moment.bought or len(moment.decision.plan)):
            return
        known = _Known(
            pending=pending,
            rows=await self._store.measures() if moment.counts else (),
            demand=await self._store.demand_of(moment.bought.keys()),
        )
        # After a push of a hundred thousand decreases this takes a while, and the loop has others to serve.
        measured, more = await asyncio.to_thread(_measured, moment, known)
        if measured != Measured():
            await self._store.save_measures(measured)
        _tell(self._events, more)


def seen_now(taken: Taken, observed: Observed) -> tuple[Seen, ...]:
    """Return the sales that nobody had seen before; of a shop's very first orders none."""
    # Of a broken reading nobody says where it began: what was sold before the last whole one is left out.
    asked = {
        one.state.shop: one.since or one.before.cursor for one in taken.heard if one.before.cursor is not None
    }
    readings = {one.state.name: one for one in observed.readings}
    orders = (
        one
        for shop, changed in taken.changes.items()
        if shop in asked
        for one in seen_orders(changed, asked[shop])
    )
    return (*orders, *seen_drops(taken.drops, lambda row: readings[row.shop].last_read(row.id)))


def found_now(observed: Observed) -> frozenset[Key]:
    """Return the listings whose counter was read as low as a write without an answer was to make it."""
    return frozenset(
        (intent.shop, intent.listing)
        for reading in observed.readings
        for intent in reading.resolved
        if _is_as_low(reading.changed.get(intent.listing), intent)
    )


def _is_as_low(row: ListingRow | None, intent: IntentRow) -> bool:
    return row is not None and row.observed is not None and row.observed <= intent.target


def _tell(events: Events, more: Counter[Count]) -> None:
    """Tell by shop what a cycle added; of delays how many there were by the longest of their bucket."""
    counts: dict[ShopName, dict[str, float]] = {}
    delays: dict[ShopName, dict[str, dict[float, int]]] = {}
    for (shop, what, bucket), many in more.items():
        if what in DELAYS:
            delays.setdefault(shop, {}).setdefault(what.value, {})[float(BOUNDS[bucket])] = many
        else:
            counts.setdefault(shop, {})[what.value] = many
    for shop in sorted(counts.keys() | delays.keys()):
        events.tell("measured", shop=shop, **counts.get(shop, {}), **delays.get(shop, {}))


def _measured(moment: Moment, known: _Known) -> tuple[Measured, Counter[Count]]:
    """Return what the state must learn, as it is made if that is nothing, and what was counted."""
    state = moment.decision.plan.book.state
    before = {row[:2]: row for row in known.pending if moment.is_about(row[:2])}
    past = Past(now=moment.at, pending=before, sold=first_sold(moment.seen, state.topology.bundles))
    done = {(change.shop, change.listing) for one in moment.pushed.values() for change in one.done}
    still = still_pending(moment.decision, done, past)
    waiting = {row[:2]: row for row in still if moment.is_about(row[:2])}
    gone = tuple(row for key, row in before.items() if key not in waiting)
    more = _counted(moment, past, gone)
    measured = Measured(
        rows=tuple(recounted(known.rows, more, moment.at)),
        pending=tuple(row for key, row in waiting.items() if before.get(key) != row),
        settled=gone,
        demand=tuple(bought(known.demand, moment.bought, state.buyers, state.now)),
    )
    return measured, more


def _counted(moment: Moment, past: Past, gone: Sequence[PendingRow]) -> Counter[Count]:
    """Return what a cycle adds to the measures of each shop; `gone` are decreases that wait no more."""
    accepted = [
        Accepted(change, report.lowered[change.listing])
        for report in moment.pushed.values()
        for change in report.done
        if change.listing in report.lowered and moment.was_filled(report.shop)
    ]
    unsent = moment.found - {(one.change.shop, one.change.listing) for one in accepted}
    late = (row for row in gone if row[:2] in unsent)
    found = [*_seen(moment), *delays(accepted, past), *late_answers(late, moment.at)]
    buckets = buckets_of([one.seconds for one in found]).tolist()
    more: Counter[Count] = Counter(
        (one.shop, one.what, bucket) for one, bucket in zip(found, buckets, strict=True)
    )
    for shop, report in moment.pushed.items():
        figures = (Measure.CALLS, report.calls), (Measure.THROTTLED, report.throttled)
        more.update({(shop, what, 0): many for what, many in figures if many})
        more.update({(shop, Measure.WRITTEN, 0): len(report.done)} if report.done else {})
    more.update({(shop, Measure.SPARED, 0): many for shop, many in moment.spared.items()})
    return more


def _seen(moment: Moment) -> Iterable[Delay]:
    for one in moment.seen:
        yield Delay(one.shop, Measure.SALE_TO_SEEN, (moment.at - one.sold_at).total_seconds())
