"""A process killed between any two steps of a cycle loses nothing, doubles nothing, sells nothing twice."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncd.bootstrap import App
from syncd.domain.records import Resolution
from syncd.mock import ShopSettings
from tests.integration.rig import ENVIRON, Kept, ShopSpec, World, WorldSpec, world
from tests.integration.rig_crash import Order, Parent, parent

# Hundreds of processes take their time on a busy machine.
pytestmark = pytest.mark.timeout(900)

SHOPS = (
    ShopSpec(name="absolute"),
    ShopSpec(name="comparing", modes=("compare_and_set",)),
    ShopSpec(name="keyed", modes=("delta",), keys=("idempotent = true",)),
    ShopSpec(
        name="plain", modes=("delta",), keys=("idempotent = false",), platform=ShopSettings(idempotent=False)
    ),
)
STOCK = {"DOWN": 80, "OFF": 40, "ON": 3, "SOLD": 40, "UP": 40}
SPEC = WorldSpec(
    shops=SHOPS,
    stock=STOCK,
    shown=dict.fromkeys(STOCK, 7),
    pool_keys=("warning_level = 4", "relist_after = 1", 'least_off_time = "0s"'),
)
EVER = 10**9
SALE = 2
"""Units of SOLD that a buyer took before the cycle; the ERP learns of them at last."""

LAG = 20 * 60.0
"""Longer than a sale takes to reach the ERP."""

Figures = Mapping[str, Mapping[str, int]]
FILLED: Figures = {shop.name: {"DOWN": 20, "OFF": 10, "ON": 0, "SOLD": 10, "UP": 10} for shop in SHOPS}
TOGETHER = "all shops together"
AFTER: Figures = {TOGETHER: {"DOWN": 40, "OFF": 0, "ON": 40, "SOLD": STOCK["SOLD"] - SALE, "UP": 80}}
"""Who has how many depends on where they were when the program died; that all are for sale does not."""


@dataclass(slots=True)
class Scene:
    """A world to kill cycles in; `begin` makes it what it was at first."""

    world: World
    parent: Parent
    kept: Kept
    folder: Path

    def begin(self) -> None:
        shutil.rmtree(self.world.state)
        shutil.copytree(self.folder, self.world.state)
        self.world.go_back(self.kept)

    async def die(self, step: int) -> str:
        """Run a cycle that dies at `step`; return the step's name, empty if it lived."""
        self.world.clock.advance(60)
        order = Order(file=self.world.file, now=self.world.clock.now(), fatal=step, environ=ENVIRON)
        return await self.parent.run(order)


@asynccontextmanager
async def empty(folder: Path) -> AsyncIterator[Scene]:
    """Yield a scene in which nothing was ever written."""
    async with world(SPEC, folder) as made, parent() as forker:
        async with made.opened():
            pass
        yield _scene(made, forker)


@asynccontextmanager
async def ordinary(folder: Path) -> AsyncIterator[Scene]:
    """Yield a scene with something to raise, lower, delist and relist, and a sale unknown to the ERP."""
    async with world(SPEC, folder) as made, parent() as forker:
        async with made.opened() as app:
            await made.until_quiet(app)
        for sku, units in {"DOWN": 40, "OFF": 3, "ON": 40, "UP": 80}.items():
            made.set_stock(sku, units)
        assert made.buy("absolute", "SOLD", SALE)
        yield _scene(made, forker)


def _scene(made: World, forker: Parent) -> Scene:
    kept = made.folder / "kept"
    shutil.copytree(made.state, kept)
    return Scene(made, forker, made.keep(), kept)


@pytest.fixture
async def first_fills(tmp_path: Path) -> AsyncIterator[list[Scene]]:
    async with empty(tmp_path / "0") as one, empty(tmp_path / "1") as other:
        yield [one, other]


@pytest.fixture
async def days(tmp_path: Path) -> AsyncIterator[list[Scene]]:
    async with ordinary(tmp_path / "0") as one, ordinary(tmp_path / "1") as other:
        yield [one, other]


async def wrong_after(scene: Scene, step: str, *, sale: int, figures: Figures) -> list[str]:
    """Let a fresh program take over from the dead one; return everything that is wrong then."""
    made = scene.world
    found = []
    if made.on_sale("SOLD") + made.sold("SOLD") > max(STOCK["SOLD"], 7 * len(SHOPS)):
        found.append("units of SOLD were for sale twice when it died")
    async with made.opened() as app:
        await made.until_quiet(app)
        if made.on_sale("SOLD") + made.sold("SOLD") > STOCK["SOLD"]:
            found.append("units of SOLD were for sale twice after recovery")
        if sale:
            made.book("SOLD", sale)
        made.clock.advance(LAG)
        await made.until_quiet(app)
        found += await _wrong_books(made, app)
    for name, expected in figures.items():
        shown = {sku: made.on_sale(sku) for sku in expected} if name == TOGETHER else made.shown(name)
        if shown != expected:
            found.append(f"{name} show {shown}: {[made.shown(shop) for shop in made.shops]}")
    return [f"{step}: {wrong}" for wrong in found]


async def _wrong_books(made: World, app: App) -> list[str]:
    found = [f"intent {row.key} is open" for row in await app.store.unresolved()]
    listings = {(row.shop, row.id): row for row in await app.store.listings()}
    rows = await app.store.ledger(limit=10_000)
    desired = {(row.shop, row.listing): row.new for row in reversed(rows) if row.what == "desired"}
    found += [
        f"the ledger says {at} should read {new}, the state {listings[at].desired}"
        for at, new in desired.items()
        if listings[at].desired != new
    ]
    intents = _intents(made.state)
    for shop in made.shops:
        for key, times in made.applied(shop).items():
            if key not in intents:
                found.append(f"{shop}: a write was sent that no intent knows")
            if times > 1:
                found.append(f"{shop}: {intents[key]} was applied {times} times")
            if not times and intents[key] == Resolution.DONE:
                found.append(f"{shop}: a write was never applied though the books say so")
    return found


def _intents(folder: Path) -> dict[str, str]:
    with closing(sqlite3.connect(folder / "state.db")) as database:
        return dict(database.execute("SELECT key, resolution FROM intents").fetchall())


async def kill(
    scene: Scene, steps: Iterable[int], *, sale: int, figures: Figures, again: bool = False
) -> tuple[int, list[str]]:
    """Kill a cycle at each of `steps` until one lives; return how many died, and all that was wrong.

    With `again` the next cycle is killed too, half as far.
    """
    found: list[str] = []
    deaths = 0
    for step in steps:
        scene.begin()
        name = await scene.die(step)
        if name and again:
            name = f"{name}, then {await scene.die(step // 2 + 1)}"
        found += await wrong_after(scene, f"step {step} ({name})", sale=sale, figures=figures)
        if not name:
            break
        deaths += 1
    return deaths, found


async def kill_everywhere(
    scenes: Sequence[Scene], *, every: int, least: int, sale: int, figures: Figures, again: bool = False
) -> list[str]:
    """Kill cycles at each step, or at `every` n-th; return all that was wrong, also too few deaths."""
    lanes = [range(1 + every * lane, EVER, every * len(scenes)) for lane in range(len(scenes))]
    results = await asyncio.gather(
        *(
            kill(scene, steps, sale=sale, figures=figures, again=again)
            for scene, steps in zip(scenes, lanes, strict=True)
        )
    )
    deaths = sum(result[0] for result in results)
    found = [wrong for result in results for wrong in result[1]]
    return found if deaths >= least else [*found, f"only {deaths} deaths: the cycle was too short"]


async def test_a_cycle_killed_at_every_other_step_loses_and_doubles_nothing(days: list[Scene]) -> None:
    assert await kill_everywhere(days, every=2, least=60, sale=SALE, figures=AFTER) == []


async def test_a_first_fill_killed_on_its_way_is_filled_by_the_next_program(first_fills: list[Scene]) -> None:
    assert await kill_everywhere(first_fills, every=17, least=7, sale=0, figures=FILLED) == []


async def test_a_program_killed_twice_in_a_row_loses_and_doubles_nothing(days: list[Scene]) -> None:
    assert await kill_everywhere(days, every=15, least=10, sale=SALE, figures=AFTER, again=True) == []


@pytest.mark.slow
async def test_a_cycle_killed_at_any_step_loses_and_doubles_nothing(days: list[Scene]) -> None:
    assert await kill_everywhere(days, every=1, least=140, sale=SALE, figures=AFTER) == []


@pytest.mark.slow
async def test_a_first_fill_killed_at_any_step_is_filled_by_the_next_program(
    first_fills: list[Scene],
) -> None:
    assert await kill_everywhere(first_fills, every=1, least=100, sale=0, figures=FILLED) == []
