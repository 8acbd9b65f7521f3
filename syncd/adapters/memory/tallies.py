"""What is counted of the state in memory."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from syncd.domain.model import ListingRow, ShopName
from syncd.domain.records import PendingRow
from syncd.ports.tallies import Backlog, ListingState


def backlog_of(rows: Iterable[PendingRow]) -> list[Backlog]:
    """Return, sorted, the shops that have decreases waiting."""
    by_shop: defaultdict[ShopName, list[PendingRow]] = defaultdict(list)
    for row in rows:
        by_shop[row.shop].append(row)
    return [_backlog(shop, mine) for shop, mine in sorted(by_shop.items())]


def _backlog(shop: ShopName, rows: Collection[PendingRow]) -> Backlog:
    oldest = min((row.since for row in rows if not row.held), default=None)
    return Backlog(shop, len(rows), sum(row.held for row in rows), oldest)


def listings_of(rows: Iterable[ListingRow]) -> Counter[tuple[ShopName, ListingState]]:
    """Return how many listings of every shop stand how."""
    return Counter((row.shop, _state_of(row)) for row in rows)


def _state_of(row: ListingRow) -> ListingState:
    if row.gone:
        return ListingState.GONE
    if not row.sku:
        return ListingState.UNBOUND
    if row.is_held:
        return ListingState.HELD
    if row.on_sale is None:
        return ListingState.UNREAD
    return ListingState.ON_SALE if row.on_sale else ListingState.OFF_SALE
