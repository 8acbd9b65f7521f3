"""One SQLite connection in a thread of its own, so that the event loop never waits for a disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from syncd.adapters.state.failures import state_error

ResultT = TypeVar("ResultT")

PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA foreign_keys = ON",
    # FULL, so that a committed intent survives a power cut: NORMAL loses the last commits of a WAL.
    "PRAGMA synchronous = FULL",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cache_size = -65536",
    "PRAGMA journal_size_limit = 67108864",
)
"""What every connection to a state is set to."""


def uri(file: Path, mode: str) -> str:
    """Return the URI of a state; `mode` is `ro` or `rw`, so a file that vanished never comes back empty."""
    return f"{file.absolute().as_uri()}?mode={mode}"


def connect(file: Path, mode: str, *, shared: bool = False) -> sqlite3.Connection:
    """Return a connection to a state, set up.

    Only the thread that asked for it can use it, unless it is `shared`: then who uses it takes turns.
    """
    driver = sqlite3.connect(uri(file, mode), uri=True, isolation_level=None, check_same_thread=not shared)
    try:
        for pragma in PRAGMAS:
            driver.execute(pragma)
    except BaseException:
        driver.close()
        raise
    return driver


async def finished(work: asyncio.Future[ResultT]) -> ResultT:
    """Return what `work` returns; a cancellation waits until it is over.

    A call that was cut off between two statements would leave the connection in an unknown place, and a cut
    commit would leave us not knowing whether it happened.
    """
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return work.result()
    if not work.cancelled():
        work.exception()  # Looked at, so that asyncio does not complain that nobody did.
    raise cancelled


class Connection:
    """An open connection and its thread."""

    def __init__(self, thread: ThreadPoolExecutor, driver: sqlite3.Connection) -> None:
        self._thread = thread
        self._driver = driver

    def begin(self, work: Callable[[sqlite3.Connection], ResultT]) -> asyncio.Future[ResultT]:
        """Begin `work` in the thread, after all that was begun before, and return its future."""
        return asyncio.get_running_loop().run_in_executor(self._thread, work, self._driver)


@asynccontextmanager
async def open_connection(file: Path, mode: str) -> AsyncIterator[Connection]:
    """Yield a connection to `file`; it is closed with the block, after what was begun.

    Raises:
        StateError: the file cannot be opened.
    """
    opened: list[sqlite3.Connection] = []
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, f"state-{mode}") as thread:
        try:
            try:
                await finished(loop.run_in_executor(thread, lambda: opened.append(connect(file, mode))))
            except sqlite3.Error as error:
                raise state_error(file, error) from error
            yield Connection(thread, opened[0])
        finally:
            for driver in opened:
                await finished(loop.run_in_executor(thread, driver.close))
