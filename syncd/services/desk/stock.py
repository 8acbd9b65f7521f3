"""What there is of each SKU, who may sell it, and what every shop should show: a page of SKUs."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncd.domain.book import NOTHING, Book, warehouse_index
from syncd.domain.exposure import exposure
from syncd.domain.model import ListingRow, PoolName, ShopName, Sku
from syncd.domain.notices import Notice, notices
from syncd.domain.policy import Stop
from syncd.domain.said import say
from syncd.domain.topology import Topology
from syncd.errors import NotThere
from syncd.ports.pages import SkusWanted, folded
from syncd.services.cycle import View
from syncd.services.desk.asked import Asked, cursor_of, key_of, paged
from syncd.services.desk.ground import Ground
from syncd.services.transfers import Ended, finished_documents, moving_document

Json = dict[str, Any]

_STOCK, _MOVING = "stock", "moving"
_DEFICITS = ("oversold", "backordered", "overlocked", "overtransferred")


async def stock_page(ground: Ground, asked: Asked) -> Json:
    """Return SKUs and bundles with what is available of them, and what their shops should show."""
    after = key_of(_STOCK, asked.cursor, str)
    found = await _codes(ground, asked, Sku(after[0]) if after else None)
    codes, following = paged(_STOCK, found, asked.page, lambda code: (code,))
    if not codes:
        return {"items": [], "next": None}
    recalled = await ground.recall.view(frozenset(codes))
    # All of a page together takes a while, and the loop has others to serve.
    items = await asyncio.to_thread(lambda: [_Shelves(recalled.view).of(code) for code in codes])
    return {"items": items, "next": following}


async def _codes(ground: Ground, asked: Asked, after: Sku | None) -> list[Sku]:
    """Return the SKUs of a page and one more, with those that only the configuration names."""
    places = None
    if asked.pool is not None:
        pool = next((pool for pool in ground.topology.pools if pool.name == asked.pool), None)
        if pool is None:
            names = ", ".join(pool.name for pool in ground.topology.pools)
            raise NotThere(
                say("there is no pool %(pool)r; configured are %(names)s", pool=asked.pool, names=names)
            )
        places = pool.warehouses
    limit = asked.page + 1
    wanted = SkusWanted(search=asked.search, warehouses=places, after=after, limit=limit)
    stored = await ground.store.sku_page(wanted)
    named = {
        sku
        for sku in configured_skus(ground.topology, asked.pool)
        if folded(asked.search) in folded(sku) and (after is None or sku > after)
    }
    return sorted({*stored, *named})[:limit]


def configured_skus(topology: Topology, pool: PoolName | None = None) -> set[Sku]:
    """Return the SKUs and bundles that the configuration names; bundles are of no pool."""
    places = {place for one in topology.pools if pool in (None, one.name) for place in one.warehouses}
    found = {extra.sku for extra in topology.virtual if extra.warehouse in places}
    return found if pool is not None else found | {bundle.sku for bundle in topology.bundles}


class _Shelves:
    """Shows the SKUs of one view."""

    def __init__(self, view: View) -> None:
        figures = view.decision.plan.figures
        self._view = view
        self._figures = figures
        self._book: Book = figures.book
        self._notices = notices(figures)
        self._places = warehouse_index(self._book.topology)
        self._moving = {row.sku for row in self._book.state.moves}
        self._rows: dict[tuple[ShopName, Sku], list[tuple[int, ListingRow]]] = {}
        for at, row in enumerate(self._book.state.listings):
            if not row.gone:
                self._rows.setdefault((row.shop, row.sku), []).append((at, row))
        stopped = view.decision.stopped()
        self._stops = {(change.shop, change.listing): stop for change, stop in stopped}

    def of(self, sku: Sku) -> Json:
        """Return one SKU or bundle with its pools and shops."""
        at = None if sku in self._book.bundles.index else self._book.sku_index.get(sku)
        pools = [] if at is None else list(self._pools(sku, at))
        shops = [
            self._shop(index, shop.name, sku, at)
            for index, shop in enumerate(self._book.topology.shops)
            if (shop.name, sku) in self._rows
        ]
        known = [pool for pool in pools if pool["known"]]
        return {
            "sku": sku,
            "bundle": sku in self._book.bundles.index,
            "available": sum(pool["available"] for pool in known) if known else None,
            "claims": sum(pool["claims"] for pool in known) if known else None,
            "pools": pools,
            "shops": shops,
            "flags": list(self._flags(sku, pools, shops)),
        }

    def _pools(self, sku: Sku, at: int) -> Iterator[Json]:
        figures = self._figures.pools
        for index, pool in enumerate(self._book.topology.pools):
            places = [self._places[place] for place in pool.warehouses if place in self._places]
            if not self._book.cells.has[places, at].any():
                continue
            known = bool(figures.known[index, at])
            yield {
                "pool": pool.name,
                "known": known,
                "available": int(figures.available[index, at]) if known else None,
                "claims": int(figures.claims[index, at]) if known else None,
                "locked": int(figures.locks.live[index, at]) if known else None,
                "oversold": int(figures.oversold[index, at]) if known else None,
                "low": Notice("low_stock", pool.name, sku) in self._notices,
            }

    def _shop(self, index: int, shop: ShopName, sku: Sku, at: int | None) -> Json:
        mine = self._rows[shop, sku]
        desired = [self._desired(place, row) for place, row in mine if row.is_bound]
        known = [row for _, row in mine if row.expected_lo is not None and row.expected_hi is not None]
        quantity = NOTHING if at is None else int(self._figures.shares.quantity[index, at])
        stops = [stop for _, row in mine if (stop := self._stops.get((shop, row.id), Stop.GO)) is not Stop.GO]
        sold = [row.on_sale for _, row in mine]
        return {
            "shop": shop,
            "listings": len(mine),
            "quantity": None if quantity == NOTHING else quantity,
            "desired": None if None in desired or not desired else sum(filter(None, desired)),
            "expected": [
                sum((row.expected_lo or 0) * row.units for row in known),
                sum((row.expected_hi or 0) * row.units for row in known),
            ]
            if len(known) == len(mine)
            else None,
            "off_sale": all(bool(self._figures.listings.off[place]) for place, _ in mine),
            "on_sale": True if True in sold else None if None in sold else False,
            "held_because": stops[0].words if stops else None,
        }

    def _desired(self, place: int, row: ListingRow) -> int | None:
        desired = int(self._view.decision.plan.desired[place])
        return None if desired == NOTHING else desired * row.units

    def _flags(self, sku: Sku, pools: Sequence[Json], shops: Sequence[Json]) -> Iterator[str]:
        deficits = (Notice(what, pool["pool"], sku) for what in _DEFICITS for pool in pools)
        found: Mapping[str, bool] = {
            "low": any(pool["low"] for pool in pools),
            "off": any(shop["off_sale"] for shop in shops),
            "oversold": any(one in self._notices for one in deficits),
            "unknown": any(not pool["known"] for pool in pools),
            "held": any(shop["held_because"] == Stop.HELD.words for shop in shops),
            "moving": sku in self._moving,
            "locked": any(pool["locked"] for pool in pools),
        }
        yield from (flag for flag, is_set in found.items() if is_set)


# --- units on their way ------------------------------------------------------------------------------------


async def transfers_page(ground: Ground, asked: Asked, ended: Ended | None) -> Json:
    """Return the units on their way between shares, the oldest first, with what they wait for."""
    after = key_of(_MOVING, asked.cursor, int)
    start = max(after[0], 0) if after else 0
    moves = sorted(await ground.store.moves(), key=lambda row: row.at)
    end = start + asked.page
    rows = moves[start:end]
    following = cursor_of(_MOVING, (end,)) if end < len(moves) else None
    items: list[Json] = []
    if rows:
        recalled = await ground.recall.view({row.sku for row in rows})
        figures = recalled.view.decision.plan.figures

        def documents() -> list[Json]:
            shown = exposure(figures.book)
            return [moving_document(row, figures, shown) for row in rows]

        items = await asyncio.to_thread(documents)
    return {"items": items, "next": following, **finished_documents(ended)}
