"""Alive and ready: what is said, to whom, and how little it costs."""

import asyncio
import json
from dataclasses import dataclass, field

import pytest

from syncd.console.health import FRESH
from syncd.errors import StateError
from tests.unit.console.security.stage import Stage, browser


@dataclass(slots=True, kw_only=True)
class Watched(Stage):
    """A stage whose state can be ill."""

    error: Exception | None = None
    looks: int = field(default=0)

    async def look(self) -> None:
        self.looks += 1
        if self.error is not None:
            raise self.error


@pytest.fixture
def stage() -> Watched:
    return Watched()


async def ready(stage: Watched) -> tuple[int, list[str]]:
    async with stage.showing() as url, browser(url) as made:
        answer = await made.get("/readyz")
    return answer.status, json.loads(answer.text)["reasons"]


async def test_it_is_alive_as_soon_as_it_answers(stage: Watched) -> None:
    async with stage.showing() as url, browser(url) as made:
        assert (await made.get("/healthz")).status == 200


async def test_it_is_not_ready_before_the_first_cycle(stage: Watched) -> None:
    assert await ready(stage) == (503, ["the first cycle has not ended yet"])


async def test_it_is_ready_after_the_first_cycle(stage: Watched) -> None:
    stage.vitals.begin(longest=60)
    stage.vitals.turned()
    assert await ready(stage) == (200, [])


async def test_it_is_not_ready_while_a_cycle_hangs(stage: Watched) -> None:
    stage.vitals.begin(longest=60)
    stage.vitals.turned()
    stage.clock.advance(61)
    assert await ready(stage) == (503, ["a cycle takes longer than cycle.stuck_after"])


async def test_a_reload_is_no_new_start(stage: Watched) -> None:
    stage.vitals.begin(longest=60)
    stage.vitals.turned()
    stage.clock.advance(50)
    stage.vitals.begin(longest=60)
    stage.clock.advance(50)
    assert await ready(stage) == (200, [])


async def test_it_is_not_ready_any_more_when_it_stops(stage: Watched) -> None:
    stage.vitals.turned()
    stage.vitals.stop()
    assert await ready(stage) == (503, ["it is stopping"])


async def test_a_state_that_is_ill_is_told_without_its_words(stage: Watched) -> None:
    stage.vitals.turned()
    stage.error = StateError("/var/lib/syncd/state.db: disk I/O error")
    assert await ready(stage) == (503, ["the state cannot be used"])


async def test_a_state_that_does_not_answer_is_told() -> None:
    class Hanging(Watched):
        async def look(self) -> None:
            await asyncio.Event().wait()

    stage = Hanging(within=0.5)
    stage.vitals.turned()
    assert await ready(stage) == (503, ["the state does not answer"])


async def test_however_many_ask_the_state_is_looked_at_once_a_second(stage: Watched) -> None:
    async with stage.showing() as url, browser(url) as made:
        await asyncio.gather(*(made.get("/readyz") for _ in range(20)))
        assert stage.looks == 1
        stage.clock.advance(FRESH + 0.1)
        await made.get("/readyz")
        assert stage.looks == 2


async def test_nobody_can_post_to_it(stage: Watched) -> None:
    async with stage.showing() as url, browser(url) as made:
        assert (await made.post("/readyz")).status == 405
