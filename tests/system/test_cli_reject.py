"""The command line about a held plan that nobody wants."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from tests.system.cli_rig import Bench, Done, bench, make_stock

pytestmark = pytest.mark.timeout(120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What was said, and what a shop showed before and after."""

    digest: str = ""
    said: dict[str, Done] = field(default_factory=dict)
    shown: list[dict[str, int]] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    async with bench(tmp_path_factory.mktemp("reject")) as tools:
        await _filled(tools)
        tools.write_stock(make_stock() | {f"SKU{number}": 0 for number in range(8)})
        digest = (await tools.run("plan", "--format", "json")).json["digest"]
        told = Story(digest=digest)
        await tools.run("sync")
        told.shown.append(tools.counters("tmall"))
        told.said["reject"] = await tools.run("reject", digest)
        told.said["document"] = await tools.run("reject", digest[:8], "--format", "json")
        told.said["nonsense"] = await tools.run("reject", "f" * 16)
        await tools.run("sync")
        told.shown.append(tools.counters("tmall"))
        tools.write_stock(make_stock())
        await tools.run("sync")
        told.said["stale reject"] = await tools.run("reject", digest)
        told.said["stale approve"] = await tools.run("approve", digest)
        yield told


async def _filled(tools: Bench) -> None:
    for _ in range(2):
        await tools.run("sync")
        held = await tools.run("plan", "--format", "json")
        await tools.run("approve", held.json["digest"])
    await tools.run("sync")


def test_a_rejection_says_what_it_means(story: Story) -> None:
    done = story.said["reject"]

    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Rejected 8 changes: they stay held, and nobody is asked again until they lead elsewhere.\n"
    )


def test_the_document_names_the_whole_digest(story: Story) -> None:
    document = story.said["document"].json

    assert (document["digest"], document["answer"].split(":")[0]) == (story.digest, "rejected 8 changes")


def test_a_rejection_changes_no_counter(story: Story) -> None:
    before, after = story.shown

    assert (after, set(after.values()) != {0}) == (before, True)


def test_a_digest_that_nobody_made_is_refused(story: Story) -> None:
    done = story.said["nonsense"]

    assert (done.code, "nothing is held under" in done.err) == (2, True)


@pytest.mark.parametrize("command", ["stale reject", "stale approve"])
def test_what_is_held_no_more_is_told_so(story: Story, command: str) -> None:
    done = story.said[command]

    assert done.code == 2
    assert f"nothing of {story.digest} is held any more; nothing is held now" in done.err
