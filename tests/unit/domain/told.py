"""All that anybody does with a decision, as plain values."""

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.decision import Decision
from syncd.domain.model import Sku
from syncd.domain.virtual.pools import share_rows
from syncd.services.recording import changed_levels


def told(decision: Decision) -> dict[str, object]:
    """Return all that anybody does with a decision."""
    plan, figures = decision.plan, decision.plan.figures
    book = plan.book
    changed = (plan.desired != plan.counters.desired) | (figures.listings.off != plan.counters.want_off)
    places = np.flatnonzero(changed & (plan.desired != NOTHING))
    return {
        "changes": list(zip(plan.changes(), decision.stop.tolist(), strict=True)),
        "digest": decision.digest,
        "holds": decision.verdict.holds,
        "follows": list(decision.follows.changes()),
        "blind": decision.blind(),
        "figures": [
            (*name, desired, off)
            for name, desired, off in zip(
                book.listings.names(places), plan.desired[places], figures.listings.off[places], strict=True
            )
        ],
        "levels": tuple(map(sorted, changed_levels(figures))),
        "shares": sorted(row[:4] for row in share_rows(book, figures.virtual, figures.shares.base)),
        "extras": sorted(figures.virtual.extras.rows),
        "moves": figures.virtual.moves,
    }


def told_of(decision: Decision, skus: frozenset[Sku]) -> dict[str, object]:
    """Return what a decision says about the listings, shares and levels of some SKUs, whatever may go now."""
    plan, figures = decision.plan, decision.plan.figures
    book = plan.book
    of = {book.listings.name(at) for at in _drawing(decision, skus)}
    every = told(decision)
    return {
        "changes": [change for change in plan.changes() if (change.shop, change.listing) in of],
        "figures": [row for row in every["figures"] if row[:2] in of],  # type: ignore[attr-defined]
        "levels": tuple(sorted(r for r in rows if r.sku in skus) for rows in changed_levels(figures)),
        "shares": [row for row in every["shares"] if row[2] in skus],  # type: ignore[attr-defined]
        "extras": [row for row in figures.virtual.extras.rows if row.sku in skus],
        "moves": [row for row in figures.virtual.moves if row.sku in skus],
    }


def _drawing(decision: Decision, skus: frozenset[Sku]) -> set[int]:
    book = decision.plan.book
    pairs = zip(book.draws.listing.tolist(), book.draws.sku.tolist(), strict=True)
    return {listing for listing, sku in pairs if sku != NOTHING and book.skus[sku] in skus}
