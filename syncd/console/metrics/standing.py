"""How everything stands at the moment of a scrape: from the last survey, and from what the program holds."""

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.core import Metric

from syncd import __version__
from syncd.console.metrics import families as f
from syncd.console.metrics.book import Book
from syncd.domain.alerts.kinds import Level
from syncd.domain.allotment import Use
from syncd.domain.model import PoolName, ShopName, SourceName
from syncd.domain.records import ShopState, ShopStatus
from syncd.ports.clock import Clock
from syncd.ports.tallies import ListingState
from syncd.ports.tokens import Tokens
from syncd.services.gate import Gate
from syncd.services.renewal import ends_of
from syncd.services.surveying import Survey

NO_HOOKS: Mapping[tuple[str, str], int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What one configuration of the program has to show.

    `tokens` are those in use now; `hooks` counts deliveries by shop and verdict, `clients` who watch events.
    None of these may wait or raise.
    """

    shops: tuple[ShopName, ...] = ()
    sources: tuple[SourceName, ...] = ()
    pools: tuple[PoolName, ...] = ()
    has_broker: bool = False
    gates: Mapping[ShopName, Gate] = field(default_factory=dict)
    survey: Callable[[], Survey | None] = lambda: None
    tokens: Callable[[], Mapping[ShopName, Tokens]] = dict
    hooks: Callable[[], Mapping[tuple[str, str], int]] = lambda: NO_HOOKS
    clients: Callable[[], int] = lambda: 0


class StandingCollector:
    """Collects what is `watched`, anew for each scrape, so that what is gone is gone from the page too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.now()
        self.watched = Watched()

    def collect(self) -> Iterator[Metric]:
        """Yield how everything stands; reads no disk."""
        book, watched, now = Book(), self.watched, self._clock.now()
        book.put(f.STARTED, self._started.timestamp())
        book.put(f.BUILD, 1, __version__, platform.python_version())
        book.put(f.LIVE_CLIENTS, watched.clients())
        self._calls(book, watched)
        for shop, tokens in watched.tokens().items():
            _put_time(book, f.TOKENS_EXPIRE, tokens.access_expires, shop, "access")
            _put_time(book, f.TOKENS_EXPIRE, ends_of(tokens), shop, "grant")
        for (shop_of_hook, verdict), many in watched.hooks().items():
            # Those of a shop that was dropped are still known; of no shop are those that nobody has.
            if not shop_of_hook or shop_of_hook in watched.shops:
                book.add(f.HOOKS, shop_of_hook, verdict, amount=many)
        if (survey := watched.survey()) is not None:
            _surveyed(book, survey, watched, now)
        yield from book.collect()

    def _calls(self, book: Book, watched: Watched) -> None:
        for shop, gate in watched.gates.items():
            for use in Use:
                book.add(f.CALLS, shop, use.name.lower(), amount=gate.admitted[use])
            book.add(f.THROTTLED, shop, amount=gate.was_throttled)
            book.put(f.BUDGET, gate.allotment.bucket.rate, shop)
            book.put(f.PAUSE, max(gate.pause, 0.0), shop)


def _surveyed(book: Book, survey: Survey, watched: Watched, now: datetime) -> None:
    _put_time(book, f.SURVEYED, survey.at)
    for level in Level:
        book.put(f.ALERTS, survey.alerts.get(level, 0), level.value)
    for shop in watched.shops:
        _shop(book, shop, survey, now)
    for source in watched.sources:
        state = survey.sources.get(source)
        book.put(f.SOURCE_UP, float(state is not None and not state.error), source)
        _put_time(book, f.SOURCE_AT, state.as_of if state else None, source)
    if survey.tallied_at is not None:
        _put_time(book, f.TALLIED, survey.tallied_at)
        book.put(f.LEDGER, survey.tally.ledger)
        book.put(f.STATE_BYTES, survey.tally.size)
        for shop in watched.shops:
            for standing in ListingState:
                book.put(f.LISTINGS, survey.tally.listings.get((shop, standing), 0), shop, standing.value)
            book.put(f.CLAIMS, survey.tally.claims.get(shop, 0), shop)
            book.put(f.UNRESOLVED, survey.tally.unresolved.get(shop, 0), shop)


def _shop(book: Book, shop: ShopName, survey: Survey, now: datetime) -> None:
    state = survey.shops.get(shop, ShopState(name=shop))
    book.put(f.SHOP_UP, float(not state.error and not state.blocked), shop)
    book.put(f.SHOP_BLOCKED, float(bool(state.blocked)), shop)
    for status in ShopStatus:
        book.put(f.SHOP_STATUS, float(state.status is status), shop, status.value)
    _put_time(book, f.OBSERVED, state.observed_at, shop)
    if (feed := survey.feeds.get(shop)) is not None:
        book.put(f.ORDERS_UP, float(not feed.error), shop)
        _put_time(book, f.ORDERS_READ, feed.cursor, shop)
    _put_time(book, f.HELD_SINCE, survey.held_since.get(shop), shop)
    backlog = survey.backlog.get(shop)
    book.put(f.PENDING, backlog.waiting if backlog else 0, shop)
    book.put(f.PENDING_HELD, backlog.held if backlog else 0, shop)
    book.put(f.OLDEST, survey.oldest_decrease(shop, now), shop)


def _put_time(book: Book, family: f.Family, at: datetime | None, *labels: str) -> None:
    """Show a time as seconds since 1970; one that nobody knows is left out, for 0 would be old."""
    if at is not None:
        book.put(family, at.timestamp(), *labels)
