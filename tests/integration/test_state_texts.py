"""The texts of listings whose figures are columns stay in the file until somebody asks for one."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from syncd.adapters.state import open_store
from syncd.adapters.state.texts import PAGE, TextReader
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku
from syncd.errors import StateError
from syncd.ports.store import Store
from tests.contract.store_contract_rows import listing_row

ROWS = [listing_row(f"{number:04}")._replace(title=f"title {number}") for number in range(3 * PAGE)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path) as store:
        await store.save_listings(ROWS)
        yield store


def _retitled(rows: list[ListingRow]) -> list[ListingRow]:
    return [row._replace(title="new") for row in rows]


def _execute(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "state.db", isolation_level=None)) as other:
        other.execute("PRAGMA ignore_check_constraints = ON")
        other.execute(statement)


async def test_a_text_is_read_when_it_is_asked_for(store: Store) -> None:
    columns = await store.listing_columns()
    await store.save_listings(_retitled(ROWS))
    assert columns.titles[7] == "new"


async def test_who_reads_on_is_given_the_whole_page(store: Store) -> None:
    columns = await store.listing_columns()
    before = [columns.titles[at] for at in range(4)]
    await store.save_listings(_retitled(ROWS))
    assert [*before, *columns.titles[4:PAGE]] == [row.title for row in ROWS[:PAGE]]


async def test_who_asks_here_and_there_is_given_single_rows(store: Store) -> None:
    columns = await store.listing_columns()
    assert columns.titles[0] == "title 0"
    await store.save_listings(_retitled(ROWS))
    assert [columns.titles[at] for at in (0, 1, PAGE)] == ["title 0", "new", "new"]


async def test_what_fell_out_of_memory_is_read_again(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        rows = [listing_row(f"{number:06}") for number in range(40_000)]
        await store.save_listings(rows)
        columns = await store.listing_columns()
        assert [list(columns.ids), list(columns.ids)] == [[row.id for row in rows]] * 2
        assert [columns.codes[at] for at in range(0, 40_000, 2)] == ["1-A"] * 20_000
        assert columns[0] == rows[0]


async def test_a_listing_that_has_gone_is_never_taken_for_another(store: Store, tmp_path: Path) -> None:
    columns = await store.listing_columns()
    _execute(tmp_path, "DELETE FROM listings WHERE id = '0005'")
    with pytest.raises(StateError, match="has gone"):
        columns.ids[4]


async def test_the_names_of_one_sku_are_found_without_their_pages(store: Store, tmp_path: Path) -> None:
    places = np.arange(0, len(ROWS), PAGE)
    await store.save_listings([ROWS[at]._replace(sku=Sku("S")) for at in places.tolist()])
    columns = await store.listing_columns()
    # Whoever read a page would miss it.
    _execute(tmp_path, "DELETE FROM listings WHERE id = '0005'")
    assert columns.names(places) == [ROWS[at][:2] for at in places.tolist()]


async def test_a_listing_of_one_sku_that_has_gone_is_missed(store: Store, tmp_path: Path) -> None:
    places = np.arange(0, len(ROWS), PAGE)
    await store.save_listings([ROWS[at]._replace(sku=Sku("S")) for at in places.tolist()])
    columns = await store.listing_columns()
    _execute(tmp_path, "DELETE FROM listings WHERE id = '0064'")
    with pytest.raises(StateError, match="has gone"):
        columns.names(places)


async def test_a_listing_that_goes_after_its_id_was_read_is_missed(store: Store, tmp_path: Path) -> None:
    columns = await store.listing_columns()
    assert columns.ids[5] == "0005"
    _execute(tmp_path, "DELETE FROM listings WHERE id = '0005'")
    with pytest.raises(StateError, match="has gone"):
        columns.titles[5]


async def test_a_text_cannot_be_read_after_the_state_was_closed(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.save_listings(ROWS)
        columns = await store.listing_columns()
    with pytest.raises(StateError, match="closed"):
        columns.ids[0]


async def test_what_was_read_stays_after_the_state_was_closed(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.save_listings(ROWS)
        columns = await store.listing_columns()
        assert columns.ids[0] == "0000"
    assert columns.ids[1] == "0001"


async def test_there_is_no_text_behind_the_last(store: Store) -> None:
    columns = await store.listing_columns()
    with pytest.raises(IndexError):
        columns.titles[len(ROWS)]


async def test_a_file_that_has_gone_is_named(tmp_path: Path) -> None:
    reader = TextReader(tmp_path / "gone.db")
    with pytest.raises(StateError, match=r"gone\.db"):
        reader.rows(ShopName("tmall"), ["1"])


async def test_a_word_that_no_listing_can_have_means_damage(store: Store, tmp_path: Path) -> None:
    _execute(tmp_path, "UPDATE listings SET deducts = 'whenever' WHERE id = '0005'")
    with pytest.raises(StateError, match="syncd restore` a backup"):
        await store.listing_columns()


async def test_a_store_goes_on_after_damage_was_found(store: Store, tmp_path: Path) -> None:
    _execute(tmp_path, "UPDATE listings SET deducts = 'whenever' WHERE id = '0005'")
    with pytest.raises(StateError):
        await store.listing_columns()
    _execute(tmp_path, "UPDATE listings SET deducts = 'order' WHERE id = '0005'")
    assert len(await store.listing_columns()) == len(ROWS)


async def test_the_columns_of_all_shops_are_of_one_moment(store: Store) -> None:
    await store.save_listings([listing_row(f"{number:04}", shop="zz") for number in range(2 * PAGE)])
    columns = await store.listing_columns()
    assert (columns.name(3 * PAGE), len(columns)) == (("zz", "0000"), 5 * PAGE)


async def test_a_listing_takes_few_bytes_of_memory(store: Store) -> None:
    columns = await store.listing_columns()
    names = ("shop", "sku", "units", "desired", "lo", "hi", "observed", "observed_at", "withheld", "on_sale")
    rest = ("delisted_by", "deducts", "item", "want_off", "gone")
    assert sum(getattr(columns, name).itemsize for name in (*names, *rest)) <= 64


async def test_a_listing_is_found_without_reading_any_text(tmp_path: Path) -> None:
    names = ["0499x", "A", "a", "\u00e9", "\uffff", "\U0001f600", *(f"{number:04}" for number in range(200))]
    rows = [listing_row(name, shop=shop) for shop in ("b", "a", "a-b") for name in names]
    async with open_store(tmp_path) as store:
        await store.save_listings(rows)
        columns = await store.listing_columns()
        every = columns.names(np.arange(len(columns)))
    # Nothing can be read any more.
    assert columns.places(every).tolist() == list(range(len(rows)))
    absent = [("a", ""), ("a", "0200"), ("", "A"), ("aa", "A"), ("c", "A"), ("b", "\U0001f601")]
    assert columns.places([(ShopName(s), ListingId(one)) for s, one in absent]).tolist() == [-1] * 6
