"""Alerts from the daemon to a real service on loopback, and on the command line."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.system.cli_rig import PATIENCE, Bench, Done, bench, stopped

# What Apprise loads at its first use warns of its own library.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SECRET = "planted0secret0token"
_JSON = ("--format", "json")
_TABLE = """
[alerts]
group_for = "1s"

[[alerts.to]]
name = "phone"
url = "env:PHONE_URL"

[[alerts.to]]
name = "dead"
url = "env:DEAD_URL"
language = "zh"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What every command said, and what arrived at the phone, in the order of the lives of the daemon."""

    said: dict[str, Done] = field(default_factory=dict)
    got: list[dict[str, Any]] = field(default_factory=list)
    lives: list[Done] = field(default_factory=list)


async def _lives(tools: Bench, env: dict[str, str], until: "asyncio.Event") -> Done:
    async with tools.started("run", env=env) as program, asyncio.timeout(PATIENCE):
        await until.wait()
        return await stopped(program, signal.SIGTERM)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    told, arrived = Story(), asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        told.got.append(await request.json())
        arrived.set()
        return web.Response()

    service = web.Application()
    service.router.add_post(f"/{SECRET}", take)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(service, host="127.0.0.1"))
        tools = await stack.enter_async_context(bench(tmp_path_factory.mktemp("alerts")))
        env = {
            "PHONE_URL": f"json://127.0.0.1:{server.port}/{SECRET}",
            "DEAD_URL": f"json://127.0.0.1:1/{SECRET}",
        }
        run = told.said
        run["nobody to test"] = await tools.run("alerts", "--test")
        tools.config.write_text(tools.config.read_text("utf-8") + _TABLE, "utf-8")
        run["test"] = await tools.run("alerts", "--test", *_JSON, env=env)
        run["too early"] = await tools.run("alerts", env=env)
        arrived.clear()
        told.lives.append(await _lives(tools, env, arrived))
        run["open"] = await tools.run("alerts", *_JSON, env=env)
        run["for people"] = await tools.run("alerts", env=env)
        run["one of many"] = await tools.run("alerts", "--limit", "1", env=env)
        run["ack"] = await tools.run("alerts", "ack", "1", env=env)
        run["ack as json"] = await tools.run("alerts", *_JSON, "ack", "1", env=env)
        run["no such"] = await tools.run("alerts", "ack", "999", env=env)
        run["after ack"] = await tools.run("alerts", *_JSON, env=env)
        run["past"] = await tools.run("alerts", "--all", "--limit", "1", *_JSON, env=env)
        yield told


async def test_a_message_arrives_with_what_to_do(story: Story) -> None:
    first = story.got[1]
    assert first["title"] == "Warning: listing 1013 of shop tmall is bound to no SKU"
    assert first["message"].endswith("`syncd listings --unbound` shows the candidates.")


async def test_no_text_of_a_shop_can_move_a_terminal(story: Story) -> None:
    assert "\x1b" not in str(story.got) + story.said["for people"].out + story.said["open"].out


async def test_the_test_says_who_got_it(story: Story) -> None:
    done = story.said["test"]
    assert (done.code, done.json["targets"]["phone"]) == (1, "")
    assert done.json["targets"]["dead"].startswith("the service did not take it")
    assert story.got[0]["title"] == "Test: alerts of syncd arrive here"


async def test_without_targets_there_is_nothing_to_test(story: Story) -> None:
    done = story.said["nobody to test"]
    assert (done.code, "[[alerts.to]]" in done.err) == (2, True)


async def test_before_the_first_start_nothing_is_the_matter(story: Story) -> None:
    assert story.said["too early"].out == "Nothing is the matter.\n"


async def test_open_alerts_are_shown_the_worst_first(story: Story) -> None:
    shown = story.said["open"].json["alerts"]
    ranks = [("critical", "warning", "info").index(one["level"]) for one in shown]
    assert {one["kind"] for one in shown} >= {"listing_unbound"}
    assert ranks == sorted(ranks)
    assert "listing_unbound: syncd does not touch them." in story.said["for people"].out


async def test_what_is_left_out_is_counted(story: Story) -> None:
    left = len(story.said["open"].json["alerts"]) - 1
    assert (f"Others left out: {left};" in story.said["one of many"].out) is bool(left)
    assert story.said["past"].json["left_out"] is None or not left


async def test_an_alert_is_acknowledged_by_who_asked(story: Story) -> None:
    assert story.said["ack"].out.startswith("Alert 1 is acknowledged by ")
    assert story.said["ack as json"].json["alert"] == 1
    known = {one["id"]: one["acknowledged"] for one in story.said["after ack"].json["alerts"]}
    assert known[1]["by"] in story.said["ack"].out


async def test_an_alert_that_there_is_not_is_no_use(story: Story) -> None:
    done = story.said["no such"]
    assert (done.code, "there is no alert 999" in done.err) == (2, True)


async def test_the_secret_of_a_target_is_printed_nowhere(story: Story) -> None:
    printed = [done.out + done.err for done in (*story.said.values(), *story.lives)]
    assert SECRET not in "".join(printed)


async def test_the_daemon_ended_well_though_a_target_is_dead(story: Story) -> None:
    assert [life.code for life in story.lives] == [0]
