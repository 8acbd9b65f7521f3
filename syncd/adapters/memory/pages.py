"""What people look through, page by page, in memory; every page costs a look at all rows."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

from syncd.adapters.memory.diary import Diary
from syncd.adapters.memory.orders import Orders
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, StockRow
from syncd.domain.ordering import PREFIX, order_of
from syncd.domain.parts import parts_of
from syncd.domain.records import ClaimRow, OrderRow, RequestRow
from syncd.ports.pages import (
    ClaimsWanted,
    LedgerEntry,
    LedgerWanted,
    ListingCount,
    ListingsWanted,
    OrderKey,
    OrdersWanted,
    SkusWanted,
    folded,
)


class MemoryPages:
    """`PageStore` in memory."""

    _stock: dict[tuple[Any, ...], StockRow]
    _listings: dict[tuple[ShopName, ListingId], ListingRow]
    _claims: dict[tuple[Any, ...], ClaimRow]
    _orders: Orders
    _ledger: Diary
    _requests: dict[int, RequestRow]

    async def listing_page(self, wanted: ListingsWanted) -> Sequence[ListingRow]:
        """Return listings, sorted by shop and id."""
        rows = (row for _, row in sorted(self._listings.items()))
        return list(islice((row for row in rows if _is_wanted(row, wanted)), wanted.limit))

    async def listing_counts(self) -> Sequence[ListingCount]:
        """Return how many listings every shop shows, sorted by shop; none that are gone."""
        shown = [row for row in self._listings.values() if not row.gone]
        return [
            ListingCount(
                shop,
                sum(row.shop == shop for row in shown),
                sum(row.shop == shop and not row.is_bound for row in shown),
            )
            for shop in sorted({row.shop for row in shown})
        ]

    async def sku_page(self, wanted: SkusWanted) -> Sequence[Sku]:
        """Return SKUs of which a source ever told something, each once and sorted."""
        text = folded(wanted.search)
        named = {row.sku for row in self._listings.values() if _has(text, row.code, row.title)}
        places = wanted.warehouses
        found = {
            row.sku
            for row in self._stock.values()
            if (text in folded(row.sku) or (row.sku and row.sku in named))
            and (places is None or row.warehouse in places)
            and (wanted.after is None or row.sku > wanted.after)
        }
        return sorted(found)[: wanted.limit]

    async def ledger_page(self, wanted: LedgerWanted) -> Sequence[LedgerEntry]:
        """Return rows of the ledger, newest first."""
        rows = (
            LedgerEntry(number, row)
            for number, row in reversed(list(zip(self._ledger.numbers, self._ledger.rows, strict=True)))
            if wanted.sku in (None, row.sku)
            and wanted.shop in (None, row.shop)
            and wanted.what in (None, row.what)
            and (wanted.since is None or row.at >= wanted.since)
            and (wanted.before is None or number < wanted.before)
        )
        return list(islice(rows, wanted.limit))

    async def request(self, number: int) -> RequestRow | None:
        """Return a request with its answer; None if it was never asked, or purged."""
        return self._requests.get(number)

    async def order_page(self, wanted: OrdersWanted) -> Sequence[OrderRow]:
        """Return lines of orders, the newest first, then by shop, order and line."""
        open_ = {(claim.shop, order_of(claim)) for claim in self._claims.values() if _is_of_order(claim)}
        bound = {key for key, row in self._listings.items() if row.sku == wanted.sku}
        rows = [
            row
            for row in self._orders.all(wanted.shop)
            if (wanted.sku is None or _is_of(row, wanted.sku) or (row.shop, row.listing) in bound)
            and (not wanted.open_only or (row.shop, row.line) in open_)
            and (wanted.after is None or _place(_key(row)) > _place(wanted.after))
        ]
        return sorted(rows, key=lambda row: _place(_key(row)))[: wanted.limit]

    async def orders_of(self, places: Collection[tuple[ShopName, ListingId]]) -> Sequence[OrderRow]:
        """Return all lines of these listings, sorted by shop and line."""
        wanted = set(places)
        return [row for row in self._orders.all(None) if (row.shop, row.listing) in wanted]

    async def claim_page(self, wanted: ClaimsWanted) -> Sequence[ClaimRow]:
        """Return open claims, sorted by shop and line."""
        rows = (
            row
            for key, row in sorted(self._claims.items())
            if wanted.shop in (None, row.shop)
            and wanted.sku in (None, row.sku)
            and (wanted.after is None or key > wanted.after)
        )
        return list(islice(rows, wanted.limit))


def _is_wanted(row: ListingRow, wanted: ListingsWanted) -> bool:
    return (
        wanted.shop in (None, row.shop)
        and wanted.sku in (None, row.sku)
        and _has(folded(wanted.search), row.id, row.code, row.title, row.sku)
        and (not wanted.unbound or not (row.is_bound or row.gone))
        and (wanted.after is None or (row.shop, row.id) > wanted.after)
    )


def _has(text: str, *words: str) -> bool:
    return any(text in folded(word) for word in words)


def _is_of_order(claim: ClaimRow) -> bool:
    return claim.line.startswith(PREFIX)


def _is_of(row: OrderRow, sku: Sku) -> bool:
    return sku in parts_of(row.parts) if row.parts else row.code == sku


def _key(row: OrderRow) -> OrderKey:
    return OrderKey(row.created, row.shop, row.order, row.line)


def _place(key: OrderKey) -> tuple[float, ShopName, str, str]:
    return -key.created.timestamp(), *key[1:]
