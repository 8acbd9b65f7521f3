"""What the guard holds, and what people decided about it, as plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from syncd.domain.model import ListingId, ShopName, Sku


class Direction(StrEnum):
    """What an approval allows for a listing."""

    OFF = "off"
    RAISE = "raise"


HeldKey: TypeAlias = tuple[ShopName, ListingId, Direction]
"""What names a held change, whatever plan it is part of."""


class HeldRow(NamedTuple):
    """One change that the guard holds, under the digest of the plan it was part of.

    `bound` is the figure it leads to, `old` the one before where that is known exactly; `kind`, `cause` and
    `rule` are those of the change. `setting` names what holds it: `value` (in `unit`) broke its `limit`.
    """

    digest: str
    shop: ShopName
    listing: ListingId
    direction: Direction
    bound: int
    sku: Sku = Sku("")
    kind: str = ""
    old: int | None = None
    cause: str = ""
    rule: str = ""
    setting: str = ""
    limit: int = 0
    value: int = 0
    unit: str = ""


class ApprovalRow(NamedTuple):
    """One held change that a person released: `listing` may go in `direction`, up to `bound`, for a time."""

    shop: ShopName
    listing: ListingId
    direction: Direction
    bound: int
    until: datetime


class RejectionRow(NamedTuple):
    """One held change that a person does not want: it stays held, and nobody is asked about it again.

    That ends with a change of the same listing that leads elsewhere, or with none.
    """

    shop: ShopName
    listing: ListingId
    direction: Direction
    bound: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldNow:
    """What the last whole decision left held: its digest, empty for nothing, and since when by shop."""

    digest: str = ""
    since: Mapping[ShopName, datetime] = field(default_factory=dict)


def rejected_in(rows: Mapping[HeldKey, RejectionRow], held: HeldRow) -> RejectionRow | None:
    """Return the rejection of exactly this change, of those by shop, listing and direction."""
    found = rows.get((held.shop, held.listing, held.direction))
    return found if found is not None and found.bound == held.bound else None
