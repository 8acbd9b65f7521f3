"""Garbage is looked for between cycles."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace

import pytest

from syncd.runtime.tidying import Tidier
from tests.unit.services.cycle_world import World
from tests.unit.services.test_daemon import Loop


class Knot:
    """Garbage that only a look through all objects finds."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_garbage_is_freed() -> None:
    knot = weakref.ref(Knot())
    Tidier().tidy()
    assert knot() is None


def test_what_is_not_is_looked_at_no_more() -> None:
    kept = [Knot()]
    Tidier().tidy()
    assert not any(one is kept[0] for one in gc.get_objects())


def test_what_was_set_aside_is_freed_in_the_end() -> None:
    tidier, kept = Tidier(), [Knot()]
    knot = weakref.ref(kept[0])
    tidier.tidy()
    kept.clear()
    for _ in range(500):
        tidier.tidy()
    assert knot() is None


def test_all_objects_are_not_looked_through_at_any_other_time() -> None:
    looked = []

    def note(phase: str, info: dict[str, int]) -> None:
        looked.append((phase, info["generation"]))

    with Tidier().watching():
        gc.callbacks.append(note)
        rows = [[at] for at in range(400_000)]
        gc.callbacks.remove(note)
    assert (len(rows), ("start", 1) in looked, ("start", 2) in looked) == (400_000, True, False)


def test_afterwards_all_is_as_it_was() -> None:
    before = gc.get_threshold()
    with Tidier().watching():
        pass
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


async def test_a_daemon_frees_garbage_after_each_cycle() -> None:
    loop, knots = Loop(World({"A": 10})), list["weakref.ref[Knot]"]()
    loop.before = lambda: knots.append(weakref.ref(Knot()))
    loop.daemon = replace(loop.daemon, tidier=Tidier())
    async with loop.running():
        for _ in range(2):
            await loop.next_cycle()
            await loop.pass_time(60)
        await loop.next_cycle()
        assert [knot() is None for knot in knots[:2]] == [True, True]


async def test_a_daemon_looks_at_all_objects_only_then() -> None:
    loop, before = Loop(World({"A": 10})), gc.get_threshold()
    loop.daemon = replace(loop.daemon, tidier=Tidier())
    async with loop.running():
        await loop.next_cycle()
        meanwhile = gc.get_threshold()
    assert (meanwhile != before, gc.get_threshold()) == (True, before)
