"""What is counted in the database; every count is one statement in the thread of its connection."""

import sqlite3
from collections.abc import Sequence

from syncd.adapters.state.codec import moment
from syncd.adapters.state.database import Database
from syncd.domain.model import ShopName
from syncd.ports.tallies import Backlog, ListingState, Tally

_BACKLOG = (
    "SELECT shop, count(*), sum(held), min(CASE WHEN held = 0 THEN since END) "
    "FROM pending GROUP BY shop ORDER BY shop"
)
_LISTINGS = (
    "SELECT shop, CASE WHEN gone THEN 'gone' WHEN sku = '' THEN 'unbound' "
    "WHEN unbound_because <> '' THEN 'held' WHEN on_sale THEN 'on_sale' WHEN on_sale = 0 THEN 'off_sale' "
    "ELSE 'unread' END, count(*) "
    "FROM listings GROUP BY 1, 2"
)
_CLAIMS = "SELECT shop, count(*) FROM claims GROUP BY shop"
_UNRESOLVED = "SELECT shop, count(*) FROM intents WHERE resolution = 'open' GROUP BY shop"
# Rows go from the old end, so that the ids have hardly a gap; to count ten million takes a second.
_LEDGER = "SELECT coalesce(max(id) - min(id) + 1, 0) FROM ledger"
_SIZE = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"


class SqliteTallies:
    """`TallyStore` over SQLite."""

    _database: Database

    async def backlog(self) -> Sequence[Backlog]:
        """Return, sorted, the shops that have decreases waiting."""
        # Not with the readings of a few rows, which never wait for it: a backlog may be all of a shop.
        return await self._database.whole.read(_backlog)

    async def tally(self) -> Tally:
        """Return how much there is of everything."""
        return await self._database.whole.read(_tally)


def _backlog(driver: sqlite3.Connection) -> list[Backlog]:
    return [
        Backlog(ShopName(shop), waiting, held, None if oldest is None else moment(oldest))
        for shop, waiting, held, oldest in driver.execute(_BACKLOG).fetchall()
    ]


def _tally(driver: sqlite3.Connection) -> Tally:
    return Tally(
        listings={
            (ShopName(shop), ListingState(state)): many
            for shop, state, many in driver.execute(_LISTINGS).fetchall()
        },
        claims=_by_shop(driver, _CLAIMS),
        unresolved=_by_shop(driver, _UNRESOLVED),
        ledger=_number(driver, _LEDGER),
        size=_number(driver, _SIZE),
    )


def _by_shop(driver: sqlite3.Connection, sql: str) -> dict[ShopName, int]:
    return {ShopName(shop): many for shop, many in driver.execute(sql).fetchall()}


def _number(driver: sqlite3.Connection, sql: str) -> int:
    (number,) = driver.execute(sql).fetchone()
    return int(number)
