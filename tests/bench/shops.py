"""Whether every shop is pushed as fast as its own limit allows, while others are slow, silent or gone."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp

from syncd.adapters.channels.http import ADAPTER
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import HttpClient, open_http
from syncd.adapters.state import open_store
from syncd.domain.model import Change, ListingId, ShopName
from syncd.ports.store import Store
from syncd.runtime.tidying import Tidier
from syncd.services.push import Pusher, PushEvent, PushSettings
from tests.bench.crowd import listing_id
from tests.bench.measuring import Figure, Size
from tests.bench.mocking import AUTHORIZATION, listening
from tests.bench.pushing import change_of, row_of
from tests.bench.watchdog import Watchdog

_SLOWEST, _FASTEST = 2.0, 14.0
"""Calls a second; 50 shops between them take 400 in all."""

_BATCHES = (1, 5, 20)
"""How many lines a call of a shop carries, by turns: some platforms take one, some a whole item."""

_LEAST_REACHED = 95.0
_MOST_BUSY = 60.0

_SLACK = 4.0
"""Seconds for which every shop has changes beyond those that are measured."""

_SILENCE = 1.0
"""Seconds after which a shop that does not answer has failed."""

_REST = 0.5
"""Seconds for which a failing shop is left alone: a shop in an outage shall be a burden all the time."""

_OUT = 5
"""How many shops are out in the second half; of each kind of outage one in turn."""

_FAULTS: Sequence[Mapping[str, Any] | None] = (
    None,
    {"kind": "delay", "when": "before"},
    {"kind": "server_error"},
)
"""None refuses every connection."""


@dataclass(slots=True, kw_only=True)
class _Found:
    least: list[float] = field(default_factory=list)
    outage: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Shop:
    """One shop on its way: when each of its calls was answered, and whether one was."""

    limit: float
    pusher: Pusher
    changes: Sequence[Change]
    answered: list[float]
    called: asyncio.Event
    is_out: bool

    def reached(self, began: float, seconds: float) -> float:
        """Return how many per cent of its limit it was called in the time, from its first call to its last.

        Of two calls a second one more or less at the ends would be a large part of all.
        """
        inside = [at for at in self.answered if began <= at < began + seconds]
        if len(inside) < 2:
            return 100 * len(inside) / (self.limit * seconds)
        return 100 * (len(inside) - 1) / (self.limit * (inside[-1] - inside[0]))

    def calls(self, began: float, seconds: float) -> int:
        """Return how many calls were answered in the time."""
        return sum(began <= at < began + seconds for at in self.answered)


def shops(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure which part of its limit the slowest of many shops reaches, and how busy the loop is."""
    found = asyncio.run(_measured(size, tell))
    yield Figure(name="shops.least", unit="% reached", ours=found.least, goal=_LEAST_REACHED)
    yield Figure(name="shops.outage", unit="% reached", ours=found.outage, goal=_LEAST_REACHED)
    yield Figure(name="shops.rate", unit="calls/s", ours=found.rate, theirs=found.limit, goal=0.95)
    yield Figure(name="shops.busy", unit="% busy", ours=found.busy, goal=_MOST_BUSY)
    yield Figure(name="shops.stalls", unit="stalls", ours=found.stalls, goal=0)


async def _measured(size: Size, tell: Callable[[str], None]) -> _Found:
    found = _Found()
    listings = _listings(size, _FASTEST, max(_BATCHES))
    server = ("-m", "tests.bench.crowd", str(size.crowd), str(listings))
    with TemporaryDirectory() as scratch:
        async with (
            listening(*server, count=size.crowd) as urls,
            open_store(Path(scratch)) as store,
            open_http() as http,
        ):
            limits = [_SLOWEST + (_FASTEST - _SLOWEST) * at / (size.crowd - 1) for at in range(size.crowd)]
            changes = [
                [_change(_name(at), n) for n in range(_listings(size, limit, _batch(at)))]
                for at, limit in enumerate(limits)
            ]
            for mine in changes:
                await store.save_listings([row_of(change) for change in mine])
            half = _Half(store=store, http=http, urls=urls, limits=limits, changes=changes)
            # As the daemon does it: garbage is looked for between cycles, and not in the middle of a push.
            with Tidier().watching():
                for run in range(size.crowd_runs):
                    tell(f"shops: run {run + 1} of {size.crowd_runs}")
                    await _run(half, size, found, tell)
    return found


async def _run(half: "_Half", size: Size, found: _Found, tell: Callable[[str], None]) -> None:
    async with Watchdog() as dog:
        await _measure(half, size, found)
        async with _outages(half.urls, size) as out:
            await _measure(replace(half, out=out), size, found)
    found.stalls.append(len(dog.stalls))
    tell(f"shops: {dog.told}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Half:
    """Half a run: where the shops are, and where those are that are out instead; their limits and changes."""

    store: Store
    http: HttpClient
    urls: Sequence[str]
    limits: Sequence[float]
    changes: Sequence[Sequence[Change]]
    out: Mapping[int, str] = field(default_factory=dict)


async def _measure(half: _Half, size: Size, found: _Found) -> None:
    async with AsyncExitStack() as stack:
        every = [await _opened(stack, half, at) for at in range(size.crowd)]
        healthy = [shop for shop in every if not shop.is_out]
        pushes = [asyncio.create_task(_pushed(shop)) for shop in every]
        await asyncio.gather(*(shop.called.wait() for shop in healthy))
        # What a rest had saved up is spent now; from here on there is only the limit.
        await SystemClock().sleep(size.seconds / 8)
        began, computed = perf_counter(), time.thread_time()
        await SystemClock().sleep(size.seconds)
        busy, seconds = time.thread_time() - computed, perf_counter() - began
        for push in pushes:
            push.cancel()
        await asyncio.gather(*pushes, return_exceptions=True)
    least = min(shop.reached(began, seconds) for shop in healthy)
    if half.out:
        found.outage.append(least)
        return
    found.least.append(least)
    found.rate.append(sum(shop.calls(began, seconds) for shop in healthy) / seconds)
    found.limit.append(sum(shop.limit for shop in healthy))
    found.busy.append(100 * busy / seconds)


async def _opened(stack: AsyncExitStack, half: _Half, at: int) -> _Shop:
    settings = ADAPTER.settings.model_validate(
        {
            "url": half.out.get(at, half.urls[at]),
            "headers": AUTHORIZATION,
            "write_modes": ["set"],
            "max_batch": _batch(at),
            "timeout": _SILENCE if at in half.out else 30.0,
        }
    )
    channel = await stack.enter_async_context(ADAPTER.open(settings, _name(at), half.http))
    answered: list[float] = []
    called = asyncio.Event()

    def note(_: PushEvent) -> None:
        answered.append(perf_counter())
        called.set()

    pusher = Pusher(
        shop=_name(at),
        channel=channel,
        store=half.store,
        clock=SystemClock(),
        settings=PushSettings(calls_per_second=half.limits[at], rest=_REST),
        on_event=note,
    )
    return _Shop(
        limit=half.limits[at],
        pusher=pusher,
        changes=half.changes[at],
        answered=answered,
        called=called,
        is_out=at in half.out,
    )


async def _pushed(shop: _Shop) -> None:
    """Push again and again; a healthy shop does not come to the end of the first."""
    while True:
        await shop.pusher.push(shop.changes)
        await SystemClock().sleep(_REST)


@asynccontextmanager
async def _outages(urls: Sequence[str], size: Size) -> AsyncIterator[Mapping[int, str]]:
    """Yield where the shops are that are out, and make them so for the time of the block."""
    count = min(_OUT, size.crowd - 1)
    places = [at * (size.crowd - 1) // count for at in range(count)]
    out: dict[int, str] = {}
    async with aiohttp.ClientSession() as session:
        with socket.socket() as nobody:
            # Bound and never listening: connections are refused, and nobody else gets the port.
            nobody.bind(("127.0.0.1", 0))
            for n, at in enumerate(places):
                fault = _FAULTS[n % len(_FAULTS)]
                out[at] = urls[at] if fault else f"http://127.0.0.1:{nobody.getsockname()[1]}"
                if fault:
                    await session.post(f"{urls[at]}/_mock/faults", json={"faults": [fault]})
            yield out
            for at in places:
                await session.delete(f"{urls[at]}/_mock/faults")
                await session.post(f"{urls[at]}/_mock/release")


def _listings(size: Size, limit: float, batch: int) -> int:
    return int(limit * (size.seconds * 1.125 + _SLACK)) * batch


def _batch(at: int) -> int:
    return _BATCHES[at % len(_BATCHES)]


def _name(at: int) -> ShopName:
    return ShopName(f"shop-{at:02d}")


def _change(shop: ShopName, at: int) -> Change:
    return change_of(shop, ListingId(listing_id(at)), at)
