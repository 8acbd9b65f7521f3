"""Signals in the first second of a command that lasts, before it can listen to them as it does later."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.system.cli_rig import Bench, bench
from tests.system.service_rig import unit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

_SIGNALLED = """
import os
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["SIGNAL_AT"]:
            os.kill(os.getpid(), int(os.environ["SIGNAL"]))


sys.meta_path.insert(0, Finder())
"""


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    (tmp_path / "sitecustomize.py").write_text(_SIGNALLED, "utf-8")
    async with bench(tmp_path) as made:
        yield made


def signalled(tools: Bench, number: signal.Signals, module: str) -> dict[str, str]:
    """Return an environment in which a program gets the signal as it begins to load `module`."""
    path = os.pathsep.join(filter(None, [str(tools.folder), os.environ.get("PYTHONPATH", "")]))
    return {"PYTHONPATH": path, "SIGNAL": str(int(number)), "SIGNAL_AT": module}


@pytest.mark.parametrize(
    ("number", "module"),
    [
        (signal.SIGINT, "typer"),
        (signal.SIGTERM, "syncd.cli.run"),
        (signal.SIGINT, "syncd.runtime.service"),
        # Read with the configuration, when the daemon listens itself.
        (signal.SIGTERM, "syncd.adapters.channels.http"),
    ],
)
async def test_a_stop_while_it_loads_ends_the_daemon_well(
    tools: Bench, number: signal.Signals, module: str
) -> None:
    async with unit(tools, env=signalled(tools, number, module)) as daemon:
        told = await daemon.words()
        code = await daemon.ended()

    assert (code, told, [rig.calls.total for rig in tools.shops.values()]) == (0, "", [0, 0])


async def test_a_reload_while_it_loads_does_not_end_the_daemon(tools: Bench) -> None:
    async with unit(tools, env=signalled(tools, signal.SIGHUP, "typer")) as daemon:
        assert await daemon.notices.hear() == "READY=1"


async def test_a_stop_while_it_loads_ends_a_mock_well(tools: Bench) -> None:
    done = await tools.run_alone("mock", "shop", env=signalled(tools, signal.SIGTERM, "typer"))

    assert (done.code, done.out) == (0, "")


async def test_a_stop_while_it_loads_breaks_off_any_other_command(tools: Bench) -> None:
    words = ("--config", "run", "shops")
    done = await tools.run_alone(*words, env=signalled(tools, signal.SIGTERM, "typer"))

    assert done.code == -signal.SIGTERM
