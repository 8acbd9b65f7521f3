"""How every shop and source is, as documents that a broker keeps for whoever comes."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from syncd.domain.model import ShopName, SourceName
from syncd.domain.records import FeedState, ShopState, SourceState
from syncd.ports.clock import Clock
from syncd.ports.listings import ListingStore
from syncd.ports.store import OrderStore, StockStore
from syncd.ports.tallies import Backlog, TallyStore

Json = dict[str, Any]

_COUNTS = ("done", "refused", "unknown", "not_tried", "calls")


class BoardStore(StockStore, ListingStore, OrderStore, TallyStore, Protocol):
    """What a board reads of the state."""


class Board:
    """Hears what a cycle wrote and what is held, and reads the rest of the state when it is asked.

    What it heard is of this process: before the first push and the first cycle it says null.
    """

    def __init__(
        self, store: BoardStore, clock: Clock, *, shops: Collection[ShopName], sources: Collection[SourceName]
    ) -> None:
        self._store = store
        self._clock = clock
        self._shops = tuple(shops)
        self._sources = tuple(sources)
        self._pushed: dict[str, Json] = {}
        self._held: dict[str, int] = {}

    def tell(self, name: str, /, **facts: object) -> None:
        """Take note of a push and of the end of a cycle."""
        if name == "pushed":
            counts = {what: facts.get(what, 0) for what in _COUNTS}
            self._pushed[str(facts["shop"])] = {"at": _iso(self._clock.now()), **counts}
        held = facts.get("held")
        if name == "cycle_ended" and isinstance(held, Mapping):
            self._held = {str(shop): count for shop, count in held.items()}

    async def documents(self) -> dict[str, Json | None]:
        """Return how all are, by topic; None for what the configuration has no more, so that it is forgotten.

        Raises:
            StateError: the state cannot be read.
        """
        shops, sources = await self._store.shops(), await self._store.sources()
        feeds = await self._store.feeds()
        backlog = {row.shop: row for row in await self._store.backlog()}
        found: dict[str, Json | None] = {
            f"shop/{shop}/state": self._shop(shops.get(shop), shop, feeds.get(shop), backlog.get(shop))
            for shop in self._shops
        }
        found |= {f"source/{name}/state": _source(sources.get(name), name) for name in self._sources}
        found |= {f"shop/{shop}/state": None for shop in shops if shop not in self._shops}
        return found | {f"source/{name}/state": None for name in sources if name not in self._sources}

    def _shop(
        self, state: ShopState | None, name: ShopName, feed: FeedState | None, backlog: Backlog | None
    ) -> Json:
        state = state or ShopState(name=name)
        return {
            "schema": "syncd.shop/1",
            "shop": name,
            "status": state.status.value,
            "error": state.blocked or state.error,
            "since": _iso(state.failing_since),
            "observed_at": _iso(state.observed_at),
            "orders_error": feed.error if feed else "",
            "decreases": {
                "waiting": backlog.waiting if backlog else 0,
                "held": backlog.held if backlog else 0,
                "oldest": _iso(backlog.oldest) if backlog else None,
            },
            "held": self._held.get(name),
            "last_push": self._pushed.get(name),
        }


def _source(state: SourceState | None, name: SourceName) -> Json:
    state = state or SourceState(name=name)
    return {
        "schema": "syncd.source/1",
        "source": name,
        "seq": state.seq,
        "kind": state.kind.value if state.seq else None,
        "as_of": _iso(state.as_of),
        "full_at": _iso(state.full_at),
        "error": state.error,
        "since": _iso(state.failing_since),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
