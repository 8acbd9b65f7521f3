"""The daemon as a service: start, reload, stop, watchdog, crash and upgrade, each as a real process."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from syncd.mock.faults import Fault, FaultKind
from tests.system.cli_rig import Bench, bench, make_stock
from tests.system.service_rig import newer_program, unit

# Starting a program takes seconds on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

CAPPED = '\n[[overrides]]\nsku = "SKU0"\nshop = ["jd"]\ncap = 4\n'
SLOW_WRITE = Fault(kind=FaultKind.DELAY, method="POST")
ANSWER_WITHHELD = Fault(kind=FaultKind.DELAY, method="POST", when="after")


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


def writes(tools: Bench) -> int:
    return sum(rig.calls.lines for rig in tools.shops.values())


# --- start, reload, stop -----------------------------------------------------------------------------------


async def test_systemd_hears_when_it_is_ready_and_when_it_stops(tools: Bench) -> None:
    async with unit(tools) as daemon:
        assert await daemon.notices.hear() == "READY=1"
        assert await daemon.notices.hear() == "STATUS=last cycle: 15 changes done, 0 failures"
        code = await daemon.stopped()

        # The 20 seconds of `stop_within`, and as many to close.
        assert (code, daemon.notices.waiting()) == (0, ["STOPPING=1\nEXTEND_TIMEOUT_USEC=40000000"])


async def test_a_reload_applies_what_changed_and_a_wrong_one_changes_nothing(tools: Bench) -> None:
    async with unit(tools) as daemon:
        await daemon.told("pushed")
        await daemon.notices.hear_of("STATUS=")
        good = tools.config.read_text("utf-8") + CAPPED
        tools.config.write_text(good, "utf-8")
        daemon.kill(signal.SIGHUP)
        await daemon.notices.hear_of("STATUS=")
        after_good = tools.counters("jd")["SKU0"]

        tools.config.write_text(good.replace("cap = 4", "cap = -4"), "utf-8")
        daemon.kill(signal.SIGHUP)
        refused = await daemon.told("reload_refused")
        tools.write_stock(make_stock() | {"SKU0": 3})
        done = await tools.run("sync", env={"SYNCD_CONFIG": str(_copy(tools, good))})
        heard = [word.partition("\n")[0] for word in daemon.notices.heard + daemon.notices.waiting()]

        assert (after_good, "cap" in refused["error"]) == (4, True)
        assert (done.code, tools.counters("jd")["SKU0"]) == (0, 3)
        assert [word for word in heard if not word.startswith("STATUS")] == [
            "READY=1",
            "RELOADING=1",
            "READY=1",
            "RELOADING=1",
            "READY=1",
        ]
        assert await daemon.stopped() == 0


def _copy(tools: Bench, text: str) -> Path:
    """Return a good configuration with the same state, for a command beside the daemon."""
    file = tools.folder / "good.toml"
    file.write_text(text, "utf-8")
    return file


async def test_a_reload_does_not_take_the_state_to_another_folder(tools: Bench) -> None:
    async with unit(tools) as daemon:
        await daemon.told("started")
        moved = tools.config.read_text("utf-8").replace('dir = "state"', 'dir = "elsewhere"')
        tools.config.write_text(moved, "utf-8")
        daemon.kill(signal.SIGHUP)
        refused = await daemon.told("reload_refused")

        assert "state.dir" in refused["error"]
    assert not (tools.folder / "elsewhere").exists()


async def test_a_second_one_is_refused_and_never_ready(tools: Bench) -> None:
    async with unit(tools) as daemon:
        await daemon.told("started")
        async with unit(tools) as second:
            assert (await second.ended(), second.notices.waiting()) == (2, [])


async def test_a_wrong_configuration_at_the_start_ends_it_with_78(tools: Bench) -> None:
    tools.config.write_text(tools.config.read_text("utf-8") + "\n[nonsense]\n", "utf-8")
    async with unit(tools) as daemon:
        assert (await daemon.ended(), daemon.notices.waiting()) == (78, [])


# --- writes under way --------------------------------------------------------------------------------------


async def test_a_stop_lets_a_slow_write_finish(tools: Bench) -> None:
    tools.shops["jd"].faults.replace([SLOW_WRITE])
    async with unit(tools) as daemon:
        await tools.shops["jd"].calls.reached(held=1)
        daemon.kill(signal.SIGTERM)
        await daemon.notices.hear_of("STOPPING=1")
        tools.shops["jd"].release()
        code = await daemon.ended()
    done = writes(tools)
    await tools.run("sync")

    assert (code, tools.counters("jd")["SKU0"], writes(tools) - done) == (0, 10, 0)


async def test_a_stop_waits_no_longer_than_its_limit(tools: Bench) -> None:
    tools.shops["jd"].faults.replace([SLOW_WRITE])
    async with unit(tools, env={"SYNCD_CYCLE__STOP_WITHIN": "1s"}) as daemon:
        await tools.shops["jd"].calls.reached(held=1)

        assert await daemon.stopped() == 0


async def test_a_killed_one_comes_back_and_makes_it_right(tools: Bench) -> None:
    tools.shops["jd"].faults.replace([ANSWER_WITHHELD])
    async with unit(tools) as daemon:
        await tools.shops["jd"].calls.reached(held=1)
        daemon.kill(signal.SIGKILL)
        await daemon.ended()
    tools.shops["jd"].release()
    tools.write_stock(make_stock() | {"SKU0": 9})
    async with unit(tools) as again:
        await again.notices.hear_of("STATUS=")
        await tools.run("sync")

        assert {code: tools.counters(shop)[code] for shop, code in (("tmall", "1-SKU0"), ("jd", "SKU0"))} == {
            "1-SKU0": 9,
            "SKU0": 9,
        }


# --- the watchdog ------------------------------------------------------------------------------------------


async def test_the_watchdog_hears_from_it_even_during_a_slow_write(tools: Bench) -> None:
    tools.shops["jd"].faults.replace([SLOW_WRITE])
    async with unit(tools, env={"WATCHDOG_USEC": "300000"}) as daemon:
        await tools.shops["jd"].calls.reached(held=1)
        daemon.notices.waiting()

        assert [await daemon.notices.hear_of("WATCHDOG=1") for _ in range(3)] == ["WATCHDOG=1"] * 3


async def test_a_cycle_that_hangs_silences_the_watchdog(tools: Bench) -> None:
    tools.shops["jd"].faults.replace([SLOW_WRITE])
    patience = 1.0
    pace = {"SYNCD_CYCLE__EVERY": "1s", "SYNCD_CYCLE__STUCK_AFTER": "1s"}
    async with unit(tools, env={"WATCHDOG_USEC": f"{patience * 1e6:.0f}", **pace}) as daemon:
        await daemon.notices.hear_of("WATCHDOG=1")
        await tools.shops["jd"].calls.reached(held=1)
        await daemon.told("cycle_stuck")
        daemon.notices.waiting()

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(patience):
                await daemon.notices.hear_of("WATCHDOG=1")
        # What systemd does then.
        daemon.kill(signal.SIGABRT)
        assert await daemon.ended() == -signal.SIGABRT
    tools.shops["jd"].release()
    tools.shops["jd"].faults.replace([])
    async with unit(tools) as again:
        await again.notices.hear_of("STATUS=")

        assert tools.counters("jd")["SKU0"] == 10


# --- an upgrade --------------------------------------------------------------------------------------------


async def test_an_upgrade_brings_the_state_along_and_there_is_no_way_back(tools: Bench) -> None:
    async with unit(tools) as old:
        await old.notices.hear_of("STATUS=")
        await old.stopped()
    tools.write_stock(make_stock() | {"SKU0": 9})
    async with unit(tools, root=newer_program(tools.folder / "newer")) as new:
        await new.notices.hear_of("STATUS=")
        await new.stopped()
    async with unit(tools) as old:
        code = await old.ended()

    assert (tools.counters("jd")["SKU0"], code) == (9, 78)
    assert len(list(tools.state.glob("backups/state.db.before-*"))) == 1
