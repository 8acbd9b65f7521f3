"""Look now and then at how much there is of everything; whoever shows it never waits for the state."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from syncd.domain.alerts.kinds import Level
from syncd.domain.model import ShopName, SourceName
from syncd.domain.records import FeedState, ShopState, SourceState
from syncd.errors import StateError
from syncd.ports.alerts import AlertStore
from syncd.ports.clock import Clock
from syncd.ports.held import HeldStore
from syncd.ports.listings import ListingStore
from syncd.ports.store import OrderStore, StockStore
from syncd.ports.tallies import Backlog, Tally, TallyStore

EVERY = 15.0
"""Seconds between two looks."""

TALLY_EVERY = 60.0
"""Least seconds between two counts of everything."""

_REST = 50
"""A count of everything rests so many times as long as it took: two percent of a processor is enough."""


class SurveyStore(StockStore, ListingStore, OrderStore, HeldStore, AlertStore, TallyStore, Protocol):
    """What a survey reads of the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How the state was found `at` a time.

    `held_since` is since when the guard holds something of a shop, `alerts` counts the open ones. The `tally`
    may be older: it is of `tallied_at`, None before the first.
    """

    at: datetime
    sources: Mapping[SourceName, SourceState] = field(default_factory=dict)
    shops: Mapping[ShopName, ShopState] = field(default_factory=dict)
    feeds: Mapping[ShopName, FeedState] = field(default_factory=dict)
    backlog: Mapping[ShopName, Backlog] = field(default_factory=dict)
    held_since: Mapping[ShopName, datetime] = field(default_factory=dict)
    alerts: Mapping[Level, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    tallied_at: datetime | None = None

    def oldest_decrease(self, shop: ShopName, now: datetime) -> float:
        """Return how many seconds the oldest decrease that nothing holds has waited, 0 where none does."""
        mine = self.backlog.get(shop)
        if mine is None or mine.oldest is None:
            return 0.0
        return max((now - mine.oldest).total_seconds(), 0.0)


class Surveyor:
    """Keeps the `last` survey, None before the first; `heard` is called with each new one."""

    def __init__(
        self, store: SurveyStore, clock: Clock, heard: Callable[[Survey], None] = lambda _: None
    ) -> None:
        self._store = store
        self._clock = clock
        self._heard = heard
        self._tally_again_at = float("-inf")
        self.last: Survey | None = None

    async def run(self) -> None:
        """Look again and again until cancelled.

        A state that cannot be read is for the cycles to tell: the last survey stays, and its age shows it.
        """
        while True:
            with suppress(StateError):
                await self.look()
            await self._clock.sleep(EVERY)

    async def look(self) -> Survey:
        """Return, and keep, what there is now; only now and then is everything counted.

        Raises:
            StateError: the state cannot be read.
        """
        store = self._store
        survey = Survey(
            at=self._clock.now(),
            sources=await store.sources(),
            shops=await store.shops(),
            feeds=await store.feeds(),
            backlog={row.shop: row for row in await store.backlog()},
            held_since=(await store.held_now()).since,
            alerts=await store.open_alerts(),
            tally=self.last.tally if self.last else Tally(),
            tallied_at=self.last.tallied_at if self.last else None,
        )
        began = self._clock.monotonic()
        if began >= self._tally_again_at:
            # What is quick is shown before what may take seconds.
            self._keep(survey)
            tally, tallied_at = await store.tally(), self._clock.now()
            ended = self._clock.monotonic()
            self._tally_again_at = ended + max(TALLY_EVERY, _REST * (ended - began))
            survey = replace(survey, tally=tally, tallied_at=tallied_at)
        self._keep(survey)
        return survey

    def _keep(self, survey: Survey) -> None:
        self.last = survey
        self._heard(survey)
