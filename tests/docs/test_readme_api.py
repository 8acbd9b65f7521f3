"""The API in README.md: every example is asked as it stands there, and the table names every endpoint."""

import json
import re
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
import pytest_asyncio

from syncd.bootstrap import App
from syncd.console.api import routes
from syncd.console.api.endpoints import ENDPOINTS, ROOT
from tests.docs.readme_rig import README, blocks, rows
from tests.integration.rig import ShopSpec, WorldSpec, world
from tests.unit.console.security.stage import ALICE, Answer, Stage, browser, settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = README.read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8700"
SPEC = WorldSpec(shops=(ShopSpec(name="web"),), stock={"MUG-RED": 7, "MUG-BLUE": 3}, mode="shared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A command of the manual, what it promises, and what was answered."""

    command: str
    promised: str
    answer: Answer


def commands() -> list[tuple[str, str]]:
    """Return the calls under the heading, each with what it says of its answer."""
    lines = [line for block in blocks(TEXT, "sh", "API") for line in block.text.splitlines()]
    calls = [line.partition("  # ") for line in lines if line.startswith("curl")]
    return [(call.strip(), promised.strip()) for call, _, promised in calls]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Said]]:
    """Yield what the whole assembled program answers to the manual's calls, one after another."""
    async with world(SPEC, tmp_path_factory.mktemp("api")) as made, made.opened() as app:
        await made.until_quiet(app)
        yield [await _asked(app, *command) for command in commands()]


async def _asked(app: App, command: str, promised: str) -> Said:
    words = shlex.split(command.replace("$TOKEN", ALICE))[1:]
    more = [word.partition(": ") for flag, word in pairwise(words) if flag == "-H"]
    data = words[words.index("-d") + 1] if "-d" in words else None
    method = "POST" if "POST" in words else "GET"
    async with Stage().showing(settings(), routes(app.desk)) as url, browser(url) as client:
        path = words[-1].replace("$API", ROOT)
        headers = {name: value for name, _, value in more}
        answer = await client.ask(method, path, headers=headers, data=data)
    await app.requests.obey()
    return Said(command=command, promised=promised, answer=answer)


async def test_every_call_is_answered(story: list[Said]) -> None:
    assert {said.command: said.answer.status for said in story if said.answer.status not in (200, 202)} == {}
    assert len(story) == 10


async def test_every_call_answers_what_the_manual_says(story: list[Said]) -> None:
    promised = [(said.promised, said.answer.text) for said in story if said.promised]

    assert promised
    assert [text for _, text in promised] == [said for said, _ in promised]


async def test_the_calls_find_what_they_ask_about(story: list[Said]) -> None:
    found = {said.command.rsplit("$API", 1)[1].strip('"'): json.loads(said.answer.text) for said in story}

    assert [item["sku"] for item in found["/stock?search=mug&limit=20"]["items"]] == ["MUG-BLUE", "MUG-RED"]
    assert found["/stock/MUG-RED/explain"]["available"] == 7
    assert (found["/requests/1"]["done"], found["/requests/1"]["answer"]) == (True, "shop web is paused")


async def test_the_manual_knows_where_the_api_is() -> None:
    assert f"export API={ADDRESS}{ROOT}" in TEXT


async def test_the_table_names_every_endpoint() -> None:
    named = set()
    for cell, _ in rows(TEXT, "## API"):
        method, _, paths = cell.replace("`", "").partition(" ")
        named |= {(method, path) for path in re.split(r",\s*", paths)}

    assert named == {(one.method, one.path) for one in ENDPOINTS} | {("GET", "/openapi.json")}
