"""What the guard holds, and what people said to it, in the database."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete

from syncd.adapters.state import schema
from syncd.adapters.state.codec import micros
from syncd.adapters.state.database import Database
from syncd.adapters.state.rows import (
    APPROVALS,
    HELD,
    HELD_NOW,
    LEDGER,
    OF_HELD,
    REJECTIONS,
    SAVED_HELD,
    SavedHeld,
)
from syncd.adapters.state.transaction import Transaction
from syncd.domain.held import ApprovalRow, Direction, HeldKey, HeldNow, HeldRow, RejectionRow
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import LedgerRow
from syncd.ports.held import HeldCount

_KEPT = timedelta(days=1)
_LEAST_BEGINNING = 8
_ORDER = "ORDER BY shop, listing, direction"

_COUNT = """
SELECT held.shop, held.direction, setting, min("limit"), min(value), min(unit), count(*), count(rejections.at)
FROM held LEFT JOIN rejections ON rejections.shop = held.shop AND rejections.listing = held.listing
    AND rejections.direction = held.direction AND rejections.bound = held.bound
WHERE digest = ? GROUP BY held.shop, held.direction, setting ORDER BY held.shop, held.direction, setting
"""


class SqliteHeld:
    """`HeldStore` over SQLite, with the approvals."""

    _database: Database

    async def held(self, digest: str) -> Sequence[HeldRow]:
        """Return what was held under `digest`, or under the only digest that begins with it.

        A beginning needs at least 8 characters.
        """
        few = self._database.few
        exact = await few.rows(HELD, f"WHERE digest = ? {_ORDER}", (digest,))
        if exact or len(digest) < _LEAST_BEGINNING:
            return exact
        begins = f"WHERE substr(digest, 1, length(?)) = ? {_ORDER}"
        rows = await few.rows(HELD, begins, (digest, digest))
        return rows if len({row.digest for row in rows}) == 1 else []

    async def held_now(self) -> HeldNow:
        """Return what the last whole decision left held; of a new state nothing."""
        found = await self._database.few.rows(HELD_NOW)
        return found[0] if found else HeldNow()

    async def stand(self, now: HeldNow, dropped: Sequence[RejectionRow]) -> None:
        """Replace what is held now, and forget rejections by (shop, listing, direction)."""

        def write(transaction: Transaction) -> None:
            transaction.run(delete(schema.held_now))
            transaction.put(HELD_NOW, [now])
            transaction.drop(REJECTIONS, dropped)

        await self._database.write(write, rows=1 + len(dropped))

    async def held_counts(self, digest: str) -> Sequence[HeldCount]:
        """Return what was held under exactly this digest, counted; sorted by shop, direction and setting."""
        rows = await self._database.aside.read(lambda driver: driver.execute(_COUNT, (digest,)).fetchall())
        return [HeldCount(row[0], Direction(row[1]), *row[2:]) for row in rows]

    async def held_page(
        self, digest: str, *, shop: ShopName | None, after: HeldKey | None, limit: int
    ) -> Sequence[HeldRow]:
        """Return what was held under exactly this digest (of one shop), at most `limit` rows after a key."""
        where, given = ["digest = ?"], [digest]
        if shop is not None:
            where.append("shop = ?")
            given.append(shop)
        if after is not None:
            where.append("(shop, listing, direction) > (?, ?, ?)")
            given += after
        rest = f"WHERE {' AND '.join(where)} {_ORDER} LIMIT ?"
        return await self._database.aside.rows(HELD, rest, (*given, limit))

    async def held_among(
        self, digest: str, places: Collection[tuple[ShopName, ListingId]]
    ) -> Sequence[HeldRow]:
        """Return what was held of these listings under exactly this digest, sorted."""
        keys = {(digest, shop, listing) for shop, listing in places}
        return await self._database.few.found(HELD, OF_HELD, keys)

    async def rejections(self) -> Sequence[RejectionRow]:
        """Return every rejection, sorted by shop, listing and direction."""
        return await self._database.few.rows(REJECTIONS, _ORDER)

    async def reject(self, rows: Sequence[RejectionRow], ledger: Sequence[LedgerRow]) -> None:
        """Upsert rejections by (shop, listing, direction), and take back the approvals of the same."""

        def write(transaction: Transaction) -> None:
            transaction.put(REJECTIONS, rows)
            transaction.each(APPROVALS.delete, rows, REJECTIONS.key)
            transaction.add(LEDGER, ledger)

        await self._database.write(write, rows=len(rows) + len(ledger))

    async def approve(self, rows: Sequence[ApprovalRow], ledger: Sequence[LedgerRow]) -> None:
        """Upsert approvals by (shop, listing, direction), and take back the rejections of the same."""

        def write(transaction: Transaction) -> None:
            transaction.put(APPROVALS, rows)
            transaction.each(REJECTIONS.delete, rows, APPROVALS.key)
            transaction.add(LEDGER, ledger)

        await self._database.write(write, rows=len(rows) + len(ledger))

    async def approvals(self, now: datetime) -> Sequence[ApprovalRow]:
        """Return the approvals that still hold at `now`; at its end one holds no more."""
        return await self._database.few.rows(APPROVALS, "WHERE until > ?", (micros(now),))


def hold(transaction: Transaction, held: Sequence[HeldRow], at: datetime) -> None:
    """Replace what is held under the digests of `held`; drop digests a day old."""
    table = schema.held
    digests = {row.digest for row in held}
    transaction.run(
        delete(table).where((table.c.saved_at <= micros(at - _KEPT)) | table.c.digest.in_(sorted(digests)))
    )
    transaction.put(SAVED_HELD, [SavedHeld(*row, at) for row in held])
