"""The ids of Pinduoduo's listings: goods and one of their SKUs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from syncd.domain.model import ItemId, ListingId

_LISTING = re.compile(r"([0-9]{1,20}):([0-9]{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingKey:
    """What a listing id names. Ids are text: they have 64 bits, and must never pass through a float."""

    goods: str
    sku: str

    @classmethod
    def read(cls, listing: ListingId) -> "ListingKey | None":
        """Return the key in a listing id, None where it is no id of this channel."""
        found = _LISTING.fullmatch(listing)
        return cls(goods=found[1], sku=found[2]) if found else None

    @property
    def listing(self) -> ListingId:
        """Return the id, `goods_id:sku_id`."""
        return ListingId(f"{self.goods}:{self.sku}")

    @property
    def item_id(self) -> ItemId:
        """Return the id of the goods."""
        return ItemId(self.goods)


def by_goods(listings: Iterable[ListingId]) -> dict[str, list[ListingKey]]:
    """Return the goods of `listings`, in order, with their keys; an id of another form names none."""
    found: dict[str, list[ListingKey]] = {}
    for listing in dict.fromkeys(listings):
        key = ListingKey.read(listing)
        if key is not None:
            found.setdefault(key.goods, []).append(key)
    return found
