"""The command line about a listing that lost its code while it was on sale."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from syncd.mock.core import Listing
from tests.system.cli_rig import Bench, Done, bench, make_stock

# A whole story of commands takes its time on a busy machine.
pytestmark = pytest.mark.timeout(120)

SKU = "SKU0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What was said after a listing of SKU0 lost its code, and what both shops showed of it then."""

    said: dict[str, Done] = field(default_factory=dict)
    shown: list[int] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    told = Story()
    async with bench(tmp_path_factory.mktemp("held")) as tools:
        tools.config.write_text(tools.config.read_text("utf-8").replace('"shared"', '"split"'), "utf-8")
        # The first fill, then what was taken is given.
        for _ in range(3):
            done = await tools.run("plan", "--format", "json")
            await tools.run("approve", done.json["digest"])
            await tools.run("sync")
        _listing(tools).code = "no-such-sku"
        for _ in range(3):
            tools.write_stock(make_stock())
            await tools.run("sync")
            told.shown.append(_listing(tools).quantity + tools.counters("jd")[SKU])
        told.said["listings"] = await tools.run("listings", "--unbound", "--shop", "tmall")
        told.said["document"] = await tools.run("listings", "--unbound", "--format", "json")
        told.said["explain"] = await tools.run("explain", SKU)
        told.said["plan"] = await tools.run("plan")
        told.said["shops"] = await tools.run("shops", "--format", "json")
        yield told


def _listing(tools: Bench) -> Listing:
    return next(row for row in tools.shops["tmall"].state.listings.values() if row.id == "1000")


def test_no_more_is_on_sale_than_is_there(story: Story) -> None:
    assert story.shown == [10, 10, 10]


def test_the_unbound_listings_say_what_they_hold(story: Story) -> None:
    said = story.said["listings"]

    assert f"holds 5 of {SKU}" in said.out
    assert "is given to no other until it sells no more" in said.out


def test_the_document_says_of_each_how_much_it_holds(story: Story) -> None:
    rows = {row["listing"]: row for row in story.said["document"].json["listings"]}

    assert (rows["1000"]["sku"], rows["1000"]["holds"], rows["1013"]["holds"]) == (SKU, 5, 0)


def test_an_explanation_names_it(story: Story) -> None:
    assert "unbound tmall 1000" in story.said["explain"].out


def test_it_counts_as_unbound(story: Story) -> None:
    tmall = next(row for row in story.said["shops"].json["shops"] if row["shop"] == "tmall")

    assert tmall["unbound"] == 2
    assert "Unbound and never touched: 2 listings" in story.said["plan"].out
