"""Which setting decided a figure last, and the rule it stands in."""

from collections.abc import Sequence

from syncd.domain.book import NOTHING, Book
from syncd.domain.model import ShopName
from syncd.domain.pipeline import Figures
from syncd.domain.records import ShopStatus
from syncd.domain.shares import STEPS
from syncd.domain.topology import PoolMode


def deciding_setting(figures: Figures, edge: int, sku: int) -> tuple[str, str]:
    """Return the setting that decided what a shop gets of a SKU over one edge, and the rule it stands in.

    It is the last one that changed the figure, or what made the base: `weight` in a split pool, `available`
    in a shared one, `unwritable` for a shop that keeps its exposure instead of a share.
    """
    book = figures.book
    pool = book.topology.pools[int(figures.rules.pool[edge])]
    step = int(figures.shares.step[edge, sku])
    if step == 0 and pool.mode is PoolMode.SPLIT and _is_closed(figures, edge):
        return "unwritable", f"shops.{book.edges[edge].shop}"
    if step == 0 and pool.mode is PoolMode.SHARED:
        return "available", f"pools.{pool.name}"
    base = int(figures.shares.base[edge, sku])
    made = step <= STEPS.index("last_units") and pool.mode is PoolMode.SPLIT
    if made and 0 < base == int(figures.rules.cap[edge, sku]):
        step = STEPS.index("cap")
    if STEPS[step] == "lock":
        return "lock", figures.pools.locks.names(edge, sku)
    return STEPS[step], book.rules.decider(STEPS[step], edge, sku)


def _is_closed(figures: Figures, edge: int) -> bool:
    return not figures.shares.writable[int(figures.rules.shop[edge])]


def edges_by_shop(book: Book) -> dict[ShopName, list[int]]:
    """Return the places of every shop's edges."""
    found: dict[ShopName, list[int]] = {shop.name: [] for shop in book.topology.shops}
    for at, edge in enumerate(book.edges):
        found.setdefault(edge.shop, []).append(at)
    return found


def deciding_rule(figures: Figures, listing: int, edges: Sequence[int] | None = None) -> str:
    """Return `RULE SETTING` of what decided a listing's figure last, `unknown` where nothing did.

    `edges` are those of its shop, for who asks about many.
    """
    book = figures.book
    shop = book.listings.shops[book.listings.shop[listing]]
    state = book.state.shops.get(shop)
    if state is not None and state.status is ShopStatus.RETIRING:
        return f"shops.{shop} retiring"
    steps = [
        (int(figures.shares.step[edge, sku]), -edge, sku)
        for sku in _codes(book, listing)
        for edge in (edges_by_shop(book).get(shop, ()) if edges is None else edges)
        if figures.pools.known[figures.rules.pool[edge], sku]
    ]
    if not steps:
        return "unknown"
    _, edge, sku = max(steps)
    setting, rule = deciding_setting(figures, -edge, sku)
    # Where no rule says otherwise the pool itself decided, and that is where people look.
    place = f"pools.{book.edges[-edge].pool}" if rule == "default" else rule
    return f"{place} {setting}"


def _codes(book: Book, listing: int) -> list[int]:
    code = book.listings.skus[book.listings.sku[listing]]
    bundle = book.bundles.index.get(code)
    if bundle is None:
        at = book.sku_index.get(code)
        return [] if at is None else [at]
    entries = book.bundles.sku[book.bundles.start[bundle] : book.bundles.start[bundle + 1]]
    return [int(at) for at in entries if at != NOTHING]
