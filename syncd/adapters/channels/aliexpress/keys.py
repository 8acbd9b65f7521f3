"""The ids of AliExpress's listings: a product and the seller's code of one of its SKUs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from syncd.domain.model import ItemId, ListingId

_LISTING = re.compile(r"([0-9]{1,20}):(.{0,200})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingKey:
    """What a listing id names.

    The platform writes stock, and tells orders, by the seller's code alone, so that code is the key; a SKU
    without one can be read but not written. Ids are text: they have 64 bits and must never pass through a
    float.
    """

    product: str
    code: str

    @classmethod
    def read(cls, listing: ListingId) -> "ListingKey | None":
        """Return the key in a listing id, None where it is no id of this channel."""
        found = _LISTING.fullmatch(listing)
        return cls(product=found[1], code=found[2]) if found and found[1].isascii() else None

    @property
    def listing(self) -> ListingId:
        """Return the id, `product_id:sku_code`."""
        return ListingId(f"{self.product}:{self.code}")

    @property
    def item_id(self) -> ItemId:
        """Return the product's id."""
        return ItemId(self.product)


def products_of(listings: Iterable[ListingId]) -> list[str]:
    """Return the products of `listings`, each once and in order; an id of another form names none."""
    keys = (ListingKey.read(listing) for listing in listings)
    return list(dict.fromkeys(key.product for key in keys if key is not None))
