"""How much there is in the state, counted where it lies: millions of rows are not brought here for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from syncd.domain.model import ShopName


class ListingState(StrEnum):
    """How a listing stands, the first that is true: no more in its shop, not bound, bound but held, ...

    `unread` is one of which nobody has seen yet whether it is on sale.
    """

    GONE = "gone"
    UNBOUND = "unbound"
    HELD = "held"
    ON_SALE = "on_sale"
    OFF_SALE = "off_sale"
    UNREAD = "unread"


class Backlog(NamedTuple):
    """The decreases of one shop that it has not accepted yet, `held` of them on purpose.

    `oldest` is when the oldest of those was decided that nothing holds; None where all are held.
    """

    shop: ShopName
    waiting: int
    held: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the state counts: listings by shop and state, open claims and open writes by shop; none are 0.

    `ledger` is the rows of the ledger, to a few, `size` the bytes of the database, 0 where it lies in memory.
    """

    listings: Mapping[tuple[ShopName, ListingState], int] = field(default_factory=dict)
    claims: Mapping[ShopName, int] = field(default_factory=dict)
    unresolved: Mapping[ShopName, int] = field(default_factory=dict)
    ledger: int = 0
    size: int = 0


class TallyStore(Protocol):
    """What can be counted of the state."""

    async def backlog(self) -> Sequence[Backlog]:
        """Return, sorted, the shops that have decreases waiting."""
        ...

    async def tally(self) -> Tally:
        """Return how much there is of everything; of millions of listings it takes seconds, in a thread."""
        ...
