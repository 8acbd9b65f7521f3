"""What the guard holds and what people said to it, in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.memory.diary import Diary
from syncd.adapters.memory.rules import held_under, storable
from syncd.domain.held import ApprovalRow, HeldKey, HeldNow, HeldRow, RejectionRow, rejected_in
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import LedgerRow
from syncd.ports.held import HeldCount

_KEPT = timedelta(days=1)


class MemoryHeld:
    """`HeldStore` in memory, with the approvals."""

    _ledger: Diary

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[str, tuple[datetime, list[HeldRow]]] = {}
        self._held_now = HeldNow()
        self._approvals: dict[tuple[Any, ...], ApprovalRow] = {}
        self._rejections: dict[HeldKey, RejectionRow] = {}

    async def held(self, digest: str) -> Sequence[HeldRow]:
        """Return what was held under `digest`, or under the only digest that begins with it.

        A beginning needs at least 8 characters.
        """
        return held_under(self._held, digest)

    async def held_now(self) -> HeldNow:
        """Return what the last whole decision left held; of a new state nothing."""
        return self._held_now

    async def stand(self, now: HeldNow, dropped: Sequence[RejectionRow]) -> None:
        """Replace what is held now, and forget rejections by (shop, listing, direction)."""
        storable([now])
        self._held_now = now
        self._forget(row[:3] for row in dropped)

    async def held_counts(self, digest: str) -> Sequence[HeldCount]:
        """Return what was held under exactly this digest, counted; sorted by shop, direction and setting."""
        found: dict[tuple[str, ...], HeldCount] = {}
        for row in self._rows(digest):
            key = (row.shop, row.direction, row.setting)
            first = HeldCount(*key, row.limit, row.value, row.unit, 0, 0)
            before = found.get(key, first)
            rejected = before.rejected + (rejected_in(self._rejections, row) is not None)
            found[key] = before._replace(changes=before.changes + 1, rejected=rejected)
        return [row for _, row in sorted(found.items())]

    async def held_page(
        self, digest: str, *, shop: ShopName | None, after: HeldKey | None, limit: int
    ) -> Sequence[HeldRow]:
        """Return what was held under exactly this digest (of one shop), at most `limit` rows after a key."""
        rows = (row for row in self._rows(digest) if shop in (None, row.shop))
        return [row for row in rows if after is None or row[1:4] > after][:limit]

    async def held_among(
        self, digest: str, places: Collection[tuple[ShopName, ListingId]]
    ) -> Sequence[HeldRow]:
        """Return what was held of these listings under exactly this digest, sorted."""
        wanted = set(places)
        return [row for row in self._rows(digest) if (row.shop, row.listing) in wanted]

    async def rejections(self) -> Sequence[RejectionRow]:
        """Return every rejection, sorted by shop, listing and direction."""
        return sorted(self._rejections.values())

    async def reject(self, rows: Sequence[RejectionRow], ledger: Sequence[LedgerRow]) -> None:
        """Upsert rejections by (shop, listing, direction), and take back the approvals of the same."""
        rejected, recorded = {row[:3]: row for row in storable(rows)}, storable(ledger)
        self._rejections |= rejected
        self._approvals = {key: row for key, row in self._approvals.items() if key not in rejected}
        self._ledger.extend(recorded)

    async def approve(self, rows: Sequence[ApprovalRow], ledger: Sequence[LedgerRow]) -> None:
        """Upsert approvals by (shop, listing, direction), and take back the rejections of the same."""
        approved, recorded = {row[:3]: row for row in storable(rows)}, storable(ledger)
        self._approvals.update(approved)
        self._forget(approved)
        self._ledger.extend(recorded)

    async def approvals(self, now: datetime) -> Sequence[ApprovalRow]:
        """Return the approvals that still hold at `now`; at its end one holds no more."""
        return [row for row in self._approvals.values() if row.until > now]

    def _hold(self, digests: Mapping[str, tuple[datetime, list[HeldRow]]], at: datetime) -> None:
        """Replace what is held under these digests, and forget what is a day old."""
        kept = {digest: saved for digest, saved in self._held.items() if saved[0] > at - _KEPT}
        self._held = {**kept, **digests}

    def _rows(self, digest: str) -> list[HeldRow]:
        return sorted(self._held[digest][1], key=lambda row: row[1:4]) if digest in self._held else []

    def _forget(self, keys: Iterable[tuple[Any, ...]]) -> None:
        gone = set(keys)
        self._rejections = {key: row for key, row in self._rejections.items() if key not in gone}
