"""Forgetting what is old, and making a state of an earlier time begin anew, in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy import update as change

from syncd.adapters.state import schema
from syncd.adapters.state.codec import micros
from syncd.adapters.state.database import Database
from syncd.adapters.state.rows import FEEDS, INTENTS, LEDGER, LISTINGS, SHOPS, SOURCES
from syncd.adapters.state.transaction import Transaction
from syncd.domain.anew import Anew, anew_row, asked_again, lost_writes, unseen_feed, unseen_shop
from syncd.domain.model import ListingRow, ShopName
from syncd.domain.records import LedgerRow
from syncd.ports.care import Old


class _Purge(NamedTuple):
    """How old rows of a kind are found, without a write, and how each is deleted if it is old still."""

    find: str
    drop: tuple[str, ...]


_PURGES = {
    Old.LEDGER: _Purge("SELECT id FROM ledger WHERE at < ?1 LIMIT ?2", ("DELETE FROM ledger WHERE id = ?",)),
    Old.INTENTS: _Purge(
        "SELECT key FROM intents WHERE created_at < ?1 AND resolution <> 'open' LIMIT ?2",
        ("DELETE FROM intents WHERE key = ? AND resolution <> 'open'",),
    ),
    Old.REQUESTS: _Purge(
        "SELECT id FROM requests WHERE asked_at < ?1 AND answer <> '' LIMIT ?2",
        ("DELETE FROM requests WHERE id = ? AND answer <> ''",),
    ),
    Old.APPROVALS: _Purge(
        "SELECT shop, listing, direction, until FROM approvals WHERE until < ?1 LIMIT ?2",
        ("DELETE FROM approvals WHERE shop = ? AND listing = ? AND direction = ? AND until = ?",),
    ),
    Old.ORDERS: _Purge(
        "SELECT shop, line, modified FROM orders WHERE settled = 1 AND modified < ?1 LIMIT ?2",
        ("DELETE FROM orders WHERE shop = ? AND line = ? AND modified = ? AND settled = 1",),
    ),
    Old.LOCKS: _Purge(
        "SELECT id FROM locks WHERE ended_at < ?1 LIMIT ?2",
        ("DELETE FROM uses WHERE lock = ?", "DELETE FROM locks WHERE id = ?"),
    ),
    Old.ALERTS: _Purge(
        "SELECT id FROM alerts WHERE ended_at < ?1 AND due = '' AND owed = '' LIMIT ?2",
        ("DELETE FROM alerts WHERE id = ? AND ended_at IS NOT NULL",),
    ),
}

_UNSEEN = (
    "UPDATE listings SET expected_lo = NULL, expected_hi = NULL, observed = NULL, observed_at = NULL, "
    "on_sale = NULL, want_off = 0"
)

_FORGOTTEN = (
    schema.shares,
    schema.moves,
    schema.held,
    schema.held_now,
    schema.rejections,
    schema.approvals,
    schema.requests,
    schema.pending,
)
"""What was true only of its own time."""


class SqliteCare:
    """`PurgeStore`, `AuditStore` and `AnewStore` over SQLite."""

    _database: Database

    async def purge(self, what: Old, *, before: datetime, limit: int) -> int:
        """Forget up to `limit` rows of one kind that are older than `before`; return how many went."""
        purge = _PURGES[what]
        # Found by who reads: to look through millions of rows must keep no write waiting.
        keys: Sequence[tuple[Any, ...]] = await self._database.whole.read(
            lambda driver: driver.execute(purge.find, (micros(before), limit)).fetchall()
        )
        if not keys:
            return 0
        return await self._database.write(
            lambda transaction: sum(transaction.each(sql, keys, lambda key: key) for sql in purge.drop),
            rows=len(keys),
        )

    async def shrink(self, *, pages: int) -> int:
        """Give up to so many unused pages back to the disk; return how many went, 0 where none can."""
        return await self._database.write(lambda transaction: transaction.shrink(pages), rows=pages)

    async def newest_counters(self) -> Sequence[LedgerRow]:
        """Return the newest row of the ledger about the counter of each listing."""
        newest = "SELECT max(id) FROM ledger WHERE what = 'counter' GROUP BY shop, listing"
        return await self._database.whole.rows(LEDGER, f"WHERE id IN ({newest})")

    async def begin_anew(self, anew: Anew) -> None:
        """Make the state one that was never seen to be true: the next cycle is a first start."""
        few = self._database.few
        lost = [row for shop in anew.slow for row in lost_writes(await self._listings_of(shop), anew)]
        sources, feeds = await few.rows(SOURCES), await few.rows(FEEDS)
        shops = [unseen_shop(shop, anew.configured) for shop in await few.rows(SHOPS)]

        def write(transaction: Transaction) -> None:
            transaction.add(INTENTS, lost)
            transaction.each(_UNSEEN, [()], lambda nothing: nothing)
            transaction.run(change(schema.levels).values(agree=0))
            for table in _FORGOTTEN:
                transaction.run(delete(table))
            transaction.put(SOURCES, [asked_again(source) for source in sources])
            transaction.put(SHOPS, shops)
            transaction.put(FEEDS, [unseen_feed(feed, sources) for feed in feeds])
            transaction.add(LEDGER, [anew_row(anew)])

        await self._database.write(write)

    async def _listings_of(self, shop: ShopName) -> Sequence[ListingRow]:
        return await self._database.whole.rows(LISTINGS, "WHERE shop = ?", (shop,))
