"""From what was collected and observed to a decision, and what the state must know of it before the calls."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.domain.acceptance import is_stale
from syncd.domain.book import State
from syncd.domain.claims import Drop
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.guard import OnSale, Record
from syncd.domain.held import ApprovalRow, Direction
from syncd.domain.locks.taken import LocksTaken
from syncd.domain.model import LARGEST, ListingRow, ShopName
from syncd.domain.plan import ShopTraits
from syncd.domain.records import DemandRow, ExtraRow, GuardedCount, LevelRow, MoveRow, ShareRow, ShopState
from syncd.domain.topology import Topology
from syncd.ports.clock import Clock
from syncd.ports.store import Store, TakenOrders
from syncd.services.carry import FEW, Carry
from syncd.services.collect import Collected
from syncd.services.feeds import Told
from syncd.services.hands import Hands
from syncd.services.intake import Taken
from syncd.services.readings import Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the configuration says beside the topology; `fingerprint` identifies what decides quantities."""

    topology: Topology
    traits: Mapping[ShopName, ShopTraits]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What only cycles change: read once in each, however often it decides."""

    levels: Sequence[LevelRow]
    shares: Sequence[ShareRow]
    moves: Sequence[MoveRow]
    demand: Sequence[DemandRow]
    extras: Sequence[ExtraRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What is to be known of all that a decision about some SKUs leaves out.

    `topology` names only what concerns these; `sold` are the faded units that shops sold of all others,
    `on_sale` what they have on sale of them, and `sent` what the guard counts against all.
    """

    topology: Topology
    sold: Mapping[ShopName, float]
    on_sale: Mapping[ShopName, OnSale]
    sent: Sequence[GuardedCount]


class Basis(NamedTuple):
    """What a decision rests on; of a part of the state also what is `beyond` it.

    `is_news` where it is only what is new, and the rest stands.
    """

    collected: Collected
    observed: Observed
    told: Told
    remembered: Remembered
    beyond: Beyond | None = None
    is_news: bool = False


class Judged(NamedTuple):
    """A decision with the sales that it knows of, its time, and what the guard counted before it."""

    taken: Taken
    decision: Decision
    at: datetime
    sent: Sequence[GuardedCount]


class Judge:
    """Decides, and writes down what was seen."""

    def __init__(self, rules: Rules, hands: Hands, *, store: Store, clock: Clock) -> None:
        self._rules = rules
        self._observer = hands.observer
        self._intake = hands.intake
        self._foreign = hands.foreign
        self._store = store
        self._clock = clock
        self.has_shares = rules.topology.has_shares

    @property
    def now(self) -> datetime:
        """Return the time by which it decides."""
        return self._clock.now()

    async def remember(self, *, news: bool = False) -> Remembered:
        """Return what earlier cycles left; for `news` only what is few."""
        return Remembered(
            levels=() if news else await self._store.levels(),
            shares=() if news else await self._store.share_grid(),
            moves=await self._store.moves(),
            # Without shares there is nothing that demand could move, and it has a row for all that ever sold.
            demand=await self._store.demand_grid() if self.has_shares and not news else (),
            extras=await self._store.extras(),
        )

    async def decide(self, basis: Basis) -> Judged:
        """Return the decision; nothing is asked or written for it."""
        taken, state, question = await self._asked(basis)
        if len(state.listings) > FEW:
            decision = await asyncio.to_thread(decide, state, question)
        else:
            decision = decide(state, question)
        return Judged(taken, decision, state.now, question.record.sent)

    async def decide_news(self, basis: Basis, carry: Carry) -> Judged | None:
        """Return the decision on what is new and what was open; None where all must be decided on."""
        taken, state, question = await self._asked(basis)
        decision = await carry.after(state, question, basis.observed, taken)
        return None if decision is None else Judged(taken, decision, state.now, question.record.sent)

    async def known(self) -> tuple[State, Question]:
        """Return all that the state knows, of which nothing was asked just now."""
        collected = Collected(
            sources=await self._store.sources(),
            stock=await self._store.stock_grid(),
            unrouted=await self._store.unrouted(),
            reports=(),
        )
        observed = Observed(
            listings=await self._store.listing_columns(),
            drops=(),
            shops=await self._store.shops(),
            fresh=frozenset(),
            unresolved=frozenset(),
            errors={},
        )
        taken = Taken(
            claims=await self._store.claims(),
            drops=(),
            opened=(),
            risen=(),
            orders=TakenOrders(),
            locks=LocksTaken(locks=await self._store.locks(), uses=await self._store.uses()),
        )
        basis = Basis(collected, observed, Told(heard={}, named={}), await self.remember())
        now = self._clock.now()
        return self._state(basis, taken, now), await self._question(basis, now)

    async def _asked(self, basis: Basis) -> tuple[Taken, State, Question]:
        now, observed = self._clock.now(), basis.observed
        taken = await self._intake.take(observed, basis.told, basis.collected.sources, now)
        state = self._state(basis, taken, now)
        question = replace(
            await self._question(basis, now),
            untaken=frozenset(taken.untaken),
            foreign=await self._foreign.suspected(_risen(taken, observed), now),
        )
        return taken, state, question

    async def recall(
        self, basis: Basis, *, blind: Collection[ShopName], untaken: Collection[ShopName]
    ) -> Judged:
        """Return the decision on what the state knows, as if all were read just now but for `blind` shops.

        The guard lets all of it pass: what it says of a part means nothing. Nothing is asked or written.
        """
        taken, state, question = await self._asked(basis)
        listings = state.listings
        allowed = [row for one in listings for row in _allowed(one, state.now)]
        question = replace(
            question,
            record=replace(question.record, approvals=allowed),
            fresh=frozenset((row.shop, row.id) for row in listings if row.shop not in blind),
            untaken=frozenset(untaken),
        )
        # Somebody only looks, and the loop has others to serve.
        decision = await asyncio.to_thread(decide, state, question)
        return Judged(taken, decision, state.now, ())

    async def keep(self, judged: Judged, basis: Basis) -> None:
        """Make the state know what was seen, once and in the order in which a crash does least harm."""
        await self._intake.open(judged.taken)
        await self._foreign.note(_risen(judged.taken, basis.observed), judged.at)
        if basis.beyond is None:
            await self._observer.keep(basis.observed)
        else:
            await self._observer.keep_rows(basis.observed)
        await self._intake.close(judged.taken)

    def _state(self, basis: Basis, taken: Taken, now: datetime) -> State:
        topology = basis.beyond.topology if basis.beyond else self._rules.topology
        collected, observed, remembered = basis.collected, basis.observed, basis.remembered
        unwritable = {shop.name for shop in topology.shops if not _is_writable(observed.shops.get(shop.name))}
        stale = {
            rules.name
            for rules in topology.sources
            if is_stale(collected.sources.get(rules.name), rules, now)
        }
        failing = {name for name, state in collected.sources.items() if state.error}
        return State(
            topology=topology,
            now=now,
            stock=collected.stock,
            listings=taken.moved(observed.listings),
            sources=collected.sources,
            unrouted=collected.unrouted,
            claims=taken.claims,
            shares=remembered.shares,
            moves=remembered.moves,
            demand=_joined(remembered.demand, taken.orders.demand),
            extras=remembered.extras,
            sold=taken.sold.units,
            buyers=taken.sold.buyers,
            elsewhere=basis.beyond.sold if basis.beyond else {},
            unpaid=taken.unpaid,
            levels=remembered.levels,
            locks=taken.locks.locks,
            uses=taken.locks.uses,
            shops=observed.shops,
            unwritable=frozenset(unwritable),
            stale=frozenset(stale | failing),
            reconfigured=any(self.reconfigured(observed.shops).values()),
        )

    async def _question(self, basis: Basis, now: datetime) -> Question:
        observed, beyond = basis.observed, basis.beyond
        return Question(
            traits=self._rules.traits,
            reconfigured=self.reconfigured(observed.shops),
            record=Record(
                shops=observed.shops,
                sent=beyond.sent if beyond else await self._sent(now),
                approvals=await self._store.approvals(now),
                beside=beyond.on_sale if beyond else {},
            ),
            fresh=observed.fresh,
            unresolved=observed.unresolved,
        )

    async def _sent(self, now: datetime) -> Sequence[GuardedCount]:
        shops = self._rules.topology.shops
        window = max((shop.guard.window_seconds for shop in shops), default=0.0)
        return await self._store.guarded(now - timedelta(seconds=window))

    def reconfigured(self, shops: Mapping[ShopName, ShopState]) -> dict[ShopName, bool]:
        """Return by shop whether its configuration changed since its desired figures were stored."""
        known = {"", self._rules.fingerprint}
        names = [shop.name for shop in self._rules.topology.shops if shop.name in shops]
        return {name: shops[name].fingerprint not in known for name in names}


def _joined(demand: Sequence[DemandRow], news: Sequence[DemandRow]) -> Sequence[DemandRow]:
    """Return the demand with what is new of it, which is nearly always nothing: then it stays columns."""
    return (*demand, *news) if news else demand


def _allowed(row: ListingRow, now: datetime) -> tuple[ApprovalRow, ApprovalRow]:
    """Return approvals of whatever may be planned of a listing."""
    return (
        ApprovalRow(row.shop, row.id, Direction.OFF, -LARGEST, now),
        ApprovalRow(row.shop, row.id, Direction.RAISE, LARGEST, now),
    )


def _risen(taken: Taken, observed: Observed) -> list[Drop]:
    """Return the counters that rose, and nothing explains it, in shops that are ours to write.

    Elsewhere people may do as they like, and where the orders could not be read nobody knows what came back.
    """
    known = [one for one in taken.risen if one.row.shop not in taken.untaken]
    return [one for one in known if _is_writable(observed.shops.get(one.row.shop))]


def _is_writable(state: ShopState | None) -> bool:
    return state is None or state.status.is_written
