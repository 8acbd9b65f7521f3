"""What people look through, page by page, in the database; on a connection of its own."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from syncd.adapters.state.codec import micros
from syncd.adapters.state.database import Database
from syncd.adapters.state.rows import CLAIMS, LEDGER, LISTINGS, ORDERS, REQUESTS
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku
from syncd.domain.records import ClaimRow, OrderRow, RequestRow
from syncd.ports.pages import (
    ClaimsWanted,
    LedgerEntry,
    LedgerWanted,
    ListingCount,
    ListingsWanted,
    OrdersWanted,
    SkusWanted,
    folded,
)

Term = tuple[str, tuple[Any, ...]]

_COUNTS = """
SELECT shop, count(*), count(CASE WHEN sku = '' OR unbound_because <> '' THEN 1 END)
FROM listings WHERE gone = 0 GROUP BY shop ORDER BY shop
"""
# Of a line that was not understood yet only its code can be asked for, and '' is no JSON.
_OF_SKU = """
(CASE WHEN parts = '' THEN code = ? ELSE EXISTS (SELECT 1 FROM json_each(parts) WHERE key = ?) END
OR (shop, listing) IN (SELECT shop, id FROM listings WHERE sku = ?))
"""
# The claim of a line is called order:LINE:SKU.
_OPEN = """
(shop, line) IN
(SELECT shop, substr(line, 7, length(line) - 7 - length(sku)) FROM claims WHERE substr(line, 1, 6) = 'order:')
"""
_SEARCHED = ("id", "code", "title", "sku")
_AFTER_ORDER = '(created < ? OR (created = ? AND (shop, "order", line) > (?, ?, ?)))'


class SqlitePages:
    """`PageStore` over SQLite."""

    _database: Database

    async def listing_page(self, wanted: ListingsWanted) -> Sequence[ListingRow]:
        """Return listings, sorted by shop and id."""
        terms = [
            *_equal(shop=wanted.shop, sku=wanted.sku),
            *_found(wanted.search, *_SEARCHED),
        ]
        if wanted.unbound:
            terms.append(("(sku = '' OR unbound_because <> '') AND gone = 0", ()))
        if wanted.after:
            terms.append(("(shop, id) > (?, ?)", wanted.after))
        where, given = _where(terms)
        rest = f"{where} ORDER BY shop, id LIMIT ?"
        return await self._database.aside.rows(LISTINGS, rest, (*given, wanted.limit))

    async def listing_counts(self) -> Sequence[ListingCount]:
        """Return how many listings every shop shows, sorted by shop; none that are gone."""
        rows = await self._database.aside.read(lambda driver: driver.execute(_COUNTS).fetchall())
        return [ListingCount(*row) for row in rows]

    async def sku_page(self, wanted: SkusWanted) -> Sequence[Sku]:
        """Return SKUs of which a source ever told something, each once and sorted."""
        terms: list[Term] = []
        if wanted.search:
            (own, text), (listed, texts) = _one_found("sku", wanted.search), _any_found(wanted.search)
            found = f"SELECT sku FROM listings WHERE sku <> '' AND {listed}"  # noqa: S608 - columns of ours
            terms.append((f"({own} OR sku IN ({found}))", (*text, *texts)))
        if wanted.warehouses is not None:
            marks = ", ".join("?" * len(wanted.warehouses))
            terms.append((f"warehouse IN ({marks})", tuple(wanted.warehouses)))
        if wanted.after is not None:
            terms.append(("sku > ?", (wanted.after,)))
        where, given = _where(terms)
        sql = f"SELECT DISTINCT sku FROM stock {where} ORDER BY sku LIMIT ?"  # noqa: S608 - as above
        parameters = (*given, wanted.limit)
        rows = await self._database.aside.read(lambda driver: driver.execute(sql, parameters).fetchall())
        return [Sku(sku) for (sku,) in rows]

    async def ledger_page(self, wanted: LedgerWanted) -> Sequence[LedgerEntry]:
        """Return rows of the ledger, newest first."""
        terms = list(_equal(sku=wanted.sku, shop=wanted.shop, what=wanted.what))
        if wanted.since:
            terms.append(("at >= ?", (micros(wanted.since),)))
        if wanted.before is not None:
            terms.append(("id < ?", (wanted.before,)))
        where, given = _where(terms)
        columns = ", ".join(f'"{name}"' for name in LEDGER.fields)
        sql = f"SELECT id, {columns} FROM ledger {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - as above
        decode, parameters = LEDGER.decoder(), (*given, wanted.limit)

        def read(driver: sqlite3.Connection) -> list[LedgerEntry]:
            cursor = driver.execute(sql, parameters)
            return [LedgerEntry(number, decode(cursor, tuple(row))) for number, *row in cursor]

        return await self._database.aside.read(read)

    async def request(self, number: int) -> RequestRow | None:
        """Return a request with its answer; None if it was never asked, or purged."""
        found = await self._database.few.rows(REQUESTS, "WHERE id = ?", (number,))
        return found[0] if found else None

    async def order_page(self, wanted: OrdersWanted) -> Sequence[OrderRow]:
        """Return lines of orders, the newest first, then by shop, order and line."""
        terms = list(_equal(shop=wanted.shop))
        if wanted.sku is not None:
            terms.append((_OF_SKU, (wanted.sku,) * 3))
        if wanted.open_only:
            terms.append((_OPEN, ()))
        if wanted.after:
            at = micros(wanted.after.created)
            terms.append((_AFTER_ORDER, (at, at, *wanted.after[1:])))
        where, given = _where(terms)
        rest = f'{where} ORDER BY created DESC, shop, "order", line LIMIT ?'
        return await self._database.aside.rows(ORDERS, rest, (*given, wanted.limit))

    async def orders_of(self, places: Collection[tuple[ShopName, ListingId]]) -> Sequence[OrderRow]:
        """Return all lines of these listings, sorted by shop and line."""
        if not places:
            return []
        marks = ", ".join(["(?, ?)"] * len(places))
        rest = f"WHERE (shop, listing) IN (VALUES {marks}) ORDER BY shop, line"
        return await self._database.aside.rows(ORDERS, rest, [text for place in places for text in place])

    async def claim_page(self, wanted: ClaimsWanted) -> Sequence[ClaimRow]:
        """Return open claims, sorted by shop and line."""
        terms = list(_equal(shop=wanted.shop, sku=wanted.sku))
        if wanted.after:
            terms.append(("(shop, line) > (?, ?)", wanted.after))
        where, given = _where(terms)
        rest = f"{where} ORDER BY shop, line LIMIT ?"
        return await self._database.aside.rows(CLAIMS, rest, (*given, wanted.limit))


def _equal(**columns: str | None) -> Iterator[Term]:
    for name, value in columns.items():
        if value is not None:
            yield f'"{name}" = ?', (value,)


def _found(search: str, *columns: str) -> Iterator[Term]:
    if search:
        terms = [_one_found(column, search) for column in columns]
        yield f"({' OR '.join(sql for sql, _ in terms)})", tuple(text for _, given in terms for text in given)


def _any_found(search: str) -> Term:
    return next(_found(search, "code", "title"))


def _one_found(column: str, search: str) -> Term:
    # Not LIKE: that takes % and _ for more than they are, and ends at a NUL.
    return f"instr(lower({column}), ?) > 0", (folded(search),)


def _where(terms: Sequence[Term]) -> tuple[str, tuple[Any, ...]]:
    sql = " AND ".join(sql for sql, _ in terms)
    return f"WHERE {sql}" if sql else "", tuple(value for _, given in terms for value in given)
