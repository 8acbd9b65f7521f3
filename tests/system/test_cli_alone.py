"""The command line as a program of its own: its daemon, its signals, its exit codes, its pipes."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from tests.system.cli_rig import PATIENCE, Bench, Done, bench, make_stock, start, stopped

# Starting a program takes seconds on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How commands went beside a running daemon."""

    said: dict[str, Done] = field(default_factory=dict)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    told = Story()
    async with bench(tmp_path_factory.mktemp("daemon")) as tools, tools.started("run") as daemon:
        await _line_with(daemon.stderr, '"event": "pushed"', times=2)
        await _beside_the_daemon(tools, told)
        told.said["daemon"] = await stopped(daemon, signal.SIGTERM)
        await _afterwards(tools, told)
        yield told


async def _beside_the_daemon(tools: Bench, told: Story) -> None:
    told.said["second daemon"] = await tools.run_alone("run")
    told.said["plan"] = await tools.run_alone("plan", "--format", "json")
    told.said["sync"] = await tools.run("sync", "--format", "json")
    told.said["sync of one shop"] = await tools.run("sync", "--shop", "jd")
    told.said["pause"] = await tools.run("shops", "pause", "jd")
    told.said["sync of an unknown shop"] = await tools.run("sync", "--shop", "tmal")
    tools.write_stock(make_stock() | {f"SKU{number}": 0 for number in range(3, 9)})
    told.said["held"] = await tools.run_alone("sync", "--format", "json")
    digest = told.said["held"].json["daemon"]["held"]
    told.said["approve"] = await tools.run("approve", digest, "--format", "json")
    told.said["sync of what was approved"] = await tools.run("sync", "--format", "json")


async def _afterwards(tools: Bench, told: Story) -> None:
    token = {"TMALL_AUTHORIZATION": "Bearer wrong"}
    told.said["failure"] = await tools.run_alone("plan", "--format", "json", env=token)
    wrong = tools.config.read_text("utf-8").replace('mode = "shared"', 'mode = "sharde"')
    tools.config.write_text(wrong, "utf-8")
    told.said["wrong configuration"] = await tools.run_alone("plan")


async def _line_with(stream: asyncio.StreamReader | None, text: str, *, times: int = 1) -> str:
    """Return when `text` was in so many lines, with the last of them."""
    assert stream is not None
    seen: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while sum(text in line for line in seen) < times:
            raw = await stream.readline()
            assert raw, f"it ended before it said {text}: {seen}"
            seen.append(raw.decode())
    return seen[-1]


def test_a_daemon_that_is_told_to_stop_has_not_failed(story: Story) -> None:
    assert (story.said["daemon"].code, '"event": "stopped"' in story.said["daemon"].err) == (0, True)


def test_a_daemon_prints_nothing_on_stdout(story: Story) -> None:
    assert story.said["daemon"].out == ""


def test_a_second_daemon_is_refused(story: Story) -> None:
    done = story.said["second daemon"]
    assert (done.code, "another syncd already pushes" in done.err) == (2, True)


def test_a_plan_works_beside_the_daemon(story: Story) -> None:
    assert (story.said["plan"].code, story.said["plan"].json["changes"]) == (0, [])


def test_a_sync_beside_the_daemon_prints_the_daemons_words(story: Story) -> None:
    assert (story.said["sync"].code, story.said["sync"].json) == (
        0,
        {"daemon": {"done": 0, "held": "", "failures": []}},
    )


def test_a_daemon_cannot_be_asked_for_one_shop_only(story: Story) -> None:
    done = story.said["sync of one shop"]
    assert (done.code, "stop it first" in done.err) == (2, True)


def test_the_daemon_answers_a_pause(story: Story) -> None:
    assert story.said["pause"].out == "Shop jd is paused.\n"


def test_an_unknown_shop_is_a_mistake_in_usage(story: Story) -> None:
    done = story.said["sync of an unknown shop"]
    assert (done.code, done.err) == (2, "syncd: there is no shop 'tmal'; did you mean `tmall`?\n")


def test_what_the_daemon_holds_ends_with_3(story: Story) -> None:
    assert story.said["held"].code == 3


def test_the_daemon_approves(story: Story) -> None:
    answer = story.said["approve"].json
    assert (answer["answer"].startswith("approved 6 changes until "), answer["pushed_by"]) == (True, "daemon")


def test_the_daemon_pushes_what_was_approved(story: Story) -> None:
    assert story.said["sync of what was approved"].code == 0


def test_a_failure_ends_with_1(story: Story) -> None:
    assert (story.said["failure"].code, len(story.said["failure"].json["problems"])) == (1, 1)


def test_a_wrong_configuration_ends_with_78(story: Story) -> None:
    done = story.said["wrong configuration"]
    assert (done.code, "pools.main.mode" in done.err) == (78, True)


async def test_a_mock_says_where_it_listens_and_ends_well() -> None:
    program = await start("mock", "shop", "--port", "0", "--seed", "3")
    first = await _line_with(program.stdout, "listening")
    done = await stopped(program, signal.SIGINT)
    assert (first.startswith("listening http://127.0.0.1:"), done.code, done.err) == (True, 0, "")


async def test_an_unknown_mock_is_a_mistake_in_usage() -> None:
    program = await start("mock", "wms")
    _, err = await program.communicate()
    told = err.decode().startswith("syncd: no mock is called wms, there are aliexpress, ")
    assert (program.returncode, told) == (2, True)
