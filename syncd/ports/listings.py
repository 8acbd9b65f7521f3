"""The part of the state that knows the shops and their listings."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import ItemId, ListingId, ListingRow, ShopName, Sku
from syncd.domain.records import ShopState


class ListingStore(Protocol):
    """What the shops show and what they should show."""

    async def listings(
        self, shop: ShopName | None = None, *, skus: Collection[Sku] | None = None
    ) -> Sequence[ListingRow]:
        """Return all listings (of one shop, bound to one of these SKUs), sorted by shop and id."""
        ...

    async def siblings(self, items: Collection[tuple[ShopName, ItemId]]) -> Sequence[ListingRow]:
        """Return all listings of these items, whatever they are bound to, sorted by shop and id."""
        ...

    async def named(self, places: Collection[tuple[ShopName, ListingId]]) -> Sequence[ListingRow]:
        """Return these listings, sorted by shop and id."""
        ...

    async def listing_columns(self, shop: ShopName | None = None) -> ListingColumns:
        """Return the same listings as columns, whatever is saved afterwards.

        Texts may be read from the state only when asked for, which blocks for about a millisecond and fails
        once it is closed. They are then what was saved last, but `ids` never change.
        """
        ...

    async def save_listings(self, rows: Sequence[ListingRow]) -> None:
        """Upsert whole rows by (shop, id)."""
        ...

    async def shops(self) -> Mapping[ShopName, ShopState]:
        """Return the state of every shop ever seen."""
        ...

    async def save_shop(self, shop: ShopState) -> None:
        """Upsert one shop's state."""
        ...
