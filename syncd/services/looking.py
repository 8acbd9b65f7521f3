"""Look at what a cycle decides on: at everything, or only at what is new where all else stands."""

import asyncio
from typing import NamedTuple

from syncd.domain.bindings import codes_of
from syncd.domain.decision import Decision, Takes
from syncd.domain.model import ListingId, ShopName
from syncd.domain.totals import Totals, totals_of
from syncd.ports.clock import Clock
from syncd.ports.store import Store
from syncd.services.carry import Carry
from syncd.services.collect import Collected
from syncd.services.hands import Hands
from syncd.services.judging import Basis, Judge, Judged, Rules
from syncd.services.order_listings import places_of
from syncd.services.reading_back import to_read_back
from syncd.services.readings import Observed
from syncd.services.seat import Seat


class Seen(NamedTuple):
    """What a cycle saw, and the shops of which more is to be raised than could be read.

    `judged` is the decision where it rests on all of it.
    """

    basis: Basis
    behind: frozenset[ShopName]
    judged: Judged | None = None


class Looker:
    """Collects, observes and hears; with a carry only what is new, while what that keeps stands."""

    def __init__(self, rules: Rules, hands: Hands, judge: Judge, *, store: Store, clock: Clock) -> None:
        self._rules = rules
        self._hands = hands
        self._judge = judge
        self._store = store
        self._clock = clock
        self._carry = hands.carry

    async def see(self, *, save: bool, whole: bool, takes: tuple[Takes, ...]) -> Seen:
        """Return what is to be seen, `whole` or what is new of it.

        Only what one `takes` is read once more before it is written.
        """
        hands = self._hands
        seen, judged = await self.decided(Seen(await self._first(save=save, whole=whole), frozenset()))
        basis = seen.basis
        # Of many changes this takes a while, and the loop has others to serve.
        again, behind = await asyncio.to_thread(_to_read, judged.decision, takes, basis.observed)
        if not again:
            return seen._replace(behind=behind)
        observed = basis.observed
        if basis.is_news:
            observed = await hands.observer.to_read(observed, again)
        observed = await hands.observer.read_back(observed, again)
        # Once more: the orders must be known past every reading.
        told = await hands.intake.hear(observed.shops, self._clock.now())
        return Seen(await self._explained(basis._replace(observed=observed, told=told)), behind)

    async def newest(self, seen: Seen, seat: Seat) -> Seen:
        """Return what was seen with all that others have written down meanwhile."""
        if not seat.lowered:
            return seen
        rows, unresolved = await self._store.named(seat.lowered), await self._store.unresolved()
        basis = seen.basis
        return Seen(
            basis._replace(
                collected=await self._hands.collector.again(basis.collected, stock=not basis.is_news),
                observed=self._hands.observer.without(basis.observed, rows, unresolved),
                remembered=await self._judge.remember(news=basis.is_news),
            ),
            seen.behind,
        )

    async def decided(self, seen: Seen) -> tuple[Seen, Judged]:
        """Return the decision on what was seen; where what is new is not enough, with everything."""
        if seen.judged is not None:
            return seen, seen.judged
        basis = seen.basis
        judged = None
        if basis.is_news and self._carry is not None:
            judged = await self._judge.decide_news(basis, self._carry)
            basis = basis if judged else await self._whole(basis)
        judged = judged or await self._judge.decide(basis)
        return seen._replace(basis=basis, judged=judged), judged

    def totals(self, basis: Basis, judged: Judged) -> Totals:
        """Return what everything comes to after a decision."""
        if basis.is_news and self._carry is not None:
            return self._carry.totals(judged.decision, judged.sent)
        return totals_of(judged.decision, judged.sent)

    def forget(self) -> None:
        """Begin the next time with everything: this time something broke."""
        if self._carry is not None:
            self._carry.drop()

    async def _first(self, *, save: bool, whole: bool) -> Basis:
        if self._carry is None or whole:
            return await self._everything(await self._hands.collector.collect(save=save))
        collected = await self._hands.collector.collect_changes()
        if not self._carry.stands(self._clock.now()) and not await self._lay(self._carry):
            return await self._everything(await self._hands.collector.again(collected))
        observed = await self._hands.observer.observe_news(self._carry, self._carry.codes)
        told = await self._hands.intake.hear(observed.shops, self._clock.now())
        remembered = await self._judge.remember(news=True)
        return await self._explained(Basis(collected, observed, told, remembered, is_news=True))

    async def _everything(self, collected: Collected) -> Basis:
        observed = await self._hands.observer.observe(codes_of(collected.stock, self._rules.topology))
        told = await self._hands.intake.hear(observed.shops, self._clock.now())
        return Basis(collected, observed, told, await self._judge.remember())

    async def _lay(self, carry: Carry) -> bool:
        """Decide on what the state knows, to go on from there; return whether it knows enough for that."""
        carry.drop()
        shops = await self._store.shops()
        names = [shop.name for shop in self._rules.topology.shops]
        if any(self._judge.reconfigured(shops).values()) or not all(name in shops for name in names):
            return False
        if any(shops[name].observed_at is None or shops[name].accepted_at is None for name in names):
            return False
        carry.begin()
        await carry.lay(*await self._judge.known())
        return True

    async def _explained(self, basis: Basis) -> Basis:
        """Return the basis with the listings that orders are about, which nobody may have read."""
        if not basis.is_news:
            return basis
        places = await places_of(basis.told, await self._store.claims(), self._store)
        if places is None:
            return await self._whole(basis)
        return basis._replace(observed=await self._hands.observer.beside(basis.observed, places))

    async def _whole(self, basis: Basis) -> Basis:
        """Return the basis with everything else that the state knows, in the place of what stood."""
        self.forget()
        collected = await self._hands.collector.again(basis.collected)
        codes = codes_of(collected.stock, self._rules.topology)
        return Basis(
            collected=collected,
            observed=await self._hands.observer.whole(basis.observed, codes),
            told=basis.told,
            remembered=await self._judge.remember(),
        )


def _to_read(
    decision: Decision, takes: tuple[Takes, ...], observed: Observed
) -> tuple[dict[ShopName, list[ListingId]], frozenset[ShopName]]:
    return to_read_back(decision.blind(*takes), decision.raised(), observed)
