"""`syncd report`: tables, JSON and CSV from the state alone."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from syncd.cli.report import write_csv
from tests.system.cli_rig import ODD_SKU, Bench, bench


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tools(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    async with bench(tmp_path_factory.mktemp("reports")) as made:
        await made.run("sync")
        listing = next(row for row in made.shops["jd"].state.listings.values() if row.code == "SKU0")
        listing.quantity -= 4
        await made.run("sync")
        yield made


async def test_stock_says_what_there_is_and_what_every_shop_shows(tools: Bench) -> None:
    (row,) = (await tools.run("report", "stock", "--sku", "SKU0", "--format", "json")).json["skus"]
    assert (row["on_hand"], row["claims"], row["available"]) == (10, 4, 6)
    assert row["shown"] == {"jd": 6, "tmall": 6}


async def test_stock_as_a_table_has_a_column_for_every_shop(tools: Bench) -> None:
    done = await tools.run("report", "stock", "--limit", "3")
    assert {"shown_jd", "shown_tmall"} <= set(done.out.splitlines()[0].split())
    assert "Left out: " in done.out


async def test_a_sku_that_nobody_knows_is_refused(tools: Bench) -> None:
    assert (await tools.run("report", "stock", "--sku", "sku0")).code == 2


async def test_the_ledger_is_filtered_by_shop_sku_kind_and_time(tools: Bench) -> None:
    words = ("report", "ledger", "--sku", "SKU0", "--shop", "tmall", "--what", "counter", "--format", "json")
    found = (await tools.run(*words, "--since", "1h")).json["changes"]
    later = (await tools.run(*words, "--until", "1h")).json["changes"]
    newest = found[0]
    assert (newest["old"], newest["new"], newest["cause"], later) == (10, 6, "claim", [])


async def test_the_ledger_is_filtered_by_cause(tools: Bench) -> None:
    done = await tools.run("report", "ledger", "--cause", "claim", "--format", "json")
    assert {row["cause"] for row in done.json["changes"]} == {"claim"}


@pytest.mark.parametrize(("limit", "told"), [("1", 1), ("9999", 0)])
async def test_it_is_told_where_older_changes_are_left_out_also_of_a_file(
    tools: Bench, tmp_path: Path, limit: str, told: int
) -> None:
    done = await tools.run("report", "ledger", "--limit", limit, "--csv", str(tmp_path / "ledger.csv"))
    assert done.err.count("There are older changes") == told


async def test_a_time_that_is_none_is_refused(tools: Bench) -> None:
    assert (await tools.run("report", "ledger", "--since", "soon")).code == 2


async def test_what_sells_is_to_be_bought_again(tools: Bench) -> None:
    words = ("report", "replenish", "--within", "30", "--cover", "60", "--format", "json")
    (row,) = (await tools.run(*words)).json["skus"]
    assert (row["sku"], row["available"]) == ("SKU0", 6)
    assert row["suggested"] == pytest.approx(row["per_day"] * 60 - 6, abs=1)


async def test_a_report_is_written_for_spreadsheets_and_over_no_other_file(tools: Bench) -> None:
    file = tools.folder / "stock.report.csv"
    done = await tools.run("report", "stock", "--csv", str(file))
    again = await tools.run("report", "stock", "--csv", str(file))
    assert (done.code, again.code) == (0, 2)
    assert ODD_SKU in [row["sku"] for row in _read(file)]


def test_no_cell_of_a_report_is_a_formula(tmp_path: Path) -> None:
    write_csv(tmp_path / "evil.csv", [["sku"], ["=1+1"], ["@x"], [-3]])
    assert [row["sku"] for row in _read(tmp_path / "evil.csv")] == ["'=1+1", "'@x", "-3"]


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))
