"""`syncd lock add` where several pools sell the same SKU: it never guesses, and no lock holds nothing."""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from tests.system.cli_rig import Done, bench

_SIDE = """
[sources.wms]
type = "csv"
warehouses = ["side"]
warehouse = "side"
path = "{stock}"

[pools.side]
mode = "split"
warehouses = ["side"]
shops = ["jd"]

[[virtual]]
sku = "SKU2"
warehouse = "side"
units = 4
"""
_COMMANDS = {
    "no pool said": ("SKU0", "5"),
    "no pool said for jd": ("SKU0", "5", "--shop", "jd"),
    "the only one of tmall": ("SKU0", "5", "--shop", "tmall"),
    "the only one that has it": ("SIDE", "2", "--shop", "jd"),
    "said": ("SKU0", "3", "--shop", "jd", "--pool", "side", "--release", "2@now", "--only"),
    "a second only": ("SKU0", "3", "--shop", "jd", "--pool", "main", "--only"),
    "bought but not there": ("SKU2", "1", "--pool", "side"),
    "another shop's pool": ("SKU0", "5", "--shop", "tmall", "--pool", "side"),
    "none of it there": ("SKU1", "5", "--pool", "side"),
    "none of it for the shop": ("SIDE", "2", "--shop", "tmall"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def said(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mapping[str, Done]]:
    async with bench(tmp_path_factory.mktemp("pools")) as tools:
        second = tools.folder / "side.csv"
        second.write_text("sku,on_hand\nSKU0,9\nSIDE,9\n", "utf-8")
        with tools.config.open("a", encoding="utf-8") as file:
            file.write(_SIDE.format(stock=second))
        await tools.run("sync")
        told = {name: await tools.run("lock", "add", *words) for name, words in _COMMANDS.items()}
        await tools.run("sync")
        told["explained"] = await tools.run("explain", "SKU0", "--format", "json")
        yield told


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no pool said", "say --pool: SKU0 is in pools main, side"),
        ("no pool said for jd", "say --pool: SKU0 is in pools main, side"),
        ("a second only", "shop jd shows only lock 3 of SKU0 already"),
        ("another shop's pool", "shop tmall does not draw on pool side; it draws on main"),
        ("none of it there", "pool side has no SKU1; it is in pool main"),
        ("none of it for the shop", "no pool of shop tmall has SIDE; it is in pool side"),
    ],
)
def test_a_lock_that_could_be_elsewhere_or_would_hold_nothing_is_refused(
    said: Mapping[str, Done], name: str, message: str
) -> None:
    done = said[name]
    assert (done.code, message in done.err) == (2, True), done.err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("the only one of tmall", "5 units of SKU0 in pool main for shop tmall"),
        ("the only one that has it", "2 units of SIDE in pool side for shop jd"),
        ("said", "3 units of SKU0 in pool side for shop jd"),
        ("bought but not there", "1 unit of SKU2 in pool side for nobody"),
    ],
)
def test_a_lock_stands_in_the_pool_that_is_said_or_is_the_only_one(
    said: Mapping[str, Done], name: str, words: str
) -> None:
    done = said[name]
    assert (done.code, words in done.out) == (0, True), done.out + done.err


def test_a_shop_of_two_pools_that_shows_only_its_lock_shows_nothing_else(said: Mapping[str, Done]) -> None:
    assert said["explained"].json["shops"]["jd"]["desired"] == 2


def test_each_pool_counts_its_own_locks(said: Mapping[str, Done]) -> None:
    pools = said["explained"].json["pools"]
    assert {name: pool["locked"] for name, pool in pools.items()} == {"main": 5, "side": 3}
