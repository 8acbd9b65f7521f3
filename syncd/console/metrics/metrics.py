"""All metrics of a process behind one registry of our own, and the route that shows them."""

import asyncio
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder

from syncd.console.access import Role, needs
from syncd.console.metrics import families as f
from syncd.console.metrics.book import Book
from syncd.console.metrics.lag import sample_lag
from syncd.console.metrics.listening import Listening
from syncd.console.metrics.middleware import counting
from syncd.console.metrics.standing import StandingCollector, Watched
from syncd.ports.clock import Clock


class Metrics:
    """A listener that counts, and the page of what it counted.

    The registry is ours alone: two in one process do not know of each other. It outlives reloads; what each
    configuration has to show is given with `show`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._book = Book()
        self._listening = Listening(self._book, clock)
        self._standing = StandingCollector(clock)
        self._book.put(f.LAST_CYCLE, clock.now().timestamp())
        self._book.observe(f.LAG, 0, times=0)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self._book)
        self._registry.register(self._standing)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def tell(self, name: str, /, **facts: object) -> None:
        """Count what an event says."""
        self._listening.tell(name, **facts)

    def show(self, watched: Watched) -> None:
        """Show what this configuration has, and forget the shops, sources and pools that it has not."""
        self._standing.watched = watched
        self._listening.expect(shops=watched.shops, sources=watched.sources, pools=watched.pools)
        if watched.has_broker:
            self._listening.expect_broker()

    def collect(self) -> list[Metric]:
        """Return all figures of this moment."""
        return list(self._registry.collect())

    async def page(self, accepted: str = "") -> tuple[bytes, str]:
        """Return the exposition in the best of the `accepted` formats, and its content type.

        Without one it is the text format, which everything that scrapes can read.
        """
        encode, kind = choose_encoder(accepted)
        # To write down the figures of many shops takes longer than to collect them, and needs nobody else.
        return await asyncio.to_thread(encode, _Moment(self.collect())), kind

    @property
    def middleware(self) -> Middleware:
        """Return what counts requests; it must be the outermost."""
        return counting(self._book, self._clock)

    async def watch_loop(self) -> None:
        """Notice how late the event loop is, until cancelled."""
        await sample_lag(self._clock, lambda seconds: self._book.observe(f.LAG, seconds))


class _Moment:
    """The figures of one moment, as what writes them down wants to be given them."""

    def __init__(self, figures: Sequence[Metric]) -> None:
        self._figures = figures

    def collect(self) -> Sequence[Metric]:
        return self._figures


def routes(metrics: Metrics) -> list[web.RouteDef]:
    """Return the route of the page."""

    @needs(Role.VIEWER)
    async def show(request: web.Request) -> web.Response:
        body, kind = await metrics.page(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})

    return [web.get("/metrics", show)]
