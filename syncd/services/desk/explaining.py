"""Why the figures of a SKU are what they are, and how they came to be, from the state alone."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from syncd.domain.model import ShopName, Sku
from syncd.domain.records import LedgerRow, OrderRow
from syncd.domain.said import say
from syncd.domain.virtual.history import MOVING, SHARE
from syncd.errors import NotThere
from syncd.ports.pages import LedgerWanted, SkusWanted
from syncd.services.desk.ground import Ground
from syncd.services.desk.sales import claimed_orders, read_sales
from syncd.services.desk.shops import read_stated
from syncd.services.queries import Explainer
from syncd.services.recall import Recalled
from syncd.services.standing import Beside

Json = dict[str, Any]

LEDGER_ROWS = 20
"""How many of the newest changes are shown, of each kind."""

READ_ROWS = 500
"""How many of the newest changes of all kinds are looked through for them."""

HISTORY_ROWS = 2_000
"""How far back a history goes."""

_PLOTTED = ("desired", "counter", "on_sale", SHARE, MOVING)


async def explanation(ground: Ground, sku: Sku, shop: ShopName | None = None) -> Json:
    """Return the whole chain of one SKU or bundle, for all its shops or one.

    Raises:
        NotThere: no source knows the SKU, or the shop is not configured.
    """
    require_shop(ground, shop)
    if not sku:
        # It is what listings have that are bound to none, of which there may be many.
        raise NotThere(say("an empty code is no SKU"))
    recalled = await ground.recall.view({sku})
    if not recalled.knows(sku):
        raise await unknown_sku(ground, sku)
    explainer = Explainer(recalled.view, await _beside(ground, recalled, sku, shop))
    # It is much arithmetic for one SKU, and the loop has others to serve.
    content = await asyncio.to_thread(explainer.explain, sku, shop)
    return content | {"problems": list(recalled.problems)}


async def _beside(ground: Ground, recalled: Recalled, sku: Sku, shop: ShopName | None) -> Beside:
    store, part = ground.store, recalled.part
    places = {(row.shop, row.id) for row in part.listings}
    listed, claimed = await asyncio.gather(store.orders_of(places), claimed_orders(ground, part.claims))
    orders: dict[tuple[str, ...], OrderRow] = {(row.shop, row.line): row for row in (*listed, *claimed)}
    demand = part.demand or await store.demand(part.skus)
    return Beside(
        intents=part.unresolved,
        ledger=await store.ledger(sku=sku, shop=shop, limit=READ_ROWS),
        sales=await read_sales(ground, list(orders.values()), part.claims),
        rows=LEDGER_ROWS,
        stated=await read_stated(ground, demand),
    )


async def history(ground: Ground, sku: Sku, since: datetime | None) -> Json:
    """Return what the figures of a SKU were, as steps, the oldest first; nothing of one that nobody knows."""
    wanted = LedgerWanted(sku=sku, since=since, limit=HISTORY_ROWS)
    found = [entry.row for entry in await ground.store.ledger_page(wanted)]
    return {"sku": sku, "series": _series(found[::-1])}


def _series(rows: Sequence[LedgerRow]) -> list[Json]:
    series: dict[tuple[str, str, str], list[list[Any]]] = {}
    for row in rows:
        if row.what in _PLOTTED and row.new is not None:
            key = (row.shop, row.listing, row.what)
            series.setdefault(key, []).append([row.at.isoformat(), row.new])
    return [
        {"shop": shop, "listing": listing, "what": what, "points": points}
        for (shop, listing, what), points in sorted(series.items())
    ]


def require_shop(ground: Ground, shop: ShopName | None) -> None:
    """Do nothing if the shop is configured, or none is named.

    Raises:
        NotThere: it is not.
    """
    if shop is not None and shop not in ground.types:
        names = ", ".join(ground.types)
        raise NotThere(say("there is no shop %(shop)r; configured are %(names)s", shop=shop, names=names))


async def unknown_sku(ground: Ground, sku: str) -> NotThere:
    """Return what people are told of a SKU that no source knows, with some that they may have meant."""
    near = await ground.store.sku_page(SkusWanted(search=sku, limit=3)) if sku else ()
    if not near:
        return NotThere(say("no source knows the SKU %(sku)r", sku=sku))
    names = " or ".join(near)
    return NotThere(say("no source knows the SKU %(sku)r; did you mean %(names)s?", sku=sku, names=names))
