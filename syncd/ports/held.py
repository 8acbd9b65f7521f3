"""The part of the state that knows what the guard holds now, and what people rejected of it."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from syncd.domain.held import Direction, HeldKey, HeldNow, HeldRow, RejectionRow
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import LedgerRow


class HeldCount(NamedTuple):
    """How many changes of a shop are held by one setting, and of these how many a person rejected.

    The figures of the first of them stand for all: they are the same.
    """

    shop: ShopName
    direction: Direction
    setting: str
    limit: int
    value: int
    unit: str
    changes: int
    rejected: int


class HeldStore(Protocol):
    """What is held now, beside the plans of the last day (`PlanStore.held`)."""

    async def held_now(self) -> HeldNow:
        """Return what the last whole decision left held; of a new state nothing."""
        ...

    async def stand(self, now: HeldNow, dropped: Sequence[RejectionRow]) -> None:
        """Replace what is held now, and forget rejections by (shop, listing, direction)."""
        ...

    async def held_counts(self, digest: str) -> Sequence[HeldCount]:
        """Return what was held under exactly this digest, counted; sorted by shop, direction and setting."""
        ...

    async def held_page(
        self, digest: str, *, shop: ShopName | None, after: HeldKey | None, limit: int
    ) -> Sequence[HeldRow]:
        """Return what was held under exactly this digest (of one shop), at most `limit` rows after a key.

        They are sorted by shop, listing and direction.
        """
        ...

    async def held_among(
        self, digest: str, places: Collection[tuple[ShopName, ListingId]]
    ) -> Sequence[HeldRow]:
        """Return what was held of these listings under exactly this digest, sorted."""
        ...

    async def rejections(self) -> Sequence[RejectionRow]:
        """Return every rejection, sorted by shop, listing and direction."""
        ...

    async def reject(self, rows: Sequence[RejectionRow], ledger: Sequence[LedgerRow]) -> None:
        """Upsert rejections by (shop, listing, direction), and take back the approvals of the same."""
        ...
