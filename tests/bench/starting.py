"""What a start with a large state costs until the first call to a shop, over bare SQLite into numpy."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from syncd.adapters.state import open_store
from syncd.domain.book import State
from syncd.domain.decision import Question
from syncd.ports.store import Store, TakenOrders
from syncd.runtime.tidying import Tidier
from syncd.services.carry import Carry
from syncd.services.intake import Taken
from syncd.services.readings import Observed
from syncd.services.written import Notes
from tests.bench.filling import fill
from tests.bench.measuring import Figure, Size, timed
from tests.bench.planning import EVERY, settled
from tests.bench.storing import connect, require
from tests.bench.world import moved, question_of

_LISTINGS = (
    "SELECT shop, sku, delisted_by, deducts, item, units, ifnull(desired, -1), want_off, "
    "ifnull(expected_lo, -1), ifnull(expected_hi, -1), ifnull(observed, -1), ifnull(observed_at, -1), "
    "withheld, ifnull(on_sale, -1), gone FROM listings ORDER BY shop, id"
)
_STOCK = (
    "SELECT source, sku, warehouse, as_of, missed, bad, on_hand, allocated, unsellable, locked, virtual, "
    "transfer_out, in_air FROM stock"
)
_TABLES = {
    "listings": (_LISTINGS, "wwwwh"),
    "stock": (_STOCK, "www"),
    "shares": ("SELECT pool, shop, sku, units, ifnull(moved_at, -1) FROM shares", "www"),
    "demand": ("SELECT shop, sku, sold, seconds, recent, stocked, at FROM demand", "wwfff"),
    "levels": ("SELECT pool, shop, sku, off_since, agree, seq FROM levels", "www"),
}
"""What the program keeps of each table, and of what kind its first columns are: the rest are whole numbers.

Words are numbered; of an item only the hash is kept; fractions stay what they are.
"""

_CHUNK = 512
"""The best of those tried; a thousand and more rows at a time are slower, here and for the program."""

_MOST_TIME = 1.3

_FIRST_CALL = 20
"""How many listings the first call names."""

_NOTHING_READ = Observed(
    listings=(), drops=(), shops={}, fresh=frozenset(), unresolved=frozenset(), errors={}
)
_NOTHING_SOLD = Taken(claims=(), drops=(), opened=(), risen=(), orders=TakenOrders())

Column = npt.NDArray[Any]


def load(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure a start up to the first call, and of that the reading of all listings, against bare columns.

    `start.read` is a start without its decision, which is measured by itself elsewhere.
    """
    found = asyncio.run(_started(size, tell))
    whole = [sum(parts) for parts in zip(*found.bare.values(), strict=True)]
    listings = found.bare["listings"]
    yield Figure(name="load", unit="s", ours=found.listings, theirs=listings, goal=_MOST_TIME)
    yield Figure(name="start.read", unit="s", ours=found.read, theirs=whole)
    yield Figure(name="start", unit="s", ours=found.start, theirs=whole, goal=_MOST_TIME)


@dataclass(frozen=True, slots=True)
class _Found:
    """How long a start took run by run: its first part, its first two and all of it; and each bare table."""

    listings: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    bare: Mapping[str, list[float]] = field(default_factory=lambda: {name: [] for name in _TABLES})


async def _started(size: Size, tell: Callable[[str], None]) -> _Found:
    found = _Found()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tell(f"writing {size.skus} SKUs in {size.shops} shops")
        ground, question = await _written(folder, size)
        for run in range(size.starts):
            tell(f"load: run {run + 1} of {size.starts}")
            async with AsyncExitStack() as opened:
                # As the daemon does: Python does not look through all rows while they are being read.
                with timed((perf_counter, found.start)), Tidier().watching():
                    store = await opened.enter_async_context(open_store(folder))
                    await _start(store, ground, question, found)
            await asyncio.to_thread(_load_bare, folder, size.skus * size.shops, found)
    return found


async def _written(folder: Path, size: Size) -> tuple[State, Question]:
    """Write a state in which some stock moved, and return what of it does not come from there."""
    state = moved(settled(size.skus, size.shops), EVERY)
    async with open_store(folder) as store:
        await store.save_source(next(iter(state.sources.values())))
    fill(folder, state)
    # A start finds an empty memory.
    settled.cache_clear()
    return replace(state, listings=(), stock=(), shares=(), demand=(), levels=()), question_of(state)


async def _start(store: Store, ground: State, question: Question, found: _Found) -> None:
    """Do all that stands before the first call: read, decide, and name the first listings."""
    began = perf_counter()
    listings = await store.listing_columns()
    found.listings.append(perf_counter() - began)
    state = replace(
        ground,
        listings=listings,
        stock=await store.stock_grid(),
        shares=await store.share_grid(),
        demand=await store.demand_grid(),
        levels=await store.levels(),
    )
    found.read.append(perf_counter() - began)
    carry = Carry(state.topology, store, Notes())
    await carry.lay(state, question)
    # As in a cycle that read nothing and heard of no order: what is open is decided on once more.
    decision = await carry.after(state, question, _NOTHING_READ, _NOTHING_SOLD)
    assert decision is not None, "nothing is new"
    plan = decision.plan
    require(len(plan.book.listings.names(plan.listing[:_FIRST_CALL])), _FIRST_CALL)


# --- the baseline ------------------------------------------------------------------------------------------


def _load_bare(folder: Path, count: int, found: _Found) -> None:
    with closing(connect(folder)) as connection:
        for name, (sql, kinds) in _TABLES.items():
            with timed((perf_counter, found.bare[name])):
                columns = _columns(connection, sql, kinds)
            if name == "listings":
                require(len(columns[0]), count)


def _columns(connection: sqlite3.Connection, sql: str, kinds: str) -> list[Column]:
    cursor = connection.execute(sql)
    chunks: list[list[Column]] = []
    words: list[dict[str, int]] = [{} for _ in kinds]
    while rows := cursor.fetchmany(_CHUNK):
        texts, numbers = _split(list(zip(*rows, strict=True)), kinds)
        coded = [_coded(kind, column, known) for kind, column, known in zip(kinds, texts, words, strict=True)]
        counted = [np.fromiter(column, np.int64, len(rows)) for column in numbers]
        chunks.append([*coded, *counted])
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


def _split(columns: list[Any], kinds: str) -> tuple[list[Any], list[Any]]:
    return columns[: len(kinds)], columns[len(kinds) :]


def _coded(kind: str, column: Any, known: dict[str, int]) -> Column:  # noqa: ANN401 - texts or fractions
    if kind == "w":
        codes = (known.setdefault(word, len(known)) for word in column)
        return np.fromiter(codes, np.int32, len(column))
    if kind == "h":
        return np.fromiter(map(hash, column), np.int64, len(column))
    return np.fromiter(column, np.float64, len(column))
