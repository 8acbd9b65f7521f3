"""`syncd audit` and `syncd sku` on the command line, over real HTTP and a real state."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.system.cli_rig import Bench, bench, make_stock


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        await made.run("sync")
        await made.run("sync")
        yield made


def spoil(tools: Bench) -> None:
    """Let the state think that a listing should read, and reads, 3 units less than it does."""
    with closing(sqlite3.connect(tools.state / "state.db")) as connection:
        connection.execute("UPDATE listings SET desired = desired - 3 WHERE shop = 'jd' AND id = '1'")
        connection.commit()


async def test_an_audit_that_finds_nothing_ends_with_0(tools: Bench) -> None:
    done = await tools.run("audit")
    assert (done.code, "nothing disagrees" in done.out) == (0, True)
    assert "what jd, tmall show" in done.out


async def test_an_audit_that_finds_something_names_it_and_ends_with_1(tools: Bench) -> None:
    spoil(tools)
    done = await tools.run("audit", "--offline", "--format", "json")
    (found,) = done.json["findings"]
    assert (done.code, found["part"], found["shop"], found["listing"]) == (1, "desired", "jd", "1")
    assert (found["found"], found["should"], found["hidden"]) == (7, 10, 3)


async def test_offline_no_shop_is_asked(tools: Bench) -> None:
    before = {name: rig.calls.lines for name, rig in tools.shops.items()}
    done = await tools.run("audit", "--offline", "--format", "json")
    assert (done.json["read"], {name: rig.calls.lines for name, rig in tools.shops.items()}) == ([], before)


async def test_a_repair_leaves_nothing_to_be_found(tools: Bench) -> None:
    spoil(tools)
    done = await tools.run("audit", "--repair")
    assert (done.code, "1 figures of the state were put right" in done.out) == (0, True)
    assert (await tools.run("audit")).code == 0


async def test_a_repair_that_has_to_leave_something_ends_with_1(tools: Bench) -> None:
    await tools.run("lock", "add", "SKU1", "2")
    with closing(sqlite3.connect(tools.state / "state.db")) as connection:
        said = "INSERT INTO ledger (at, shop, listing, sku, what, new, cause, rule, who)"
        connection.execute(f"{said} VALUES (0, '', '', 'SKU1', 'lock', 2, 'used', 'locks.1', 'syncd')")
        connection.execute("INSERT INTO uses (lock, line, units) VALUES (1, 'x', 1)")
        connection.commit()
    done = await tools.run("audit", "--repair", "--offline")
    assert (done.code, "as it is stays what locks.1 used" in done.out) == (1, True)


async def test_what_somebody_wrote_into_a_shop_is_found_and_repaired_by_the_next_cycle(tools: Bench) -> None:
    listing = next(row for row in tools.shops["jd"].state.listings.values() if row.code == "SKU0")
    listing.quantity += 5
    found = await tools.run("audit", "--format", "json")
    done = await tools.run("audit", "--repair", "--format", "json")
    assert [(one["part"], one["oversold"]) for one in found.json["findings"]] == [("shops", 5)]
    assert done.json["repair"]["answer"].endswith("jd will be read whole")
    assert tools.counters("jd")["SKU0"] == 10


async def test_a_counter_of_which_nothing_is_kept_is_told_and_is_no_disagreement(tools: Bench) -> None:
    with closing(sqlite3.connect(tools.state / "state.db")) as connection:
        connection.execute("UPDATE listings SET observed = NULL WHERE shop = 'jd' AND id = '1'")
        connection.commit()
    done = await tools.run("audit", "--offline")
    assert (done.code, "nothing disagrees" in done.out) == (0, True)
    assert "Nothing that is kept tells whether 1 expected counters (jd 1) are right." in done.out


async def test_a_sku_that_its_source_left_out_is_listed_and_retired(tools: Bench) -> None:
    stock = make_stock()
    del stock["SKU3"]
    for _ in range(2):
        tools.write_stock(stock)
        await tools.run("sync")
    listed = await tools.run("sku", "list", "--format", "json")
    done = await tools.run("sku", "retire", "SKU3")
    after = await tools.run("sync")

    assert listed.json["skus"] == [{"sku": "SKU3", "retired": False, "listings": 1, "on_sale": 1}]
    assert (done.code, after.code, tools.counters("tmall")["1-SKU3"]) == (0, 0, 0)


async def test_a_sku_that_is_in_the_newest_snapshot_is_not_retired(tools: Bench) -> None:
    done = await tools.run("sku", "retire", "SKU3")
    assert (done.code, "source erp has it still" in done.err) == (2, True)
