"""What the command line asks of the daemon, and the ledger, in memory."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from syncd.adapters.memory.diary import Diary
from syncd.adapters.memory.rules import storable
from syncd.domain.model import ShopName, Sku
from syncd.domain.records import LedgerRow, RequestRow
from syncd.errors import StateError


class MemoryRequests:
    """`RequestStore` in memory, but for the purge."""

    def __init__(self) -> None:
        super().__init__()
        self._requests: dict[int, RequestRow] = {}
        self._last_request = 0
        self._ledger = Diary()

    async def ask(self, verb: str, argument: str, *, at: datetime, by: str) -> int:
        """Leave a request; return its id."""
        row = RequestRow(self._last_request + 1, verb, argument, at, by, "")
        storable([row])
        self._last_request = row.id
        self._requests[row.id] = row
        return row.id

    async def requests(self) -> Sequence[RequestRow]:
        """Return the requests without an answer, oldest first."""
        return [row for row in self._requests.values() if not row.answer]

    async def answer(self, request: int, text: str) -> None:
        """Answer a request (`text` not empty); one that was never asked is an error."""
        if not text:
            raise ValueError("an empty answer means that there is none")
        if request not in self._requests:
            raise StateError(f"request {request} is not in the state; it was purged or never asked")
        row = self._requests[request]._replace(answer=text)
        storable([row])
        self._requests[request] = row

    async def answered(self, request: int) -> str:
        """Return the answer of a request, empty while there is none."""
        row = self._requests.get(request)
        return row.answer if row else ""

    async def ledger(
        self,
        *,
        sku: Sku | None = None,
        shop: ShopName | None = None,
        what: str | None = None,
        limit: int = 100,
    ) -> Sequence[LedgerRow]:
        """Return the newest rows of the ledger (of one SKU, shop or kind), newest first."""
        rows = (
            row
            for row in reversed(self._ledger.rows)
            if sku in (None, row.sku) and shop in (None, row.shop) and what in (None, row.what)
        )
        return list(islice(rows, max(limit, 0)))
