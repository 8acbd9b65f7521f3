"""Obey what the command line asked for, at the start of a cycle."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import ApprovalRow, LedgerRow, RequestRow, ShopState, ShopStatus
from syncd.errors import SyncdError, UsageError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store

STATUS_OF: Mapping[str, ShopStatus] = {
    "pause": ShopStatus.PAUSED,
    "resume": ShopStatus.ACTIVE,
    "freeze": ShopStatus.FROZEN,
    "unfreeze": ShopStatus.ACTIVE,
}
"""The verbs that set a shop's status."""

APPROVE = "approve"
SYNC = "sync"


class Requests:
    """Carries requests out and answers them; a `sync` is answered by the cycle that follows."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        events: Events,
        approve_for: timedelta = timedelta(minutes=30),
        ledger_for: timedelta = timedelta(days=90),
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._approve_for = approve_for
        self._ledger_for = ledger_for
        self._purged_at: datetime | None = None

    async def obey(self) -> list[RequestRow]:
        """Carry out every open request; return the `sync` requests, which wait for a cycle."""
        await self._purge()
        waiting = []
        for request in await self._store.requests():
            if request.verb == SYNC:
                waiting.append(request)
                continue
            try:
                text = await self._verb(request)(request)
            except SyncdError as error:
                text = f"refused: {error}"
            self._events.tell("obeyed", verb=request.verb, by=request.asked_by, answer=text)
            await self._store.answer(request.id, text)
        return waiting

    async def _purge(self) -> None:
        """Forget what is older than its retention, once a day."""
        now = self._clock.now()
        if self._purged_at is not None and now - self._purged_at < timedelta(days=1):
            return
        self._purged_at = now
        await self._store.purge(ledger_before=now - self._ledger_for, resolved_before=now - timedelta(days=7))

    def _verb(self, request: RequestRow) -> Callable[[RequestRow], Awaitable[str]]:
        if request.verb == APPROVE:
            return self._approve
        if request.verb in STATUS_OF:
            return self._set_status
        raise UsageError(f"this program does not know the request {request.verb}")

    async def _approve(self, request: RequestRow) -> str:
        held = await self._store.held(request.argument)
        if not held:
            raise UsageError(f"nothing is held under {request.argument}")
        now = self._clock.now()
        until = now + self._approve_for
        rows = [ApprovalRow(row.shop, row.listing, row.direction, row.bound, until) for row in held]
        ledger = [
            LedgerRow(
                now,
                row.shop,
                row.listing,
                Sku(""),
                "approved",
                None,
                row.bound,
                "operator",
                "",
                request.asked_by,
            )
            for row in held
        ]
        await self._store.approve(rows, ledger)
        return f"approved {len(rows)} changes until {until:%H:%M} UTC"

    async def _set_status(self, request: RequestRow) -> str:
        name = ShopName(request.argument)
        state = (await self._store.shops()).get(name, ShopState(name=name))
        status = STATUS_OF[request.verb]
        await self._store.save_shop(replace(state, status=status))
        now = self._clock.now()
        row = LedgerRow(
            now, name, ListingId(""), Sku(""), "status", None, None, status.value, "", request.asked_by
        )
        await self._store.resolve((), (), (row,))
        return f"shop {name} is {status.value}"
