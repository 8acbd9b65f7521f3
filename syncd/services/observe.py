"""Observe what the shops show and bind their listings; a shop that cannot be read holds up no other."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncd.domain.acceptance import VANISHED
from syncd.domain.aliases import KnownCodes, known_codes, unsellable_codes
from syncd.domain.bindings import Binding, bind
from syncd.domain.claims import Drop, drop
from syncd.domain.expected import LEFT, PUT_BACK
from syncd.domain.model import ListingId, ListingRow, ObservedListing, ShopName, Sku, SourceName, StockRow
from syncd.domain.observation import (
    differs,
    doubtful,
    put_back_by_siblings,
    read_rows,
    settled,
    to_audit,
)
from syncd.domain.records import IntentRow, ShopState, ShopStatus
from syncd.domain.topology import Shop, Topology
from syncd.errors import PortError
from syncd.ports.channel import Channel, Unlists
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store
from syncd.services.gate import Gate, within

SETTLE = timedelta(seconds=30)
"""A listing read so recently is not read back again."""

HAND = {
    PUT_BACK: "somebody put it back on sale; it is taken down once more",
    LEFT: "somebody put it back on sale again; it is left alone until its stock changes",
}
"""What people are told of a listing that syncd took down and somebody put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopJob:
    """A configured shop; reading all of it may take `timeout` seconds and is due every `observe_every`.

    Between two whole readings each cycle reads `audit` listings back, the longest unread first. Waiting at
    the `gate` is no part of the time-out.
    """

    shop: Shop
    channel: Channel
    timeout: float = 300.0
    observe_every: timedelta = timedelta(0)
    audit: int = 0
    gate: Gate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What is known of a shop before it is read; `missing` are listings that it did not show just now."""

    job: ShopJob
    state: ShopState
    rows: Sequence[ListingRow]
    intents: Sequence[IntentRow]
    missing: frozenset[ListingId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReading:
    """What one shop showed: its rows as they are now, and why it could not be read if it could not.

    `before` are its rows as they were, `changed` those that the state must learn of; `resolved` writes are
    settled by the reading, `open` ones are not. `drops` are the counters that moved though syncd did not
    write them. `fresh` are the listings whose counter was read just now; `missing` those that should have
    been shown and were not: gone, if a second look agrees. `last` is when all of it was read before.
    """

    state: ShopState
    rows: Sequence[ListingRow]
    before: Mapping[ListingId, ListingRow]
    open: Sequence[IntentRow]
    changed: Mapping[ListingId, ListingRow] = field(default_factory=dict)
    resolved: Sequence[IntentRow] = ()
    drops: Sequence[Drop] = ()
    fresh: frozenset[ListingId] = frozenset()
    missing: frozenset[ListingId] = frozenset()
    error: str = ""
    last: datetime | None = None

    @classmethod
    def untouched(cls, shelf: Shelf) -> "ShopReading":
        """Return the reading of a shop that was not asked."""
        before = {row.id: row for row in shelf.rows}
        return cls(state=shelf.state, rows=shelf.rows, before=before, open=shelf.intents)

    def then(self, later: "ShopReading") -> "ShopReading":
        """Return this reading followed by a later one of the same shop."""
        return replace(
            later,
            before=self.before,
            changed={**self.changed, **later.changed},
            resolved=(*self.resolved, *later.resolved),
            drops=(*self.drops, *later.drops),
            fresh=self.fresh | later.fresh,
            error=later.error or self.error,
            last=self.last,
        )

    def last_read(self, listing: ListingId) -> datetime | None:
        """Return when a listing was read before, None for never; what showed nothing new is not stored."""
        row = self.before.get(listing)
        known = [at for at in (self.last, row.observed_at if row else None) if at is not None]
        return max(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All listings to plan with.

    `drops` are the bound listings whose counters moved though syncd did not write them. Only `fresh` ones,
    read in this cycle, may be raised; `unresolved` ones have a write without an answer.
    """

    listings: Sequence[ListingRow]
    drops: Sequence[Drop]
    shops: Mapping[ShopName, ShopState]
    fresh: frozenset[tuple[ShopName, ListingId]]
    unresolved: frozenset[tuple[ShopName, ListingId]]
    errors: Mapping[ShopName, str]
    readings: Sequence[ShopReading] = ()


def codes_of(stock: Sequence[StockRow], topology: Topology) -> KnownCodes:
    """Return the codes that listings can be bound to: SKUs, bundles; vanished and unsellable ones apart."""
    by_source: dict[tuple[SourceName, Sku], bool] = {}
    for row in stock:
        key = (row.source, row.sku)
        by_source[key] = by_source.get(key, True) and row.missed >= VANISHED
    unsellable: set[Sku] = set()
    for source in topology.sources:
        own = [sku for name, sku in by_source if name == source.name]
        unsellable |= unsellable_codes(own, source.unsellable_suffix)
    alive = {sku for (_, sku), gone in by_source.items() if not gone}
    return known_codes(
        alive | {extra.sku for extra in topology.virtual},
        bundles=(bundle.sku for bundle in topology.bundles),
        vanished={sku for _, sku in by_source} - alive,
        unsellable=unsellable,
    )


class Observer:
    """Reads all shops into the state."""

    def __init__(
        self,
        jobs: Sequence[ShopJob],
        *,
        store: Store,
        clock: Clock,
        events: Events,
        fingerprint: str = "",
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._clock = clock
        self._events = events
        self._fingerprint = fingerprint
        self._codes: KnownCodes | None = None

    async def observe(self, codes: KnownCodes) -> Observed:
        """Return every listing as it is now; the state learns of it only by `keep`.

        A shop that is not due is not read but for a few listings that are audited; it counts as unread.
        """
        known: dict[ShopName, list[ListingRow]] = {}
        for row in await self._store.listings():
            known.setdefault(row.shop, []).append(row)
        states = dict(await self._store.shops())
        intents: dict[ShopName, list[IntentRow]] = {}
        for intent in await self._store.unresolved():
            intents.setdefault(intent.shop, []).append(intent)
        before = [
            Shelf(
                job=job,
                state=states.get(job.shop.name, ShopState(name=job.shop.name)),
                # Who died between a call and its books could not write down that it may have been applied.
                rows=list(doubtful(known.get(job.shop.name, []), intents.get(job.shop.name, [])).values()),
                intents=intents.get(job.shop.name, []),
            )
            for job in self._jobs
        ]
        now = self._clock.now()
        readings = await asyncio.gather(*(self._read(shelf, _due(shelf, now)) for shelf in before))
        bound = [self._bind(reading, codes) for reading in readings]
        self._codes = codes
        return _observed(bound, known, states)

    async def read_back(
        self, observed: Observed, listings: Mapping[ShopName, Sequence[ListingId]]
    ) -> Observed:
        """Return `observed` with the given listings read once more, so that writing them rests on facts.

        One that is not shown the second time either is gone.
        """
        jobs = {job.shop.name: job for job in self._jobs}
        shelves = [
            Shelf(
                job=jobs[reading.state.name],
                state=reading.state,
                rows=reading.rows,
                intents=reading.open,
                missing=reading.missing,
            )
            for reading in observed.readings
        ]
        again = await asyncio.gather(
            *(self._read(shelf, listings.get(shelf.state.name, ())) for shelf in shelves)
        )
        merged = [
            self._bound_again(first, first.then(second))
            for first, second in zip(observed.readings, again, strict=True)
        ]
        known: dict[ShopName, list[ListingRow]] = {}
        for row in observed.listings:
            known.setdefault(row.shop, []).append(row)
        return _observed(merged, known, observed.shops)

    async def keep(self, observed: Observed) -> None:
        """Make the state know what was observed.

        Claims that rest on counters that fell must be in the state before this: else a crash between the
        two would forget the sale.
        """
        for reading in observed.readings:
            if reading.changed:
                await self._store.save_listings(list(reading.changed.values()))
            if reading.resolved:
                await self._store.resolve(reading.resolved, (), ())
            await self._store.save_shop(reading.state)

    async def _read(self, shelf: Shelf, wanted: Sequence[ListingId] | None) -> ShopReading:
        """Return what the shop shows of `wanted`, None for all of it; nothing is asked where it is empty."""
        if wanted is not None and not wanted:
            return ShopReading.untouched(shelf)
        job, now = shelf.job, self._clock.now()
        if not job.channel.traits.observes_some:
            wanted = None
        try:
            async with within(job.gate, job.timeout):
                shown = [listing async for page in job.channel.observe(wanted) for listing in page]
        except PortError as error:
            return self._failed(shelf, str(error), now)
        except TimeoutError:
            return self._failed(shelf, f"not read within {job.timeout:g} s", now)
        if wanted is None and not shown and any(not row.gone for row in shelf.rows):
            return self._failed(shelf, "it shows no listing at all though it had some", now)
        if shelf.state.error:
            self._events.tell("shop_recovered", shop=shelf.state.name)
        reading = _read_out(shelf, shown, now, wanted)
        self._tell_put_back(reading)
        return reading

    def _tell_put_back(self, reading: ShopReading) -> None:
        for listing, row in reading.changed.items():
            before = reading.before.get(listing)
            if before is not None and row.delisted_by != before.delisted_by and row.delisted_by in HAND:
                self._events.tell("put_back", shop=row.shop, listing=listing, because=HAND[row.delisted_by])

    def _failed(self, shelf: Shelf, error: str, now: datetime) -> ShopReading:
        state = shelf.state
        if not state.error:
            self._events.tell("shop_failing", shop=state.name, error=error)
        state = replace(state, error=error, failing_since=state.failing_since or now)
        return replace(ShopReading.untouched(shelf), state=state, error=error)

    def _bound_again(self, first: ShopReading, reading: ShopReading) -> ShopReading:
        """Return the reading bound once more where the second look showed another code, or a new listing."""
        codes = {row.id: row.code for row in first.rows}
        same = all(codes.get(row.id) == row.code for row in reading.rows)
        return reading if same or self._codes is None else self._bind(reading, self._codes)

    def _bind(self, reading: ShopReading, codes: KnownCodes) -> ShopReading:
        """Return the reading with its listings bound; standing bindings are looked at when codes change."""
        changed = dict(reading.changed)
        all_anew = codes != self._codes or reading.state.fingerprint != self._fingerprint
        shop = next(job.shop for job in self._jobs if job.shop.name == reading.state.name)
        rows = []
        for row in reading.rows:
            before = reading.before.get(row.id)
            same_code = before is not None and before.code == row.code
            if row.sku and same_code and not all_anew:
                rows.append(row)
                continue
            binding = bind(row.code, known=codes, shop=shop, before=before)
            bound = row._replace(
                sku=binding.sku, units=binding.units, unbound_because=binding.unbound_because
            )
            if bound != row:
                changed[row.id] = bound
            self._tell_binding(before, bound, binding)
            rows.append(bound)
        return replace(reading, rows=rows, changed=changed)

    def _tell_binding(self, before: ListingRow | None, row: ListingRow, binding: Binding) -> None:
        known = before.unbound_because if before else ""
        facts = {"shop": row.shop, "listing": row.id, "code": row.code}
        if binding.unbound_because and binding.unbound_because != known:
            self._events.tell("listing_unbound", **facts, because=binding.unbound_because)
        if binding.told:
            self._events.tell("binding_held", **facts, because=binding.told)


def _due(shelf: Shelf, now: datetime) -> Sequence[ListingId] | None:
    """Return what to read of a shop in this cycle: None for all, nothing, or some listings to audit."""
    job, state = shelf.job, shelf.state
    if state.status is ShopStatus.RETIRED:
        return ()
    if state.status is ShopStatus.RETIRING:
        # Only a reading after its last write shows that it has left.
        return None
    if state.error or state.observed_at is None or now - state.observed_at >= job.observe_every:
        return None
    if not job.channel.traits.observes_some:
        return None if shelf.intents else ()
    return to_audit(shelf.rows, shelf.intents, count=job.audit, settled_by=now - SETTLE)


def _read_out(
    shelf: Shelf, shown: Sequence[ObservedListing], now: datetime, wanted: Sequence[ListingId] | None
) -> ShopReading:
    ids = {listing.id for listing in shown}
    chosen = None if wanted is None else frozenset(wanted)
    asked = {row.id for row in shelf.rows if not row.gone and (chosen is None or row.id in chosen)}
    # A page that fell out of an answer must not look like listings that were deleted: two looks must agree.
    absent = frozenset(asked - ids)
    read = [intent for intent in shelf.intents if wanted is None or intent.listing in ids]
    done, waiting = settled(read, now, shelf.job.channel.traits.max_apply_delay)
    rows = read_rows(shelf.state.name, shelf.rows, shown, waiting, now, gone=absent & shelf.missing)
    if shelf.job.channel.traits.unlists is Unlists.ITEM:
        rows = put_back_by_siblings(shelf.rows, rows)
    before = {row.id: row for row in shelf.rows}
    audited = frozenset() if wanted is None else ids
    state = shelf.state
    if wanted is None:
        state = replace(state, observed_at=now, error="", failing_since=None)
    settled_keys = {intent.key for intent in done}
    return ShopReading(
        state=state,
        rows=rows,
        before=before,
        changed={row.id: row for row in rows if row.id in audited or differs(before.get(row.id), row)},
        resolved=done,
        open=[intent for intent in shelf.intents if intent.key not in settled_keys],
        drops=list(_drops(shelf, shown, rows)),
        fresh=frozenset(listing.id for listing in shown if listing.quantity is not None),
        missing=absent - shelf.missing,
        last=shelf.state.observed_at,
    )


def _drops(shelf: Shelf, shown: Sequence[ObservedListing], rows: Sequence[ListingRow]) -> Iterator[Drop]:
    expected = doubtful(shelf.rows, shelf.intents)
    after = {row.id: row for row in rows}
    written = {intent.listing for intent in shelf.intents}
    tells = shelf.job.channel.traits.order_feed
    for listing in shown:
        before = expected.get(listing.id)
        units = drop(before, listing.quantity, by_orders=tells and listing.id not in written)
        if before is not None and units:
            read_at = before.observed_at.isoformat() if before.observed_at else ""
            base = f"{read_at}:{before.expected_hi}"
            yield Drop(after[listing.id], units, base)


def _observed(
    readings: Sequence[ShopReading],
    known: Mapping[ShopName, Sequence[ListingRow]],
    states: Mapping[ShopName, ShopState],
) -> Observed:
    """Return the readings as one; shops without configuration keep the rows and states they had."""
    rows = {**known, **{reading.state.name: reading.rows for reading in readings}}
    return Observed(
        listings=sorted(row for mine in rows.values() for row in mine),
        drops=[drop for reading in readings for drop in _bound_drops(reading)],
        shops={**states, **{reading.state.name: reading.state for reading in readings}},
        fresh=frozenset((reading.state.name, at) for reading in readings for at in reading.fresh),
        unresolved=frozenset((intent.shop, intent.listing) for r in readings for intent in r.open),
        errors={reading.state.name: reading.error for reading in readings if reading.error},
        readings=readings,
    )


def _bound_drops(reading: ShopReading) -> list[Drop]:
    rows = {row.id: row for row in reading.rows}
    return [one._replace(row=rows[one.row.id]) for one in reading.drops if rows[one.row.id].sku]
