"""The pipeline of DESIGN 4.5, steps 1 to 16, in that order: from the last good figures to desired quantities.

========  ===============================================================  ==========================
step      what                                                             where
========  ===============================================================  ==========================
1         one rule row per (SKU, pool, shop)                               `rules.compile_rules`
2         last good parts, U-suffix folded, flags                          `book.make_book`
3 - 8     signed nets, claims, pool, available, deficits, locks, rest      `availability.availability`
9         warning state                                                    `levels.step_levels`
10 - 14   eligible shops, base, shaping, sum over pools                    `shares.shares`
15, 16    listings: packs, bundles, repeats; sell, zero or off             `listings.quantities`
17 - 20   counter, diff, gates, intents                                    `plan`, `guard`, services
========  ===============================================================  ==========================
"""

from dataclasses import dataclass, replace

import numpy as np

from syncd.domain.availability import Availability, availability
from syncd.domain.book import Book, Levels
from syncd.domain.extras import Extras
from syncd.domain.levels import EdgeRules, edge_rules, step_levels, with_last_units
from syncd.domain.listings import Quantities, quantities
from syncd.domain.shares import Remembered, Shares, shares
from syncd.domain.virtual.pools import Divided, divided


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Every figure on the way from the warehouses to the listings, for plans and for explaining."""

    book: Book
    pools: Availability
    rules: EdgeRules
    levels: Levels
    virtual: Divided
    shares: Shares
    listings: Quantities


def compute(book: Book) -> Figures:
    """Return what every shop and listing should show; pure, and the same for the same book."""
    pools = availability(book)
    rules = edge_rules(book, pools.locks)
    levels = step_levels(book, pools, rules)
    rules = with_last_units(rules, pools, levels)
    virtual = divided(book, pools, levels, rules)
    pools = _beyond_extra(pools, virtual.extras, rules)
    before = Remembered(shares=virtual.kept + virtual.arriving, extra_used=virtual.extras.used)
    given = shares(book, pools, levels, rules, before)
    return Figures(
        book=book,
        pools=pools,
        rules=rules,
        levels=levels,
        virtual=virtual,
        shares=given,
        listings=quantities(book, pools, levels, rules, given),
    )


def _beyond_extra(pools: Availability, extras: Extras, rules: EdgeRules) -> Availability:
    """Return the figures with what was sold on `extra` told apart from what was oversold against all will."""
    if not extras.rows:
        return pools
    on_extra = extras.carried(rules, len(pools.figure))
    return replace(pools, on_extra=on_extra, oversold=np.maximum(pools.oversold - on_extra, 0))
