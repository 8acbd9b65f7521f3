"""Rows of one call go into few statements; each is still stored, named and refused as if it came alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.state import open_store
from syncd.adapters.state.codec import Together, parts
from syncd.adapters.state.opening import prepare
from syncd.adapters.state.rows import INTENTS, LEDGER, PROVE_COUNTERS, SETTLE
from syncd.adapters.state.transaction import Transaction
from syncd.domain.records import Resolution
from syncd.errors import StateError
from syncd.ports.store import Proof
from tests.contract.store_contract_rows import intent_row, ledger_row, listing_row, proof

COUNT = 77
"""Of it all sizes of statements are needed: two of 32, one of 8, of 4 and of 1."""

KEYS = [f"k{at:02}" for at in range(COUNT)]


def _counter(listing: str, units: int) -> Proof:
    return proof(listing, lo=units, hi=units, on_sale=None)


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection to a fresh state, outside of any transaction."""
    file = prepare(tmp_path, migrate=True, read_only=False)
    with closing(sqlite3.connect(file, isolation_level=None)) as driver:
        yield driver


@given(st.integers(min_value=0, max_value=200))
def test_the_parts_are_all_items_in_their_order(count: int) -> None:
    assert [item for part in parts(range(count)) for item in part] == list(range(count))


@given(st.integers(min_value=0, max_value=200))
def test_few_sizes_serve_all_numbers_of_items(count: int) -> None:
    assert {len(part) for part in parts(range(count))} <= {1, 2, 4, 8, 16, 32}


async def test_every_intent_of_a_large_call_is_opened_as_it_is(tmp_path: Path) -> None:
    rows = [intent_row(key, listing=key) for key in KEYS]
    async with open_store(tmp_path) as store:
        await store.open_intents(rows)
        assert await store.unresolved() == rows


async def test_only_the_intents_of_a_call_are_settled(tmp_path: Path) -> None:
    rows = [intent_row(key) for key in KEYS]
    async with open_store(tmp_path) as store:
        await store.open_intents([*rows, intent_row("other")])
        await store.resolve([row._replace(resolution=Resolution.DONE) for row in rows], [], [])
        assert await store.unresolved() == [intent_row("other")]


async def test_each_line_of_a_call_is_settled_by_its_own_ending(tmp_path: Path) -> None:
    endings = [Resolution.DONE, Resolution.OPEN, Resolution.OPEN, Resolution.REFUSED]
    rows = [
        intent_row(key)._replace(resolution=endings[at % 4], message=f"line {at // 2}")
        for at, key in enumerate(KEYS)
    ]
    async with open_store(tmp_path) as store:
        await store.open_intents([intent_row(key) for key in KEYS])
        await store.resolve(rows, [], [])
        assert await store.unresolved() == [row for row in rows if row.resolution is Resolution.OPEN]


async def test_each_listing_of_a_call_gets_its_own_counter(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.save_listings([listing_row(key) for key in KEYS])
        await store.resolve([], [_counter(key, at) for at, key in enumerate(KEYS)], [])
        assert [row.expected_hi for row in await store.listings()] == list(range(COUNT))


@pytest.mark.parametrize("units", [(9, 4), (4, 9)])
async def test_of_two_proofs_of_one_listing_the_later_counts(tmp_path: Path, units: tuple[int, int]) -> None:
    async with open_store(tmp_path) as store:
        await store.save_listings([listing_row("1")])
        await store.resolve([], [_counter("1", figure) for figure in units], [])
        assert [row.expected_hi for row in await store.listings()] == [units[1]]


async def test_proofs_of_different_kinds_keep_their_order(tmp_path: Path) -> None:
    off = proof("1", lo=0, hi=0, on_sale=False)._replace(delisted_by="syncd")
    async with open_store(tmp_path) as store:
        await store.save_listings([listing_row("1")])
        await store.resolve([], [_counter("1", 9), off, _counter("1", 3)], [])
        (row,) = await store.listings()
        assert (row.expected_hi, row.on_sale, row.delisted_by) == (3, False, "syncd")


async def test_a_delisting_among_counters_is_recorded(tmp_path: Path) -> None:
    off = proof("2", lo=0, hi=0, on_sale=False)._replace(delisted_by="syncd")
    async with open_store(tmp_path) as store:
        await store.save_listings([listing_row(key) for key in "123"])
        await store.resolve([], [_counter("1", 9), off, _counter("3", 3)], [])
        assert [row.delisted_by for row in await store.listings()] == ["", "syncd", ""]


async def test_a_delisting_without_an_answer_is_remembered_as_ours(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.save_listings([listing_row("1")])
        await store.resolve([], [proof("1", on_sale=None)._replace(delisted_by="syncd")], [])
        assert [row.delisted_by for row in await store.listings()] == ["syncd"]


async def test_a_proof_of_an_unknown_listing_among_many_proves_nothing(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.save_listings([listing_row(key) for key in KEYS])
        with pytest.raises(StateError, match="nowhere"):
            await store.resolve([], [*(_counter(key, 9) for key in KEYS), _counter("nowhere", 9)], [])
        assert {row.expected_hi for row in await store.listings()} == {None}


async def test_an_intent_that_was_never_opened_is_named_among_many(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.open_intents([intent_row(key) for key in KEYS])
        with pytest.raises(StateError, match="never was"):
            await store.resolve([intent_row(key) for key in (*KEYS, "never was")], [], [])


async def test_a_row_that_cannot_be_stored_is_named_among_many(tmp_path: Path) -> None:
    rows = [intent_row(key) for key in KEYS]
    async with open_store(tmp_path) as store:
        await store.open_intents([intent_row(KEYS[40])])
        with pytest.raises(StateError, match=KEYS[40]):
            await store.open_intents(rows)
        assert await store.unresolved() == [intent_row(KEYS[40])]


async def test_a_time_without_a_zone_is_named_among_many(tmp_path: Path) -> None:
    rows = [intent_row(key) for key in KEYS]
    bad = rows[40]._replace(sent_at=rows[40].created_at.replace(tzinfo=None))
    async with open_store(tmp_path) as store:
        await store.open_intents(rows)
        with pytest.raises(StateError, match=KEYS[40]):
            await store.resolve([*rows[:40], bad, *rows[41:]], [], [])


async def test_the_rows_of_a_ledger_keep_their_order(tmp_path: Path) -> None:
    rows = [ledger_row(key) for key in KEYS]
    async with open_store(tmp_path) as store:
        await store.resolve([], [], rows)
        assert list(await store.ledger(limit=COUNT)) == rows[::-1]


def test_nothing_is_written_one_by_one_where_nothing_would_take_it_back(
    driver: sqlite3.Connection, tmp_path: Path
) -> None:
    # As after a failure with which SQLite itself has ended the transaction.
    transaction = Transaction(driver, tmp_path / "state.db")
    with pytest.raises(StateError):
        transaction.add(INTENTS, [intent_row("a"), intent_row("b"), intent_row("b"), intent_row("c")])
    assert driver.execute("SELECT count(*) FROM intents").fetchall() == [(0,)]


@pytest.mark.parametrize("count", [1, 32])
@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (PROVE_COUNTERS, "SEARCH listings USING PRIMARY KEY (shop=? AND id=?)"),
        (SETTLE, "SEARCH intents USING INDEX sqlite_autoindex_intents_1 (key=?)"),
    ],
    ids=["proofs", "intents"],
)
def test_rows_are_found_by_their_keys_however_many_they_are(
    driver: sqlite3.Connection, texts: Together, found: str, count: int
) -> None:
    text = texts[count]
    steps = driver.execute(f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?"))
    assert [step[3] for step in steps][-1] == found


def test_a_ledger_takes_a_statement_of_every_size(driver: sqlite3.Connection, tmp_path: Path) -> None:
    driver.execute("BEGIN")
    seen: list[str] = []
    driver.set_trace_callback(seen.append)
    Transaction(driver, tmp_path / "state.db").add(LEDGER, [ledger_row(key) for key in KEYS])
    assert [text.count("'counter'") for text in seen] == [32, 32, 8, 4, 1]
