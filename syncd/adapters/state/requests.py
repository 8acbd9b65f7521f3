"""What the command line asks of the daemon, and the ledger, in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from syncd.adapters.state import records
from syncd.adapters.state.database import Database
from syncd.adapters.state.rows import LEDGER, REQUESTS
from syncd.domain.model import ShopName, Sku
from syncd.domain.records import LedgerRow, RequestRow


class SqliteRequests:
    """`RequestStore` over SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, verb: str, argument: str, *, at: datetime, by: str) -> int:
        """Leave a request; return its id."""
        return await self._database.write(
            lambda transaction: records.ask(transaction, verb=verb, argument=argument, at=at, by=by)
        )

    async def requests(self) -> Sequence[RequestRow]:
        """Return the requests without an answer, oldest first."""
        return await self._database.few.rows(REQUESTS, "WHERE answer = '' ORDER BY id")

    async def answer(self, request: int, text: str) -> None:
        """Answer a request (`text` not empty); one that was never asked is an error."""
        await self._database.write(lambda transaction: records.answer(transaction, request, text))

    async def answered(self, request: int) -> str:
        """Return the answer of a request, empty while there is none."""
        rows = await self._database.few.rows(REQUESTS, "WHERE id = ?", (request,))
        return rows[0].answer if rows else ""

    async def ledger(
        self,
        *,
        sku: Sku | None = None,
        shop: ShopName | None = None,
        what: str | None = None,
        limit: int = 100,
    ) -> Sequence[LedgerRow]:
        """Return the newest rows of the ledger (of one SKU, shop or kind), newest first."""
        given: dict[str, Any] = {"sku": sku, "shop": shop, "what": what}
        wanted = {column: value for column, value in given.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in wanted) or "TRUE"
        return await self._database.few.rows(
            LEDGER, f"WHERE {where} ORDER BY id DESC LIMIT ?", (*wanted.values(), max(limit, 0))
        )
