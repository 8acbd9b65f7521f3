"""Reports from the state alone: what there is, what changed, and what to buy again."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np

from syncd.domain.book import Book, make_book
from syncd.domain.columns import NOTHING
from syncd.domain.demand import DEMAND, Floats
from syncd.domain.exposure import exposure
from syncd.domain.listing_columns import UNKNOWN
from syncd.domain.model import Ints, ShopName, Sku
from syncd.domain.pipeline import Figures, compute
from syncd.domain.records import LedgerRow
from syncd.domain.state import State
from syncd.domain.topology import Topology
from syncd.ports.pages import LedgerWanted
from syncd.ports.store import Store
from syncd.services.transfers import small_state

Json = dict[str, Any]

_DAY = 86_400.0
_PAGE = 1_000


async def report_state(store: Store, topology: Topology, now: datetime) -> State:
    """Return what the state knows, as columns where there is much of it; nobody is asked."""
    return replace(
        await small_state(store, topology, now),
        stock=await store.stock_grid(),
        listings=await store.listing_columns(),
        shares=await store.share_grid(),
        demand=await store.demand_grid(),
    )


async def figures_of(state: State) -> Figures:
    """Return the figures of a state, worked out in a thread: there may be many."""
    return await asyncio.to_thread(lambda: compute(make_book(state)))


# --- stock -------------------------------------------------------------------------------------------------


def stock_rows(figures: Figures, sku: Sku | None = None) -> Iterator[Json]:
    """Yield, by SKU, the pools' figures and what every shop can show of it; None is unknown."""
    book, pools = figures.book, figures.pools
    shown = exposure(book)
    unread = _unread(book)
    shops = [shop.name for shop in book.topology.shops]
    names = ("on_hand", "virtual", "claims", "available", "oversold")
    columns = {name: getattr(pools, name).sum(axis=0).tolist() for name in names}
    columns["locked"] = pools.locks.live.sum(axis=0).tolist()
    known: list[bool] = np.any(pools.known, axis=0).tolist()
    for at, code in enumerate(book.skus):
        if code and sku in (None, code):
            row = {name: column[at] if known[at] else None for name, column in columns.items()}
            mine = {
                shop: None if unread[index, at] else int(shown[index, at]) for index, shop in enumerate(shops)
            }
            yield {"sku": code} | row | {"shown": mine}


def _unread(book: Book) -> Ints:
    """Return by (shop, sku) where a counter was never read."""
    found = np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.int64)
    draws = book.draws
    units = (book.listings.hi[draws.listing] == UNKNOWN).astype(np.int64)
    draws.gathered(found, units, np.add)
    return found


# --- ledger ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Which rows of the ledger are asked for, at most `limit`, the newest first."""

    sku: Sku | None = None
    shop: ShopName | None = None
    what: str | None = None
    cause: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50


async def ledger_rows(store: Store, asked: Changes) -> list[LedgerRow]:
    """Return the newest rows that fit."""
    found: list[LedgerRow] = []
    before: int | None = None
    while len(found) < asked.limit:
        page = await store.ledger_page(
            LedgerWanted(
                sku=asked.sku,
                shop=asked.shop,
                what=asked.what,
                since=asked.since,
                before=before,
                limit=_PAGE,
            )
        )
        found += [entry.row for entry in page if _fits(entry.row, asked)]
        if len(page) < _PAGE:
            break
        before = page[-1].id
    return found[: asked.limit]


def _fits(row: LedgerRow, asked: Changes) -> bool:
    return asked.cause in (None, row.cause) and (asked.until is None or row.at < asked.until)


# --- replenish ---------------------------------------------------------------------------------------------


def replenish_rows(figures: Figures, *, within: float, cover: float) -> list[Json]:
    """Return the SKUs that would fall below a level `within` so many days, those that do so first.

    What sells is what sold in each shop in its time in stock, fading by half in three days. The suggested
    quantity makes what is there last for `cover` days above the level.
    """
    book, pools = figures.book, figures.pools
    daily = _daily(book).tolist()
    free = pools.rest.sum(axis=0).tolist()
    levels = _levels(figures).tolist()
    known: list[bool] = np.any(pools.known, axis=0).tolist()
    rows = []
    for at, sku in enumerate(book.skus):
        rate, level = daily[at], levels[at]
        if not sku or not known[at] or rate <= 0:
            continue
        left = max(free[at] - level, 0) / rate
        if left <= within:
            rows.append(
                {
                    "sku": sku,
                    "available": free[at],
                    "per_day": round(rate, 2),
                    "level": level,
                    "days": round(left, 1),
                    "suggested": max(ceil(rate * cover + level - free[at]), 0),
                }
            )
    return sorted(rows, key=lambda row: (row["days"], -row["per_day"], row["sku"]))


def _daily(book: Book) -> Floats:
    """Return by SKU the units that sell in a day in stock, of all shops together."""
    now = book.demand.now(book.state.now, DEMAND)
    daily: Floats = (now.sold / np.maximum(now.seconds, _DAY)).sum(axis=0) * _DAY
    return daily


def _levels(figures: Figures) -> Ints:
    """Return by SKU the highest of the warning and notice levels of its pools' shops."""
    rules = figures.rules.warning_level.max(axis=0, initial=0)
    values = figures.book.rules
    notice = values.values["notice_level"].max(axis=1, initial=NOTHING)[values.class_of]
    level: Ints = np.maximum(rules, np.maximum(notice, 0))
    return level


def csv_cells(rows: Sequence[Json]) -> list[list[object]]:
    """Return rows as a table with their headings first; what is by shop has a column for each."""
    table: list[list[object]] = []
    for row in rows:
        flat = {name: value for name, value in row.items() if not isinstance(value, dict)}
        for name, by_shop in row.items():
            if isinstance(by_shop, dict):
                flat |= {f"{name}_{shop}": value for shop, value in by_shop.items()}
        if not table:
            table.append(list(flat))
        table.append(["" if value is None else value for value in flat.values()])
    return table
