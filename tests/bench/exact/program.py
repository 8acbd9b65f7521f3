"""The program itself, put together as it always is but over a simulated day."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from syncd.adapters.memory import MemoryStore
from syncd.bootstrap import App, Seams, open_app, open_state
from syncd.config.configuration import Configuration
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.ports.plugin import Adapter
from syncd.ports.store import Store
from tests.bench.exact.channel import InProcessShop
from tests.bench.exact.clock import Doings, WorldClock
from tests.bench.exact.scenario import Scenario
from tests.bench.exact.source import InProcessErp
from tests.bench.exact.world import WAREHOUSE

_STAMP = 1.0
"""Seconds by which the stamps of platforms and ERP can differ though their clocks agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How syncd is configured: its pool, its warning level, and how long it remembers a sale."""

    pool: str
    warning_level: int = 0
    erp_lag: float = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the program meets instead of the world, and where it keeps its state."""

    erp: InProcessErp
    shops: Mapping[str, InProcessShop]
    clock: WorldClock
    doings: Doings
    on_disk: bool


class Listener:
    """Counts the units of split pools that went from one shop to another."""

    def __init__(self) -> None:
        self.transfers = 0

    def tell(self, name: str, /, **facts: object) -> None:
        """Take note of a give that is proven."""
        self.transfers += name == "changed" and facts.get("cause") == "give"


@asynccontextmanager
async def open_program(
    scenario: Scenario, setup: Setup, outside: Outside, listener: Listener, folder: Path
) -> AsyncIterator[App]:
    """Yield the program for one day, its state in memory or in `folder`."""
    configuration = configure(scenario, setup, outside, folder)
    opened = open_state(configuration) if outside.on_disk else _in_memory()
    async with opened as store:
        kept = cast("Store", Watched(store, outside.doings)) if outside.on_disk else store
        seams = Seams(store=kept, clock=outside.clock, events=listener)
        async with open_app(configuration, seams) as app:
            yield app


def configure(scenario: Scenario, setup: Setup, outside: Outside, folder: Path) -> Configuration:
    """Return the configuration of a day, read from a file as every configuration is."""
    file = folder / "syncd.toml"
    file.write_text(_toml(scenario, setup, list(outside.shops)), encoding="utf-8")
    registry = Registry(
        channels={"simulated": _adapter(lambda name: outside.shops[name])},
        sources={"simulated": _adapter(lambda _: outside.erp)},
    )
    return load(file, environ={}, registry=registry)


@asynccontextmanager
async def _in_memory() -> AsyncIterator[Store]:
    yield MemoryStore()


class Watched:
    """A store that tells how many of its calls are under way, so that no time passes meanwhile."""

    def __init__(self, store: Store, doings: Doings) -> None:
        self._store = store
        self._doings = doings

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._store, name)

        async def watched(*args: object, **kwargs: object) -> object:
            self._doings.count += 1
            try:
                return await call(*args, **kwargs)
            finally:
                self._doings.count -= 1

        return watched


class _NoSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _adapter(port: Callable[[str], object]) -> Adapter[Any]:
    @asynccontextmanager
    async def opened(settings: object, name: str, http: object) -> AsyncIterator[object]:
        del settings, http
        yield port(name)

    def open_(settings: object, name: str, http: object) -> AbstractAsyncContextManager[object]:
        return opened(settings, name, http)

    return Adapter(settings=_NoSettings, open=open_, summary="a simulated one")


def _toml(scenario: Scenario, setup: Setup, shops: list[str]) -> str:
    names = ", ".join(f'"{name}"' for name in shops)
    tables = [
        f'[state]\ndir = "state"\n[cycle]\nevery = "{scenario.poll:g}s"\njitter = "0s"',
        f'observe_every = "{scenario.observe_every:g}s"\n[log]\nlevel = "error"',
        # A flash crowd sells out much of a small shop: that is what is measured here, not the guard.
        "[guard]\nmax_off_percent = 100\nmax_raised_percent = 100000",
        f'[sources.erp]\ntype = "simulated"\nwarehouses = ["{WAREHOUSE}"]',
        f'[pools.main]\nmode = "{setup.pool}"\nwarehouses = ["{WAREHOUSE}"]\nshops = [{names}]',
        f"warning_level = {setup.warning_level}" if setup.warning_level else "",
    ]
    for name in shops:
        tables.append(f'[shops.{name}]\ntype = "simulated"\nerp_lag = "{setup.erp_lag:g}s"')
        tables.append('calls_per_second = 20.0\nburst = 20\nhold_grace = "1s"')
        tables.append(f'clock_skew = "{scenario.farthest_skew + _STAMP:g}s"')
    return "\n".join(tables) + "\n"
