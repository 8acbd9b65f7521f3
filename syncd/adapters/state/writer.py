"""The one who writes: calls that wait at one time share a transaction and its way to the disk."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from syncd.adapters.state.connection import Connection, finished
from syncd.adapters.state.failures import FAILURES, state_error
from syncd.adapters.state.transaction import Transaction
from syncd.errors import StateError

ResultT = TypeVar("ResultT")

Body = Callable[[Transaction], ResultT]

_PORTION = 16
"""So many calls are told in one turn of the loop: each goes on at once, and others shall have a turn, too."""

_MOST_ROWS = 5_000
"""So many rows share a transaction: about 50 ms of work, for which an intent may have to wait."""


class _Outcome(NamedTuple):
    """What became of a call: its result, or why nothing of it was written."""

    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True, eq=False)
class _Call(Generic[ResultT]):
    """A call that waits for its rows to be on disk."""

    body: Body[ResultT]
    rows: int
    done: asyncio.Future[ResultT]

    def end(self, outcome: _Outcome) -> None:
        if self.done.done():
            # Cancelled just now, and not back yet to ask for its end, which is known to nobody else.
            return
        if outcome.error is None:
            self.done.set_result(outcome.result)
        else:
            self.done.set_exception(outcome.error)


class Writer:
    """Writes for all, in the order in which they called, in one thread.

    What waits when the last transaction ends goes into the next, of large calls only one: a small call never
    waits for a large one that came after it. A call returns when its own rows are on disk. A transaction that
    fails is taken back and its calls are written again one by one, so that only who is at fault fails; a body
    is therefore run up to twice and must not change what it was given. Of many who are done a few are told at
    a time, in their order, while the next are being written.

    A call that is cancelled while it waits its turn did nothing; later it is carried to its end.
    """

    def __init__(self, connection: Connection, file: Path) -> None:
        self._connection = connection
        self._file = file
        self._waiting: deque[_Call[Any]] = deque()
        self._under_way: Sequence[_Call[Any]] = ()
        self._untold: deque[tuple[_Call[Any], _Outcome]] = deque()
        self._called = False
        self._closed = False

    async def write(self, body: Body[ResultT], rows: int) -> ResultT:
        """Run `body`, which writes about so many rows, and return its result once that is on disk."""
        if self._closed:
            raise StateError(f"{self._file}: the state is closed")
        loop = asyncio.get_running_loop()
        call: _Call[ResultT] = _Call(body, rows, loop.create_future())
        self._waiting.append(call)
        if not self._called:
            # Not begun at once: who calls in the same turn of the loop shall come along.
            self._called = True
            loop.call_soon(self._begin)
        try:
            return await call.done
        except asyncio.CancelledError:
            await self._leave(call)
            raise

    async def retire(self) -> None:
        """Refuse all that comes from now on, and let end what came before."""
        self._closed = True
        while calls := [*(call for call, _ in self._untold), *self._under_way, *self._waiting]:
            await asyncio.wait([call.done for call in calls])

    async def _leave(self, call: _Call[Any]) -> None:
        """Take back a call that still waits its turn; return when one whose turn it is has ended."""
        if call in self._waiting:
            self._waiting.remove(call)
        elif call in self._under_way:
            # The cancellation went to the future that we had.
            call.done = asyncio.get_running_loop().create_future()
            # Who was cancelled is told only that.
            with suppress(BaseException):
                await finished(call.done)

    def _begin(self) -> None:
        self._called = False
        if self._under_way or not self._waiting:
            return
        self._under_way = self._take()
        bodies = [call.body for call in self._under_way]
        work = self._connection.begin(partial(_written, file=self._file, bodies=bodies))
        work.add_done_callback(self._ended)

    def _take(self) -> list[_Call[Any]]:
        """Return those whose turn it is, no longer waiting."""
        taken = [self._waiting.popleft()]
        rows = taken[0].rows
        while self._waiting and rows + self._waiting[0].rows <= _MOST_ROWS:
            taken.append(self._waiting.popleft())
            rows += taken[-1].rows
        return taken

    def _ended(self, work: asyncio.Future[list[_Outcome]]) -> None:
        calls, self._under_way = self._under_way, ()
        error = work.exception()
        outcomes = work.result() if error is None else [_failed(self._file, error) for _ in calls]
        is_telling = bool(self._untold)
        self._untold.extend(zip(calls, outcomes, strict=True))
        # The thread need not wait for those who are told.
        self._begin()
        if not is_telling:
            self._tell()

    def _tell(self) -> None:
        for _ in range(min(_PORTION, len(self._untold))):
            call, outcome = self._untold.popleft()
            call.end(outcome)
        if self._untold:
            asyncio.get_running_loop().call_soon(self._tell)


# --- in the thread -----------------------------------------------------------------------------------------


class _NoTurnError(Exception):
    """No transaction could be begun; its cause says why, and the next attempt would wait as long."""


def _written(driver: sqlite3.Connection, *, file: Path, bodies: Sequence[Body[Any]]) -> list[_Outcome]:
    """Return what became of each of `bodies`, written together or, where that fails, one by one."""
    if len(bodies) > 1:
        try:
            return [_Outcome(result) for result in _transact(driver, file, bodies)]
        except _NoTurnError as error:
            return [_failed(file, error.__cause__) for _ in bodies]
        except BaseException:  # noqa: BLE001, S110 - below, who is at fault fails again
            pass
    outcomes: list[_Outcome] = []
    for body in bodies:
        try:
            outcomes += [_Outcome(result) for result in _transact(driver, file, [body])]
        except _NoTurnError as error:
            left = len(bodies) - len(outcomes)
            return [*outcomes, *(_failed(file, error.__cause__) for _ in range(left))]
        except BaseException as error:  # noqa: BLE001 - who called is told
            outcomes.append(_failed(file, error))
    return outcomes


def _transact(driver: sqlite3.Connection, file: Path, bodies: Sequence[Body[Any]]) -> list[Any]:
    try:
        # IMMEDIATE: a deferred transaction that turns to writing fails at once beside another writer.
        driver.execute("BEGIN IMMEDIATE")
    except FAILURES as error:
        raise _NoTurnError from error
    try:
        transaction = Transaction(driver, file)
        results = [body(transaction) for body in bodies]
        # Not `commit()`: that says nothing where SQLite itself has taken everything back.
        driver.execute("COMMIT")
    finally:
        # Still open here only if something failed.
        if driver.in_transaction:
            driver.execute("ROLLBACK")
    return results


def _failed(file: Path, error: BaseException | None) -> _Outcome:
    if not isinstance(error, FAILURES):
        return _Outcome(error=error)
    # One for each: an exception that several tasks raise would carry the traces of all.
    named = state_error(file, error)
    named.__cause__ = error
    return _Outcome(error=named)
