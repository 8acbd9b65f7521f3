"""How SQLite finds the rows of a few SKUs, items or places: at once, whatever else there is or is read."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from syncd.adapters.state import open_store
from syncd.adapters.state.codec import Codec
from syncd.adapters.state.database import open_database
from syncd.adapters.state.rows import (
    DEMAND,
    LEVELS,
    LISTINGS,
    OF_ITEM,
    OF_LINE,
    OF_LISTING,
    OF_PLACE,
    OF_REPLACED,
    OF_SKU,
    OF_SKU_AND_SHOP,
    ORDERS,
    SHARES,
    STOCK,
)
from syncd.adapters.state.store import SqliteStore
from syncd.domain.model import ListingId, ShopName, Sku
from tests.contract.store_contract_rows import listing_row

READS = [
    (STOCK, OF_SKU, "stock_sku (sku=?)"),
    (LEVELS, OF_SKU, "levels_sku (sku=?)"),
    (SHARES, OF_SKU, "shares_sku (sku=?)"),
    (DEMAND, OF_SKU, "demand_sku (sku=?)"),
    (DEMAND, OF_PLACE, "PRIMARY KEY (shop=? AND sku=?)"),
    (LISTINGS, OF_SKU, "listings_sku (sku=?)"),
    (LISTINGS, OF_SKU_AND_SHOP, "listings_sku (sku=? AND shop=?)"),
    (LISTINGS, OF_ITEM, "listings_item (item=? AND shop=?)"),
    (LISTINGS, OF_LISTING, "PRIMARY KEY (shop=? AND id=?)"),
    (ORDERS, OF_LINE, "PRIMARY KEY (shop=? AND line=?)"),
    (ORDERS, OF_REPLACED, "orders_replaces (shop=? AND replaces=?)"),
]


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[sqlite3.Connection]:
    async with open_store(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        yield connection


@pytest.mark.parametrize(("codec", "where", "way"), READS)
def test_a_narrow_reading_goes_straight_to_its_rows(
    driver: sqlite3.Connection, codec: Codec[Any], where: str, way: str
) -> None:
    sql = f"EXPLAIN QUERY PLAN {codec.select} {where}"
    ((*_, step),) = driver.execute(sql, ("",) * where.count("?"))
    assert (step.partition(" ")[0], step.partition(" USING ")[2].removeprefix("INDEX ")) == ("SEARCH", way)


async def test_a_narrow_reading_does_not_wait_for_a_long_one(tmp_path: Path) -> None:
    async with open_store(tmp_path) as made:
        await made.save_listings([listing_row("1")])
    async with open_database(tmp_path / "state.db", read_only=True) as database:
        store, enough = SqliteStore(database), Event()
        long = asyncio.create_task(database.whole.read(lambda _: enough.wait(30)))
        found = (
            await store.named([(ShopName("tmall"), ListingId("1"))]),
            await store.listings(skus=[Sku("A")]),
        )
        was_done = long.done()
        enough.set()
        await long
        assert (found, was_done) == (([listing_row("1")], [listing_row("1")]), False)


async def test_a_long_reading_goes_on_while_a_narrow_one_does(tmp_path: Path) -> None:
    async with open_store(tmp_path) as made:
        await made.save_listings([listing_row("1")])
    async with open_database(tmp_path / "state.db", read_only=True) as database:
        store, enough = SqliteStore(database), Event()
        narrow = asyncio.create_task(database.few.read(lambda _: enough.wait(30)))
        found = await store.listings(), list(await store.listing_columns())
        enough.set()
        await narrow
        assert found == ([listing_row("1")], [listing_row("1")])
