"""Two loops that push by hand: one that does all that a careful script would do, and one that only posts.

The careful one is as safe as the program: what it is about to do is on disk before each call, and what came
of it after.
"""

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp

from syncd.domain.model import Change
from tests.bench.mocking import AUTHORIZATION

_OPEN = (
    "INSERT INTO intents (key, shop, listing, item, action, value, base, target, cause, rule, created_at, "
    "sent_at, resolution, message) VALUES (?, ?, ?, ?, 'set', ?, ?, ?, ?, ?, ?, ?, 'open', '')"
)
_RESOLVE = "UPDATE intents SET resolution = 'done' WHERE key = ?"
_PROVE = "UPDATE listings SET expected_lo = ?1, expected_hi = ?1 WHERE shop = ?2 AND id = ?3"
_NOTE = (
    "INSERT INTO ledger (at, shop, listing, sku, what, old, new, cause, rule, who) "
    "VALUES (?, ?, ?, ?, 'counter', ?, ?, ?, ?, 'syncd')"
)


class _Line(NamedTuple):
    key: str
    change: Change


async def push_by_hand(
    session: aiohttp.ClientSession, file: Path, changes: Sequence[Change], *, batch: int, in_flight: int
) -> int:
    """Push `changes` call by call, recording each before and after it, and return how many went well."""
    calls = deque(changes[start : start + batch] for start in range(0, len(changes), batch))
    loop = asyncio.get_running_loop()
    done = 0
    with (
        ThreadPoolExecutor(1, "hand") as thread,
        closing(await loop.run_in_executor(thread, _connect, file)) as connection,
    ):

        def recorded(work: Callable[..., None], *arguments: Any) -> asyncio.Future[None]:  # noqa: ANN401
            return loop.run_in_executor(thread, work, connection, *arguments)

        async def work() -> None:
            nonlocal done
            while calls:
                lines = [_Line(uuid4().hex, change) for change in calls.popleft()]
                await recorded(_opened, lines, _now())
                applied = _applied(lines, await _posted(session, _body(lines)))
                await recorded(_closed, applied, _now())
                done += len(applied)

        await asyncio.gather(*(work() for _ in range(in_flight)))
        await loop.run_in_executor(thread, connection.close)
    return done


async def post_bare(session: aiohttp.ClientSession, bodies: Iterator[bytes], *, in_flight: int) -> None:
    """Post bodies that are ready, and look at nothing but the status of each answer."""
    waiting = deque(bodies)

    async def work() -> None:
        while waiting:
            await _posted(session, waiting.popleft())

    await asyncio.gather(*(work() for _ in range(in_flight)))


async def _posted(session: aiohttp.ClientSession, body: bytes) -> bytes:
    async with session.post("/stock", data=body, headers=AUTHORIZATION) as answer:
        answer.raise_for_status()
        return await answer.read()


def _body(lines: Sequence[_Line]) -> bytes:
    rows = [{"id": change.listing, "key": key, "quantity": change.new} for key, change in lines]
    return json.dumps({"changes": rows}, separators=(",", ":")).encode()


def _applied(lines: Sequence[_Line], answer: bytes) -> list[_Line]:
    """Return the lines of which the answer plainly says that they show what was sent."""
    told = {row["id"]: row for row in json.loads(answer)["results"]}
    rows = [(line, told.get(line.change.listing, {})) for line in lines]
    return [line for line, row in rows if row.get("ok") is True and row.get("quantity") == line.change.new]


def _now() -> int:
    return int(datetime.now(UTC).timestamp() * 1e6)


# --- in the thread -----------------------------------------------------------------------------------------


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    # As safe against a power cut and with as much cache as ours, or the two could not be compared.
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def _opened(connection: sqlite3.Connection, lines: Sequence[_Line], at: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        _OPEN,
        [
            (
                key,
                change.shop,
                change.listing,
                change.item,
                change.new,
                change.old,
                change.new,
                change.cause.value,
                change.rule,
                at,
                at,
            )
            for key, change in lines
        ],
    )
    connection.execute("COMMIT")


def _closed(connection: sqlite3.Connection, lines: Sequence[_Line], at: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(_RESOLVE, [(key,) for key, _ in lines])
    connection.executemany(_PROVE, [(change.new, change.shop, change.listing) for _, change in lines])
    connection.executemany(
        _NOTE,
        [
            (
                at,
                change.shop,
                change.listing,
                change.sku,
                change.old,
                change.new,
                change.cause.value,
                change.rule,
            )
            for _, change in lines
        ],
    )
    connection.execute("COMMIT")
