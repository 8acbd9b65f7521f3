"""The ids of Douyin's listings: a product and one of its SKUs; ids are text, they have 64 bits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from syncd.adapters.wire.values import id_text
from syncd.domain.model import ItemId, ListingId

_LISTING = re.compile(r"([0-9]{1,20}):([0-9]{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingKey:
    """What a listing id names."""

    product: str
    sku: str

    @classmethod
    def read(cls, listing: ListingId) -> "ListingKey | None":
        """Return the key in a listing id, None where it is no id of this channel."""
        found = _LISTING.fullmatch(listing)
        return cls(product=found[1], sku=found[2]) if found else None

    @property
    def listing(self) -> ListingId:
        """Return the id, `product_id:sku_id`."""
        return ListingId(f"{self.product}:{self.sku}")

    @property
    def item(self) -> ItemId:
        """Return the product's id."""
        return ItemId(self.product)


def products_of(listings: Iterable[ListingId]) -> list[str]:
    """Return the products of `listings`, each once and in order; an id of another form names none."""
    keys = (ListingKey.read(listing) for listing in listings)
    return list(dict.fromkeys(key.product for key in keys if key is not None))


def optional_id(value: object) -> str:
    """Return an id as text, empty where there is none, which the platform may also write as 0."""
    return "" if value in {None, "", "0", 0} else id_text(value)
