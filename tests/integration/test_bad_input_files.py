"""Bad exports of an ERP that writes files, end to end: a file that is not whole never lowers a counter."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncd.bootstrap import App
from tests.integration.rig import ShopSpec, World, WorldSpec, world

SKUS = tuple(f"SKU{n:02}" for n in range(20))
FULL = dict.fromkeys(SKUS, 10)
HEAD = "sku,warehouse,on_hand"
END = "#END"


@dataclass(slots=True)
class Exports:
    """A world whose shop shows 10 of everything, and the file that its ERP writes."""

    world: World
    app: App
    file: Path

    async def failures(self, text: str) -> str:
        """Run a cycle in which the file holds `text`; return what failed."""
        self.world.clock.advance(60)
        write(self.file, text, self.world)
        return "; ".join((await self.world.cycle(self.app)).failures)

    def shown(self) -> dict[str, int]:
        return self.world.shown("east")


def whole(**figures: object) -> str:
    rows = [f"{sku},main,{figures.get(sku, 10)}" for sku in SKUS]
    return "\n".join([HEAD, *rows, END]) + "\n"


def write(file: Path, text: str, made: World) -> None:
    file.write_text(text, encoding="utf-8")
    at = made.clock.now().timestamp()
    os.utime(file, (at, at))


@pytest.fixture
async def exports(tmp_path: Path) -> AsyncIterator[Exports]:
    file = tmp_path / "stock.csv"
    keys = ['type = "csv"', f'path = "{file}"', 'proof = "end_marker"', f'end_marker = "{END}"']
    spec = WorldSpec(shops=(ShopSpec(name="east"),), stock=FULL, mode="shared", source="\n".join(keys))
    async with world(spec, tmp_path) as made:
        write(file, whole(), made)
        async with made.opened() as app:
            await made.until_quiet(app)
            yield Exports(made, app, file)


BROKEN = {
    "cut between rows": "\n".join(whole().splitlines()[:10]),
    "cut within a figure": whole()[: whole().index("SKU12") + len("SKU12,main,1")],
    "without its end": whole().replace(END, ""),
    "empty": "",
    "only a head": f"{HEAD}\n{END}\n",
    "html": "<html>maintenance</html>",
    "two fifths missing": "\n".join([HEAD, *whole().splitlines()[1:13], END]),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_broken_export_changes_no_counter(exports: Exports, kind: str) -> None:
    await exports.failures(BROKEN[kind])
    await exports.failures(BROKEN[kind])
    assert exports.shown() == FULL


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_broken_export_is_told_with_its_source(exports: Exports, kind: str) -> None:
    assert "erp: " in await exports.failures(BROKEN[kind])


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_whole_export_after_a_broken_one_counts(exports: Exports, kind: str) -> None:
    await exports.failures(BROKEN[kind])
    await exports.failures(whole(SKU07=4))
    assert exports.shown() == FULL | {"SKU07": 4}


async def test_an_export_that_is_gone_changes_no_counter(exports: Exports) -> None:
    exports.file.unlink()
    await exports.world.cycle(exports.app)
    assert exports.shown() == FULL


async def test_an_export_that_is_gone_is_told_with_its_file(exports: Exports) -> None:
    exports.file.unlink()
    report = await exports.world.cycle(exports.app)
    assert "stock.csv" in "; ".join(report.failures)


@pytest.mark.parametrize("figure", ["", "NaN", "-3", "12a", "1e30"])
async def test_a_figure_that_cannot_be_believed_keeps_the_last_good_one(
    exports: Exports, figure: str
) -> None:
    await exports.failures(whole(SKU07=figure, SKU08=3))
    assert exports.shown() == FULL | {"SKU08": 3}


async def test_an_older_export_is_refused(exports: Exports) -> None:
    write(exports.file, whole(SKU07=4), exports.world)
    at = exports.world.clock.now().timestamp() - 7200
    os.utime(exports.file, (at, at))
    report = await exports.world.cycle(exports.app)
    assert ("older" in "; ".join(report.failures), exports.shown()) == (True, FULL)
