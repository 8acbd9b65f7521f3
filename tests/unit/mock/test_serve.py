"""Serving a mock by name, as the command does."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from syncd.mock.fields import MockError
from syncd.mock.registry import BUILDERS, serve
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.shop import shop_app
from tests.unit.mock.desk import make_shop_state

HEADERS = {"Authorization": "Bearer mock-token"}


@asynccontextmanager
async def served(name: str, *, seed: int = 1, state_file: Path | None = None) -> AsyncIterator[str]:
    """Serve a mock and yield the first line it announced."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(
            serve(name, port=0, seed=seed, state_file=state_file, announce=lines.put_nowait, stop=stop)
        )
        yield await lines.get()
        stop.set()


async def get(line: str, path: str) -> dict[str, Any]:
    async with ClientSession(headers=HEADERS) as session, session.get(line.split()[1] + path) as response:
        body: dict[str, Any] = await response.json()
        return body


class StateFile:
    """A state file that is not there until it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, content: str | bytes) -> None:
        self.path.write_bytes(content.encode() if isinstance(content, str) else content)


async def fail(name: str, state_file: Path | None = None, port: int = 0) -> str:
    with pytest.raises(MockError) as caught:
        await serve(name, port=port, seed=1, state_file=state_file, announce=print, stop=asyncio.Event())
    return str(caught.value)


@pytest.fixture
def state_file(tmp_path: Path) -> StateFile:
    return StateFile(tmp_path / "state.json")


async def test_the_first_line_says_where_it_listens() -> None:
    async with served("shop") as line:
        word, url = line.split()
        assert (word, url.rpartition(":")[0]) == ("listening", "http://127.0.0.1")


async def test_a_shop_and_an_erp_of_one_seed_agree_on_skus() -> None:
    async with served("shop", seed=3) as shop, served("erp", seed=3) as erp:
        codes = {row["code"] for row in (await get(shop, "/listings"))["listings"]}
        skus = {row["sku"] for row in (await get(erp, "/stock"))["rows"]}
    assert codes & skus


async def test_a_state_file_replaces_the_catalogue(state_file: StateFile) -> None:
    state_file.write(json.dumps({"listings": [{"id": "1", "quantity": 4}]}))
    async with served("shop", state_file=state_file.path) as line:
        assert [(x["id"], x["quantity"]) for x in (await get(line, "/listings"))["listings"]] == [("1", 4)]


@pytest.mark.parametrize("name", sorted(BUILDERS))
async def test_a_state_that_was_shown_can_be_started_from(name: str, state_file: StateFile) -> None:
    async with served(name, seed=3) as line:
        shown = await get(line, "/_mock/state")
    state_file.write(json.dumps(shown | {"clock": "virtual"}))
    async with served(name, seed=3, state_file=state_file.path) as line:
        assert await get(line, "/_mock/state") == shown


async def test_a_mock_runs_on_the_machines_time_unless_told_otherwise(state_file: StateFile) -> None:
    state_file.write('{"clock": "virtual"}')
    async with served("erp") as real, served("erp", state_file=state_file.path) as virtual:
        times = [(await get(line, "/_mock/time"))["time"] for line in (real, virtual)]
    assert (times[0] > "2026-01-02", times[1]) == (True, "2026-01-01T00:00:00Z")


async def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    known = ", ".join(sorted(BUILDERS))
    assert await fail("wms") == f"no mock is called wms, there are {known}"


async def test_a_state_file_that_is_not_there_is_named(state_file: StateFile) -> None:
    assert (
        await fail("erp", state_file.path)
        == f"state file {state_file.path}: cannot be read (No such file or directory)"
    )


async def test_a_state_file_that_is_not_json_is_named(state_file: StateFile) -> None:
    state_file.write("{")
    assert (await fail("erp", state_file.path)).startswith(f"state file {state_file.path}: is not JSON")


async def test_a_state_file_that_is_no_object_is_named(state_file: StateFile) -> None:
    state_file.write("[]")
    assert await fail("erp", state_file.path) == (
        f"state file {state_file.path}: must hold an object as /_mock/state shows it"
    )


async def test_a_wrong_key_of_a_state_file_is_named(state_file: StateFile) -> None:
    state_file.write('{"rows": [{"sku": "A", "warehouse": "main", "on_hand": "4"}]}')
    assert await fail("erp", state_file.path) == (
        f"state file {state_file.path}: rows[0].on_hand: must be a whole number, not a text"
    )


async def test_a_wrong_clock_of_a_state_file_is_named(state_file: StateFile) -> None:
    state_file.write('{"clock": "sun"}')
    assert await fail("erp", state_file.path) == (
        f'state file {state_file.path}: clock: must be "real" or "virtual"'
    )


async def test_a_state_file_that_is_not_text_is_named(state_file: StateFile) -> None:
    state_file.write(b"\xff\xfe")
    assert (
        await fail("erp", state_file.path)
        == f"state file {state_file.path}: cannot be read (it is not UTF-8 text)"
    )


async def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = await fail("erp", port=port)
    assert message.startswith(f"port {port} cannot be used")


async def test_closing_lets_held_calls_go() -> None:
    rig = Rig(name="shop", state=make_shop_state())
    async with ClientSession(headers=HEADERS) as session:
        async with running(shop_app(rig)) as url:
            await session.post(f"{url}/_mock/faults", json=[{"kind": "delay"}])
            call = asyncio.create_task(session.get(f"{url}/listings"))
            await rig.calls.reached(held=1)
        response = await call
    assert response.status == 200


async def test_closing_ends_a_wait_for_calls() -> None:
    rig = Rig(name="shop", state=make_shop_state())
    async with ClientSession() as session:
        async with running(shop_app(rig)) as url:
            waiting = asyncio.create_task(session.get(f"{url}/_mock/calls?total=9"))
            async with session.get(f"{url}/_mock/time"):
                pass
        await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.done()
