"""Notice who else writes our counters: the ERP's own upload, another program, a person (DESIGN 7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.domain.claims import Drop
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import LedgerRow
from syncd.ports.events import Events
from syncd.ports.store import RequestStore, Store

DRIFT = "drift"
"""What the ledger calls a counter that rose above what syncd wrote."""

_READ_BACK = 10_000
"""How many rows of the ledger are looked through after a start."""

Key = tuple[ShopName, ListingId]


class ForeignWriters:
    """Counts how often a listing's counter rose without us; `most` times in `window` make it suspected."""

    def __init__(
        self, *, store: Store, events: Events, most: int = 3, window: timedelta = timedelta(days=1)
    ) -> None:
        self._store = store
        self._events = events
        self._most = most
        self._window = window
        self._times: dict[Key, list[datetime]] | None = None

    async def suspected(self, risen: Sequence[Drop], now: datetime) -> frozenset[Key]:
        """Return the listings that somebody else keeps raising, with the `risen` counters of this cycle."""
        times = await self._known()
        since = now - self._window
        counts = {key: sum(moment > since for moment in moments) for key, moments in times.items()}
        for one in _above_ours(risen):
            counts[_key(one)] = counts.get(_key(one), 0) + 1
        return frozenset(key for key, count in counts.items() if count >= self._most)

    async def note(self, risen: Sequence[Drop], now: datetime) -> None:
        """Write the rises down, and tell once of a listing that becomes suspected by them."""
        mine = _above_ours(risen)
        if not mine:
            return
        before, after = await self.suspected((), now), await self.suspected(mine, now)
        await self._store.resolve((), (), [_entry(one, now) for one in mine])
        times = await self._known()
        for one in mine:
            times.setdefault(_key(one), []).append(now)
        for shop, listing in sorted(after - before):
            self._events.tell(
                "foreign_writer",
                shop=shop,
                listing=listing,
                because=f"its counter rose {self._most} times above what syncd wrote: who else writes it?",
            )

    async def _known(self) -> dict[Key, list[datetime]]:
        return self._first(await _remembered(self._store)) if self._times is None else self._times

    def _first(self, times: dict[Key, list[datetime]]) -> dict[Key, list[datetime]]:
        # Somebody else may have begun with it meanwhile, and may have noted more.
        if self._times is None:
            self._times = times
        return self._times


async def _remembered(store: RequestStore) -> dict[Key, list[datetime]]:
    times: dict[Key, list[datetime]] = {}
    for row in await store.ledger(limit=_READ_BACK):
        if row.what == DRIFT:
            times.setdefault((row.shop, row.listing), []).append(row.at)
    return times


def _above_ours(risen: Sequence[Drop]) -> list[Drop]:
    """Return the rises above what syncd wants; up to there somebody only did our work."""
    return [one for one in risen if one.row.desired is not None and (one.row.observed or 0) > one.row.desired]


def _key(one: Drop) -> Key:
    return one.row.shop, one.row.id


def _entry(one: Drop, now: datetime) -> LedgerRow:
    row = one.row
    shown = row.observed or 0
    return LedgerRow(
        now, row.shop, row.id, row.sku, DRIFT, shown + one.units, shown, "foreign", "", "unknown"
    )
