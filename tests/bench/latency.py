"""How long the other shops go on selling what is gone: from a message to their decreases accepted.

A pass that raises everything is under way meanwhile. Half of the messages name a SKU of which the ERP has
fewer, half name an order in one of the shops.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp

from syncd.adapters.clock import SystemClock
from syncd.bootstrap import App, Seams, open_app, read_configuration, set_up_log
from syncd.domain.look import Look
from syncd.domain.model import ShopName, Sku
from syncd.runtime.daemon import Daemon, Pace
from syncd.runtime.haste import Haste, Lowerer
from syncd.runtime.tidying import Tidier
from syncd.runtime.wake import Ear, NamedSkus, Trigger, Wake
from tests.bench.measuring import Figure, Size
from tests.bench.mocking import listening
from tests.bench.watchdog import Watchdog

FIRST_UNITS = 50
_MORE = 20
_TAOBAO = ShopName("taobao")
_SECRETS = {
    "ERP": "Bearer mock-token",
    "SHOP": "Bearer mock-token",
    "SECRET": "mock-secret",
    "SESSION": "mock-token",
}
_WITHIN = {"p50": 0.1, "p95": 1.0, "p99": 2.0}
_PATIENCE = 30.0
_PACE = 20.0
"""Calls a second that every shop takes."""

_EVERY = 0.5
"""Seconds between two messages at least: one upon another they would be over before anything is raised."""


def sku_names(count: int) -> list[str]:
    """Return the SKUs of the market, the first of which are not raised."""
    return [f"S{at:06}" for at in range(count)]


def latency(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure the delays of decreases, how long the loop stood still, and how much was raised meanwhile."""
    found = asyncio.run(_measured(size, tell))
    delays = sorted(found.delays)
    cuts = quantiles(delays, n=100, method="inclusive")
    for name, goal in _WITHIN.items():
        yield Figure(name=f"latency.{name}", unit="s", ours=[cuts[int(name[1:]) - 1]], goal=goal)
    yield Figure(name="latency.stalls", unit="stalls", ours=[found.stalls], goal=0)
    tell(f"latency: {delays[-1]:.3g} s at most, of {len(delays)}; {found.raised} listings raised meanwhile")


@dataclass(slots=True)
class _Found:
    delays: list[float] = field(default_factory=list)
    raised: int = 0
    stalls: int = 0


class _Listener:
    """Notes when which listing was lowered where, and counts what was raised."""

    def __init__(self) -> None:
        self.lowered: dict[tuple[str, str], float] = {}
        self.raised = 0
        self.heard = asyncio.Event()
        self.cycles = 0

    def tell(self, name: str, /, **facts: Any) -> None:  # noqa: ANN401 - facts are of any kind
        if name == "changed":
            if facts["kind"] in ("raise", "relist"):
                self.raised += 1
            else:
                self.lowered[facts["shop"], facts["sku"]] = perf_counter()
        elif name == "planned":
            self.cycles += 1
        else:
            return
        self.heard.set()

    async def until(self, is_so: Callable[[], bool], patience: float) -> bool:
        """Return whether it comes to be so in time."""
        try:
            async with asyncio.timeout(patience):
                while not is_so():
                    self.heard.clear()
                    await self.heard.wait()
        except TimeoutError:
            return False
        return True


async def _measured(size: Size, tell: Callable[[str], None]) -> _Found:
    shops = size.hurried_shops
    skus = size.hurried_skus
    found = _Found()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tell(f"latency: a market of {skus} SKUs in {shops} shops")
        arguments = ("-m", "tests.bench.market", str(skus), str(shops))
        async with (
            listening(*arguments, count=shops + 1) as urls,
            aiohttp.ClientSession() as session,
            _running(folder, urls) as (listener, ear),
        ):
            tell("latency: waiting for the first cycle")
            market = _Market(session, urls, listener, ear)
            await market.begin(skus, events=size.hurried_events)
            if not await listener.until(lambda: listener.raised > 0 or listener.cycles > 0, 120.0):
                raise RuntimeError("no raise was seen")
            tell("latency: everything is being raised")
            async with Watchdog() as dog:
                began = perf_counter()
                for at in range(size.hurried_events):
                    await SystemClock().sleep(began + at * _EVERY - perf_counter())
                    found.delays += await market.event(at)
                    if at % 10 == 9:
                        tell(f"latency: {at + 1} of {size.hurried_events} messages")
            found.stalls = len(dog.stalls)
            found.raised = listener.raised
            for stall in sorted(dog.stalls, key=lambda one: -one.seconds)[:5]:
                tell(f"latency: stalled {stall}")
    return found


@dataclass(slots=True)
class _Market:
    session: aiohttp.ClientSession
    urls: Sequence[str]
    listener: _Listener
    ear: Ear

    async def begin(self, skus: int, events: int) -> None:
        """Let the ERP have more of everything but what the messages will be about."""
        rows = [
            {"sku": name, "warehouse": "main", "on_hand": FIRST_UNITS + _MORE}
            for name in sku_names(skus)[events:]
        ]
        await self._post(self.urls[0], "/_mock/state", {"rows": rows})
        self.ear.hear(Look())

    async def event(self, at: int) -> list[float]:
        """Let something happen to a SKU, say so, and return how long each shop took to be lowered."""
        sku = sku_names(at + 1)[at]
        if at % 2:
            body = {"rows": [{"sku": sku, "warehouse": "main", "on_hand": FIRST_UNITS - 7}]}
            await self._post(self.urls[0], "/_mock/state", body)
            look = Look(skus=frozenset({Sku(sku)}))
        else:
            lines = [{"id": str(100_000 + at), "units": 7}]
            placed = {"step": "place", "lines": lines, "buyer": at, "paid": True}
            order = await self._post(self.urls[1], "/_mock/orders", placed)
            look = Look(shop=_TAOBAO, orders=frozenset({str(order["id"])}))
        wanted = [(f"shop{one}", sku) for one in range(len(self.urls) - 2)]
        began, lowered = perf_counter(), self.listener.lowered
        self.ear.hear(look)
        if not await self.listener.until(lambda: all(one in lowered for one in wanted), _PATIENCE):
            missing = [one for one in wanted if one not in lowered]
            raise RuntimeError(f"not lowered within {_PATIENCE:g} s: {missing}")
        return [lowered[one] - began for one in wanted]

    async def _post(self, url: str, path: str, body: object) -> dict[str, Any]:
        async with self.session.post(f"{url}{path}", json=body) as answer:
            text = await answer.text()
            if not answer.ok:
                raise RuntimeError(f"{path}: {text}")
            found: dict[str, Any] = await answer.json()
            return found


@asynccontextmanager
async def _running(folder: Path, urls: Sequence[str]) -> AsyncIterator[tuple[_Listener, Ear]]:
    """Yield who hears of all and whom to tell, of a daemon that has done its first cycle."""
    file = folder / "syncd.toml"
    file.write_text(_configuration(folder, urls), encoding="utf-8")
    listener = _Listener()
    configuration = read_configuration(file, _SECRETS)
    set_up_log(configuration, terminal=False)
    async with open_app(configuration, Seams(events=listener)) as app:
        wake, haste = Wake(app.clock), Haste()
        stop = asyncio.Event()
        # What a start reads is not what is measured.
        await app.cycle.run()
        daemon = asyncio.create_task(_daemon(app, wake, haste).run(stop))
        ear = Ear(wake=wake, haste=haste, named=app.engine.named, shops=configuration.shops)
        try:
            yield listener, ear
        finally:
            stop.set()
            await daemon


def _daemon(app: App, wake: Wake, haste: Haste) -> Daemon:
    named = NamedSkus(
        cycle=app.cycle.run, store=app.store, topology=app.configuration.topology, events=app.events
    )

    async def nobody(over: asyncio.Event) -> None:
        await over.wait()

    lowerer = Lowerer(lower=app.engine.lowering.run, bell=haste)
    return Daemon(
        cycle=app.cycle.run,
        requests=app.requests,
        store=app.store,
        lock=app.lock,
        clock=app.clock,
        events=app.events,
        pace=Pace(every=60.0, stop_within=2.0),
        trigger=Trigger(wake=wake, cycle=named.run, listen=nobody, haste=lowerer),
        summons=app.summons,
        seat=app.engine.seat,
        tidier=Tidier(),
    )


def _configuration(folder: Path, urls: Sequence[str]) -> str:
    names = ["taobao", *(f"shop{at}" for at in range(len(urls) - 2))]
    quoted = ", ".join(f'"{name}"' for name in names)
    limits = f'calls_per_second = {_PACE}\nburst = 20\nobserve_every = "1h"\n'
    erp = f'[sources.erp]\ntype = "http_json"\nwarehouses = ["main"]\nurl = "{urls[0]}/stock"\n'
    taobao = f'[shops.taobao]\ntype = "taobao"\nurl = "{urls[1]}/router/rest"\napp_key = "mock-app"\n'
    blocks = [
        f'[state]\ndir = "{folder / "state"}"\n\n[log]\nlevel = "error"\n',
        erp + 'headers = { Authorization = "env:ERP" }\n',
        f'[pools.main]\nmode = "shared"\nwarehouses = ["main"]\nshops = [{quoted}]\n',
        taobao + 'app_secret = "env:SECRET"\nsession = "env:SESSION"\n' + limits,
    ]
    for name, url in zip(names[1:], urls[2:], strict=True):
        shop = f'[shops.{name}]\ntype = "http"\nurl = "{url}"\nwrite_modes = ["set"]\nmax_batch = 5\n'
        headers = 'headers = { Authorization = "env:SHOP" }\nlist = { ids_param = "ids" }\n'
        blocks.append(shop + headers + limits)
    return "\n".join(blocks)
