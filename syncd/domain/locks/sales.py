"""The sales that may have used locks: counters that fell, and orders whatever a snapshot contains of them."""

from collections.abc import Iterable, Iterator, Mapping

from syncd.domain.claims import Presumed
from syncd.domain.locks.using import Sale
from syncd.domain.model import ShopName
from syncd.domain.ordering import Changes, TakenIn, line_of, occupying, parts_of
from syncd.domain.records import ClaimRow, OrderRow

Key = tuple[ShopName, str]


def presumed_sales(known: Mapping[Key, ClaimRow], found: Presumed) -> Iterator[Sale]:
    """Yield the drops that are new, larger or given back."""
    for claim in (*found.opened, *found.returned, *found.closed):
        before = known.get((claim.shop, claim.line))
        yield _sale(claim, 0 if before is None else before.units)


def explained_sales(presumed: Mapping[Key, ClaimRow], taken_in: Iterable[TakenIn]) -> Iterator[Sale]:
    """Yield the drops that orders explain: their units pass to the orders."""
    for claim in (claim for one in taken_in for claim in one.explained):
        sale = _sale(claim, presumed[claim.shop, claim.line].units)
        yield sale._replace(handed=max(sale.before - sale.after, 0))


def _sale(claim: ClaimRow, before: int) -> Sale:
    return Sale(claim.shop, claim.line, claim.sku, claim.warehouse, before, claim.units)


def ordered_sales(changes: Changes) -> Iterator[Sale]:
    """Yield the order lines of a shop with what they occupied before and occupy now."""
    news = changes.news
    replaced = {row.replaces for row in news.known.values() if row.replaces}
    for line, row in changes.rows.items():
        known = news.known.get(line)
        before = after = 0
        if known is not None and known.parts and line not in replaced:
            before = occupying(known, news.rules, news.before)
        if line not in changes.replaced:
            after = occupying(row, news.rules, news.reached)
        yield from _by_sku(row, before, after, handed=before if line in changes.replaced else 0)


def _by_sku(row: OrderRow, before: int, after: int, *, handed: int) -> Iterator[Sale]:
    for sku, each in parts_of(row.parts).items():
        units = before * each, after * each, handed * each
        yield Sale(row.shop, line_of(row, sku), sku, row.warehouse, *units)
