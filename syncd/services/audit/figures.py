"""What every listing should read, decided on anew from the rows of the state, against what is stored."""

from collections.abc import Iterator

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.decision import Decision
from syncd.services.audit.findings import Finding, Part


def desired(decision: Decision) -> Iterator[Finding]:
    """Yield the listings that need no write and whose stored figure is not the one that they should read.

    One that is to be written keeps its old figure until it is.
    """
    plan = decision.plan
    now, off = plan.counters, plan.figures.listings.off
    at_rest = plan.desired != NOTHING
    at_rest[plan.listing] = False
    differs = (plan.desired != now.desired) | (off != now.want_off)
    rows = plan.book.listings
    for at in np.flatnonzero(at_rest & differs).tolist():
        row, should = rows[at], int(plan.desired[at])
        why = "decided on anew from the figures, claims, shares and locks"
        if bool(off[at]) != row.want_off:
            why += f"; it should be {'off' if off[at] else 'on'} sale"
        found = 0 if row.desired is None else row.desired
        over, under = max(found - should, 0) * row.units, max(should - found, 0) * row.units
        known = None if row.desired is None else found * row.units
        place = (row.shop, row.id, row.sku, "")
        yield Finding(Part.DESIRED, *place, known, should * row.units, why, over, under)
