"""One cycle: collect, observe, decide, guard, record, push; it may be broken off anywhere."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncd.domain.acceptance import is_stale
from syncd.domain.book import State
from syncd.domain.claims import Drop
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.guard import Record
from syncd.domain.model import Change, ListingId, ListingRow, ShopName, Sku
from syncd.domain.plan import ShopTraits
from syncd.domain.policy import Stop
from syncd.domain.records import DemandRow, ExtraRow, LevelRow, MoveRow, ShareRow, ShopState
from syncd.domain.topology import PoolMode, Topology
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store, TakenOrders
from syncd.services.collect import Collected, Collector, SourceReport
from syncd.services.foreign import ForeignWriters
from syncd.services.intake import Intake, Taken
from syncd.services.measuring import Measuring, Moment, found_now, seen_now
from syncd.services.notify import Notifier
from syncd.services.observe import Observed, Observer, codes_of
from syncd.services.push import Backlog, Pusher, PushReport
from syncd.services.reading_back import to_read_back
from syncd.services.recording import record, record_landed, settle
from syncd.services.telling import tell_plan, tell_push


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a cycle may write: all shops and SKUs, or only some, or only one plan; empty means all."""

    shop: ShopName | None = None
    sku: Sku | None = None
    skus: frozenset[Sku] = frozenset()
    digest: str = ""

    @property
    def is_partial(self) -> bool:
        """Return whether some changes of the plan are out of scope."""
        return self.shop is not None or self.sku is not None or bool(self.skus)

    def takes(self, one: Change | ListingRow) -> bool:
        """Return whether a change, or what there may be to change of a listing, is in scope."""
        named = self.sku in (None, one.sku) and (not self.skus or one.sku in self.skus)
        return named and self.shop in (None, one.shop)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a cycle saw and decided, before anything was sent.

    `untaken` are the shops whose orders could not be read, with the reason; `taken` is what the others told.
    Of the `behind` more is to be raised than could be read back at a time.
    """

    at: datetime
    decision: Decision
    sources: tuple[SourceReport, ...]
    collected: Collected
    observed: Observed
    untaken: Mapping[ShopName, str] = field(default_factory=dict)
    taken: TakenOrders = field(default_factory=TakenOrders)
    behind: frozenset[ShopName] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleReport:
    """How a cycle went; `outdated` says that the plan was no longer the one that was asked for."""

    view: View
    pushed: Mapping[ShopName, PushReport] = field(default_factory=dict)
    outdated: bool = False

    @property
    def failures(self) -> list[str]:
        """Return every failure of the cycle in words: sources, shops, refused and unanswered lines."""
        found = [report.error for report in self.view.sources if report.error]
        found += [f"shop {shop}: {error}" for shop, error in self.view.observed.errors.items()]
        found += [f"shop {shop}: orders: {error}" for shop, error in self.view.untaken.items()]
        for shop, report in self.pushed.items():
            if report.message:
                found.append(f"shop {shop}: {report.message}")
            remarks = (*report.refused, *report.unknown)
            found += [f"shop {shop}: listing {r.change.listing}: {r.message}" for r in remarks]
        return found

    @property
    def made_way(self) -> bool:
        """Return whether raises were left to the next cycle, which should go on with them at once."""
        # Where nothing could be done there is no hurry: who refuses all is not asked again and again.
        behind = [shop for shop in self.view.behind if shop in self.pushed and self.pushed[shop].done]
        return bool(behind) or any(report.made_way for report in self.pushed.values())

    @property
    def held(self) -> bool:
        """Return whether the guard holds something."""
        return bool(self.view.decision.verdict.holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the configuration says beside the topology; `fingerprint` identifies what decides quantities."""

    topology: Topology
    traits: Mapping[ShopName, ShopTraits]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What a cycle works with; one pusher per shop."""

    collector: Collector
    observer: Observer
    intake: Intake
    pushers: Mapping[ShopName, Pusher]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    """What only cycles change: read once in each, however often it decides."""

    levels: Sequence[LevelRow]
    shares: Sequence[ShareRow]
    moves: Sequence[MoveRow]
    demand: Sequence[DemandRow]
    extras: Sequence[ExtraRow]


class Cycle:
    """Runs cycles; one at a time, by the one process that holds the push lock."""

    def __init__(self, rules: Rules, hands: Hands, *, store: Store, clock: Clock, events: Events) -> None:
        self._rules = rules
        self._hands = hands
        self._store = store
        self._clock = clock
        self._events = events
        self._notifier = Notifier(events)
        self._foreign = ForeignWriters(store=store, events=events)
        self._backlog = Backlog(store)
        self._measuring = Measuring(store)
        self._has_shares = any(pool.mode is PoolMode.SPLIT for pool in rules.topology.pools)

    async def look(self, *, save: bool, selection: Selection | None = None) -> View:
        """Return what would change now; without `save` neither a shop nor the state is written.

        Only what is in the `selection` is read once more before it is written.
        """
        view, _ = await self._look(save=save, selection=selection)
        return view

    async def _look(self, *, save: bool, selection: Selection | None) -> tuple[View, Taken]:
        collected = await self._hands.collector.collect(save=save)
        observed = await self._hands.observer.observe(codes_of(collected.stock, self._rules.topology))
        remembered = await self._remember()
        taken, decision, now = await self._decide(collected, observed, remembered)
        takes = (selection.takes,) if selection is not None and selection.is_partial else ()
        again, behind = to_read_back(decision.blind(*takes), decision.raised(), observed)
        if again:
            observed = await self._hands.observer.read_back(observed, again)
            taken, decision, now = await self._decide(collected, observed, remembered)
        if save:
            await self._keep(taken, observed, now)
        view = View(
            at=now,
            decision=decision,
            sources=collected.reports,
            collected=collected,
            observed=observed,
            untaken=taken.untaken,
            taken=taken.orders,
            behind=behind,
        )
        return view, taken

    async def _keep(self, taken: Taken, observed: Observed, now: datetime) -> None:
        """Make the state know what was seen, once and in the order in which a crash does least harm."""
        await self._hands.intake.open(taken)
        await self._foreign.note(_risen(taken, observed), now)
        await self._hands.observer.keep(observed)
        await self._hands.intake.close(taken)

    async def _remember(self) -> _Remembered:
        return _Remembered(
            levels=await self._store.levels(),
            shares=await self._store.shares(),
            moves=await self._store.moves(),
            # Without shares there is nothing that demand could move, and it has a row for all that ever sold.
            demand=await self._store.demand() if self._has_shares else (),
            extras=await self._store.extras(),
        )

    async def _decide(
        self, collected: Collected, observed: Observed, remembered: _Remembered
    ) -> tuple[Taken, Decision, datetime]:
        now = self._clock.now()
        taken = await self._hands.intake.take(observed, collected.sources, now)
        state = self._state(collected, observed, taken, remembered, now)
        question = replace(
            await self._question(observed, now),
            untaken=frozenset(taken.untaken),
            foreign=await self._foreign.suspected(_risen(taken, observed), now),
        )
        return taken, await asyncio.to_thread(decide, state, question), now

    async def run(
        self, selection: Selection | None = None, *, planned: Callable[[View], None] | None = None
    ) -> CycleReport:
        """Look, record, push what may go, and report; `planned` hears the plan before the first call."""
        selection = selection or Selection()
        view, taken = await self._look(save=True, selection=selection)
        if planned is not None:
            planned(view)
        if selection.digest and not view.decision.digest.startswith(selection.digest):
            return CycleReport(view=view, outdated=True)
        tell_plan(self._events, view.decision)
        self._notifier.tell(view.decision.plan.figures)
        takes = (selection.takes,) if selection.is_partial else ()
        spared = await record(self._store, view.decision, partial=next(iter(takes), None))
        pushed = await self._push(view.decision.going(*takes), view)
        proven = frozenset(_listing(change) for report in pushed.values() for change in self._proven(report))
        waiting = [change for change in view.decision.waiting(proven) if selection.takes(change)]
        for shop, report in (await self._push(waiting, view)).items():
            pushed[shop] = pushed[shop].then(report) if shop in pushed else report
        self._backlog.keep(view.decision.plan, pushed)
        done = {_listing(change) for report in pushed.values() for change in report.done}
        await settle(self._store, view.decision, done)
        if not selection.is_partial:
            await record_landed(self._store, view.decision, done)
            await self._close(view, pushed)
        await self._measuring.note(
            Moment(
                at=view.at,
                decision=view.decision,
                seen=seen_now(taken, view.observed),
                found=found_now(view.observed),
                pushed=pushed,
                spared=spared,
            )
        )
        return CycleReport(view=view, pushed=pushed)

    def _state(
        self,
        collected: Collected,
        observed: Observed,
        taken: Taken,
        remembered: _Remembered,
        now: datetime,
    ) -> State:
        topology = self._rules.topology
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
            demand=(*remembered.demand, *taken.orders.demand),
            extras=remembered.extras,
            sold=taken.sold.units,
            buyers=taken.sold.buyers,
            unpaid=taken.unpaid,
            levels=remembered.levels,
            locks=taken.locks.locks,
            uses=taken.locks.uses,
            shops=observed.shops,
            unwritable=frozenset(unwritable),
            stale=frozenset(stale | failing),
            reconfigured=any(self._reconfigured(observed).values()),
        )

    async def _question(self, observed: Observed, now: datetime) -> Question:
        shops = self._rules.topology.shops
        window = max((shop.guard.window_seconds for shop in shops), default=0.0)
        return Question(
            traits=self._rules.traits,
            reconfigured=self._reconfigured(observed),
            record=Record(
                shops=observed.shops,
                sent=await self._store.guarded(now - timedelta(seconds=window)),
                approvals=await self._store.approvals(now),
            ),
            fresh=observed.fresh,
            unresolved=observed.unresolved,
        )

    def _reconfigured(self, observed: Observed) -> dict[ShopName, bool]:
        shops, known = observed.shops, {"", self._rules.fingerprint}
        names = [shop.name for shop in self._rules.topology.shops if shop.name in shops]
        return {name: shops[name].fingerprint not in known for name in names}

    async def _push(self, changes: Sequence[Change], view: View) -> dict[ShopName, PushReport]:
        by_shop: dict[ShopName, list[Change]] = {}
        for change in changes:
            by_shop.setdefault(change.shop, []).append(change)
        shops = view.observed.shops
        urgencies = await self._backlog.urgencies(view.decision.plan.figures, by_shop)

        async def one(shop: ShopName, mine: list[Change]) -> PushReport:
            first = shop not in shops or shops[shop].accepted_at is None
            report = await self._hands.pushers[shop].push(mine, first_fill=first, urgency=urgencies[shop])
            tell_push(self._events, report)
            return report

        reports = await asyncio.gather(*(one(shop, mine) for shop, mine in by_shop.items()))
        return {report.shop: report for report in reports}

    def _proven(self, report: PushReport) -> Sequence[Change]:
        """Return the changes that prove how much is on sale now.

        Where accepted is not applied that takes another reading, and where a write hides what was sold until
        then it takes the orders that were made by then: the next cycle has both.
        """
        delay = self._hands.pushers[report.shop].channel.traits.max_apply_delay
        return () if delay > 0 else [one for one in report.done if one.listing not in report.blind]

    async def _close(self, view: View, pushed: Mapping[ShopName, PushReport]) -> None:
        """Remember which shops were filled, and with which configuration."""
        stopped = {change.shop for change, stop in view.decision.stopped() if stop is not Stop.TAKE_FIRST}
        for shop in self._rules.topology.shops:
            state = view.observed.shops.get(shop.name, ShopState(name=shop.name))
            filled = _is_filled(pushed.get(shop.name), stopped=shop.name in stopped)
            filled = filled and shop.name not in view.observed.errors and shop.name not in view.behind
            accepted = state.accepted_at or (view.at if filled else None)
            after = replace(state, accepted_at=accepted, fingerprint=self._rules.fingerprint)
            if after != state:
                await self._store.save_shop(after)


def _risen(taken: Taken, observed: Observed) -> list[Drop]:
    """Return the counters that rose, and nothing explains it, in shops that are ours to write.

    Elsewhere people may do as they like, and where the orders could not be read nobody knows what came back.
    """
    known = [one for one in taken.risen if one.row.shop not in taken.untaken]
    return [one for one in known if _is_writable(observed.shops.get(one.row.shop))]


def _is_writable(state: ShopState | None) -> bool:
    return state is None or state.status.is_written


def _is_filled(report: PushReport | None, *, stopped: bool) -> bool:
    """Return whether a shop's first fill is over; a line that is refused for ever must not keep it open."""
    if report is None:
        return not stopped
    return bool(report.done) and not report.message and not report.made_way


def _listing(change: Change) -> tuple[ShopName, ListingId]:
    return change.shop, change.listing
