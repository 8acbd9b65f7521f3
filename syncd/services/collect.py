"""Collect every source at once; one that fails or lies leaves its last good figures as they are."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.domain.acceptance import Accepted, accept, overlay
from syncd.domain.model import RowProblem, Snapshot, SnapshotKind, SourceName, StockRow
from syncd.domain.records import SourceState, UnroutedRow
from syncd.domain.said import keep
from syncd.domain.topology import SourceRules
from syncd.errors import Kind, PortError, SourceEmptied, SyncdError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.listening import Listening
from syncd.ports.source import Source
from syncd.ports.store import StockStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceJob:
    """A configured source; a whole collection may take `timeout` seconds."""

    rules: SourceRules
    source: Source
    timeout: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """How one collection went; `error` is empty if the snapshot was accepted."""

    source: SourceName
    error: str = ""
    news: bool = False
    rows: int = 0
    changed: int = 0
    missing: int = 0
    bad: int = 0
    floored: int = 0
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The figures to plan with: the state's, with everything that was accepted just now."""

    sources: Mapping[SourceName, SourceState]
    stock: Sequence[StockRow]
    unrouted: Sequence[UnroutedRow]
    reports: tuple[SourceReport, ...]


_Known = Callable[[SourceName, Snapshot], Awaitable[Sequence[StockRow]]]
"""Returns the last good rows of a source that a snapshot is compared with."""


class Collector:
    """Collects all sources into the state."""

    def __init__(
        self,
        jobs: Sequence[SourceJob],
        *,
        store: StockStore,
        clock: Clock,
        events: Events,
        full_every: timedelta = timedelta(hours=1),
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._clock = clock
        self._events = events
        self._full_every = full_every
        self._emptied: set[SourceName] = set()
        # One after the other: an older answer must not be accepted after a newer one.
        self._turn = asyncio.Lock()

    async def collect(self, *, save: bool) -> Collected:
        """Return the figures to plan with; with `save`, what was accepted is the new base from then on."""
        async with self._turn:
            stock = list(await self._store.stock())
            by_source: dict[SourceName, list[StockRow]] = {}
            for row in stock:
                by_source.setdefault(row.source, []).append(row)

            async def known(source: SourceName, snapshot: Snapshot) -> Sequence[StockRow]:
                del snapshot
                return by_source.get(source, ())

            collected, accepted = await self._collect(known, save=save)
        rows = [row for one in accepted for row in one.rows]
        return replace(collected, stock=overlay(stock, rows) if rows else stock)

    async def again(self, collected: Collected, *, stock: bool = True) -> Collected:
        """Return what was collected as the state has it by now, with all that was saved since.

        Without `stock` only what is known of the sources.
        """
        return replace(
            collected,
            sources=await self._store.sources(),
            stock=await self._store.stock() if stock else (),
            unrouted=await self._store.unrouted(),
        )

    async def collect_changes(self) -> Collected:
        """Collect and save; return the figures without the stock.

        A source that tells what changed costs no more than that; one that tells all is compared with all.
        """

        async def known(source: SourceName, snapshot: Snapshot) -> Sequence[StockRow]:
            if snapshot.kind is SnapshotKind.FULL:
                return [row for row in await self._store.stock() if row.source == source]
            named = {*snapshot.skus, *(problem.sku for problem in snapshot.problems if problem.sku)}
            return [row for row in await self._store.stock(named) if row.source == source]

        async with self._turn:
            collected, _ = await self._collect(known, save=True)
        return collected

    async def _collect(self, known: _Known, *, save: bool) -> tuple[Collected, list[Accepted]]:
        states = dict(await self._store.sources())
        unrouted = list(await self._store.unrouted())
        results = await asyncio.gather(
            *(self._one(job, states.get(job.rules.name), known) for job in self._jobs)
        )
        for accepted, _ in results:
            states[accepted.state.name] = accepted.state
            if accepted.unrouted is not None:
                unrouted = [row for row in unrouted if row.source != accepted.state.name]
                unrouted += accepted.unrouted
            if save:
                await self._save(accepted)
        if save:
            self._tell_accepted(states)
        reports = tuple(report for _, report in results)
        collected = Collected(sources=states, stock=(), unrouted=unrouted, reports=reports)
        return collected, [accepted for accepted, _ in results]

    async def _one(
        self, job: SourceJob, before: SourceState | None, known: _Known
    ) -> tuple[Accepted, SourceReport]:
        name = job.rules.name
        before = before or SourceState(name=name)
        now = self._clock.now()
        try:
            snapshot = await self._ask(job, before, now)
            rows = await known(name, snapshot)
            accepted = accept(snapshot, before=before, known=rows, rules=job.rules, now=now)
        except SyncdError as error:
            return self._failed(before, error, now)
        self._emptied.discard(name)
        if before.error:
            self._events.tell("source_recovered", source=name)
        self._tell(name, snapshot, accepted)
        return accepted, SourceReport(
            source=name,
            news=accepted.news,
            rows=len(snapshot.skus),
            changed=len(accepted.rows),
            missing=accepted.missing,
            bad=accepted.bad,
            floored=accepted.floored,
            problems=snapshot.problems,
        )

    async def _ask(self, job: SourceJob, before: SourceState, now: datetime) -> Snapshot:
        due = before.full_at is None or now - before.full_at >= self._full_every
        is_asked = not isinstance(job.source, Listening)
        cursor = "" if is_asked and (due or before.error) else before.cursor
        try:
            async with asyncio.timeout(job.timeout):
                return await job.source.collect(now=now, cursor=cursor)
        except TimeoutError:
            name, most = job.rules.name, f"{job.timeout:g}"
            text = keep("source %(source)s: no whole answer within %(most)s s", source=name, most=most)
            raise PortError(Kind.TRANSIENT, text) from None

    def _failed(
        self, before: SourceState, failed: SyncdError, now: datetime
    ) -> tuple[Accepted, SourceReport]:
        error = str(failed)
        # That it has nothing any more is news, also of one that could not be reached before.
        emptied = {"emptied": True} if isinstance(failed, SourceEmptied) else {}
        if not before.error or (emptied and before.name not in self._emptied):
            self._events.tell("source_failing", source=before.name, error=error, **emptied)
        self._emptied |= {before.name} if emptied else set()
        state = replace(before, error=error, failing_since=before.failing_since or now)
        accepted = Accepted(state=state, rows=(), unrouted=None, news=False)
        return accepted, SourceReport(source=before.name, error=error)

    def _tell(self, name: SourceName, snapshot: Snapshot, accepted: Accepted) -> None:
        if not accepted.news:
            return
        self._events.tell(
            "source_collected",
            source=name,
            kind=snapshot.kind.value,
            rows=len(snapshot.skus),
            changed=len(accepted.rows),
            missing=accepted.missing,
            bad=accepted.bad,
            floored=accepted.floored,
        )
        for problem in snapshot.problems[:5]:
            self._events.tell("row_refused", source=name, row=problem.row, message=problem.message)

    def _tell_accepted(self, states: Mapping[SourceName, SourceState]) -> None:
        for job in self._jobs:
            state = states[job.rules.name]
            if isinstance(job.source, Listening) and not state.error:
                job.source.accepted(state.cursor)

    async def _save(self, accepted: Accepted) -> None:
        if accepted.news:
            await self._store.accept(accepted.state, accepted.rows, accepted.unrouted)
        else:
            await self._store.save_source(accepted.state)
