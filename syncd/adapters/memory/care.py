"""Forgetting what is old, and making a state of an earlier time begin anew, in memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from syncd.adapters.memory.diary import Diary
from syncd.adapters.memory.locks import Locks
from syncd.adapters.memory.measures import Measures
from syncd.adapters.memory.orders import Orders
from syncd.adapters.memory.shares import Shares
from syncd.domain.alerts.records import AlertRow, Due
from syncd.domain.anew import (
    Anew,
    anew_row,
    asked_again,
    lost_writes,
    unseen_feed,
    unseen_listing,
    unseen_shop,
)
from syncd.domain.held import ApprovalRow, HeldKey, HeldNow, HeldRow, RejectionRow
from syncd.domain.model import ListingId, ListingRow, ShopName, SourceName
from syncd.domain.records import (
    FeedState,
    IntentRow,
    LedgerRow,
    LevelRow,
    RequestRow,
    ShopState,
    SourceState,
)
from syncd.ports.care import Old


class MemoryCare:
    """`PurgeStore`, `AuditStore` and `AnewStore` in memory."""

    _alerts: dict[int, AlertRow]
    _approvals: dict[tuple[Any, ...], ApprovalRow]
    _feeds: dict[ShopName, FeedState]
    _held: dict[str, tuple[datetime, list[HeldRow]]]
    _held_now: HeldNow
    _intents: dict[str, IntentRow]
    _ledger: Diary
    _levels: dict[tuple[Any, ...], LevelRow]
    _listings: dict[tuple[ShopName, ListingId], ListingRow]
    _locks: Locks
    _measures: Measures
    _open: dict[str, IntentRow]
    _orders: Orders
    _rejections: dict[HeldKey, RejectionRow]
    _requests: dict[int, RequestRow]
    _shares: Shares
    _shops: dict[ShopName, ShopState]
    _sources: dict[SourceName, SourceState]

    async def purge(self, what: Old, *, before: datetime, limit: int) -> int:
        """Forget up to `limit` rows of one kind that are older than `before`; return how many went."""
        whole = {
            Old.LEDGER: self._ledger.forget,
            Old.ORDERS: self._orders.purge,
            Old.LOCKS: self._locks.purge,
        }
        if what in whole:
            return whole[what](before, limit)
        intents = [key for key, row in self._intents.items() if row.created_at < before]
        requests = [id_ for id_, row in self._requests.items() if row.answer and row.asked_at < before]
        approvals = [key for key, row in self._approvals.items() if row.until < before]
        alerts = [
            id_
            for id_, row in self._alerts.items()
            if row.ended_at and row.ended_at < before and row.due is Due.NOTHING and not row.owed
        ]
        kinds: dict[Old, tuple[dict[Any, Any], list[Any]]] = {
            Old.INTENTS: (self._intents, [key for key in intents if key not in self._open]),
            Old.REQUESTS: (self._requests, requests),
            Old.APPROVALS: (self._approvals, approvals),
            Old.ALERTS: (self._alerts, alerts),
        }
        kept, old = kinds[what]
        for key in old[:limit]:
            del kept[key]
        return len(old[:limit])

    async def shrink(self, *, pages: int) -> int:
        """Give nothing back: there is no disk."""
        del pages
        return 0

    async def newest_counters(self) -> Sequence[LedgerRow]:
        """Return the newest row of the ledger about the counter of each listing."""
        rows = (row for row in self._ledger.rows if row.what == "counter")
        return list({(row.shop, row.listing): row for row in rows}.values())

    async def begin_anew(self, anew: Anew) -> None:
        """Make the state one that was never seen to be true: the next cycle is a first start."""
        sources = self._sources
        lost = {row.key: row for row in lost_writes(self._listings.values(), anew)}
        self._intents |= lost
        self._open |= lost
        self._listings = {key: unseen_listing(row) for key, row in self._listings.items()}
        self._levels = {key: row._replace(agree=0) for key, row in self._levels.items()}
        self._shops = {name: unseen_shop(shop, anew.configured) for name, shop in self._shops.items()}
        self._feeds = {name: unseen_feed(feed, sources.values()) for name, feed in self._feeds.items()}
        self._sources = {name: asked_again(source) for name, source in sources.items()}
        self._shares.units, self._shares.moves = {}, []
        self._held, self._held_now, self._rejections = {}, HeldNow(), {}
        self._approvals, self._requests = {}, {}
        self._measures.pending = {}
        self._ledger.extend([anew_row(anew)])
