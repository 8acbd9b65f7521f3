"""Which sales were seen for the first time, and when they were made."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from syncd.domain.claims import Drop
from syncd.domain.model import ListingRow, ShopName, Sku
from syncd.domain.ordering import Changes, parts_of


class Seen(NamedTuple):
    """A sale that nobody had seen before: what was sold, and when at the earliest."""

    shop: ShopName
    skus: tuple[Sku, ...]
    sold_at: datetime


def seen_orders(changed: Changes, since: datetime) -> Iterator[Seen]:
    """Yield the lines that are new; not those from before `since`, which changed before anybody asked.

    A line in the place of another, or one that came to nothing before it was seen, is no sale.
    """
    news = changed.news
    for line, row in changed.rows.items():
        is_sale = not row.replaces and row.released < row.units
        if line not in news.known and is_sale and row.created >= since:
            yield Seen(news.shop, tuple(parts_of(row.parts)), row.created)


def seen_drops(drops: Iterable[Drop], last_read: Callable[[ListingRow], datetime | None]) -> Iterator[Seen]:
    """Yield the counters that fell, as sold right after the last reading: nobody knows how much later."""
    for row, units, _ in drops:
        read_at = last_read(row)
        if units > 0 and read_at is not None:
            yield Seen(row.shop, (row.sku,), read_at)
