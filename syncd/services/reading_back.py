"""Which listings a cycle reads once more before it writes them."""

from collections.abc import Mapping, Sequence
from heapq import nsmallest

from syncd.domain.model import ListingId, ShopName
from syncd.services.readings import Observed

MOST = 1000
"""So many listings of a shop are read once more in a cycle only to be raised."""


def to_read_back(
    blind: Mapping[ShopName, Sequence[ListingId]],
    raised: Mapping[tuple[ShopName, ListingId], int],
    observed: Observed,
) -> tuple[dict[ShopName, list[ListingId]], frozenset[ShopName]]:
    """Return what must be read once more, by shop, and the shops of which that is not all.

    That is what would be written `blind`, and what was not shown. Of what is only `raised` it is no more than
    can be sent in a while, the longest unread first: the rest would have to be read again by then. `raised`
    says when each was read.
    """
    found, behind = dict[ShopName, set[ListingId]](), set[ShopName]()
    for shop, listings in blind.items():
        raises = [(raised[shop, one], one) for one in listings if (shop, one) in raised]
        read = nsmallest(MOST, raises)
        if len(read) < len(raises):
            behind.add(shop)
        found[shop] = {one for one in listings if (shop, one) not in raised} | {one for _, one in read}
    for reading in observed.readings:
        if reading.missing:
            found.setdefault(reading.state.name, set()).update(reading.missing)
    again = {shop: sorted(rows) for shop, rows in found.items() if shop not in observed.errors}
    return again, frozenset(behind)
