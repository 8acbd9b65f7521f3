"""The state is copied, restored and looked through on the command line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from syncd.adapters.state import FileLock
from tests.system.cli_rig import Bench, bench, make_stock


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


async def test_a_copy_is_made_and_described(tools: Bench) -> None:
    await tools.run("sync")
    done = await tools.run("backup", str(tools.folder / "copy.db"))
    assert (done.code, (tools.folder / "copy.db").exists()) == (0, True)
    assert "read all of the copy" in done.out
    assert "tokens are not in it" in done.out


async def test_a_copy_is_made_beside_whoever_pushes(tools: Bench) -> None:
    await tools.run("sync")
    async with FileLock(tools.state).held():
        done = await tools.run("backup", "--format", "json")
    assert Path(done.json["file"]).parent == tools.state / "backups"


async def test_a_copy_that_is_there_is_not_overwritten(tools: Bench) -> None:
    await tools.run("sync")
    words = ("backup", str(tools.folder / "copy.db"))
    assert ((await tools.run(*words)).code, (await tools.run(*words)).code) == (0, 2)


async def test_without_a_state_there_is_nothing_to_copy(tools: Bench) -> None:
    done = await tools.run("backup")
    assert (done.code, "there is no state yet" in done.err) == (78, True)


async def test_after_a_restore_the_next_cycle_makes_all_right(tools: Bench) -> None:
    await tools.run("sync")
    await tools.run("backup", str(tools.folder / "copy.db"))
    tools.write_stock(make_stock() | {"SKU0": 3})
    await tools.run("sync")
    before = tools.counters("tmall"), tools.counters("jd")

    done = await tools.run("restore", str(tools.folder / "copy.db"))
    after = await tools.run("sync")

    assert (done.code, after.code) == (0, 0)
    assert (tools.counters("tmall"), tools.counters("jd")) == before
    assert "is a first start" in done.out


async def test_a_restore_says_as_json_what_it_moved_aside(tools: Bench) -> None:
    await tools.run("sync")
    await tools.run("backup", str(tools.folder / "copy.db"))
    done = await tools.run("restore", str(tools.folder / "copy.db"), "--format", "json")
    assert Path(done.json["moved_to"]).parent == tools.state / "backups"


async def test_nothing_is_restored_beside_whoever_pushes(tools: Bench) -> None:
    await tools.run("sync")
    await tools.run("backup", str(tools.folder / "copy.db"))
    async with FileLock(tools.state).held():
        done = await tools.run("restore", str(tools.folder / "copy.db"))
    assert (done.code, "stop it first" in done.err) == (2, True)
