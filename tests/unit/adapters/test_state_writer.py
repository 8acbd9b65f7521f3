"""Whoever writes is told what became of it, a few at a time, whatever happens to those beside him."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from syncd.adapters.state.connection import Connection
from syncd.adapters.state.writer import Writer

_PATIENCE = 10.0
"""Seconds after which somebody was not told for good."""

_MOST = 16


class Hand:
    """In the place of a connection and its thread: what was begun ends when the test says so."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        self._works: list[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = []
        self.begun = asyncio.Event()

    def begin(self, work: Callable[[sqlite3.Connection], Any]) -> asyncio.Future[Any]:
        done = asyncio.get_running_loop().create_future()
        self._works.append((work, done))
        self.begun.set()
        return done

    def end(self) -> None:
        """End what was begun first; the writer hears of it in the next turn of the loop."""
        work, done = self._works.pop(0)
        self.begun.clear()
        done.set_result(work(self._driver))


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as driver:
        yield Hand(driver)


@pytest.fixture
def writer(hand: Hand) -> Writer:
    return Writer(cast("Connection", hand), Path("state.db"))


def _number(at: int) -> Callable[[object], int]:
    return lambda _: at


async def _begun(writer: Writer, hand: Hand, count: int) -> list[asyncio.Task[int]]:
    """Return calls that are written together, each of which returns its number."""
    tasks = [asyncio.create_task(writer.write(_number(at), 1)) for at in range(count)]
    await hand.begun.wait()
    return tasks


async def _turn() -> None:
    """Let everything that is due have its turn, once."""
    await asyncio.sleep(0)


async def _ended(tasks: list[asyncio.Task[int]]) -> list[int | str]:
    """Return what each was told: a number, a word where it was cancelled or heard nothing."""
    _, left = await asyncio.wait(tasks, timeout=_PATIENCE)
    return [
        "untold" if task in left else "cancelled" if task.cancelled() else task.result() for task in tasks
    ]


async def test_who_is_cancelled_as_his_group_ends_leaves_the_others_told(writer: Writer, hand: Hand) -> None:
    tasks = await _begun(writer, hand, 3)
    hand.end()
    # The writer hears of the end first, and only then the one that was cancelled of that.
    tasks[0].cancel()
    assert await _ended(tasks) == ["cancelled", 1, 2]


async def test_writing_goes_on_after_one_was_cancelled_as_his_group_ended(writer: Writer, hand: Hand) -> None:
    tasks = await _begun(writer, hand, 1)
    later = asyncio.create_task(writer.write(lambda _: 7, 1))
    await _turn()
    hand.end()
    tasks[0].cancel()
    await _turn()
    await asyncio.wait_for(hand.begun.wait(), _PATIENCE)
    hand.end()
    assert await _ended([*tasks, later]) == ["cancelled", 7]


async def test_no_more_than_a_few_are_told_in_one_turn_of_the_loop(writer: Writer, hand: Hand) -> None:
    tasks = await _begun(writer, hand, 5 * _MOST + 3)
    hand.end()
    counts = [0]
    while counts[-1] < len(tasks):
        await _turn()
        counts.append(sum(task.done() for task in tasks))
    steps = [after - before for before, after in pairwise(counts)]
    assert max(steps) == _MOST
    assert [task.result() for task in tasks] == list(range(len(tasks)))


async def test_those_who_called_first_are_told_first(writer: Writer, hand: Hand) -> None:
    tasks = await _begun(writer, hand, 3 * _MOST)
    told: list[int] = []
    for task in tasks:
        task.add_done_callback(lambda one: told.append(one.result()))
    hand.end()
    await asyncio.wait(tasks)
    assert told == list(range(len(tasks)))


async def test_the_next_are_written_while_the_last_are_being_told(writer: Writer, hand: Hand) -> None:
    tasks = await _begun(writer, hand, 3 * _MOST)
    later = asyncio.create_task(writer.write(lambda _: 7, 1))
    await _turn()
    hand.end()
    await hand.begun.wait()
    assert not all(task.done() for task in tasks)
    hand.end()
    assert (await _ended([*tasks, later]))[-2:] == [3 * _MOST - 1, 7]


async def test_a_group_that_ends_while_another_is_being_told_is_told_after_it(
    writer: Writer, hand: Hand
) -> None:
    first = await _begun(writer, hand, 3 * _MOST)
    second = [asyncio.create_task(writer.write(lambda _: 7, 1)) for _ in range(_MOST)]
    await _turn()
    hand.end()
    await hand.begun.wait()
    hand.end()
    counts = [0]
    while counts[-1] < len(first) + len(second):
        await _turn()
        counts.append(sum(task.done() for task in [*first, *second]))
        assert all(task.done() for task in first) or not any(task.done() for task in second)
    assert max(after - before for before, after in pairwise(counts)) == _MOST


async def test_who_is_cancelled_before_he_is_told_says_so_and_the_others_are_told(
    writer: Writer, hand: Hand
) -> None:
    tasks = await _begun(writer, hand, 3 * _MOST)
    hand.end()
    await _turn()
    tasks[-2].cancel()
    assert (await _ended(tasks))[-3:] == [3 * _MOST - 3, "cancelled", 3 * _MOST - 1]


async def test_closing_waits_until_all_are_told(writer: Writer, hand: Hand) -> None:
    tasks = await _begun(writer, hand, 4 * _MOST)
    closing_ = asyncio.create_task(writer.retire())
    hand.end()
    await _turn()
    tasks[-1].cancel()
    await asyncio.wait_for(closing_, _PATIENCE)
    await _turn()
    assert all(task.done() for task in tasks)


async def test_closing_waits_for_those_whose_group_has_ended_already(writer: Writer, hand: Hand) -> None:
    tasks = await _begun(writer, hand, 20 * _MOST)
    hand.end()
    await _turn()
    assert not all(task.done() for task in tasks)
    await asyncio.wait_for(writer.retire(), _PATIENCE)
    await _turn()
    assert all(task.done() for task in tasks)
