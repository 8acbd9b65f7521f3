"""The ids of Taobao's listings: an item and one of its SKUs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from syncd.domain.model import ItemId, ListingId

_LISTING = re.compile(r"([0-9]{1,20}):([0-9]{0,20})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingKey:
    """What a listing id names; `sku` is empty for an item that has no SKUs.

    Ids are text: they have 64 bits, and must never pass through a float.
    """

    item: str
    sku: str

    @classmethod
    def read(cls, listing: ListingId) -> "ListingKey | None":
        """Return the key in a listing id, None where it is no id of this channel."""
        found = _LISTING.fullmatch(listing)
        return cls(item=found[1], sku=found[2]) if found and found[0].isascii() else None

    @property
    def listing(self) -> ListingId:
        """Return the id, `num_iid:sku_id`."""
        return ListingId(f"{self.item}:{self.sku}")

    @property
    def item_id(self) -> ItemId:
        """Return the item's id."""
        return ItemId(self.item)


def items_of(listings: Iterable[ListingId]) -> list[str]:
    """Return the items of `listings`, each once and in order; an id of another form names no item."""
    keys = (ListingKey.read(listing) for listing in listings)
    return list(dict.fromkeys(key.item for key in keys if key is not None))
