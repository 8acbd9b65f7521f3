"""The listings that a platform takes off sale with all others of their item, and which of them stay on sale.

No figure of one rests on another one of its item; only whether it may be unlisted does. So an item's others
need not be computed to decide on one of them, while it is remembered which of them stay on sale.
"""

from collections.abc import Mapping

import numpy as np

from syncd.domain.columns import narrow, spread, starts
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import Bools, Ints, ShopName
from syncd.domain.plan import ShopTraits, item_numbers


class Items:
    """What is known of items while only some of their listings are computed.

    `traits` say which shops take whole items off sale, and `off` which listings shall be off sale.
    """

    def __init__(self, listings: ListingColumns, traits: Mapping[ShopName, ShopTraits], off: Bools) -> None:
        whole = [traits.get(name, ShopTraits()).unlists_items for name in listings.shops]
        self._is_whole = np.array(whole, dtype=np.bool_)
        self._shop, self._is_gone = listings.shop, listings.gone
        places = np.flatnonzero(self._is_whole[listings.shop])
        # They stand by shop, so that each shop's are numbered on from where its first one is.
        shops, first, count = np.unique(listings.shop[places], return_index=True, return_counts=True)
        self._shift = np.zeros(len(listings.shops), dtype=np.int64)
        self._shift[shops] = places[first] - (np.cumsum(count) - count)
        number, item = np.unique(item_numbers(listings, places), return_inverse=True)
        self._item = narrow(item)
        self._members = narrow(places[np.argsort(item, kind="stable")])
        self._start = starts(item, len(number))
        self._stays: Bools = ~off[places] & ~listings.gone[places]
        # Wide enough for all of an item, whatever stays on sale of it later.
        most = narrow(np.diff(self._start)).dtype
        self._staying = np.bincount(item[self._stays], minlength=len(number)).astype(most)

    def beside(self, places: Ints) -> tuple[Bools, Ints]:
        """Return which of some listings, ascending, have others of their item that stay on sale.

        And of those that have none the others, all of which are off sale: they may be unlisted should these
        here go off sale too, so that they must be decided on with them.
        """
        kept = np.zeros(len(places), dtype=np.bool_)
        is_mine, mine = self._numbers(places)
        item = self._item[mine]
        self._count(mine, -1)
        kept[is_mine] = is_kept = self._staying[item] > 0
        self._count(mine, 1)
        open_ = np.unique(item[~is_kept & (self._start[item + 1] - self._start[item] > 1)])
        others = self._members[spread(self._start, open_)[0]].astype(np.int64)
        at = np.minimum(np.searchsorted(places, others), max(len(places) - 1, 0))
        return kept, others[places[at] != others] if len(places) else others

    def learn(self, places: Ints, off: Bools) -> None:
        """Remember which of the listings at `places` shall be off sale now."""
        is_mine, mine = self._numbers(places)
        self._count(mine, -1)
        self._stays[mine] = ~off[is_mine] & ~self._is_gone[places[is_mine]]
        self._count(mine, 1)

    def _numbers(self, places: Ints) -> tuple[Bools, Ints]:
        """Return which listings are of shops that take whole items off sale, and the numbers of these."""
        shop = self._shop[places]
        is_mine = self._is_whole[shop]
        return is_mine, places[is_mine] - self._shift[shop[is_mine]]

    def _count(self, numbers: Ints, times: int) -> None:
        """Count those of the listings that stay on sale for their items, or no more."""
        # As wide as what is counted: else it takes twenty times as long.
        np.add.at(self._staying, self._item[numbers[self._stays[numbers]]], self._staying.dtype.type(times))
