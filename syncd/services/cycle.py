"""One cycle: collect, observe, decide, guard, record, push; it may be broken off anywhere."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from syncd.domain.decision import Decision
from syncd.domain.model import Change, ListingId, ListingRow, ShopName, Sku
from syncd.domain.records import ShopState
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store, TakenOrders
from syncd.services.collect import Collected, SourceReport
from syncd.services.hands import Hands
from syncd.services.holding import Holding
from syncd.services.intake import Taken
from syncd.services.judging import Judge, Judged, Rules
from syncd.services.looking import Looker, Seen
from syncd.services.measuring import Measuring, Moment, found_now, seen_now
from syncd.services.notify import Notifier
from syncd.services.push import Backlog, Pusher, PushReport, changes_by_shop
from syncd.services.readings import Observed
from syncd.services.recording import record, record_landed, settle
from syncd.services.seat import Seat
from syncd.services.telling import held_by_shop, tell_plan, tell_push


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


class _Begun(NamedTuple):
    """A cycle that has decided: what it saw, and how many figures needed no write."""

    view: View
    taken: Taken
    spared: Counter[ShopName]


class Cycle:
    """Runs cycles; one at a time, by the one process that holds the push lock."""

    def __init__(
        self,
        rules: Rules,
        hands: Hands,
        *,
        store: Store,
        clock: Clock,
        events: Events,
        seat: Seat | None = None,
    ) -> None:
        self._seat = seat or Seat()
        self._rules = rules
        self._hands = hands
        self._store = store
        self._clock = clock
        self._events = events
        self._notifier = Notifier(events)
        self._holding = Holding(store, events)
        self._judge = Judge(rules, hands, store=store, clock=clock)
        self._looker = Looker(rules, hands, self._judge, store=store, clock=clock)
        self._backlog = Backlog(store)
        self._measuring = Measuring(store, events)

    async def look(self, *, save: bool, selection: Selection | None = None) -> View:
        """Return what would change now; without `save` neither a shop nor the state is written.

        Only what is in the `selection` is read once more before it is written.
        """
        seen, judged = await self._looker.decided(await self._see(selection or Selection(), save=save))
        if save:
            await self._judge.keep(judged, seen.basis)
        return _view(seen, judged)

    async def _see(self, selection: Selection, *, save: bool, whole: bool = True) -> Seen:
        takes = (selection.takes,) if selection.is_partial else ()
        return await self._looker.see(save=save, whole=whole, takes=takes)

    async def run(
        self,
        selection: Selection | None = None,
        *,
        planned: Callable[[View], None] | None = None,
        whole: bool = False,
    ) -> CycleReport:
        """Look, record, push what may go, and report; `planned` hears the plan before the first call.

        The report is about what is new and what was open, or `whole`, for who shows all of it.
        """
        selection = selection or Selection()
        began = self._clock.monotonic()
        try:
            report = await self._run(selection, planned, whole=whole)
        except BaseException:
            self._looker.forget()
            raise
        self._events.tell(
            "cycle_ended",
            scope="named" if selection.is_partial else "whole",
            seconds=self._clock.monotonic() - began,
            planned=len(report.view.decision.plan),
            done=sum(len(one.done) for one in report.pushed.values()),
            failures=len(report.failures),
            held=held_by_shop(report.view.decision, self._holding.rejected),
        )
        return report

    async def _run(
        self, selection: Selection, planned: Callable[[View], None] | None, *, whole: bool
    ) -> CycleReport:
        # Who still lowers something leaves it: all of it is decided on anew.
        await asyncio.gather(
            *(_withdrawn(pusher, self._seat.patience) for pusher in self._hands.pushers.values())
        )
        async with self._seat.taken():
            pushers = self._hands.pushers.items()
            self._seat.begin({(shop, one) for shop, pusher in pushers for one in pusher.under_way})
        seen = await self._see(selection, save=True, whole=whole)
        async with self._seat.taken():
            seen = await self._looker.newest(seen, self._seat)
            begun = await self._begin(seen, selection, planned)
        if isinstance(begun, CycleReport):
            return begun
        pushed = await self._push_all(begun, selection)
        async with self._seat.taken():
            await self._end(begun, pushed, selection)
        return CycleReport(view=begun.view, pushed=pushed)

    async def _begin(
        self, seen: Seen, selection: Selection, planned: Callable[[View], None] | None
    ) -> "_Begun | CycleReport":
        """Decide and record it; return a report where it is not what was asked for."""
        seen, judged = await self._looker.decided(seen)
        await self._judge.keep(judged, seen.basis)
        view = _view(seen, judged)
        self._seat.decided(await asyncio.to_thread(self._looker.totals, seen.basis, judged))
        if planned is not None:
            planned(view)
        if selection.digest and not view.decision.digest.startswith(selection.digest):
            return CycleReport(view=view, outdated=True)
        tell_plan(self._events, view.decision)
        self._notifier.tell(view.decision.plan.figures, is_whole=not seen.basis.is_news)
        spared = await record(
            self._store, view.decision, partial=selection.takes if selection.is_partial else None
        )
        await self._holding.note(view.decision)
        return _Begun(view, judged.taken, spared)

    async def _push_all(self, begun: "_Begun", selection: Selection) -> dict[ShopName, PushReport]:
        view = begun.view
        takes = (selection.takes,) if selection.is_partial else ()
        # To list many changes with their reasons takes a while, and the loop has others to serve.
        going = await asyncio.to_thread(view.decision.going, *takes)
        pushed = await self._push(going, view)
        proven = frozenset(_listing(change) for report in pushed.values() for change in self._proven(report))
        waiting = await asyncio.to_thread(view.decision.waiting, proven)
        waiting = [change for change in waiting if selection.takes(change)]
        for shop, report in (await self._push(waiting, view)).items():
            pushed[shop] = pushed[shop].then(report) if shop in pushed else report
        return pushed

    async def _end(
        self, begun: "_Begun", pushed: Mapping[ShopName, PushReport], selection: Selection
    ) -> None:
        """Record what is done; of what was decided on anew meanwhile that is for others to say."""
        view = begun.view
        await asyncio.to_thread(self._backlog.keep, view.decision.plan, pushed)
        done = self._seat.standing([_listing(change) for report in pushed.values() for change in report.done])
        await settle(self._store, view.decision, done)
        if not selection.is_partial:
            await record_landed(self._store, view.decision, done)
            await self._close(view, pushed)
        await self._measuring.note(
            Moment(
                at=view.at,
                decision=view.decision,
                seen=seen_now(begun.taken, view.observed),
                found=found_now(view.observed),
                pushed=pushed,
                spared=begun.spared,
                beside=frozenset(self._seat.lowered),
            )
        )

    async def _push(self, changes: Sequence[Change], view: View) -> dict[ShopName, PushReport]:
        by_shop = changes_by_shop(changes)
        shops = view.observed.shops
        urgencies = await self._backlog.urgencies(view.decision.plan.figures, by_shop)

        async def one(shop: ShopName, mine: list[Change]) -> PushReport:
            # Right before the push, which can be taken back from then on.
            mine = [change for change in mine if _listing(change) not in self._seat.lowered]
            first = shop not in shops or shops[shop].accepted_at is None
            report = await self._hands.pushers[shop].push(mine, first_fill=first, urgency=urgencies[shop])
            await tell_push(self._events, report, self._clock)
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
        stopped = view.decision.stopping()
        for shop in self._rules.topology.shops:
            state = view.observed.shops.get(shop.name, ShopState(name=shop.name))
            filled = _is_filled(pushed.get(shop.name), stopped=shop.name in stopped)
            filled = filled and shop.name not in view.observed.errors and shop.name not in view.behind
            accepted = state.accepted_at or (view.at if filled else None)
            after = replace(state, accepted_at=accepted, fingerprint=self._rules.fingerprint)
            if after != state:
                await self._store.save_shop(after)


async def _withdrawn(pusher: Pusher, patience: float) -> None:
    """Take all from who still lowers something in a shop, unless that does not answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await pusher.withdraw()


def _view(seen: Seen, judged: Judged) -> View:
    return View(
        at=judged.at,
        decision=judged.decision,
        sources=seen.basis.collected.reports,
        collected=seen.basis.collected,
        observed=seen.basis.observed,
        untaken=judged.taken.untaken,
        taken=judged.taken.orders,
        behind=seen.behind,
    )


def _is_filled(report: PushReport | None, *, stopped: bool) -> bool:
    """Return whether a shop's first fill is over; a line that is refused for ever must not keep it open."""
    if report is None:
        return not stopped
    return bool(report.done) and not report.message and not report.made_way


def _listing(change: Change) -> tuple[ShopName, ListingId]:
    return change.shop, change.listing
