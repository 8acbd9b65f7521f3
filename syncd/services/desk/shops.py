"""How the shops, sources and pools stand, as documents."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from syncd.domain.model import ShopName
from syncd.domain.records import DemandRow, FeedState, ShopState, SourceState
from syncd.domain.topology import Pool, Shop
from syncd.ports.pages import ListingCount
from syncd.services.advice import Adviser, Stated
from syncd.services.ages import Ages
from syncd.services.desk.ground import Ground

Json = dict[str, Any]

Advice = tuple[Mapping[ShopName, list[Json]], list[Json]]
"""The advised buffers of shops, and the advised levels of pools."""


async def read_stated(ground: Ground, demand: Sequence[DemandRow]) -> Stated:
    """Return the risk that the configuration states, and what the state knows to advise for it."""
    measures = await ground.store.measures()
    return Stated(risk=ground.risk, measures=measures, demand=demand, applies=ground.applies)


async def read_advice(ground: Ground) -> Advice:
    """Return what the stated risk would ask for; it costs a look at all demand and all listings."""
    stated = await read_stated(ground, await ground.store.demand_grid())
    listings = await ground.store.listing_columns()
    now = ground.clock.now()

    def advise() -> Advice:
        adviser = Adviser(ground.topology, listings, stated, now)
        return adviser.buffers(), list(adviser.levels())

    return await asyncio.to_thread(advise)


async def shops_document(ground: Ground, counts: Sequence[ListingCount], advice: Advice) -> Json:
    """Return every configured shop with its status and what is wrong with it, and the advised levels."""
    buffers, pools = advice
    entries = await shop_documents(ground, counts)
    shops = [entry | {"advice": buffers.get(entry["shop"], [])} for entry in entries]
    return {"shops": shops, "pools": pools}


async def shop_documents(ground: Ground, counts: Sequence[ListingCount]) -> list[Json]:
    """Return every configured shop with its status, what is wrong with it, and how late it is."""
    states, measures, pending = await asyncio.gather(
        ground.store.shops(), ground.store.measures(), ground.store.pending()
    )
    ages = Ages(now=ground.clock.now(), measures=measures, pending=pending)
    by_shop = {count.shop: count for count in counts}
    return [
        _shop(name, word, states.get(name, ShopState(name=name)), by_shop) | ages.document(name)
        for name, word in ground.types.items()
    ]


def _shop(name: ShopName, word: str, state: ShopState, counts: Mapping[ShopName, ListingCount]) -> Json:
    count = counts.get(name, ListingCount(name, 0, 0))
    # A shop that was never read may have any number of listings.
    was_read = state.observed_at is not None
    return {
        "shop": name,
        "type": word,
        "status": state.status.value,
        "listings": count.listings if was_read else None,
        "unbound": count.unbound if was_read else None,
        "observed_at": iso(state.observed_at),
        "error": state.blocked or state.error,
        "since": iso(state.failing_since),
    }


def rules_document(shop: Shop, pools: Sequence[Pool]) -> Json:
    """Return by what limits a shop is written."""
    mine = [pool.name for pool in pools if shop.name in pool.shops]
    return {"policy": shop.policy.value, "pools": mine, "guard": asdict(shop.guard)}


def feed_document(feed: FeedState) -> Json:
    """Return until when the orders of a shop are known, and what is wrong with them."""
    return {"known_until": iso(feed.cursor), "error": feed.error, "since": iso(feed.failing_since)}


def source_document(name: str, state: SourceState | None, now: datetime) -> Json:
    """Return how old the figures of a source are, and what is wrong with it."""
    as_of = state.as_of if state else None
    return {
        "source": name,
        "seq": state.seq if state else 0,
        "kind": state.kind.value if state else None,
        "as_of": iso(as_of),
        "age_seconds": (now - as_of).total_seconds() if as_of else None,
        "error": state.error if state else "",
        "since": iso(state.failing_since) if state else None,
    }


def pool_document(pool: Pool) -> Json:
    """Return which warehouses serve which shops."""
    return {
        "pool": pool.name,
        "mode": pool.mode.value,
        "warehouses": list(pool.warehouses),
        "shops": list(pool.shops),
    }


def iso(moment: datetime | None) -> str | None:
    """Return a moment as ISO 8601, None where there is none."""
    return moment.isoformat() if moment else None
