"""Orders and claims as pages; nothing about buyers is in the state."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from syncd.domain.model import ShopName
from syncd.domain.ordering import PREFIX, order_of
from syncd.domain.records import ClaimRow, OrderRow
from syncd.ports.pages import ClaimsWanted, OrderKey, OrdersWanted
from syncd.services.desk.asked import EPOCH, Asked, key_of, micros, paged
from syncd.services.desk.ground import Ground
from syncd.services.sales import Sales, Wanted, claim_document, orders_document

Json = dict[str, Any]

_ORDERS, _CLAIMS = "orders", "claims"


async def read_sales(ground: Ground, orders: Sequence[OrderRow], claims: Sequence[ClaimRow]) -> Sales:
    """Return what the state knows of these sales."""
    return Sales(
        topology=ground.topology,
        rules=ground.rules,
        sources=await ground.store.sources(),
        orders=orders,
        claims=claims,
        feeds=await ground.store.feeds(),
        told=ground.told,
    )


async def read_all_sales(ground: Ground) -> Sales:
    """Return what the state knows of all sales."""
    return await read_sales(ground, await ground.store.orders(), await ground.store.claims())


async def orders_page(ground: Ground, asked: Asked) -> Json:
    """Return the newest order lines as a page, and until when the orders are known."""
    after = key_of(_ORDERS, asked.cursor, int, str, str, str)
    wanted = OrdersWanted(
        shop=asked.shop,
        sku=asked.sku,
        open_only=asked.open_only,
        after=_order_key(*after) if after else None,
        limit=asked.page + 1,
    )
    found = await ground.store.order_page(wanted)
    rows, following = paged(_ORDERS, found, asked.page, _place)
    others = await _named(ground, {(row.shop, row.line) for row in rows})
    names = {(row.shop, row.line) for row in rows}
    claims = [claim for claim in await ground.store.claims() if (claim.shop, order_of(claim)) in names]
    sales = await read_sales(ground, list({row[:3]: row for row in (*rows, *others)}.values()), claims)
    content = orders_document(sales, Wanted(shop=asked.shop, limit=len(sales.orders)))
    shown = [one for one in content["orders"] if (one["shop"], one["line"]) in names]
    return {"items": shown, "next": following, "feeds": content["feeds"]}


async def claims_page(ground: Ground, asked: Asked) -> Json:
    """Return open claims as a page, each with what it waits for."""
    after = key_of(_CLAIMS, asked.cursor, str, str)
    wanted = ClaimsWanted(
        shop=asked.shop,
        sku=asked.sku,
        after=(ShopName(after[0]), after[1]) if after else None,
        limit=asked.page + 1,
    )
    found = await ground.store.claim_page(wanted)
    rows, following = paged(_CLAIMS, found, asked.page, lambda row: (row.shop, row.line))
    orders = await claimed_orders(ground, rows)
    sales = await read_sales(ground, orders, rows)
    items = [{"sku": row.sku} | claim_document(row, sales) for row in rows]
    return {"items": items, "next": following}


async def claimed_orders(ground: Ground, claims: Sequence[ClaimRow]) -> list[OrderRow]:
    """Return the order lines that claims are of."""
    return await _named(
        ground, {(claim.shop, order_of(claim)) for claim in claims if claim.line.startswith(PREFIX)}
    )


async def _named(ground: Ground, names: Collection[tuple[ShopName, str]]) -> list[OrderRow]:
    """Return these lines, and those that take the place of one of them."""
    shops: dict[ShopName, list[str]] = {}
    for shop, line in sorted(names):
        shops.setdefault(shop, []).append(line)
    found = await asyncio.gather(*(ground.store.named_orders(shop, mine) for shop, mine in shops.items()))
    return [row for rows in found for row in rows]


def _place(row: OrderRow) -> tuple[int, str, str, str]:
    return micros(row.created), row.shop, row.order, row.line


def _order_key(created: int, shop: str, order: str, line: str) -> OrderKey:
    try:
        at = EPOCH + timedelta(microseconds=created)
    except OverflowError:
        # Nobody's order is as old, or as new.
        at = EPOCH
    return OrderKey(at, ShopName(shop), order, line)
