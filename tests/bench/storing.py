"""What it costs to record proofs, over bare SQLite."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from syncd.adapters.state import open_store
from syncd.domain.model import ListingRow
from syncd.ports.store import Proof, Store
from tests.bench.measuring import Figure, Size, timed
from tests.bench.world import make_listings

_PROVE = (
    "UPDATE listings SET expected_lo = ?, expected_hi = ?, on_sale = ?, delisted_by = ? "
    "WHERE shop = ? AND id = ?"
)

_CALL = 20
"""How many counters a call of a push proves, as many as the benchmark of a push sends."""

_SHOPS = 50
"""How many shops are pushed at one time."""

_IN_FLIGHT = 4
"""How many calls of one shop wait for their answer at one time, as a push has by default."""

_LEAST_RATE = 0.7


def record(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure how long proven counters take to the disk, in one call and call by call from all shops at once.

    The baseline writes them all in one transaction.
    """
    found = asyncio.run(_recorded(size, tell))
    goal = 1 / _LEAST_RATE
    yield Figure(name="record", unit="s", ours=found.by_calls, theirs=found.bare, goal=goal)
    yield Figure(name="record.whole", unit="s", ours=found.whole, theirs=found.bare, goal=goal)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """How long each way to record the same counters took, run by run."""

    by_calls: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


async def _recorded(size: Size, tell: Callable[[str], None]) -> _Recorded:
    found = _Recorded()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        rows = list(make_listings(-(-size.recorded // _SHOPS), _SHOPS))
        async with open_store(folder) as store:
            await store.save_listings(rows)
            for run in range(size.runs):
                tell(f"record: run {run + 1} of {size.runs}")
                # Other figures each time: what is there already would cost less to write.
                shops = _by_shop([_proof(row, 3 * run + 1) for row in rows])
                with timed((perf_counter, found.by_calls)):
                    await asyncio.gather(*(_push(store, calls) for calls in shops for _ in range(_IN_FLIGHT)))
                proofs = [_proof(row, 3 * run + 2) for row in rows]
                with timed((perf_counter, found.whole)):
                    await store.resolve([], proofs, [])
                bare = [_values(_proof(row, 3 * run + 3)) for row in rows]
                await asyncio.to_thread(_record_bare, folder, bare, found.bare)
    return found


def _by_shop(proofs: Sequence[Proof]) -> list[deque[Sequence[Proof]]]:
    """Return the calls that each shop will have answered."""
    calls: list[deque[Sequence[Proof]]] = []
    for _, group in groupby(proofs, key=lambda proof: proof.shop):
        mine = list(group)
        calls.append(deque(mine[start : start + _CALL] for start in range(0, len(mine), _CALL)))
    return calls


async def _push(store: Store, calls: deque[Sequence[Proof]]) -> None:
    """Record call after call; each is on disk before the next begins."""
    while calls:
        await store.resolve([], calls.popleft(), [])


def _proof(row: ListingRow, counter: int) -> Proof:
    return Proof(
        shop=row.shop,
        listing=row.id,
        expected_lo=counter,
        expected_hi=counter,
        on_sale=True,
        delisted_by="",
    )


def _values(proof: Proof) -> tuple[int | str | None, ...]:
    on_sale = None if proof.on_sale is None else int(proof.on_sale)
    interval = (proof.expected_lo, proof.expected_hi)
    return (*interval, on_sale, proof.delisted_by, proof.shop, proof.listing)


def _record_bare(folder: Path, values: Sequence[tuple[int | str | None, ...]], samples: list[float]) -> None:
    with closing(connect(folder)) as connection:
        with timed((perf_counter, samples)):
            connection.execute("BEGIN IMMEDIATE")
            changed = connection.executemany(_PROVE, values).rowcount
            connection.execute("COMMIT")
        require(changed, len(values))


def connect(folder: Path) -> sqlite3.Connection:
    """Return a bare connection to the state in a folder."""
    connection = sqlite3.connect(folder / "state.db", isolation_level=None)
    # As safe against a power cut and with as much cache as ours, or the two could not be compared.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -65536")
    return connection


def require(found: int, wanted: int) -> None:
    """Stop a benchmark that did not do what it measured."""
    if found != wanted:
        raise RuntimeError(f"{found} rows instead of {wanted}")
