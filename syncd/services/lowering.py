"""Lower at once what a sale or a message touches, beside whatever is pushed meanwhile.

A cycle looks at everything and takes its time; what is sold twice meanwhile is oversold. This looks only at
the SKUs that somebody named or sold and at what hangs together with them, reads back only what it lowers, and
leaves everything else to the next cycle: raises, transfers, and what it could not find out in time.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from syncd.domain.decision import Decision
from syncd.domain.model import Cause, Change, ListingId, ShopName, Sku
from syncd.domain.parts import parts_of
from syncd.domain.policy import Stop
from syncd.domain.records import ShopState
from syncd.domain.totals import Totals
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store
from syncd.services.collect import Collected
from syncd.services.feeds import NOT_ASKED, Told
from syncd.services.gate import urgently
from syncd.services.hands import Hands
from syncd.services.judging import Basis, Beyond, Judge, Judged, Remembered, Rules
from syncd.services.measuring import Measuring, Moment, found_now, seen_now
from syncd.services.part import Part, Parts
from syncd.services.push import PushReport, changes_by_shop
from syncd.services.push.lines import lowers
from syncd.services.recording import record, settle
from syncd.services.seat import Key, Seat, by_shop
from syncd.services.telling import tell_push

MOST = 1000
"""So many SKUs are no longer a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left to a cycle: some `skus`, or everything."""

    skus: frozenset[Sku] = frozenset()
    everything: bool = False

    def __bool__(self) -> bool:
        return self.everything or bool(self.skus)


EVERYTHING = Left(everything=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """How it went: what was pushed, and what is left to a cycle."""

    left: Left
    pushed: Mapping[ShopName, PushReport] = field(default_factory=dict)


class _Found(NamedTuple):
    """What is looked at: its rows, what was collected and told, and shops that did not answer in time."""

    part: Part
    totals: Totals
    collected: Collected
    shops: Mapping[ShopName, ShopState]
    told: Told
    slow: frozenset[ShopName]


class _Looked(NamedTuple):
    """What was seen of it and decided."""

    found: _Found
    basis: Basis
    judged: Judged


class Lowering:
    """Lowers at once; shares the `seat` with the cycles, and needs that one of them has decided on all.

    All else that calls a shop makes way until its books are closed.
    """

    def __init__(
        self, rules: Rules, hands: Hands, *, store: Store, clock: Clock, events: Events, seat: Seat
    ) -> None:
        self._rules = rules
        self._hands = hands
        self._store = store
        self._clock = clock
        self._events = events
        self._seat = seat
        self._parts = Parts(rules.topology, rules.traits, store)
        self._judge = Judge(rules, hands, store=store, clock=clock)
        self._measuring = Measuring(store, events)
        self._asks = {name for name, one in hands.pushers.items() if one.channel.traits.observes_some}

    async def run(self, skus: frozenset[Sku]) -> Lowered:
        """Lower what `skus` and the orders that somebody pointed at ask for; say what is left to a cycle."""
        began = self._clock.monotonic()
        lowered = await self._lower(skus)
        self._events.tell(
            "lowered",
            seconds=self._clock.monotonic() - began,
            done=len(_done(lowered.pushed)),
            left="everything" if lowered.left.everything else len(lowered.left.skus),
        )
        return lowered

    async def _lower(self, skus: frozenset[Sku]) -> Lowered:
        with ExitStack() as first:
            async with self._seat.taken():
                first.enter_context(self._hands.precedence.taken(self._clock.monotonic()))
                with urgently():
                    found = await self._find(skus)
                    if isinstance(found, Left):
                        return Lowered(left=found)
                    looked = await self._look(found)
                await self._judge.keep(looked.judged, looked.basis)
                decision = looked.judged.decision
                spared = await record(self._store, decision, partial=lambda _: True)
                number = self._seat.number
            going = [change for change in decision.going() if self._is_ours(change, found)]
            pushed = await self._push(going, number)
            # Of its books too: the next who lowers has to wait for these.
            async with self._seat.taken():
                await self._close(looked, pushed, spared)
        done = _done(pushed)
        is_left = _is_left(decision, done) or bool(looked.basis.observed.errors) or bool(found.slow)
        return Lowered(left=Left(skus=found.part.skus) if is_left else Left(), pushed=pushed)

    async def _close(
        self, looked: _Looked, pushed: Mapping[ShopName, PushReport], spared: Counter[ShopName]
    ) -> None:
        """Record what is done; whoever began to look at all since saw it, and says what was wanted."""
        decision, part = looked.judged.decision, looked.found.part
        if ours := _done(pushed) & self._seat.lowered:
            await settle(self._store, decision, ours)
            changes = [change for report in pushed.values() for change in report.done]
            before = part.listings
            after = await self._store.named([(row.shop, row.id) for row in before])
            self._seat.done(changes, before, after)
        await self._measuring.note(
            Moment(
                at=looked.judged.at,
                decision=decision,
                seen=seen_now(looked.judged.taken, looked.basis.observed),
                found=found_now(looked.basis.observed),
                pushed=pushed,
                spared=spared,
                only=frozenset((row.shop, row.id) for row in part.listings),
            )
        )

    # --- what to look at -----------------------------------------------------------------------------------

    async def _find(self, skus: frozenset[Sku]) -> "_Found | Left":
        """Return what is looked at; where only a cycle can tell, what that has to look at."""
        shops, totals = await self._store.shops(), self._seat.totals
        if totals is None or any(self._judge.reconfigured(shops).values()):
            return EVERYTHING
        told = await self._hands.intake.hear_named(shops)
        if any(told.heard[shop].unread != NOT_ASKED for shop in told.named if shop in told.heard):
            return EVERYTHING
        collected = await self._collected(skus)
        sold = await self._sold(told)
        around = None if sold is None else await self._parts.around(skus | sold, MOST)
        if around is None:
            return EVERYTHING
        slow = await self._withdrawn(around.listings)
        # What was in the air has landed.
        part = await self._parts.load(around)
        if not skus <= self._known(part):
            return Left(skus=skus)
        return _Found(part, totals, collected, shops, replace(told, claims=part.claims), slow)

    def _known(self, part: Part) -> set[Sku]:
        topology = self._rules.topology
        bundles = {bundle.sku for bundle in topology.bundles}
        return {row.sku for row in part.stock} | bundles | {extra.sku for extra in topology.virtual}

    async def _collected(self, skus: frozenset[Sku]) -> Collected:
        """Return what the sources say now; of orders that somebody pointed at they know nothing yet."""
        if skus:
            return await self._hands.collector.collect_changes()
        sources, unrouted = await self._store.sources(), await self._store.unrouted()
        return Collected(sources=sources, stock=(), unrouted=unrouted, reports=())

    async def _sold(self, told: Told) -> frozenset[Sku] | None:
        """Return the SKUs that orders are about, None where one names no listing that is known."""
        found: set[Sku] = set()
        for shop, heard in told.heard.items():
            places = {(shop, line.listing) for line in heard.lines}
            rows = await self._store.named(places) if places else ()
            if len(rows) < len(places):
                return None
            found.update(row.sku for row in rows if row.sku)
            names = sorted(
                {line.line for line in heard.lines} | {line.replaces for line in heard.lines} - {""}
            )
            for order in await self._store.named_orders(shop, names) if names else ():
                found.update(parts_of(order.parts))
        return frozenset(found)

    async def _withdrawn(self, listings: frozenset[Key]) -> frozenset[ShopName]:
        """Take the listings from pushes that are under way; return the shops that still write some."""
        # First of all, so that no push begins with one of them meanwhile.
        self._seat.lowered |= listings

        async def one(shop: ShopName, mine: set[ListingId]) -> ShopName | None:
            try:
                async with asyncio.timeout(self._seat.patience):
                    await self._hands.pushers[shop].withdraw(mine)
            except TimeoutError:
                return shop
            return None

        shops = {shop: mine for shop, mine in by_shop(listings).items() if shop in self._hands.pushers}
        slow = await asyncio.gather(*(one(shop, mine) for shop, mine in shops.items()))
        return frozenset(shop for shop in slow if shop is not None)

    # --- what is there -------------------------------------------------------------------------------------

    async def _look(self, found: _Found) -> _Looked:
        part = found.part
        observed = self._hands.observer.unread(part.listings, found.shops, part.unresolved)
        basis = Basis(
            collected=replace(found.collected, stock=part.stock),
            observed=observed,
            remembered=await self._remembered(part),
            beyond=self._beyond(part, found.totals),
            told=found.told,
        )
        judged = await self._judge.decide(basis)
        blind = self._to_read(judged.decision, found)
        if blind:
            observed = await self._hands.observer.read_back(observed, blind, limit=self._seat.patience)
            basis = basis._replace(observed=observed)
            judged = await self._judge.decide(basis)
        return _Looked(found, basis, judged)

    async def _remembered(self, part: Part) -> Remembered:
        moves, extras = await asyncio.gather(self._store.moves(), self._store.extras())
        return Remembered(
            levels=part.levels, shares=part.shares, moves=moves, demand=part.demand, extras=extras
        )

    def _beyond(self, part: Part, totals: Totals) -> Beyond:
        now = self._judge.now
        return Beyond(
            topology=self._parts.narrowed(part),
            sold=totals.elsewhere(part.demand, now) if self._judge.has_shares else {},
            on_sale=totals.beside(part.listings),
            sent=totals.sent,
        )

    def _to_read(self, decision: Decision, found: _Found) -> dict[ShopName, list[ListingId]]:
        raised = decision.raised()
        asked = {
            shop: [listing for listing in listings if (shop, listing) not in raised]
            for shop, listings in decision.blind().items()
            if shop in self._asks - found.slow and not _is_failing(found.shops.get(shop))
        }
        return {shop: sorted(listings) for shop, listings in asked.items() if listings}

    # --- what goes out -------------------------------------------------------------------------------------

    def _is_ours(self, change: Change, found: _Found) -> bool:
        """Return whether a change is sent at once: what moves units between shops has books of its own."""
        return lowers(change) and change.cause is not Cause.TAKE and change.shop not in found.slow

    async def _push(self, changes: Sequence[Change], number: int) -> dict[ShopName, PushReport]:
        async def one(shop: ShopName, mine: Sequence[Change]) -> PushReport:
            if self._seat.number != number:
                # Somebody has decided on all meanwhile, knowing of all that was seen here.
                return PushReport(shop=shop)
            # Once more: a cycle that began to read meanwhile must not write them either.
            self._seat.lowered |= {(shop, change.listing) for change in mine}
            report = await self._hands.pushers[shop].push(mine)
            await tell_push(self._events, report, self._clock)
            return report

        reports = await asyncio.gather(*(one(shop, mine) for shop, mine in changes_by_shop(changes).items()))
        return {report.shop: report for report in reports}


def _done(pushed: Mapping[ShopName, PushReport]) -> set[Key]:
    return {(change.shop, change.listing) for report in pushed.values() for change in report.done}


def _is_failing(shop: ShopState | None) -> bool:
    return shop is None or bool(shop.error)


_LIFTED = (Stop.GO, Stop.TAKE_FIRST, Stop.UNREAD, Stop.UNRESOLVED, Stop.UNTAKEN)
"""What a cycle lifts by reading and asking; all else is for people, or for better figures."""


def _is_left(decision: Decision, done: set[Key]) -> bool:
    """Return whether a decision wants something that was not done and that a cycle could do."""
    open_ = decision.plan.where(np.isin(decision.stop, _LIFTED))
    return not done.issuperset(decision.plan.book.listings.names(open_.listing))
