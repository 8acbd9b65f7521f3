"""Take in what shops sold: claims that lower every other shop before the ERP knows of the sale."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Protocol

from syncd.domain.claims import Drop, Presumed, contained, drop_listing, presumed
from syncd.domain.fresh_sales import FreshSales, fresh_sales
from syncd.domain.locks.sales import explained_sales, ordered_sales, presumed_sales
from syncd.domain.locks.taken import LocksTaken, take_locks
from syncd.domain.locks.using import Sale
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, SourceName
from syncd.domain.ordering import (
    PREFIX,
    Changes,
    News,
    OrderRules,
    TakenIn,
    can_lapse,
    changes_of,
    explain_rises,
    order_of,
    take_in,
    told,
)
from syncd.domain.ordering.lines import is_paid
from syncd.domain.parts import components
from syncd.domain.past import Stretch, past_demand
from syncd.domain.records import ClaimRow, DemandRow, ShopState, ShopStatus, SourceState
from syncd.domain.topology import Topology
from syncd.domain.withheld import WITHHELD
from syncd.ports.events import Events
from syncd.ports.store import LockStore, OrderStore, PlanStore, Proof, TakenOrders
from syncd.services.feeds import FeedJob, Heard, LongReadings, NamedOrders, Told, hear, hear_named, tell
from syncd.services.order_listings import listings_of, met, newly_bound, unsure
from syncd.services.readings import Observed
from syncd.services.withholding import Withholding

Key = tuple[ShopName, str]


class ClaimStore(OrderStore, PlanStore, LockStore, Protocol):
    """What an intake needs of the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The claims to plan with, and what the state must learn of them.

    `opened` are presumed sales that are new or larger. `risen` are counters that rose by more than presumed
    sales and cancelled orders could give back. `untaken` are the shops whose orders are not known up to now,
    with the reason. `expected` are the listings whose counter moved with an order. `lapsed` are counters that
    fell, that no order explained and that every snapshot contains by now. `sold` are the sales seen just now,
    `unpaid` the units of claims that nobody has paid, `locks` what all these sales used of locks.
    `named` orders were asked for because somebody pointed at them.
    """

    claims: Sequence[ClaimRow]
    drops: Sequence[Drop]
    opened: Sequence[ClaimRow]
    risen: Sequence[Drop]
    orders: TakenOrders
    expected: Mapping[tuple[ShopName, ListingId], ListingRow] = field(default_factory=dict)
    heard: Sequence[Heard] = ()
    changes: Mapping[ShopName, Changes] = field(default_factory=dict)
    lapsed: Sequence[ClaimRow] = ()
    sold: FreshSales = field(default_factory=FreshSales)
    unpaid: Mapping[tuple[ShopName, Sku], int] = field(default_factory=dict)
    locks: LocksTaken = field(default_factory=LocksTaken)
    named: Mapping[ShopName, frozenset[str]] = field(default_factory=dict)

    @property
    def untaken(self) -> dict[ShopName, str]:
        """Return the shops whose orders are not known up to now, with the reason."""
        return {one.state.shop: one.error for one in self.heard if one.error}

    def moved(self, listings: Sequence[ListingRow]) -> Sequence[ListingRow]:
        """Return `listings` with their counters as the orders left them."""
        return [self.expected.get(row[:2], row) for row in listings] if self.expected else listings


class Intake:
    """Keeps the open claims; `rules` say how the sales of each shop count."""

    def __init__(
        self,
        topology: Topology,
        *,
        rules: Mapping[ShopName, OrderRules],
        store: ClaimStore,
        events: Events,
        feeds: Mapping[ShopName, FeedJob] | None = None,
        named: NamedOrders | None = None,
    ) -> None:
        self._topology = topology
        self._rules = rules
        self._presumed_for = {shop: one.presumed_for for shop, one in rules.items()}
        self._store = store
        self._events = events
        self._feeds = feeds or {}
        self._named = named or NamedOrders()
        self._long = LongReadings()
        self._withholding = Withholding(topology, rules=rules, store=store, tells=frozenset(self._feeds))

    async def hear(self, shops: Mapping[ShopName, ShopState], now: datetime) -> Told:
        """Return what shops tell of their orders up to now; asked after their counters, it explains these."""
        named = self._named.waiting()
        asked, feeds = _asked(self._feeds, shops), await self._store.feeds() if self._feeds else {}
        heard = await hear(asked, feeds, named, now, self._long)
        return Told(heard={one.state.shop: one for one in heard}, named=named)

    async def take(
        self,
        observed: Observed,
        told: Told,
        sources: Mapping[SourceName, SourceState],
        now: datetime,
    ) -> Taken:
        """Return the open claims with what counters and orders add or give back, without what is contained.

        The orders must be known past every reading in `observed` that is to count as fresh.
        """
        claims_before = await self._store.claims() if told.claims is None else told.claims
        known = {(claim.shop, claim.line): claim for claim in claims_before}
        named, heard = told.named, told.heard
        changes = {
            shop: changes_of(await self._news(shop, heard.get(shop), known, observed), self._topology)
            for shop in self._told_shops(heard, known)
        }
        drops, explained = explain_rises(observed.drops, changes)
        holdings = self._withholding.holdings(observed, known)
        before, apart = self._withholding.turned(drops, holdings, known, now)
        drop_claims = [claim for claim in before.values() if not claim.line.startswith((PREFIX, WITHHELD))]
        found = presumed(apart, drop_claims, self._topology, now)
        taken_in = [
            take_in(
                changed,
                presumed=_after(drop_claims, found).values(),
                risen={listing: units for (name, listing), units in explained.items() if name == shop},
                sources=sources,
                topology=self._topology,
            )
            for shop, changed in changes.items()
        ]
        explained_by = explained_sales(_after(drop_claims, found), taken_in)
        ordered = chain(*(ordered_sales(changed) for changed in changes.values()), explained_by)
        locks = await self._locks(presumed_sales(known, found), ordered, now)
        claims, done = self._open_claims(_after(before.values(), found), taken_in, changes, sources)
        claims |= await self._withholding.claims(holdings, changes, (known, claims), now)
        lapsed = [claim for claim in done if claim.shop in self._feeds and not claim.line.startswith(PREFIX)]
        opened = [claim for claim in found.opened if claim.shop in self._feeds or claim not in done]
        stored = known | {(claim.shop, claim.line): claim for claim in opened}
        return Taken(
            claims=list(claims.values()),
            drops=[one for one in drops if one.row.shop not in self._feeds],
            opened=opened,
            risen=found.risen,
            orders=replace(
                _to_keep(stored, claims, taken_in, list(heard.values())),
                uses=locks.closing,
                locks=locks.changed,
                ledger=locks.ledger,
                demand=self._past(observed, heard, changes, claims),
            ),
            locks=locks,
            expected={(row.shop, row.id): row for one in taken_in for row in one.expected.values()},
            heard=list(heard.values()),
            changes=changes,
            lapsed=lapsed,
            sold=fresh_sales(known, claims),
            unpaid=_unpaid(claims.values(), changes),
            named=named,
        )

    async def hear_named(self, shops: Mapping[ShopName, ShopState]) -> Told:
        """Return what shops tell of the orders that somebody pointed at since this was asked last.

        Cycles that have taken them in meanwhile do not matter, and nothing else is asked.
        """
        named, feeds = self._named.hurried(), await self._store.feeds()
        asked = _asked(self._feeds, shops)
        heard = await hear_named(asked, feeds, named)
        return Told(heard={one.state.shop: one for one in heard}, named=named)

    async def open(self, taken: Taken) -> None:
        """Make the state know the sales.

        Before it learns of the counters that fell: a crash between the two would forget the sales.
        """
        if taken.opened:
            await self._store.save_claims(taken.opened, (), taken.locks.opening)
        for row, units, _ in taken.drops:
            self._events.tell("drift", shop=row.shop, listing=row.id, sku=row.sku, by=-units)

    async def close(self, taken: Taken) -> None:
        """Make the state know the orders, and what came back or is contained.

        After it learned of the counters that rose: found once more after a crash, they would give back twice.
        """
        if taken.orders != TakenOrders():
            await self._store.take_orders(taken.orders)
        self._named.asked(taken.named)
        tell(taken.heard, self._events)
        for changed in taken.changes.values():
            for row, why in told(changed):
                self._events.tell("order_doubted", shop=row.shop, order=row.order, line=row.line, because=why)
        for claim in taken.lapsed:
            self._events.tell(
                "drift", shop=claim.shop, listing=drop_listing(claim), sku=claim.sku, by=-claim.units
            )

    async def _locks(self, counted: Iterable[Sale], ordered: Iterable[Sale], now: datetime) -> LocksTaken:
        """Return the locks as the sales of counters and orders leave them."""
        places = {place: pool.name for pool in self._topology.pools for place in pool.warehouses}
        kept = await self._store.locks(), await self._store.uses()
        sales = (list(counted), list(ordered)) if any(kept) else ([], [])
        return take_locks(kept, sales, now, places)

    def _past(
        self,
        observed: Observed,
        heard: Mapping[ShopName, Heard],
        changes: Mapping[ShopName, Changes],
        claims: Collection[Key],
    ) -> list[DemandRow]:
        """Return what the very first orders that a shop tells say of its buyers."""
        rows: list[DemandRow] = []
        for shop, one in heard.items():
            since, until = one.since, one.state.cursor
            if one.before.cursor is None and since is not None and until is not None:
                mine = (row for row in observed.listings if row.shop == shop and not row.gone)
                listed = {sku for row in mine for sku, _ in components(row, self._topology)}
                rows += past_demand(changes[shop], listed, Stretch(since, until), claims)
        return rows

    # --- what was told -------------------------------------------------------------------------------------

    def _told_shops(self, heard: Mapping[ShopName, Heard], known: Mapping[Key, ClaimRow]) -> list[ShopName]:
        """Return the configured shops that told something, or told once what is still open."""
        claimed = {claim.shop for claim in known.values() if claim.line.startswith(PREFIX)}
        return [shop.name for shop in self._topology.shops if shop.name in heard or shop.name in claimed]

    async def _news(
        self, shop: ShopName, heard: Heard | None, known: Mapping[Key, ClaimRow], observed: Observed
    ) -> News:
        lines = heard.lines if heard else ()
        reading = next((one for one in observed.readings if one.state.name == shop), None)
        names = {line.line for line in lines} | {line.replaces for line in lines if line.replaces}
        names |= {order_of(c) for c in known.values() if c.shop == shop and c.line.startswith(PREFIX)}
        rows = {row.line: row for row in await self._store.named_orders(shop, sorted(names))}
        if reading is not None and (bound := newly_bound(reading)):
            unbound = (row for row in await self._store.orders(shop) if not row.parts)
            rows |= {row.line: row for row in unbound if not row.listing or row.listing in bound}
        job = self._feeds.get(shop)
        listings = listings_of(reading, lines, rows)
        return News(
            shop=shop,
            rules=job.rules if job else self._rules.get(shop, OrderRules()),
            lines=lines,
            known=rows,
            listings=listings,
            met=met(reading, listings),
            unsure=unsure(reading, listings, heard.before.cursor if heard else None),
            reached=heard.state.cursor if heard else None,
            before=heard.before.cursor if heard else None,
            is_told=heard is not None,
        )

    def _open_claims(
        self,
        before: Mapping[Key, ClaimRow],
        taken_in: Sequence[TakenIn],
        changes: Mapping[ShopName, Changes],
        sources: Mapping[SourceName, SourceState],
    ) -> tuple[dict[Key, ClaimRow], list[ClaimRow]]:
        """Return the claims that stay open, and those that every snapshot contains by now."""
        claims = {key: claim for key, claim in before.items() if not _is_recomputed(claim, changes)}
        claims = {key: claim for key, claim in claims.items() if not claim.line.startswith(WITHHELD)}
        for one in taken_in:
            claims |= {(claim.shop, claim.line): claim for claim in one.explained}
        claims = {key: claim for key, claim in claims.items() if claim.units}
        asked = {shop: changed.news for shop, changed in changes.items() if changed.news.is_told}
        done = [
            claim
            for claim in contained(list(claims.values()), sources, self._topology, self._presumed_for)
            if claim.shop not in asked or can_lapse(claim, asked[claim.shop])
        ]
        for claim in done:
            claims.pop((claim.shop, claim.line))
        claims |= {(claim.shop, claim.line): claim for one in taken_in for claim in one.claims}
        return claims, done


def _asked(feeds: Mapping[ShopName, FeedJob], shops: Mapping[ShopName, ShopState]) -> dict[ShopName, FeedJob]:
    retired = {name for name, shop in shops.items() if shop.status is ShopStatus.RETIRED}
    return {shop: job for shop, job in feeds.items() if shop not in retired}


def _after(claims: Iterable[ClaimRow], found: Presumed) -> dict[Key, ClaimRow]:
    """Return the claims as drops leave them; those given back whole are no more."""
    after = {(claim.shop, claim.line): claim for claim in (*claims, *found.opened, *found.returned)}
    for claim in found.closed:
        after.pop((claim.shop, claim.line), None)
    return after


def _unpaid(
    claims: Iterable[ClaimRow], changes: Mapping[ShopName, Changes]
) -> dict[tuple[ShopName, Sku], int]:
    """Return the units that are claimed by orders which are not paid, or withheld for such."""
    held: dict[tuple[ShopName, Sku], int] = {}
    for claim in claims:
        is_order = _is_recomputed(claim, changes)
        if claim.line.startswith(WITHHELD) or (
            is_order and not is_paid(changes[claim.shop].rows[order_of(claim)])
        ):
            held[claim.shop, claim.sku] = held.get((claim.shop, claim.sku), 0) + claim.units
    return held


def _is_recomputed(claim: ClaimRow, changes: Mapping[ShopName, Changes]) -> bool:
    """Return whether the claim is of an order whose row was looked at."""
    is_order = claim.line.startswith(PREFIX) and claim.shop in changes
    return is_order and order_of(claim) in changes[claim.shop].rows


def _to_keep(
    stored: Mapping[Key, ClaimRow],
    claims: Mapping[Key, ClaimRow],
    taken_in: Sequence[TakenIn],
    heard: Sequence[Heard],
) -> TakenOrders:
    """Return what the state, which knows the `stored` claims, must learn."""
    return TakenOrders(
        rows=[row for one in taken_in for row in one.rows],
        claims=[claim for key, claim in claims.items() if stored.get(key) != claim],
        closed=[claim for key, claim in stored.items() if key not in claims],
        proofs=[
            Proof(
                shop=row.shop,
                listing=row.id,
                expected_lo=row.expected_lo,
                expected_hi=row.expected_hi,
                on_sale=None,
                delisted_by="",
            )
            for one in taken_in
            for row in one.expected.values()
        ],
        feeds=[one.state for one in heard if one.state != one.before],
    )
