"""Calls that wait at one time share a transaction; each still stands and falls alone."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from syncd.adapters.state import open_store
from syncd.adapters.state.database import Database, open_database
from syncd.adapters.state.opening import prepare
from syncd.adapters.state.rows import SOURCES
from syncd.adapters.state.transaction import Transaction
from syncd.domain.model import SourceName
from syncd.domain.records import SourceState
from syncd.errors import StateError, StateUnavailable
from tests.contract.store_contract_rows import intent_row

Body = Callable[[Transaction], object]

ROOT = Path(__file__).resolve().parents[2]


class Gate:
    """A write that keeps the writer busy until it is opened, so that others must wait."""

    def __init__(self, database: Database) -> None:
        self._reached = asyncio.Event()
        self._open = threading.Event()
        loop = asyncio.get_running_loop()

        def stand(_: Transaction) -> None:
            loop.call_soon_threadsafe(self._reached.set)
            assert self._open.wait(30)

        self._task = asyncio.create_task(database.write(stand))

    async def reached(self) -> None:
        await self._reached.wait()

    async def open(self) -> None:
        self._open.set()
        await self._task


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return prepare(tmp_path, migrate=True, read_only=False)


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    async with open_database(file, read_only=False) as database:
        yield database


def saved(file: Path) -> list[str]:
    """Return the sources that somebody else finds in the file."""
    with closing(sqlite3.connect(file)) as other:
        return [name for (name,) in other.execute("SELECT name FROM sources ORDER BY name")]


def save(name: str, *, cursor: str = "") -> Body:
    return lambda transaction: transaction.put(SOURCES, [SourceState(name=SourceName(name), cursor=cursor)])


def fail(name: str) -> Body:
    """Return a body that saves a source and then breaks off."""

    def body(transaction: Transaction) -> None:
        save(name)(transaction)
        raise LookupError(name)

    return body


def take_back(name: str) -> Body:
    """Return a body after which SQLite itself has taken everything back, as it does with a full disk."""

    def body(transaction: Transaction) -> None:
        save(name)(transaction)
        transaction.run(text("ROLLBACK"))

    return body


def look(file: Path, found: list[list[str]]) -> Body:
    return lambda _: found.append(saved(file))


def told(task: asyncio.Task[object]) -> str:
    return type(task.exception()).__name__ if task.exception() else "done"


async def together(database: Database, *bodies: Body, rows: int = 1) -> list[asyncio.Task[object]]:
    """Let `bodies` wait at one time and return their tasks, ended."""
    gate = Gate(database)
    await gate.reached()
    tasks = [asyncio.create_task(database.write(body, rows=rows)) for body in bodies]
    # They all stand in the queue after one turn of the loop.
    await asyncio.sleep(0)
    await gate.open()
    await asyncio.wait(tasks)
    return tasks


async def told_of(database: Database, *bodies: Body) -> list[str]:
    return [told(task) for task in await together(database, *bodies)]


# --- one transaction ---------------------------------------------------------------------------------------


async def test_calls_that_wait_share_a_transaction(database: Database, file: Path) -> None:
    found: list[list[str]] = []
    await together(database, save("a"), look(file, found))
    assert found == [[]]


async def test_calls_of_one_turn_of_the_loop_share_a_transaction(database: Database, file: Path) -> None:
    found: list[list[str]] = []
    await asyncio.gather(database.write(save("a")), database.write(look(file, found)))
    assert found == [[]]


async def test_a_call_returns_when_its_rows_are_on_disk(database: Database, file: Path) -> None:
    async def write(name: str) -> list[str]:
        await database.write(save(name))
        return saved(file)

    assert [*await asyncio.gather(write("a"), write("b"))] == [["a", "b"], ["a", "b"]]


async def test_large_calls_do_not_share_a_transaction(database: Database, file: Path) -> None:
    found: list[list[str]] = []
    await together(database, save("a"), look(file, found), rows=3_000)
    assert found == [["a"]]


async def test_a_small_call_does_not_wait_for_a_large_one_behind_it(database: Database, file: Path) -> None:
    found: list[list[str]] = []
    gate = Gate(database)
    await gate.reached()
    tasks = [
        asyncio.create_task(database.write(save("small"))),
        asyncio.create_task(database.write(look(file, found), rows=1_000_000)),
    ]
    await asyncio.sleep(0)
    await gate.open()
    await asyncio.wait(tasks)
    assert found == [["small"]]


async def test_each_call_gets_its_own_result(database: Database) -> None:
    tasks = await together(database, lambda _: "one", lambda _: "two", lambda _: "three")
    assert [task.result() for task in tasks] == ["one", "two", "three"]


async def test_what_waits_is_written_in_the_order_of_the_calls(database: Database) -> None:
    await together(database, *(save("a", cursor=str(number)) for number in range(20)))
    assert [source.cursor for source in await database.few.rows(SOURCES)] == ["19"]


async def test_calls_written_one_by_one_keep_their_order(database: Database) -> None:
    await together(database, save("a", cursor="1"), fail("b"), save("a", cursor="2"), save("a", cursor="3"))
    assert [source.cursor for source in await database.few.rows(SOURCES)] == ["3"]


async def test_the_writer_waits_for_the_disk(database: Database) -> None:
    found = await database.write(lambda it: it._driver.execute("PRAGMA synchronous").fetchall())
    assert found == [(2,)]


# --- one fails ---------------------------------------------------------------------------------------------


async def test_a_call_that_fails_does_not_fail_the_others(database: Database) -> None:
    assert await told_of(database, save("a"), fail("b"), save("c")) == ["done", "LookupError", "done"]


async def test_a_call_that_fails_does_not_lose_the_rows_of_the_others(database: Database, file: Path) -> None:
    await together(database, save("a"), fail("b"), save("c"))
    assert saved(file) == ["a", "c"]


async def test_two_calls_that_fail_are_told_apart(database: Database) -> None:
    tasks = await together(database, fail("a"), save("b"), fail("c"))
    assert [str(task.exception()) for task in tasks] == ["a", "None", "c"]


async def test_a_call_that_fails_alone_keeps_nothing(database: Database, file: Path) -> None:
    await asyncio.wait([asyncio.create_task(database.write(fail("a")))])
    assert saved(file) == []


async def test_writing_goes_on_after_a_call_that_failed(database: Database, file: Path) -> None:
    await together(database, fail("a"), fail("b"))
    await database.write(save("c"))
    assert saved(file) == ["c"]


async def test_the_others_are_told_the_truth_when_all_was_taken_back(database: Database) -> None:
    found = await told_of(database, save("a"), take_back("b"), save("c"))
    assert found == ["done", "StateError", "done"]


async def test_the_others_are_kept_when_all_was_taken_back(database: Database, file: Path) -> None:
    await together(database, save("a"), take_back("b"), save("c"))
    assert saved(file) == ["a", "c"]


async def test_a_call_for_which_the_disk_has_no_room_is_told_so(database: Database) -> None:
    *_, large = await _fill(database)
    assert "disk is full" in str(large.exception())


async def test_a_call_for_which_the_disk_has_no_room_takes_no_other_with_it(
    database: Database, file: Path
) -> None:
    await _fill(database)
    assert saved(file) == ["a", "b"]


async def _fill(database: Database) -> list[asyncio.Task[object]]:
    await database.write(lambda it: it.run(text("PRAGMA max_page_count = 100")))
    return await together(database, save("a"), save("b"), save("large", cursor="x" * 1_000_000))


async def test_while_another_program_writes_nobody_is_told_that_he_is_done(
    database: Database, file: Path
) -> None:
    await database.write(lambda it: it.run(text("PRAGMA busy_timeout = 0")))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writes = (database.write(save(name)) for name in ("a", "b"))
        found = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(error) for error in found] == [StateUnavailable, StateUnavailable]


# --- cancelled, closed, killed -----------------------------------------------------------------------------


async def _cancelled(database: Database) -> list[asyncio.Task[object]]:
    """Cancel one of three that wait."""
    gate = Gate(database)
    await gate.reached()
    tasks = [asyncio.create_task(database.write(save(name))) for name in ("a", "b", "c")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait([tasks[1]])
    await gate.open()
    await asyncio.wait(tasks)
    return tasks


async def test_a_call_that_is_cancelled_while_it_waits_does_nothing(database: Database, file: Path) -> None:
    await _cancelled(database)
    assert saved(file) == ["a", "c"]


async def test_a_call_that_is_cancelled_while_it_waits_says_so(database: Database) -> None:
    assert [task.cancelled() for task in await _cancelled(database)] == [False, True, False]


async def test_a_call_that_is_cancelled_beside_others_is_carried_to_its_end(
    database: Database, file: Path
) -> None:
    gate = Gate(database)
    await gate.reached()
    loop, tasks = asyncio.get_running_loop(), list[asyncio.Task[object]]()

    def cancel(transaction: Transaction) -> None:
        loop.call_soon_threadsafe(tasks[0].cancel)
        loop.call_soon_threadsafe(tasks[0].cancel)
        save("b")(transaction)

    tasks += [asyncio.create_task(database.write(body)) for body in (save("a"), cancel)]
    await asyncio.sleep(0)
    await gate.open()
    await asyncio.wait(tasks)
    assert (tasks[0].cancelled(), saved(file)) == (True, ["a", "b"])


async def test_a_cancelled_call_returns_only_when_its_end_is_known(database: Database, file: Path) -> None:
    began, go, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def slow(transaction: Transaction) -> None:
        loop.call_soon_threadsafe(began.set)
        assert go.wait(30)
        save("a")(transaction)

    task = asyncio.create_task(database.write(slow))
    await began.wait()
    task.cancel()
    await asyncio.sleep(0)
    ended_early = task.done()
    go.set()
    await asyncio.wait([task])
    assert (ended_early, saved(file)) == (False, ["a"])


async def test_closing_lets_those_end_who_wait(file: Path) -> None:
    async with open_database(file, read_only=False) as database:
        gate = Gate(database)
        await gate.reached()
        tasks = [asyncio.create_task(database.write(save(name))) for name in ("a", "b")]
        await asyncio.sleep(0)
        opening = asyncio.create_task(gate.open())
    await asyncio.wait([*tasks, opening])
    assert saved(file) == ["a", "b"]


async def test_closing_lets_one_end_who_called_in_the_same_turn(database: Database, file: Path) -> None:
    task = asyncio.create_task(database.write(save("a")))
    await asyncio.sleep(0)
    await database.retire()
    assert (task.done(), saved(file)) == (True, ["a"])


async def test_who_comes_while_it_closes_is_refused(file: Path) -> None:
    async with open_database(file, read_only=False) as database:
        gate = Gate(database)
        await gate.reached()
        closing_down = asyncio.create_task(database.retire())
        await asyncio.sleep(0)
        with pytest.raises(StateError, match="closed"):
            await database.write(save("late"))
        await gate.open()
        await closing_down


async def test_a_copy_of_the_files_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    async with open_store(tmp_path / "state") as store:
        await asyncio.gather(*(store.open_intents([intent_row(str(number))]) for number in range(50)))
        shutil.copytree(tmp_path / "state", tmp_path / "after")
    async with open_store(tmp_path / "after") as store:
        assert len(await store.unresolved()) == 50


_WRITES = """
import asyncio, sys
from pathlib import Path
from syncd.adapters.state import open_store
from tests.contract.store_contract_rows import intent_row

async def write(store, name):
    for number in range(1_000_000):
        await store.open_intents([intent_row(f"{name}-{number}")])
        print(f"{name}-{number}", flush=True)

async def main():
    async with open_store(Path(sys.argv[1])) as store:
        await asyncio.gather(*(write(store, name) for name in range(20)))

asyncio.run(main())
"""


def _kill_after(folder: Path, acknowledged: int) -> set[str]:
    """Kill a process that writes, and return the keys of which it had said that they are on disk."""
    command = [sys.executable, "-c", _WRITES, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        keys = {process.stdout.readline().strip() for _ in range(acknowledged)}
        process.kill()
        # All of the last line may not have come out.
        return keys | {line.strip() for line in process.stdout if line.endswith("\n")}


async def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    keys = await asyncio.to_thread(_kill_after, tmp_path, 1_000)
    async with open_store(tmp_path) as store:
        assert keys <= {row.key for row in await store.unresolved()}
