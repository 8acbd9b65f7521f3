"""Observe what the shops show and bind their listings; a shop that cannot be read holds up no other."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from syncd.domain.alerts.signals import NEEDS_A_PERSON
from syncd.domain.aliases import KnownCodes
from syncd.domain.bindings import Binding, bind, can_sell
from syncd.domain.claims import Drop
from syncd.domain.expected import LEFT, PUT_BACK
from syncd.domain.model import ListingId, ListingRow, ShopName
from syncd.domain.observation import doubtful, to_audit
from syncd.domain.records import IntentRow, ShopState, ShopStatus
from syncd.domain.said import keep
from syncd.errors import Kind, PortError
from syncd.ports.channel import Unlists
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store
from syncd.services.gate import within
from syncd.services.read_out import read_out
from syncd.services.readings import Observed, Shelf, ShopJob, ShopReading

SETTLE = timedelta(seconds=30)
"""A listing read so recently is not read back again."""

_FEW = 200
"""So many listings are read out before a thread has had its turn."""

_MANY = 2_000
"""So many listings take a few milliseconds to be put together."""

HAND = {
    PUT_BACK: "somebody put it back on sale; it is taken down once more",
    LEFT: "somebody put it back on sale again; it is left alone until its stock changes",
}
"""What people are told of a listing that syncd took down and somebody put back."""


Key = tuple[ShopName, ListingId]


class Known(Protocol):
    """What knows all listings without their rows."""

    def unread_longest(self, shop: ShopName, *, count: int, before: datetime) -> Sequence[ListingId]:
        """Return the listings of a shop that were unread longest, of those last read before a time."""
        ...

    def loose(self, codes: KnownCodes | None) -> Collection[Key]:
        """Return the listings that withhold units, and those that `codes` may bind anew."""
        ...


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
        self._refused: set[ShopName] = set()

    async def observe(self, codes: KnownCodes) -> Observed:
        """Return every listing as it is now; the state learns of it only by `keep`.

        A shop that is not due is not read but for a few listings that are audited; it counts as unread.
        """
        known = _by_shop(await self._store.listings())
        states = dict(await self._store.shops())
        shelves, now = self._shelves(known, states, await self._store.unresolved()), self._clock.now()
        return await _together(await self._read_due(shelves, codes, now), known, states)

    async def observe_news(self, known: Known, codes: KnownCodes) -> Observed:
        """Return what is read in this cycle, and only the listings that it takes to understand that.

        These are the ones that are audited, that have a write without an answer or withhold units; and all of
        a shop that is read whole.
        """
        states, unresolved = dict(await self._store.shops()), await self._store.unresolved()
        now = self._clock.now()
        loose = known.loose(None if codes == self._codes else codes)
        shelves = self._shelves({}, states, unresolved)
        rows = await asyncio.gather(*(self._rows(shelf, known, loose, now) for shelf in shelves))
        by_shop = {shelf.state.name: mine for shelf, mine in zip(shelves, rows, strict=True)}
        # By the same time: a shop that became due meanwhile would be read whole against a few of its rows.
        readings = await self._read_due(self._shelves(by_shop, states, unresolved), codes, now)
        return await _together(readings, by_shop, states)

    async def _rows(
        self, shelf: Shelf, known: Known, loose: Collection[Key], now: datetime
    ) -> Sequence[ListingRow]:
        """Return the rows of a shop that it takes to read what is due."""
        job, shop = shelf.job, shelf.state.name
        if _due(shelf, now) is None:
            return await self._store.listings(shop)
        places = {(shop, intent.listing) for intent in shelf.intents}
        places |= {place for place in loose if place[0] == shop}
        if job.channel.traits.observes_some and shelf.state.status is not ShopStatus.RETIRED:
            due = known.unread_longest(shop, count=job.audit, before=now - SETTLE)
            places |= {(shop, listing) for listing in due}
        return await self._named(job, places)

    async def _named(self, job: ShopJob, places: Collection[Key]) -> Sequence[ListingRow]:
        """Return the rows that it takes to read some listings of a shop."""
        rows = await self._store.named(places) if places else ()
        if job.channel.traits.unlists is not Unlists.ITEM or not rows:
            return rows
        # Whether somebody's hand put one back is seen by the others of its item.
        return await self._store.siblings({(row.shop, row.item) for row in rows})

    async def _read_due(
        self, shelves: Sequence[Shelf], codes: KnownCodes, now: datetime
    ) -> list[ShopReading]:
        readings = await asyncio.gather(*(self._read(shelf, _due(shelf, now)) for shelf in shelves))
        self._codes = codes
        return [self._bind(reading, codes) for reading in readings]

    async def to_read(self, observed: Observed, listings: Mapping[ShopName, Sequence[ListingId]]) -> Observed:
        """Return `observed` with the rows of the state that it takes to read these listings back.

        Of a shop of which only all can be read these are all.
        """
        jobs = [job for job in self._jobs if listings.get(job.shop.name)]
        rows = await asyncio.gather(*(self._to_read(job, listings[job.shop.name]) for job in jobs))
        return await self._with(observed, {job.shop.name: mine for job, mine in zip(jobs, rows, strict=True)})

    async def _to_read(self, job: ShopJob, listings: Sequence[ListingId]) -> Sequence[ListingRow]:
        if not job.channel.traits.observes_some:
            return await self._store.listings(job.shop.name)
        return await self._named(job, {(job.shop.name, listing) for listing in listings})

    async def beside(self, observed: Observed, places: Collection[Key]) -> Observed:
        """Return `observed` with the state's rows of these listings where it lacks them."""
        return await self._with(observed, _by_shop(await self._store.named(places) if places else ()))

    async def _with(self, observed: Observed, rows: Mapping[ShopName, Sequence[ListingRow]]) -> Observed:
        readings = [reading.beside(rows.get(reading.state.name, ())) for reading in observed.readings]
        return await _together(readings, _by_shop(observed.listings), observed.shops)

    async def whole(self, observed: Observed, codes: KnownCodes) -> Observed:
        """Return `observed` with all other listings that the state knows, bound by `codes`."""
        known = _by_shop(await self._store.listings())
        readings = [reading.beside(known.get(reading.state.name, ())) for reading in observed.readings]
        bound = [self._bind(reading, codes) for reading in readings]
        self._codes = codes
        return await _together(bound, known, observed.shops)

    def unread(
        self,
        listings: Sequence[ListingRow],
        shops: Mapping[ShopName, ShopState],
        unresolved: Sequence[IntentRow],
    ) -> Observed:
        """Return some listings as the state knows them; nothing is read."""
        known = _by_shop(listings)
        shelves = self._shelves(known, shops, unresolved)
        return _observed([ShopReading.untouched(shelf) for shelf in shelves], known, shops)

    def _shelves(
        self,
        known: Mapping[ShopName, Sequence[ListingRow]],
        states: Mapping[ShopName, ShopState],
        unresolved: Sequence[IntentRow],
    ) -> list[Shelf]:
        intents: dict[ShopName, list[IntentRow]] = {}
        for intent in unresolved:
            intents.setdefault(intent.shop, []).append(intent)
        return [
            Shelf(
                job=job,
                state=states.get(job.shop.name, ShopState(name=job.shop.name)),
                # Who died between a call and its books could not write down that it may have been applied.
                rows=_in_doubt(known.get(job.shop.name, []), intents.get(job.shop.name, [])),
                intents=intents.get(job.shop.name, []),
            )
            for job in self._jobs
        ]

    async def read_back(
        self,
        observed: Observed,
        listings: Mapping[ShopName, Sequence[ListingId]],
        *,
        limit: float = float("inf"),
    ) -> Observed:
        """Return `observed` with the given listings read once more, so that writing them rests on facts.

        One that is not shown the second time either is gone. A shop that takes longer than `limit` seconds
        counts as unread.
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
            *(self._read(shelf, listings.get(shelf.state.name, ()), limit) for shelf in shelves)
        )
        merged = [
            self._bound_again(first, first.then(second))
            for first, second in zip(observed.readings, again, strict=True)
        ]
        return await _together(merged, _by_shop(observed.listings), observed.shops)

    def without(
        self, observed: Observed, rows: Sequence[ListingRow], unresolved: Sequence[IntentRow]
    ) -> Observed:
        """Return `observed` with the state's `rows` in place of what was read of them: they are newer."""
        mine = _by_shop(rows)
        readings = [
            reading.without(mine.get(reading.state.name, ()), unresolved) for reading in observed.readings
        ]
        return _observed(readings, _by_shop(observed.listings), observed.shops)

    async def keep(self, observed: Observed) -> None:
        """Make the state know what was observed, of the shops themselves too.

        Claims that rest on counters that fell must be in the state before this: else a crash between the
        two would forget the sale.
        """
        await self.keep_rows(observed)
        for reading in observed.readings:
            await self._store.save_shop(reading.state)

    async def keep_rows(self, observed: Observed) -> None:
        """Make the state know what was observed of some listings: that says nothing of their shops."""
        if rows := [row for reading in observed.readings for row in reading.changed.values()]:
            await self._store.save_listings(rows)
        if resolved := [intent for reading in observed.readings for intent in reading.resolved]:
            await self._store.resolve(resolved, (), ())

    async def _read(
        self, shelf: Shelf, wanted: Sequence[ListingId] | None, limit: float = float("inf")
    ) -> ShopReading:
        """Return what the shop shows of `wanted`, None for all of it; nothing is asked where it is empty."""
        if wanted is not None and not wanted:
            return ShopReading.untouched(shelf)
        job, now = shelf.job, self._clock.now()
        seconds = min(job.timeout, limit)
        if not job.channel.traits.observes_some:
            wanted = None
        try:
            async with within(job.gate, seconds):
                shown = [listing async for page in job.channel.observe(wanted) for listing in page]
        except PortError as error:
            return self._failed(shelf, str(error), now, error.kind)
        except TimeoutError:
            return self._failed(shelf, keep("not read within %(most)s s", most=f"{seconds:g}"), now)
        if wanted is None and not shown and any(not row.gone for row in shelf.rows):
            return self._failed(shelf, "it shows no listing at all though it had some", now)
        self._refused.discard(shelf.state.name)
        if shelf.state.error:
            self._events.tell("shop_recovered", shop=shelf.state.name)
        if len(shown) > _FEW:
            reading = await asyncio.to_thread(read_out, shelf, shown, now, wanted)
        else:
            reading = read_out(shelf, shown, now, wanted)
        self._tell_put_back(reading)
        return reading

    def _tell_put_back(self, reading: ShopReading) -> None:
        for listing, row in reading.changed.items():
            before = reading.before.get(listing)
            if before is not None and row.delisted_by != before.delisted_by and row.delisted_by in HAND:
                self._events.tell("put_back", shop=row.shop, listing=listing, because=HAND[row.delisted_by])

    def _failed(self, shelf: Shelf, error: str, now: datetime, kind: Kind | None = None) -> ShopReading:
        state = shelf.state
        # That one which was down needs a person by now is news.
        refused = {state.name} if kind in NEEDS_A_PERSON else set()
        if not state.error or refused - self._refused:
            self._events.tell("shop_failing", shop=state.name, error=error, kind=kind)
        self._refused |= refused
        state = replace(state, error=error, failing_since=state.failing_since or now)
        return replace(ShopReading.untouched(shelf), state=state, error=error)

    def _bound_again(self, first: ShopReading, reading: ShopReading) -> ShopReading:
        """Return the reading bound once more where the second look showed another code, or a new listing."""
        codes = {row.id: row.code for row in first.rows}
        same = all(codes.get(row.id) == row.code for row in reading.rows)
        return reading if same or self._codes is None else self._bind(reading, self._codes)

    def _bind(self, reading: ShopReading, codes: KnownCodes) -> ShopReading:
        """Return the reading with its listings bound; standing bindings are looked at when codes change."""
        all_anew = codes != self._codes or reading.state.fingerprint != self._fingerprint
        shop = next(job.shop for job in self._jobs if job.shop.name == reading.state.name)
        bound: dict[ListingId, ListingRow] = {}
        for row in reading.rows:
            before = reading.before.get(row.id)
            # Nearly all are bound and as they were; what is held is so only while it can sell something.
            is_same = before is row or (before and before.code == row.code)
            if is_same and row.sku and not row.unbound_because and not all_anew:
                continue
            # What it sold just before it showed nothing is a sale of its SKU: it is held one look longer.
            sells = can_sell(row) or (before is not None and can_sell(before))
            binding = bind(row.code, known=codes, shop=shop, before=before, sells=sells)
            found = row._replace(
                sku=binding.sku, units=binding.units, unbound_because=binding.unbound_because
            )
            if found != row:
                bound[row.id] = found
            # What was unbound by the first look at it was told then.
            if found != row or not row.unbound_because:
                self._tell_binding(before, found, binding)
        if not bound:
            return reading
        rows = [bound.get(row.id, row) for row in reading.rows]
        return replace(reading, rows=rows, changed={**reading.changed, **bound})

    def _tell_binding(self, before: ListingRow | None, row: ListingRow, binding: Binding) -> None:
        known = before.unbound_because if before else ""
        facts = {"shop": row.shop, "listing": row.id, "code": row.code}
        if binding.unbound_because and binding.unbound_because != known:
            self._events.tell("listing_unbound", **facts, because=binding.unbound_because)
        if binding.told:
            self._events.tell("binding_held", **facts, because=binding.told)


def _by_shop(listings: Sequence[ListingRow]) -> dict[ShopName, list[ListingRow]]:
    """Return the listings of every shop; they are sorted by shop."""
    return {shop: list(mine) for shop, mine in groupby(listings, key=attrgetter("shop"))}


def _in_doubt(rows: Sequence[ListingRow], intents: Sequence[IntentRow]) -> Sequence[ListingRow]:
    return list(doubtful(rows, intents).values()) if intents else rows


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


async def _together(
    readings: Sequence[ShopReading],
    known: Mapping[ShopName, Sequence[ListingRow]],
    states: Mapping[ShopName, ShopState],
) -> Observed:
    """Return the readings as one; of many a thread makes it, for the loop has others to serve."""
    if sum(len(reading.rows) for reading in readings) > _MANY:
        return await asyncio.to_thread(_observed, readings, known, states)
    return _observed(readings, known, states)


def _observed(
    readings: Sequence[ShopReading],
    known: Mapping[ShopName, Sequence[ListingRow]],
    states: Mapping[ShopName, ShopState],
) -> Observed:
    """Return the readings as one; shops without configuration keep the rows and states they had."""
    rows = {**known, **{reading.state.name: reading.rows for reading in readings}}
    return Observed(
        listings=[row for _, mine in sorted(rows.items()) for row in mine],
        drops=[drop for reading in readings for drop in _bound_drops(reading)],
        shops={**states, **{reading.state.name: reading.state for reading in readings}},
        fresh=frozenset((reading.state.name, at) for reading in readings for at in reading.fresh),
        unresolved=frozenset((intent.shop, intent.listing) for r in readings for intent in r.open),
        errors={reading.state.name: reading.error for reading in readings if reading.error},
        readings=readings,
    )


def _bound_drops(reading: ShopReading) -> list[Drop]:
    if not reading.drops:
        return []
    rows = {row.id: row for row in reading.rows}
    return [one._replace(row=rows[one.row.id]) for one in reading.drops if rows[one.row.id].sku]
