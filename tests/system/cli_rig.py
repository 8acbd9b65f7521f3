"""The command line as people start it, against mock shops over real HTTP and a file as the ERP."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any

import structlog
from typer.testing import CliRunner

import syncd
from syncd.cli.main import app
from syncd.mock.clock import RealClock
from syncd.mock.core import Listing, ShopSettings, ShopState
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.shop import shop_app

ROOT = Path(syncd.__file__).parents[1]
SECRETS = {"tmall": "planted-secret-of-tmall", "jd": "planted-secret-of-jd"}
ODD_SKU = "[red]X"
CHINESE_SKU = "茶杯"
PATIENCE = 60.0

_CONFIG = """
[state]
dir = "state"

[cycle]
every = "1h"
jitter = "0s"

[sources.erp]
type = "csv"
warehouses = ["main"]
warehouse = "main"
path = "{stock}"

[pools.main]
mode = "shared"
warehouses = ["main"]
shops = ["tmall", "jd"]
"""

_SHOP = """
[shops.{name}]
type = "http"
url = "{url}"
headers = {{ Authorization = "env:{variable}" }}
prefix_separators = ["-"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return stdout as the one document that it must be."""
        return json.loads(self.out)


@dataclass(slots=True, kw_only=True)
class Bench:
    """A folder with a configuration, the mock shops behind it, and everything that was printed."""

    folder: Path
    shops: Mapping[str, Rig[ShopState]]
    printed: list[str] = field(default_factory=list)
    _writes: int = 0

    @property
    def config(self) -> Path:
        return self.folder / "syncd.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def counters(self, shop: str) -> dict[str, int]:
        return {row.code: row.quantity for row in self.shops[shop].state.listings.values()}

    def write_stock(self, units: Mapping[str, object]) -> None:
        """Write the ERP's file, each time as one of a minute later."""
        file = self.folder / "stock.csv"
        file.write_text(
            "sku,on_hand\n" + "".join(f"{sku},{count}\n" for sku, count in units.items()), "utf-8"
        )
        self._writes += 1
        written = time() - 1800 + 60 * self._writes
        os.utime(file, (written, written))

    async def run(self, *words: str, env: Mapping[str, str] | None = None) -> Done:
        """Run a command inside this program, because starting another takes a second; see `run_alone`."""
        done = await asyncio.to_thread(_invoke, words, self.environ() | dict(env or {}))
        self.printed += [done.out, done.err]
        return done

    async def run_alone(self, *words: str, env: Mapping[str, str] | None = None) -> Done:
        """Run a command as people do and return what it printed."""
        async with self.started(*words, env=env) as program, asyncio.timeout(PATIENCE):
            out, err = await program.communicate()
        assert program.returncode is not None
        done = Done(code=program.returncode, out=out.decode(), err=err.decode())
        self.printed += [done.out, done.err]
        return done

    @asynccontextmanager
    async def started(
        self, *words: str, env: Mapping[str, str] | None = None
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """Yield a running command; it is killed with the block if it has not ended by then."""
        program = await start(*words, env=self.environ() | dict(env or {}))
        try:
            yield program
        finally:
            if program.returncode is None:
                program.kill()
                await program.communicate()

    def environ(self) -> dict[str, str]:
        tokens = {variable(name): f"Bearer {secret}" for name, secret in SECRETS.items()}
        return {"SYNCD_CONFIG": str(self.config)} | tokens


def _invoke(words: Sequence[str], env: Mapping[str, str]) -> Done:
    result = CliRunner().invoke(app, words, env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(code=result.exit_code, out=result.stdout, err=result.stderr)


def variable(shop: str) -> str:
    return f"{shop.upper()}_AUTHORIZATION"


async def start(*words: str, env: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "syncd",
        *words,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def stopped(program: asyncio.subprocess.Process, number: signal.Signals) -> Done:
    """Send a signal and return how the program ended, with what it printed since."""
    program.send_signal(number)
    async with asyncio.timeout(PATIENCE):
        out, err = await program.communicate()
    assert program.returncode is not None
    return Done(code=program.returncode, out=out.decode(), err=err.decode())


def make_listings() -> list[Listing]:
    """Return 14 listings: SKU0 to SKU11 with a prefix, an odd SKU, and one that no SKU stands behind."""
    codes = [f"1-SKU{number}" for number in range(12)] + [f"1-{ODD_SKU}", "1-NONE\x1b[31m"]
    return [
        Listing(id=str(1000 + number), item=str(1000 + number), code=code, quantity=5)
        for number, code in enumerate(codes)
    ]


def make_stock() -> dict[str, object]:
    return {f"SKU{number}": 10 + number for number in range(12)} | {ODD_SKU: 7, CHINESE_SKU: 3, "BAD": "x"}


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Yield two mock shops, `tmall` and `jd`, and a configuration for them."""
    rigs = {
        "tmall": _rig(make_listings(), SECRETS["tmall"]),
        "jd": _rig(
            [
                Listing(id="1", item="1", code="SKU0", quantity=2),
                Listing(id="2", item="2", code=CHINESE_SKU, quantity=2),
            ],
            SECRETS["jd"],
        ),
    }
    async with AsyncExitStack() as stack:
        urls = {name: await stack.enter_async_context(running(shop_app(rig))) for name, rig in rigs.items()}
        made = Bench(folder=folder, shops=rigs)
        shops = [_SHOP.format(name=name, url=url, variable=variable(name)) for name, url in urls.items()]
        made.config.write_text(_CONFIG.format(stock=folder / "stock.csv") + "".join(shops), "utf-8")
        made.write_stock(make_stock())
        try:
            yield made
        finally:
            # Commands inside this program set up its log.
            structlog.reset_defaults()


def _rig(listings: list[Listing], token: str) -> Rig[ShopState]:
    state = ShopState(listings=listings, settings=ShopSettings(token=token))
    return Rig(name="shop", state=state, clock=RealClock())
