"""Reading the listings on a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncd.adapters.channels.http.expressions import finder, key_text, plain_text, truth, whole
from syncd.adapters.channels.http.settings import Fields
from syncd.domain.model import ItemId, ListingId, ObservedListing, OffReason


class ListingReader:
    """Reads one listing of an answer; believes only what is plainly said."""

    def __init__(self, fields: Fields, off_reasons: Mapping[str, OffReason]) -> None:
        self._find = {name: finder(getattr(fields, name)) for name in type(fields).model_fields}
        self._off_reasons = off_reasons

    def read(self, row: object) -> ObservedListing | None:
        """Return the listing, None if it has no id that can be believed.

        A `withheld` that cannot be read makes the quantity unknown too, because the counter must not be
        lowered below it.
        """
        found = {name: find(row) for name, find in self._find.items()}
        key = key_text(found["id"])
        if key is None:
            return None
        withheld = 0 if found["withheld"] is None else whole(found["withheld"])
        return ObservedListing(
            id=ListingId(key),
            code=plain_text(found["code"]),
            item=ItemId(key_text(found["item"]) or key),
            quantity=None if withheld is None else whole(found["quantity"]),
            on_sale=truth(found["on_sale"]),
            withheld=withheld or 0,
            location=plain_text(found["location"]),
            title=plain_text(found["title"]),
            off_reason=self._off_reasons.get(plain_text(found["off_reason"])),
        )


def merged(
    listings: Iterable[ObservedListing], known: Mapping[ListingId, ObservedListing]
) -> Sequence[ObservedListing]:
    """Return each listing once; where two lines differ on its quantity, here or in `known`, it is unknown."""
    result: dict[ListingId, ObservedListing] = {}
    for listing in listings:
        other = result.get(listing.id) or known.get(listing.id)
        doubtful = other is not None and other.quantity != listing.quantity
        result[listing.id] = replace(listing, quantity=None) if doubtful else listing
    return tuple(result.values())
