"""What was sold, as answers to people: order lines, and open claims with what they wait for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncd.domain.claims import drop_listing
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, SourceName
from syncd.domain.ordering import (
    PREFIX,
    Awaited,
    Awaits,
    OrderRules,
    awaited,
    occupying,
    order_of,
    parts_of,
    sources_of,
)
from syncd.domain.records import ClaimRow, FeedState, OrderRow, SourceState
from syncd.domain.said import Said, say, say_later
from syncd.domain.topology import Topology
from syncd.domain.withheld import WITHHELD, withheld_listing

Json = dict[str, Any]

_NO_RULES = OrderRules()

_DONE = {
    Awaits.IMPORT: say_later("it has imported the orders of shop %(shop)s"),
    Awaits.NAME: say_later("its figures were read after units were added"),
    Awaits.FIGURES: say_later("its figures were read"),
    Awaits.SHIPPING: say_later("all its figures were read after the goods had left"),
}
_FIRST = {
    Awaits.IMPORT: say_later("source %(source)s counts the order once it is paid"),
    Awaits.NAME: say_later("source %(source)s does not name it among the orders in its figures"),
    Awaits.FIGURES: say_later("source %(source)s gets the order once it is paid"),
    Awaits.SHIPPING: say_later(
        "source %(source)s shows it only by the goods that leave, and they have not left"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """What the state knows of sales, and by which rules they count."""

    topology: Topology
    rules: Mapping[ShopName, OrderRules]
    sources: Mapping[SourceName, SourceState]
    orders: Sequence[OrderRow] = ()
    claims: Sequence[ClaimRow] = ()
    feeds: Mapping[ShopName, FeedState] = field(default_factory=dict)
    told: frozenset[ShopName] = frozenset()
    """The shops that tell their orders."""

    def rules_of(self, shop: ShopName) -> OrderRules:
        """Return how the orders of a shop count; one that is configured no more has the usual rules."""
        return self.rules.get(shop, _NO_RULES)

    def feed(self, shop: ShopName) -> FeedState:
        """Return how far the orders of a shop are known."""
        return self.feeds.get(shop, FeedState(shop=shop))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which order lines are asked for: all, or those of a shop, of a SKU, with open claims."""

    shop: ShopName | None = None
    sku: Sku | None = None
    open_only: bool = False
    limit: int = 50


# --- order lines -------------------------------------------------------------------------------------------


def orders_document(sales: Sales, wanted: Wanted, listings: Sequence[ListingRow] = ()) -> Json:
    """Return the newest order lines, how many were left out, and until when the orders are known."""
    bundled = {(row.shop, row.id) for row in listings if wanted.sku is not None and row.sku == wanted.sku}
    open_ = _open_units(sales)
    rows = [
        row
        for row in sales.orders
        if wanted.shop in (None, row.shop)
        and (wanted.sku is None or _is_of(row, wanted.sku) or (row.shop, row.listing) in bundled)
        and (not wanted.open_only or open_.get((row.shop, row.line)))
    ]
    rows.sort(key=lambda row: (-row.created.timestamp(), row.shop, row.order, row.line))
    replaced = {(row.shop, row.replaces) for row in sales.orders if row.replaces}
    told = sorted(shop for shop in sales.told if wanted.shop in (None, shop))
    return {
        "orders": [_order(row, sales, open_, replaced) for row in rows[: wanted.limit]],
        "left_out": max(len(rows) - wanted.limit, 0),
        "feeds": {shop: _feed(sales.feed(shop)) for shop in told},
    }


def _is_of(row: OrderRow, sku: Sku) -> bool:
    return sku in parts_of(row.parts) or (not row.parts and row.code == sku)


def _open_units(sales: Sales) -> dict[tuple[ShopName, str], int]:
    """Return by order line how many of its units are claimed, in units of the listing."""
    rows = {(row.shop, row.line): row for row in sales.orders}
    found: dict[tuple[ShopName, str], int] = {}
    for claim in sales.claims:
        key = (claim.shop, order_of(claim))
        if not claim.line.startswith(PREFIX) or key not in rows:
            continue
        each = max(parts_of(rows[key].parts).get(claim.sku, 1), 1)
        found[key] = max(found.get(key, 0), -(-claim.units // each))
    return found


def _order(
    row: OrderRow,
    sales: Sales,
    open_: Mapping[tuple[ShopName, str], int],
    replaced: Collection[tuple[ShopName, str]],
) -> Json:
    key = (row.shop, row.line)
    left = open_.get(key, 0)
    occupied = 0 if key in replaced else occupying(row, sales.rules_of(row.shop), sales.feed(row.shop).cursor)
    is_bound = bool(row.parts)
    return {
        "shop": row.shop,
        "order": row.order,
        "line": row.line,
        "listing": row.listing,
        "code": row.code,
        "skus": dict(parts_of(row.parts)),
        "stage": row.stage.value,
        "units": row.units,
        "released": row.released,
        "shipped": row.shipped,
        # Of a line that stands for no SKU nothing is claimed, and nobody knows what a snapshot has of it.
        "open": left if is_bound else None,
        "contained": max(occupied - left, 0) if is_bound else None,
        "created": row.created.isoformat(),
        "paid": _iso(row.paid),
        "modified": row.modified.isoformat(),
        "doubt": row.doubt,
        "waits_for": _of_order(row, sales) if left else [],
    }


def _feed(feed: FeedState) -> Json:
    return {"known_until": _iso(feed.cursor), "error": feed.error, "since": _iso(feed.failing_since)}


# --- claims ------------------------------------------------------------------------------------------------


def claim_documents(sales: Sales, sku: Sku, shop: ShopName | None = None) -> list[Json]:
    """Return the open claims of a SKU one by one, oldest first, each with what it waits for."""
    rows = _by_line(sales)
    mine = [claim for claim in sales.claims if claim.sku == sku and shop in (None, claim.shop)]
    return [_claim(claim, rows, sales) for claim in sorted(mine, key=lambda claim: (claim.at, claim[:2]))]


def claim_document(claim: ClaimRow, sales: Sales) -> Json:
    """Return one open claim with what it waits for."""
    return _claim(claim, _by_line(sales), sales)


def _by_line(sales: Sales) -> dict[tuple[ShopName, str], OrderRow]:
    return {(row.shop, row.line): row for row in sales.orders}


def _claim(claim: ClaimRow, rows: Mapping[tuple[ShopName, str], OrderRow], sales: Sales) -> Json:
    is_order = claim.line.startswith(PREFIX)
    line = order_of(claim) if is_order else ""
    row = rows.get((claim.shop, line)) if is_order else None
    listing = row.listing if row else ListingId("" if is_order else _listing_of(claim))
    return {
        "shop": claim.shop,
        "presumed": not is_order,
        "order": row.order if row else "",
        "line": line,
        "listing": listing,
        "units": claim.units,
        "since": claim.at.isoformat(),
        "warehouse": claim.warehouse,
        "waits_for": (_of_order(row, sales) if row else []) if is_order else _of_drop(claim, sales),
    }


def _listing_of(claim: ClaimRow) -> str:
    return withheld_listing(claim) if claim.line.startswith(WITHHELD) else drop_listing(claim)


def _of_order(row: OrderRow, sales: Sales) -> list[Said]:
    sources = sources_of(row.shop, row.warehouse, sales.sources, sales.topology)
    waits = [_said(one, row.shop) for one in awaited(row, sources, sales.rules_of(row.shop))]
    return waits or [say("the next cycle")]


def _of_drop(claim: ClaimRow, sales: Sales) -> list[Said]:
    """Return what ends a presumed sale: figures newer by the shop's lag, and orders that are known."""
    if claim.line.startswith(WITHHELD):
        return [say("an unpaid order that explains it, or a reading by which it is withheld no more")]
    rules = sales.rules_of(claim.shop)
    if rules.presumed_for is None:
        return [_NEVER]
    sources = sources_of(claim.shop, "", sales.sources, sales.topology)
    needs = claim.at + rules.presumed_for
    waits = [Awaited(source.name, Awaits.FIGURES, needs, source.as_of) for source in sources]
    found = [_said(one, claim.shop) for one in waits if not one.is_met]
    cursor = sales.feed(claim.shop).cursor
    if claim.shop in sales.told and (cursor is None or cursor < claim.at + 2 * rules.skew):
        found.append(_orders_known(claim.shop, claim.at + 2 * rules.skew, cursor))
    return found or [say("the next cycle")]


_NEVER = say(
    "an order that explains it, or a counter that rises again: the source never learns of it by itself"
)


def _orders_known(shop: ShopName, needs: datetime, reached: datetime | None) -> Said:
    return say(
        "orders of shop %(shop)s known until %(needs)s; %(so_far)s",
        shop=shop,
        needs=_moment(needs),
        so_far=_so_far(reached),
    )


def _said(one: Awaited, shop: ShopName) -> Said:
    if one.needs is None:
        return Said(_FIRST[one.what], {"source": one.source})
    return say(
        "source %(source)s: %(done)s, until %(needs)s; %(so_far)s",
        source=one.source,
        done=Said(_DONE[one.what], {"shop": shop}),
        needs=_moment(one.needs),
        so_far=_so_far(one.reached),
    )


def _so_far(reached: datetime | None) -> Said:
    if reached is None:
        return say("never so far")
    return say("so far until %(reached)s", reached=_moment(reached))


def _moment(at: datetime) -> str:
    # A moment that is not over yet must not look as if it were.
    whole = at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)
    return f"{whole:%Y-%m-%d %H:%M:%S}Z"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
