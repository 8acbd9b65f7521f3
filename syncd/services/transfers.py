"""Units on their way between the shares of a split pool, as answers to people, and those that arrived."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from syncd.domain.book import NOTHING, UNBOUNDED, State, make_book
from syncd.domain.exposure import exposure
from syncd.domain.model import Ints, ShopName
from syncd.domain.pipeline import Figures, compute
from syncd.domain.records import LedgerRow, MoveRow, ShopState
from syncd.domain.said import Said, say
from syncd.domain.topology import Topology
from syncd.domain.virtual.history import way_of, words
from syncd.domain.virtual.pools import PATIENCE
from syncd.ports.store import Store

Json = dict[str, Any]


async def stored_state(store: Store, topology: Topology, now: datetime) -> State:
    """Return what the state knows, without asking any source or shop."""
    return replace(
        await small_state(store, topology, now),
        stock=await store.stock(),
        listings=await store.listings(),
        shares=await store.shares(),
    )


async def small_state(store: Store, topology: Topology, now: datetime) -> State:
    """Return what the state knows without what it has of every SKU: stock, listings, shares and demand."""
    shops = await store.shops()
    return State(
        topology=topology,
        now=now,
        stock=(),
        listings=(),
        sources=await store.sources(),
        unrouted=await store.unrouted(),
        claims=await store.claims(),
        moves=await store.moves(),
        extras=await store.extras(),
        locks=await store.locks(),
        uses=await store.uses(),
        levels=await store.levels(),
        shops=shops,
        unwritable=frozenset(name for name, shop in shops.items() if not shop.status.is_written),
        stale=frozenset(name for name, source in (await store.sources()).items() if source.error),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Which moves that have ended are asked for: those `since` a time, at most `limit`, from the ledger."""

    ledger: Sequence[LedgerRow]
    since: datetime
    limit: int


def transfers_document(state: State, ended: Ended | None = None) -> Json:
    """Return the units on their way, oldest first, and where asked those that arrived or came back."""
    figures = compute(make_book(state)) if state.moves else None
    shown = None if figures is None else exposure(figures.book)
    moving = [
        moving_document(row, figures, shown)
        for row in sorted(state.moves, key=lambda row: row.at)
        if figures is not None and shown is not None
    ]
    return {"moving": moving} | finished_documents(ended)


def finished_documents(ended: Ended | None) -> Json:
    """Return the moves that have ended, the newest first, and how many were left out; None for not asked."""
    if ended is None:
        return {"finished": None, "left_out": 0}
    rows = [row for row in ended.ledger if row.at >= ended.since and (row.old or 0) > (row.new or 0)]
    finished = [_finished(row) for row in rows[: ended.limit]]
    return {"finished": finished, "left_out": len(rows) - len(finished)}


def moving_document(row: MoveRow, figures: Figures, shown: Ints) -> Json:
    """Return units on their way with what they wait for; `shown` is the exposure by (shop, sku)."""
    return {
        "pool": row.pool,
        "sku": row.sku,
        "from": row.taken_from,
        "to": row.given_to,
        "units": row.units,
        "since": row.at.isoformat(),
        "expires": (row.at + PATIENCE).isoformat(),
        "waits_for": list(waits_for(row, figures, shown)),
    }


def _finished(row: LedgerRow) -> Json:
    way = way_of(row.rule)
    return {
        "pool": way.pool,
        "sku": row.sku,
        "from": way.taken_from,
        "to": way.given_to,
        "units": (row.old or 0) - (row.new or 0),
        "at": row.at.isoformat(),
        "cause": row.cause,
        "because": words(row.cause),
    }


def waits_for(row: MoveRow, figures: Figures, shown: Ints) -> Iterator[str]:
    """Yield what keeps units on their way: whoever can still show more of the SKU than is its own.

    `shown` is the exposure by (shop, sku).
    """
    book = figures.book
    pool = next((at for at, pool in enumerate(book.topology.pools) if pool.name == row.pool), None)
    sku = book.sku_index.get(row.sku)
    if pool is None or sku is None:
        yield say("nothing: its pool or SKU is there no more, and the next cycle forgets it")
        return
    if figures.pools.shaky[pool, sku]:
        yield say(
            "figures on which something may be raised: the last ones are old, incomplete or not believed"
        )
    names = [shop.name for shop in book.topology.shops]
    blocked = False
    for name in book.topology.pools[pool].shops:
        at = names.index(name)
        units, own = int(shown[at, sku]), int(figures.shares.quantity[at, sku])
        if units > max(own, 0) and own != NOTHING:
            blocked = True
            yield _with_trouble(_still_shows(name, units, own), name, book.state.shops)
    if not blocked and not figures.pools.shaky[pool, sku]:
        yield say("the next cycle")


def _still_shows(shop: ShopName, units: int, own: int) -> Said:
    if units >= UNBOUNDED:
        return say("shop %(shop)s: a counter of it was never read", shop=shop)
    return say(
        "shop %(shop)s: it can still show %(units)s units, %(own)s are its own",
        shop=shop,
        units=units,
        own=own,
    )


def _with_trouble(what: Said, shop: ShopName, states: Mapping[ShopName, ShopState]) -> Said:
    state = states.get(shop, ShopState(name=shop))
    error = state.blocked or state.error
    return say("%(what)s (%(error)s)", what=what, error=error) if error else what
