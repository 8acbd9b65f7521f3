"""Several tasks and several processes at one state."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from syncd.adapters.state import open_store
from syncd.adapters.state.database import open_database
from syncd.domain.model import ListingId, ListingRow
from syncd.domain.records import IntentRow
from syncd.ports.store import Store
from tests.contract.store_contract_rows import NOW, desired, intent_row, listing_row, save_plan

RowT = TypeVar("RowT")


class Slow(list[RowT]):
    """Rows that cancel the task which saves them when the first is taken."""

    def __init__(self, rows: list[RowT], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(rows)
        self.loop = loop
        self.saver: asyncio.Task[None] | None = None

    def __iter__(self) -> Iterator[RowT]:
        assert self.saver is not None
        self.loop.call_soon_threadsafe(self.saver.cancel)
        yield from super().__iter__()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path) as store:
        yield store


async def _save(store: Store, rows: list[ListingRow]) -> None:
    await store.save_listings(rows)


async def _cancel_in_the_middle(store: Store) -> bool:
    """Cancel a save while it writes; return whether it said so."""
    rows = Slow([listing_row(str(number)) for number in range(20_000)], asyncio.get_running_loop())
    rows.saver = asyncio.create_task(_save(store, rows))
    await asyncio.wait([rows.saver])
    return rows.saver.cancelled()


async def test_a_cancelled_write_says_that_it_was_cancelled(store: Store) -> None:
    assert await _cancel_in_the_middle(store)


async def test_a_write_that_is_cancelled_in_its_middle_is_whole(store: Store) -> None:
    await _cancel_in_the_middle(store)
    assert len(await store.listings()) == 20_000


async def test_a_store_goes_on_after_a_cancelled_write(store: Store) -> None:
    await _cancel_in_the_middle(store)
    await store.open_intents([intent_row()])
    assert await store.unresolved() == [intent_row()]


async def test_a_write_that_is_cancelled_before_its_turn_does_nothing(store: Store) -> None:
    saver = asyncio.create_task(store.open_intents([intent_row()]))
    saver.cancel()
    await asyncio.wait([saver])
    assert list(await store.unresolved()) == []


async def test_a_store_goes_on_after_a_cancelled_read(store: Store) -> None:
    await store.save_listings([listing_row(str(number)) for number in range(5000)])
    reader = asyncio.create_task(store.listings())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.wait([reader])
    assert len(await store.listings()) == 5000


async def test_many_tasks_can_write_and_read_at_once(store: Store) -> None:
    await store.save_listings([listing_row(str(number)) for number in range(20)])
    writes = (save_plan(store, desired=[desired(str(number), units=number)]) for number in range(20))
    await asyncio.gather(*writes, *(store.listings() for _ in range(20)))
    found = {row.id: row.desired for row in await store.listings()}
    assert found == {ListingId(str(number)): number for number in range(20)}


async def test_a_write_goes_on_while_a_reader_stands_in_the_file(store: Store, tmp_path: Path) -> None:
    await store.open_intents([intent_row("a")])
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        cursor = other.execute("SELECT key FROM intents")
        await store.open_intents([intent_row("b")])
        assert cursor.fetchall() == [("a",)]


async def test_a_request_of_another_process_reaches_the_store(store: Store, tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from syncd.adapters.state import open_store\n"
        "async def main():\n"
        "    async with open_store(Path(sys.argv[1]), migrate=False) as store:\n"
        "        await store.ask('pause', 'tmall', at=datetime.now(UTC), by='ann')\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-W", "error", "-c", script, str(tmp_path)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    assert [(row.verb, row.argument) for row in await store.requests()] == [("pause", "tmall")]


async def test_two_who_open_a_new_state_at_once_both_get_it(tmp_path: Path) -> None:
    async def ask() -> int:
        async with open_store(tmp_path / "new") as store:
            return await store.ask("pause", "tmall", at=NOW, by="ann")

    assert sorted(await asyncio.gather(*(ask() for _ in range(4)))) == [1, 2, 3, 4]


async def test_closing_waits_for_what_is_under_way(tmp_path: Path) -> None:
    async with open_store(tmp_path / "closing") as store:
        saver = asyncio.create_task(store.save_listings([listing_row(str(n)) for n in range(5000)]))
        await asyncio.sleep(0)
    await saver
    async with open_store(tmp_path / "closing") as store:
        assert len(await store.listings()) == 5000


async def test_an_intent_that_is_there_already_does_not_fail_the_others(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.open_intents([intent_row("a")])
        rows: list[list[IntentRow]] = [
            [intent_row("b")],
            [intent_row("c"), intent_row("a")],
            [intent_row("d")],
        ]
        await asyncio.gather(*(store.open_intents(each) for each in rows), return_exceptions=True)
        assert [row.key for row in await store.unresolved()] == ["a", "b", "d"]


async def test_a_row_that_cannot_be_stored_is_named_to_its_caller_alone(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        bad = listing_row("77")._replace(title="\ud800")
        saves = (store.save_listings([row]) for row in (listing_row("1"), bad, listing_row("2")))
        found = await asyncio.gather(*saves, return_exceptions=True)
        assert [found[0], "77" in str(found[1]), found[2]] == [None, True, None]


async def test_what_is_asked_for_at_one_time_does_not_wait_for_the_loop_in_between(tmp_path: Path) -> None:
    read = threading.Event()
    async with open_store(tmp_path):
        pass
    async with open_database(tmp_path / "state.db", read_only=True) as database:
        bodies: list[Callable[[sqlite3.Connection], object]] = [lambda _: None, lambda _: read.set()]
        reading = [asyncio.create_task(database.few.read(body)) for body in bodies]
        await asyncio.sleep(0)
        # The loop has no turn meanwhile.
        assert read.wait(30.0)
        await asyncio.gather(*reading)


async def test_a_read_that_is_cancelled_before_its_turn_does_nothing(tmp_path: Path) -> None:
    go, read = threading.Event(), list[str]()
    async with open_store(tmp_path):
        pass
    async with open_database(tmp_path / "state.db", read_only=True) as database:
        first = asyncio.create_task(database.few.read(lambda _: go.wait(30.0)))
        second = asyncio.create_task(database.few.read(lambda _: read.append("second")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait({second})
        go.set()
        await first
        await database.few.read(lambda _: read.append("third"))
    assert read == ["third"]


async def test_a_database_that_is_closed_lets_its_reads_end(tmp_path: Path) -> None:
    async with open_store(tmp_path):
        pass
    async with open_database(tmp_path / "state.db", read_only=True) as database:
        reading = [asyncio.create_task(database.few.read(lambda _: 1)) for _ in range(3)]
        await asyncio.sleep(0)
    assert [await one for one in reading] == [1, 1, 1]
