"""What an audit finds: one figure that is not what everything else says it should be."""

from enum import StrEnum
from typing import Any, NamedTuple

from syncd.domain.model import ListingId, ShopName, Sku

Json = dict[str, Any]


class Part(StrEnum):
    """Which of the books a figure stands in."""

    SHARES = "shares"
    LOCKS = "locks"
    DESIRED = "desired"
    EXPECTED = "expected"
    CLAIMS = "claims"
    SHOPS = "shops"


class Finding(NamedTuple):
    """A figure that is `found` where it should be `should`, and `why`; None is unknown.

    So many units may be `oversold` because of it, or stay `hidden`, as far as that can be told. What is about
    no listing or shop has none; `thing` is the pool, lock or order line that it is about.
    """

    part: Part
    shop: ShopName
    listing: ListingId
    sku: Sku
    thing: str
    found: int | None
    should: int | None
    why: str
    oversold: int
    hidden: int

    def document(self) -> Json:
        """Return it as JSON."""
        return self._asdict() | {"part": self.part.value}
