"""What a cycle would decide about a few SKUs, from the state alone: nobody is asked, nothing is written.

It takes no seat and waits for no cycle: what it reads may be of before and after one, and is only looked at.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from syncd.domain.decision import Decision
from syncd.domain.guard import MISSING, Hold, Verdict, direction_of
from syncd.domain.held import HeldRow
from syncd.domain.model import ShopName, Sku, SourceName
from syncd.domain.policy import Stop
from syncd.domain.records import FeedState, ShopState, SourceState
from syncd.domain.said import say
from syncd.domain.totals import sold_of
from syncd.errors import UsageError
from syncd.ports.clock import Clock
from syncd.ports.store import Store
from syncd.services.collect import Collected
from syncd.services.cycle import View
from syncd.services.feeds import Told
from syncd.services.hands import Hands
from syncd.services.judging import Basis, Beyond, Judge, Remembered, Rules
from syncd.services.part import Part, Parts
from syncd.services.seat import Seat

MOST = 5_000
"""More SKUs than that hang together only where something is configured by mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What the state knows of some SKUs: the view a cycle would have of them.

    `problems` are the sources, shops and orders that could not be read the last time, in words.
    """

    view: View
    part: Part
    feeds: Mapping[ShopName, FeedState]
    problems: tuple[str, ...]

    def knows(self, sku: Sku) -> bool:
        """Return whether a source or the configuration knows a SKU or bundle."""
        book = self.view.decision.plan.book
        return sku in book.sku_index or sku in book.bundles.index


class Recall:
    """Decides about a few SKUs by the rules and with the `hands` of the cycles, and lets these be."""

    def __init__(self, rules: Rules, hands: Hands, *, store: Store, clock: Clock, seat: Seat) -> None:
        self._rules = rules
        self._observer = hands.observer
        self._store = store
        self._clock = clock
        self._seat = seat
        self._parts = Parts(rules.topology, rules.traits, store)
        self._judge = Judge(rules, hands, store=store, clock=clock)

    async def view(self, skus: Collection[Sku]) -> Recalled:
        """Return what the state knows of some SKUs and bundles, and of all that hangs together with them.

        Raises:
            UsageError: that is too much to look at.
        """
        around = await self._parts.around(skus, MOST)
        if around is None:
            names = ", ".join(sorted(skus)[:3])
            raise UsageError(
                say("more than %(most)s SKUs hang together with %(names)s", most=MOST, names=names)
            )
        part = await self._parts.load(around)
        (shops, sources, unrouted), (feeds, moves, extras) = await asyncio.gather(
            asyncio.gather(self._store.shops(), self._store.sources(), self._store.unrouted()),
            asyncio.gather(self._store.feeds(), self._store.moves(), self._store.extras()),
        )
        basis = Basis(
            collected=Collected(sources=sources, stock=part.stock, unrouted=unrouted, reports=()),
            observed=self._observer.unread(part.listings, shops, part.unresolved),
            told=Told(heard={}, named={}, claims=part.claims),
            remembered=Remembered(
                levels=part.levels, shares=part.shares, moves=moves, demand=part.demand, extras=extras
            ),
            beyond=await self._beyond(part, skus),
        )
        judged = await self._judge.recall(
            basis,
            blind={name for name, shop in shops.items() if shop.error},
            untaken={name for name, feed in feeds.items() if feed.error},
        )
        view = View(
            at=judged.at,
            decision=await self._as_held(judged.decision),
            sources=(),
            collected=basis.collected,
            observed=basis.observed,
            taken=judged.taken.orders,
        )
        return Recalled(
            view=view,
            part=part,
            feeds=feeds,
            problems=tuple(problems_of(sources, shops, feeds)),
        )

    async def _beyond(self, part: Part, skus: Collection[Sku]) -> Beyond:
        topology = self._parts.narrowed(part)
        bundles = [one for one in self._rules.topology.bundles if one in topology.bundles or one.sku in skus]
        return Beyond(
            topology=replace(topology, bundles=tuple(bundles)),
            sold=await self._sold_elsewhere(part),
            on_sale={},
            sent=(),
        )

    async def _sold_elsewhere(self, part: Part) -> Mapping[ShopName, float]:
        """Return the faded units that shops sold of all other SKUs; it matters where these have shares."""
        if not self._judge.has_shares:
            return {}
        now = self._clock.now()
        if self._seat.totals is not None:
            return self._seat.totals.elsewhere(part.demand, now)
        shops = [shop.name for shop in self._rules.topology.shops]
        grid = await self._store.demand_grid()
        every = await asyncio.to_thread(sold_of, grid, shops, now)
        mine = sold_of(part.demand, shops, now)
        return {shop: max(units - mine[shop], 0.0) for shop, units in every.items()}

    async def _as_held(self, decision: Decision) -> Decision:
        """Return the decision with what is held now, by the word of the last one about everything."""
        now = await self._store.held_now()
        if not now.digest:
            return decision
        changes = list(decision.plan.changes())
        rows = await self._store.held_among(now.digest, {(one.shop, one.listing) for one in changes})
        by_key = {(row.shop, row.listing, row.direction): row for row in rows}
        held = np.array(
            [(one.shop, one.listing, direction_of(one.kind)) in by_key for one in changes], dtype=np.bool_
        )
        held &= np.isin(decision.stop, (Stop.GO, Stop.TAKE_FIRST))
        return replace(
            decision,
            digest=now.digest,
            stop=np.where(held, int(Stop.HELD), decision.stop),
            verdict=Verdict(held=held, holds=_holds(rows)),
        )


def _holds(rows: Sequence[HeldRow]) -> tuple[Hold, ...]:
    """Return what holds these changes, in the order in which the guard says it."""
    found = {
        Hold(
            shop=row.shop,
            direction=row.direction,
            setting=row.setting,
            limit=row.limit,
            value=row.value,
            unit=row.unit,
        )
        for row in rows
    }
    return tuple(sorted(found, key=lambda one: (one.shop, one.setting != MISSING, one.direction)))


def problems_of(
    sources: Mapping[SourceName, SourceState],
    shops: Mapping[ShopName, ShopState],
    feeds: Mapping[ShopName, FeedState],
) -> list[str]:
    """Return what could not be read the last time, as the failures of a cycle say it."""
    found = [source.error for source in sources.values() if source.error]
    found += [
        say("shop %(shop)s: %(error)s", shop=name, error=shop.error)
        for name, shop in shops.items()
        if shop.error
    ]
    return found + [
        say("shop %(shop)s: orders: %(error)s", shop=name, error=feed.error)
        for name, feed in feeds.items()
        if feed.error
    ]
