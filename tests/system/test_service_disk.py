"""A disk that is full or fails: the daemon ends so that systemd starts it again, and then all is right."""

import asyncio
import resource
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.system.cli_rig import Bench, bench, make_stock
from tests.system.service_rig import unit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

FULL = 'mount -t tmpfs -o size=64k,mode=700 none "$1" && shift && exec "$@"'
"""Runs a program with a disk of its own, too small for any state."""

NOTHING_MORE = (0, 0)


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


@pytest.fixture
def on_full_disk(tools: Bench) -> list[str]:
    """Return the words before a command that give it a full disk as its state folder."""
    tools.state.mkdir(mode=0o700)
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", FULL, "sh", str(tools.state)]
    try:
        done = subprocess.run([*words, "true"], capture_output=True, check=False, timeout=60)
    except FileNotFoundError:
        pytest.skip("needs unshare")
    if done.returncode:
        pytest.skip("needs the right to mount a disk of its own")
    return words


async def test_a_full_disk_ends_the_daemon_with_1(tools: Bench, on_full_disk: list[str]) -> None:
    async with unit(tools, prefix=on_full_disk) as daemon:
        assert (await daemon.ended(), daemon.notices.waiting()) == (1, [])


async def test_a_full_disk_is_named_with_what_to_do(tools: Bench, on_full_disk: list[str]) -> None:
    async with unit(tools, prefix=on_full_disk) as daemon:
        assert "free some space" in (await daemon.words())


async def test_a_disk_that_fails_under_a_running_daemon_ends_it_with_1(tools: Bench) -> None:
    async with unit(tools) as daemon:
        await daemon.notices.hear_of("STATUS=")
        resource.prlimit(daemon.program.pid, resource.RLIMIT_FSIZE, NOTHING_MORE)
        tools.write_stock(make_stock() | {"SKU0": 9})
        # It takes the right to push once the daemon has ended, and does its work.
        waiting = asyncio.create_task(tools.run("sync"))
        code = await daemon.ended()
        await waiting

    assert (code, tools.counters("jd")["SKU0"]) == (1, 9)


async def test_after_the_disk_is_well_again_the_next_start_goes_on(tools: Bench) -> None:
    async with unit(tools) as daemon:
        resource.prlimit(daemon.program.pid, resource.RLIMIT_FSIZE, NOTHING_MORE)
        first = await daemon.ended()
    async with unit(tools) as again:
        await again.notices.hear_of("STATUS=")

        assert (first, tools.counters("jd")["SKU0"]) == (1, 10)
