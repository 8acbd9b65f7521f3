"""`syncd shops retire --gone`: a shop that cannot be reached any more, on the word of who looked."""

import os
from collections.abc import AsyncIterator, Mapping
from time import time

import pytest
import pytest_asyncio

from tests.system.cli_rig import Done, bench

_JSON = ("--format", "json")
_NOWHERE = "http://127.0.0.1:9"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def said(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mapping[str, Done]]:
    async with bench(tmp_path_factory.mktemp("gone")) as tools:
        told = {}
        text = tools.config.read_text("utf-8").replace('mode = "shared"', 'mode = "split"')
        text = text.replace("[shops.jd]\n", '[shops.jd]\nerp_lag = "0s"\nclock_skew = "0s"\n')
        tools.config.write_text(text, "utf-8")
        await tools.run("sync")
        url = text.split("[shops.jd]")[1].split('url = "')[1].split('"')[0]
        tools.config.write_text(text.replace(url, _NOWHERE), "utf-8")
        told["sync"] = await tools.run("sync")
        told["reached"] = await tools.run("shops", "retire", "tmall", "--gone")
        told["misspelt"] = await tools.run("shops", "retire", "jdd", "--gone")
        told["gone"] = await tools.run("shops", "retire", "jd", "--gone", *_JSON)
        told["before the figures"] = await tools.run("shops", *_JSON)
        # A file tells of the moment a minute before it was written.
        os.utime(tools.folder / "stock.csv", (time(), time() + 90))
        for _ in range(2):
            await tools.run("sync")
        told["after the figures"] = await tools.run("shops", *_JSON)
        yield told


def status(done: Done) -> str:
    (found,) = (row["status"] for row in done.json["shops"] if row["shop"] == "jd")
    return str(found)


def test_a_shop_that_is_gone_is_retiring_until_the_figures_are_newer(said: Mapping[str, Done]) -> None:
    names = ("before the figures", "after the figures")
    assert [status(said[name]) for name in names] == ["retiring", "retired"]


def test_the_answer_says_what_is_waited_for(said: Mapping[str, Done]) -> None:
    done = said["gone"]
    assert (done.code, "saw it off sale at" in done.json["answer"]) == (0, True)


def test_a_warning_says_what_it_can_cost(said: Mapping[str, Done]) -> None:
    assert "If buyers can still buy there" in said["gone"].err
    assert "`syncd shops resume jd` takes it back" in said["gone"].err


@pytest.mark.parametrize(
    ("name", "message"),
    [("reached", "--gone is for a shop that cannot be reached any more"), ("misspelt", "did you mean `jd`?")],
)
def test_a_shop_that_is_not_gone_ends_with_2_and_without_a_warning(
    said: Mapping[str, Done], name: str, message: str
) -> None:
    done = said[name]
    assert (done.code, message in done.err, "warning" in done.err) == (2, True, False), done.err
