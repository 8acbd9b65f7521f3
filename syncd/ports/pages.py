"""The parts of the state that people look through a page at a time, however long they are.

A page begins after the key of the last row of the page before it. Whoever looks keeps no other reader
waiting. A search is for a part of a text; the case of ASCII letters does not matter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, WarehouseName
from syncd.domain.records import ClaimRow, LedgerRow, OrderRow, RequestRow

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def folded(text: str) -> str:
    """Return `text` as it is searched: with ASCII letters in lower case, and all others as they are."""
    return text.translate(_LOWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingsWanted:
    """Which listings: of a shop, of a SKU, with a text in their id, code, title or SKU, unbound ones.

    An unbound one that is gone is not wanted.
    """

    shop: ShopName | None = None
    sku: Sku | None = None
    search: str = ""
    unbound: bool = False
    after: tuple[ShopName, ListingId] | None = None
    limit: int = 50


class ListingCount(NamedTuple):
    """How many listings a shop shows, and how many of these are bound to no SKU."""

    shop: ShopName
    listings: int
    unbound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkusWanted:
    """Which SKUs with stock: with a text in the code, or in one of its listings, and in some places."""

    search: str = ""
    warehouses: Collection[WarehouseName] | None = None
    after: Sku | None = None
    limit: int = 50


class CatalogueStore(Protocol):
    """The listings and the SKUs, page by page."""

    async def listing_page(self, wanted: ListingsWanted) -> Sequence[ListingRow]:
        """Return listings, sorted by shop and id."""
        ...

    async def listing_counts(self) -> Sequence[ListingCount]:
        """Return how many listings every shop shows, sorted by shop; none that are gone."""
        ...

    async def sku_page(self, wanted: SkusWanted) -> Sequence[Sku]:
        """Return SKUs of which a source ever told something, each once and sorted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerWanted:
    """Which rows of the ledger: of a SKU, shop or kind, not older than `since`; `before` is an id."""

    sku: Sku | None = None
    shop: ShopName | None = None
    what: str | None = None
    since: datetime | None = None
    before: int | None = None
    limit: int = 50


class LedgerEntry(NamedTuple):
    """A row of the ledger with its id, which grows with every row."""

    id: int
    row: LedgerRow


class DiaryStore(Protocol):
    """The ledger and the requests, page by page."""

    async def ledger_page(self, wanted: LedgerWanted) -> Sequence[LedgerEntry]:
        """Return rows of the ledger, newest first."""
        ...

    async def request(self, number: int) -> RequestRow | None:
        """Return a request with its answer; None if it was never asked, or purged."""
        ...


class OrderKey(NamedTuple):
    """What orders the lines of orders, with the newest first."""

    created: datetime
    shop: ShopName
    order: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersWanted:
    """Which lines of orders: of a shop, of a SKU or bundle, with open claims only."""

    shop: ShopName | None = None
    sku: Sku | None = None
    open_only: bool = False
    after: OrderKey | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsWanted:
    """Which open claims: of a shop, of a SKU."""

    shop: ShopName | None = None
    sku: Sku | None = None
    after: tuple[ShopName, str] | None = None
    limit: int = 50


class SaleStore(Protocol):
    """Orders and claims, page by page."""

    async def order_page(self, wanted: OrdersWanted) -> Sequence[OrderRow]:
        """Return lines of orders, the newest first, then by shop, order and line.

        A line is of the SKUs in it, or of its own code while nobody knows these, and of what its listing is
        bound to.
        """
        ...

    async def orders_of(self, places: Collection[tuple[ShopName, ListingId]]) -> Sequence[OrderRow]:
        """Return all lines of these listings, sorted by shop and line."""
        ...

    async def claim_page(self, wanted: ClaimsWanted) -> Sequence[ClaimRow]:
        """Return open claims, sorted by shop and line."""
        ...


class PageStore(CatalogueStore, DiaryStore, SaleStore, Protocol):
    """All that is looked through page by page."""
