"""How many calls each platform takes for many lowered SKUs, by write mode; counted at the mocks.

Run `python -m tests.integration.five.calls [SKUS [PLATFORM ...]]` for a table and JSON of 10,000 SKUs
in items of five.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from syncd.adapters.channels.http import ADAPTER as HTTP
from syncd.adapters.events import configure_log
from syncd.adapters.memory import FakeClock
from syncd.adapters.sources.http_json import ADAPTER as HTTP_JSON
from syncd.bootstrap import App, Seams, open_app
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.mock import Cell, ErpState, Listing, RealClock, Rig, ShopState, erp_app, running, shop_app
from syncd.services.cycle import CycleReport, Selection
from tests.integration.five.platforms import PLATFORMS, Platform

USUAL = 10_000
ITEM = 5
"""SKUs of an item."""

_BEFORE, _AFTER = 50, 40
_MOST_CYCLES = 10
_FIRST_ITEM = 9_007_199_254_740_993
_SECRETS = {
    "ERP": "Bearer mock-token",
    "SECRET": "mock-secret",
    "TOKEN": "mock-token",
    "REFRESH": "mock-refresh",
}


def _shop_state(*, listings: Sequence[Listing], now: object) -> ShopState:
    del now
    return ShopState(listings=listings)


_HTTP = Platform(
    name="http",
    adapter=HTTP,
    state=_shop_state,
    app=shop_app,
    keys=('headers = { Authorization = "env:ERP" }',),
    writes=("/stock", "/listings/*/*"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of writing: a platform, its name for people, and what the shop's table says besides."""

    platform: Platform
    name: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Calls at the mock: `writes` of quantities, `reads` until nothing was open, beside those of orders.

    `whole` is what reading the whole shop took once, before anything changed. `lines` are the quantities that
    were written, and `right` the counters that read what they should in the end.
    """

    platform: str
    mode: str
    skus: int
    writes: int
    lines: int
    reads: int
    whole: int
    right: int


def ways() -> Iterator[Way]:
    """Yield every way of writing that the adapters have."""
    taobao, pdd, jd = PLATFORMS["taobao"], PLATFORMS["pdd"], PLATFORMS["jd"]
    douyin, aliexpress = PLATFORMS["douyin"], PLATFORMS["aliexpress"]
    only_set = ('write_modes = ["set"]',)
    yield Way(platform=taobao, name="delta")
    yield Way(platform=taobao, name="set", keys=only_set)
    yield Way(platform=taobao, name="single delta", keys=("single_calls = true",))
    yield Way(platform=taobao, name="keyed delta", keys=("keyed_calls = true",))
    yield Way(platform=pdd, name="delta")
    yield Way(platform=pdd, name="set", keys=only_set)
    yield Way(platform=jd, name="delta")
    yield Way(platform=jd, name="set", keys=only_set)
    yield Way(platform=jd, name="keyed delta", keys=("keyed_calls = true",))
    yield Way(platform=jd, name="delta, unlisted is done", keys=("unlisted_is_done = true",))
    yield Way(platform=douyin, name="rows delta")
    yield Way(platform=douyin, name="rows set", keys=only_set)
    yield Way(platform=douyin, name="product delta", keys=('calls = "product"',))
    yield Way(platform=douyin, name="keyed delta", keys=('calls = "sku"',))
    yield Way(platform=aliexpress, name="set")
    yield Way(platform=_HTTP, name="compare and set")
    yield Way(platform=_HTTP, name="delta", keys=('write_modes = ["delta"]',))
    yield Way(platform=_HTTP, name="set", keys=only_set)


async def count(way: Way, skus: int, folder: Path) -> Count:
    """Return the calls for `skus` SKUs, all of which the ERP has fewer of than the shop shows.

    Raises:
        AssertionError: the shop and the ERP did not agree to begin with, or never come to rest.
    """
    async with _shop(way, skus, folder) as (erp, shop, clock, app):
        await _rest(app, clock)
        whole = _calls(shop, way.platform, writes=False)
        assert not _calls(shop, way.platform, writes=True), "the shop was not filled to begin with"
        shop.calls.clear()
        erp.merge({"rows": [{"sku": f"K{n}", "warehouse": "main", "on_hand": _AFTER} for n in range(skus)]})
        await _rest(app, clock)
        return Count(
            platform=way.platform.name,
            mode=way.name,
            skus=skus,
            writes=_calls(shop, way.platform, writes=True),
            lines=sum(len(call.quantities) for call in shop.calls.calls),
            reads=_calls(shop, way.platform, writes=False),
            whole=whole,
            right=sum(one.quantity == _AFTER for one in shop.state.listings.values()),
        )


async def _rest(app: App, clock: FakeClock) -> None:
    """Run cycles until nothing is planned and no write is open."""
    failures: list[str] = []
    for _ in range(_MOST_CYCLES):
        clock.advance(60)
        report = await app.sync(Selection())
        assert isinstance(report, CycleReport), report
        if not report.failures and not len(report.view.decision.plan) and not await app.store.unresolved():
            return
        failures = report.failures[:3]
    raise AssertionError(f"it never comes to rest: {failures}")


def _calls(shop: Rig[ShopState], platform: Platform, *, writes: bool) -> int:
    routes = {name: n for name, n in shop.calls.counts.items() if not _any(name, platform.orders)}
    return sum(n for name, n in routes.items() if _any(name.split(" ")[-1], platform.writes) is writes)


def _any(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(name, one) for one in globs)


@asynccontextmanager
async def _shop(
    way: Way, skus: int, folder: Path
) -> AsyncIterator[tuple[Rig[ErpState], Rig[ShopState], FakeClock, App]]:
    """Yield an ERP, a shop that shows what it has, and the program between them."""
    clock, platform = FakeClock(auto=True), way.platform
    cells = [Cell(sku=f"K{n}", warehouse="main") for n in range(skus)]
    for cell in cells:
        cell.figures["on_hand"] = _BEFORE
    erp = Rig(name="erp", clock=RealClock(clock.now), state=ErpState(cells=cells))
    shop = platform.rig(_listings(skus), RealClock(clock.now))
    registry = Registry(channels={platform.name: platform.on(clock.now)}, sources={"http_json": HTTP_JSON})
    async with AsyncExitStack() as stack:
        urls = {
            "erp": await stack.enter_async_context(running(erp_app(erp))),
            "shop": await stack.enter_async_context(running(platform.app(shop))),
        }
        (folder / "syncd.toml").write_text(_toml(way, urls), encoding="utf-8")
        configuration = load(folder / "syncd.toml", environ=_SECRETS, registry=registry)
        app = await stack.enter_async_context(open_app(configuration, Seams(clock=clock)))
        yield erp, shop, clock, app


def _listings(skus: int) -> list[Listing]:
    return [
        Listing(
            id=str(_FIRST_ITEM * 10 + n), item=str(_FIRST_ITEM + n // ITEM), code=f"K{n}", quantity=_BEFORE
        )
        for n in range(skus)
    ]


def _toml(way: Way, urls: Mapping[str, str]) -> str:
    platform = way.platform
    tables = [
        '[state]\ndir = "state"\n[cycle]\njitter = "0s"\n[log]\nlevel = "error"',
        # What was read stays true: what is counted is writing, not looking.
        f'[sources.erp]\ntype = "http_json"\nwarehouses = ["main"]\nurl = "{urls["erp"]}/stock"',
        'headers = { Authorization = "env:ERP" }\npage_size = 1000\nsince_param = ""',
        '[pools.main]\nmode = "shared"\nwarehouses = ["main"]\nshops = ["one"]',
        f'[shops.one]\ntype = "{platform.name}"\nurl = "{urls["shop"]}{platform.path}"',
        'observe_every = "12h"\norders_back = "10m"\norders_overlap = "5m"',
        "calls_per_second = 10000.0\nburst = 10000",
    ]
    named = {key.split(" ")[0] for key in way.keys}
    kept = [key for key in platform.keys if key.split(" ")[0] not in named]
    return "\n".join([*tables, *kept, *way.keys]) + "\n"


def table(counts: Sequence[Count]) -> str:
    """Return the counts as people read them."""
    rows: list[tuple[Any, ...]] = [
        ("platform", "mode", "SKUs", "writes", "lines", "reads", "whole shop", "right")
    ]
    rows += [tuple(asdict(one).values()) for one in counts]
    widths = [max(len(str(row[at])) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


async def _main(skus: int, platforms: Sequence[str]) -> None:
    counts = []
    for way in ways():
        if platforms and way.platform.name not in platforms:
            continue
        with TemporaryDirectory() as folder:
            counts.append(await count(way, skus, Path(folder)))
        print(counts[-1], file=sys.stderr)
    print(table(counts))
    print(json.dumps([asdict(one) for one in counts]))


if __name__ == "__main__":
    configure_log("error", as_json=False)
    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else USUAL, sys.argv[2:]))
