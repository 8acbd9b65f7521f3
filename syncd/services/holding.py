"""What the guard holds now, what people said to it, and who is asked about it once more."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.domain.decision import Decision
from syncd.domain.guard import direction_of
from syncd.domain.held import ApprovalRow, HeldKey, HeldNow, HeldRow, RejectionRow, rejected_in
from syncd.domain.model import ShopName
from syncd.domain.records import LedgerRow, RequestRow
from syncd.domain.said import Said, say
from syncd.errors import UsageError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store

APPROVE = "approve"
REJECT = "reject"

_FEW = 1000
"""So many changes are looked through before a thread has had its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Carries out what people say to a plan that is held: it goes once for a time, or it is not wanted."""

    store: Store
    clock: Clock
    approve_for: timedelta

    async def approve(self, request: RequestRow) -> str:
        """Release what is still held of a plan, and say how much and until when."""
        held = await still_held(self.store, request.argument)
        now = self.clock.now()
        until = now + self.approve_for
        rows = [ApprovalRow(row.shop, row.listing, row.direction, row.bound, until) for row in held]
        await self.store.approve(rows, [_told(row, "approved", request, now) for row in held])
        return say("approved %(count)s changes until %(until)s UTC", count=len(rows), until=f"{until:%H:%M}")

    async def reject(self, request: RequestRow) -> str:
        """Note that what is still held of a plan is not wanted; no quantity is another by that."""
        held = await still_held(self.store, request.argument)
        now, by = self.clock.now(), request.asked_by
        rows = [RejectionRow(row.shop, row.listing, row.direction, row.bound, now, by) for row in held]
        await self.store.reject(rows, [_told(row, "rejected", request, now) for row in held])
        return say(
            "rejected %(count)s changes: they stay held, and nobody is asked again until they lead elsewhere",
            count=len(rows),
        )


def _told(row: HeldRow, what: str, request: RequestRow, now: datetime) -> LedgerRow:
    return LedgerRow(
        now, row.shop, row.listing, row.sku, what, None, row.bound, "operator", "", request.asked_by
    )


async def still_held(store: Store, digest: str) -> Sequence[HeldRow]:
    """Return what was held under a digest or its beginning, and is so still.

    A shop that goes on selling changes the digest, and not what people are asked about.

    Raises:
        UsageError: nothing was held under it, or nothing of it is held any more.
    """
    rows = await store.held(digest)
    if not rows:
        raise UsageError(say("nothing is held under %(digest)s", digest=digest))
    now = await store.held_now()
    if rows[0].digest == now.digest:
        return rows
    standing = {_key(row) for row in await store.held(now.digest)} if now.digest else set()
    found = [row for row in rows if _key(row) in standing]
    if not found:
        raise UsageError(_over(rows[0].digest, now.digest))
    return found


def _over(digest: str, now: str) -> Said:
    if not now:
        return say("nothing of %(digest)s is held any more; nothing is held now", digest=digest)
    return say("nothing of %(digest)s is held any more; what is held now is %(now)s", digest=digest, now=now)


class Holding:
    """Keeps what is held now, and tells of it what nobody has rejected."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store = store
        self._events = events
        self.rejected: Mapping[ShopName, int] = {}
        """How many of the changes that are held by shop were rejected, so that they wait for nobody."""

    async def note(self, decision: Decision) -> None:
        """Make the state know what a decision about all that is open holds, and tell it.

        It must be recorded already. What a person rejected is told no more, until its change leads elsewhere
        or is gone.
        """
        holds, rejected = decision.verdict.holds, await self._store.rejections()
        before = await self._store.held_now()
        if not (holds or rejected or before.digest):
            self.rejected = {}
            return
        at = decision.plan.book.state.now
        now = HeldNow(
            digest=decision.digest if holds else "",
            since={hold.shop: before.since.get(hold.shop, at) for hold in holds},
        )
        if rejected and len(decision.plan) > _FEW:
            told = await asyncio.to_thread(_told_apart, decision, rejected)
        else:
            told = _told_apart(decision, rejected)
        self.rejected = told.rejected
        if now != before or told.gone:
            await self._store.stand(now, told.gone)
        for hold in holds:
            if (hold.shop, hold.setting) in told.waiting:
                self._events.tell("held", shop=hold.shop, because=hold.message(decision.digest))


class _ToldApart(NamedTuple):
    """The shops and settings that hold what nobody rejected, how many changes of shops somebody did.

    `gone` are rejections of what is there no more.
    """

    waiting: Collection[tuple[ShopName, str]]
    rejected: Mapping[ShopName, int]
    gone: Sequence[RejectionRow]


def _told_apart(decision: Decision, rejected: Sequence[RejectionRow]) -> _ToldApart:
    if not rejected:
        return _ToldApart({(hold.shop, hold.setting) for hold in decision.verdict.holds}, {}, ())
    plan, by_key = decision.plan, {row[:3]: row for row in rejected}
    mine = plan.where(plan.among({(row.shop, row.listing) for row in rejected}))
    planned: dict[HeldKey, int] = {
        (change.shop, change.listing, direction_of(change.kind)): change.new for change in mine.changes()
    }
    rows = decision.verdict.rows(plan, decision.digest)
    return _ToldApart(
        waiting={(row.shop, row.setting) for row in rows if rejected_in(by_key, row) is None},
        rejected=Counter(row.shop for row in rows if rejected_in(by_key, row) is not None),
        # They lead elsewhere by now, or nowhere.
        gone=[row for row in rejected if planned.get(row[:3]) != row.bound],
    )


def _key(row: HeldRow) -> HeldKey:
    return row.shop, row.listing, row.direction
