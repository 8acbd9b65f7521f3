"""Observe what the shops show and bind their listings; a shop that cannot be read holds up no other."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncd.domain.acceptance import VANISHED
from syncd.domain.aliases import KnownCodes, known_codes
from syncd.domain.bindings import Binding, bind
from syncd.domain.claims import drop
from syncd.domain.expected import seen
from syncd.domain.model import (
    ItemId,
    ListingId,
    ListingRow,
    ObservedListing,
    ShopName,
    Sku,
    SourceName,
    StockRow,
)
from syncd.domain.records import IntentRow, Resolution, ShopState, ShopStatus
from syncd.domain.topology import Shop, Topology
from syncd.errors import PortError
from syncd.ports.channel import Channel
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopJob:
    """A configured shop; reading all of it may take `timeout` seconds and is due every `observe_every`."""

    shop: Shop
    channel: Channel
    timeout: float = 300.0
    observe_every: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReading:
    """What one shop showed: its rows as they are now, and why it could not be read if it could not."""

    state: ShopState
    rows: Sequence[ListingRow]
    changed: Sequence[ListingRow]
    resolved: Sequence[IntentRow]
    drops: Sequence[tuple[ListingId, int]] = ()
    before: Mapping[ListingId, ListingRow] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All listings to plan with, and the shops that nothing may be raised in.

    `drops` are the bound listings whose counters moved though syncd did not write them, with how far they
    fell (negative: rose).
    """

    listings: Sequence[ListingRow]
    drops: Sequence[tuple[ListingRow, int]]
    shops: Mapping[ShopName, ShopState]
    unread: frozenset[ShopName]
    unresolved: frozenset[tuple[ShopName, ListingId]]
    errors: Mapping[ShopName, str]


def codes_of(stock: Sequence[StockRow], suffixes: Mapping[SourceName, str], topology: Topology) -> KnownCodes:
    """Return the codes that listings can be bound to: SKUs, bundles; vanished and unsellable ones apart."""
    by_source: dict[tuple[SourceName, Sku], bool] = {}
    for row in stock:
        key = (row.source, row.sku)
        by_source[key] = by_source.get(key, True) and row.missed >= VANISHED
    unsellable = {
        sku
        for source, sku in by_source
        if (suffix := suffixes.get(source, ""))
        and sku.endswith(suffix)
        and (source, Sku(sku.removesuffix(suffix))) in by_source
    }
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

    async def observe(self, codes: KnownCodes, *, save: bool) -> Observed:
        """Return every listing as it is now; with `save`, the state knows it before this returns."""
        known: dict[ShopName, list[ListingRow]] = {}
        for row in await self._store.listings():
            known.setdefault(row.shop, []).append(row)
        states = dict(await self._store.shops())
        intents: dict[ShopName, list[IntentRow]] = {}
        for intent in await self._store.unresolved():
            intents.setdefault(intent.shop, []).append(intent)
        readings = await asyncio.gather(
            *(
                self._one(
                    job,
                    states.get(job.shop.name, ShopState(name=job.shop.name)),
                    known.get(job.shop.name, []),
                    intents.get(job.shop.name, []),
                )
                for job in self._jobs
            )
        )
        bound = [self._bind(job, reading, codes) for job, reading in zip(self._jobs, readings, strict=True)]
        for reading in bound:
            known[reading.state.name] = list(reading.rows)
            states[reading.state.name] = reading.state
            resolved = {intent.key for intent in reading.resolved}
            mine = intents.get(reading.state.name, [])
            intents[reading.state.name] = [intent for intent in mine if intent.key not in resolved]
            if save:
                await self._save(reading)
        self._codes = codes
        open_ = {(intent.shop, intent.listing) for rows in intents.values() for intent in rows}
        return Observed(
            listings=sorted((row for rows in known.values() for row in rows), key=lambda row: row[:2]),
            drops=[drop for reading in bound for drop in _bound_drops(reading)],
            shops=states,
            unread=frozenset(reading.state.name for reading in bound if reading.error),
            unresolved=frozenset(open_),
            errors={reading.state.name: reading.error for reading in bound if reading.error},
        )

    async def _one(
        self, job: ShopJob, state: ShopState, known: list[ListingRow], intents: list[IntentRow]
    ) -> ShopReading:
        now = self._clock.now()
        due = state.observed_at is None or now - state.observed_at >= job.observe_every
        retired = state.status is ShopStatus.RETIRED
        if retired or not (due or intents or state.error):
            return _untouched(state, known)
        try:
            async with asyncio.timeout(job.timeout):
                shown = await _read_all(job.channel)
        except PortError as error:
            return self._failed(state, known, str(error), now)
        except TimeoutError:
            return self._failed(state, known, f"not read within {job.timeout:g} s", now)
        if not shown and any(not row.gone for row in known):
            return self._failed(state, known, "it shows no listing at all though it had some", now)
        if state.error:
            self._events.tell("shop_recovered", shop=state.name)
        settled, waiting = _settled(intents, now, job.channel.traits.max_apply_delay)
        rows = _read_rows(state.name, known, shown, waiting, now)
        before = {row.id: row for row in known}
        changed = [row for row in rows if before.get(row.id) != row]
        state = replace(state, observed_at=now, error="", failing_since=None)
        drops = [(row.id, units) for row in rows if (units := drop(before.get(row.id), row))]
        return ShopReading(
            state=state, rows=rows, changed=changed, resolved=settled, drops=drops, before=before
        )

    def _failed(self, state: ShopState, known: list[ListingRow], error: str, now: datetime) -> ShopReading:
        if not state.error:
            self._events.tell("shop_failing", shop=state.name, error=error)
        state = replace(state, error=error, failing_since=state.failing_since or now)
        return replace(_untouched(state, known), error=error)

    def _bind(self, job: ShopJob, reading: ShopReading, codes: KnownCodes) -> ShopReading:
        """Return the reading with its listings bound; standing bindings are looked at when codes change."""
        changed = {row.id: row for row in reading.changed}
        all_anew = codes != self._codes or reading.state.fingerprint != self._fingerprint
        rows = []
        for row in reading.rows:
            before = reading.before.get(row.id)
            same_code = before is not None and before.code == row.code
            if row.sku and same_code and not all_anew:
                rows.append(row)
                continue
            binding = bind(row.code, known=codes, shop=job.shop, before=before)
            bound = row._replace(
                sku=binding.sku, units=binding.units, unbound_because=binding.unbound_because
            )
            if bound != row:
                changed[row.id] = bound
            self._tell_binding(before, bound, binding)
            rows.append(bound)
        return replace(reading, rows=rows, changed=list(changed.values()))

    def _tell_binding(self, before: ListingRow | None, row: ListingRow, binding: Binding) -> None:
        known = before.unbound_because if before else ""
        facts = {"shop": row.shop, "listing": row.id, "code": row.code}
        if binding.unbound_because and binding.unbound_because != known:
            self._events.tell("listing_unbound", **facts, because=binding.unbound_because)
        if binding.told:
            self._events.tell("binding_held", **facts, because=binding.told)

    async def _save(self, reading: ShopReading) -> None:
        if reading.changed:
            await self._store.save_listings(reading.changed)
        if reading.resolved:
            await self._store.resolve(reading.resolved, (), ())
        await self._store.save_shop(reading.state)


def _untouched(state: ShopState, known: Sequence[ListingRow]) -> ShopReading:
    before = {row.id: row for row in known}
    return ShopReading(state=state, rows=known, changed=(), resolved=(), before=before)


def _bound_drops(reading: ShopReading) -> list[tuple[ListingRow, int]]:
    rows = {row.id: row for row in reading.rows}
    return [(rows[listing], units) for listing, units in reading.drops if rows[listing].sku]


async def _read_all(channel: Channel) -> list[ObservedListing]:
    found: list[ObservedListing] = []
    async for page in channel.observe():
        found.extend(page)
    return found


def _settled(
    intents: Sequence[IntentRow], now: datetime, delay: float
) -> tuple[list[IntentRow], list[IntentRow]]:
    """Split open intents into those that this reading settles and those that may still be applied."""
    limit = timedelta(seconds=delay)
    settled = [row for row in intents if row.sent_at is None or row.sent_at + limit <= now]
    waiting = [row for row in intents if row not in settled]
    return [row._replace(resolution=Resolution.OBSERVED) for row in settled], waiting


def _read_rows(
    shop: ShopName,
    known: Sequence[ListingRow],
    shown: Sequence[ObservedListing],
    waiting: Sequence[IntentRow],
    now: datetime,
) -> list[ListingRow]:
    """Return all rows of a shop after a whole reading; what it no longer shows is gone."""
    before = {row.id: row for row in known}
    targets = {intent.listing: intent.target for intent in waiting}
    rows = {}
    for listing in shown:
        row = seen(before.get(listing.id) or blank(shop, listing.id), listing)._replace(observed_at=now)
        target = targets.get(listing.id)
        if target is not None and row.expected_lo is not None and row.expected_hi is not None:
            # Accepted is not applied: until the delay has passed the counter may still become the target.
            row = row._replace(
                expected_lo=min(row.expected_lo, target), expected_hi=max(row.expected_hi, target)
            )
        rows[listing.id] = row
    for row in known:
        if row.id not in rows:
            rows[row.id] = row._replace(gone=True)
    return [rows[key] for key in sorted(rows)]


def blank(shop: ShopName, listing: ListingId) -> ListingRow:
    """Return a listing of which nothing is known yet."""
    return ListingRow(
        shop=shop,
        id=listing,
        code="",
        item=ItemId(""),
        location="",
        title="",
        sku=Sku(""),
        units=1,
        unbound_because="",
        desired=None,
        want_off=False,
        expected_lo=None,
        expected_hi=None,
        observed=None,
        observed_at=None,
        withheld=0,
        on_sale=None,
        delisted_by="",
        gone=False,
    )
