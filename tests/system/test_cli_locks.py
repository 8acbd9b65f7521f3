"""Locks on the command line, as people type them in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from tests.system.cli_rig import Done, bench

_JSON = ("--format", "json")
_TIME = "2099-11-11T00:00+08:00"
_COMMANDS = {
    "added": (
        "add",
        "SKU0",
        "5",
        "--shop",
        "tmall",
        "--only",
        "--release",
        "2@now",
        "--release",
        f"3@{_TIME}",
    ),
    "nobody's": ("add", "SKU1", "1", *_JSON),
    "list": ("list", *_JSON),
    "list for people": ("list",),
    "released": ("release", "1", "1"),
    "ended": ("end", "2", *_JSON),
    "list after the end": ("list", *_JSON),
    "list with ended": ("list", "--ended", *_JSON),
    "second": ("add", "SKU0", "5", "--shop", "tmall", "--only"),
    "no sku": ("add", "sku0", "5"),
    "no shop": ("add", "SKU0", "5", "--shop", "tmal"),
    "no pool": ("add", "SKU0", "5", "--pool", "mainn"),
    "no lock": ("end", "9"),
    "nothing": ("add", "SKU0", "0"),
    "only for nobody": ("add", "SKU0", "5", "--only"),
    "no zone": ("add", "SKU0", "5", "--release", "2@2099-11-11T00:00"),
    "no time": ("add", "SKU0", "5", "--release", "2@soon"),
    "no units": ("add", "SKU0", "5", "--release", "x@now"),
    "too many": ("add", "SKU0", "5", "--release", "6@now"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What every command said, by name."""

    said: dict[str, Done] = field(default_factory=dict)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    async with bench(tmp_path_factory.mktemp("locks")) as tools:
        told = Story()
        told.said["too early"] = await tools.run("lock", "add", "SKU0", "1")
        await tools.run("sync")
        for name, words in _COMMANDS.items():
            told.said[name] = await tools.run("lock", *words)
            if name == "added":
                await tools.run("sync")
                told.said["explained"] = await tools.run("explain", "SKU0", *_JSON)
        yield told


def test_a_lock_is_added_and_says_what_it_holds(story: Story) -> None:
    done = story.said["added"]
    words = (
        "Lock 1 holds 5 units of SKU0 in pool main for shop tmall, which shows only what is released of "
        "them: 2 released, 3 more at 2099-11-10 16:00 UTC."
    )
    assert (done.code, done.out.strip()) == (0, words)


def test_a_document_names_the_lock(story: Story) -> None:
    assert story.said["nobody's"].json["lock"] == 2


def test_locks_are_listed_by_number_with_all_that_they_hold(story: Story) -> None:
    first, second = story.said["list"].json["locks"]
    names = ("lock", "sku", "shop", "mode", "units", "released", "used", "holds")
    assert [first[name] for name in names] == [1, "SKU0", "tmall", "only", 5, 2, 0, 5]
    assert [second[name] for name in names] == [2, "SKU1", "", "nobody", 1, 0, 0, 1]


def test_the_list_for_people_says_what_is_released_next(story: Story) -> None:
    assert "3 at 2099-11-10 16:00:00Z" in story.said["list for people"].out


def test_an_explanation_names_the_lock(story: Story) -> None:
    steps = {step["name"]: step for step in story.said["explained"].json["shops"]["tmall"]["steps"]}
    assert [(steps[name]["value"], steps[name]["rule"]) for name in ("main.locks", "main.lock")] == [
        (5, "locks.1"),
        (2, "locks.1"),
    ]


def test_what_is_on_sale_is_what_is_released(story: Story) -> None:
    assert story.said["explained"].json["shops"]["tmall"]["desired"] == 2


def test_a_release_says_what_is_released_now(story: Story) -> None:
    assert "3 released" in story.said["released"].out


def test_what_has_ended_is_listed_only_where_asked(story: Story) -> None:
    listed = [
        [row["lock"] for row in story.said[name].json["locks"]]
        for name in ("list after the end", "list with ended")
    ]
    assert listed == [[1], [1, 2]]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("too early", "nothing was collected yet, run `syncd sync` first"),
        ("second", "shop tmall shows only lock 1 of SKU0 already"),
        ("no sku", "no source knows the SKU 'sku0'; did you mean SKU0"),
        ("no shop", "did you mean `tmall`?"),
        ("no pool", "there is no pool 'mainn'; did you mean `main`?"),
        ("no lock", "no lock 9 lives; those that do are 1"),
        ("nothing", "UNITS"),
        ("only for nobody", "name the shop with --shop"),
        ("no zone", "say the zone of the time"),
        ("no time", "'soon' is no time"),
        ("no units", "write UNITS@TIME"),
        ("too many", "6 units are to be released, but only 5 locked"),
    ],
)
def test_a_mistake_ends_with_2_and_says_what_to_do(story: Story, name: str, message: str) -> None:
    done = story.said[name]
    assert (done.code, message in done.err) == (2, True), done.err
