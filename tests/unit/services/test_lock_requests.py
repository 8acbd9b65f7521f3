"""What is asked about locks is done, or refused in words that say what to do."""

import pytest

from syncd.domain.topology import PoolMode
from syncd.services.lock_requests import END, RELEASE, lock_of, release_text
from tests.unit.services.cycle_world import World
from tests.unit.services.locks_world import ask, lock

LATER = "5@2026-11-10T16:00:00+00:00"


def a_world() -> World:
    return World({"A": 40}, mode=PoolMode.SPLIT)


async def test_a_lock_says_what_it_holds() -> None:
    answer = await lock(a_world(), 20, shop="a", only=True, released=3, schedule=LATER)
    assert answer == (
        "lock 1 holds 20 units of A in pool main for shop a, which shows only what is released of them: "
        "3 released, 5 more at 2026-11-10 16:00 UTC"
    )


async def test_an_answer_names_its_lock() -> None:
    world = a_world()
    await lock(world, 1)
    assert lock_of(await lock(world, 1)) == 2


async def test_a_second_lock_of_which_a_shop_shows_only_the_units_is_refused() -> None:
    world = a_world()
    await lock(world, 5, shop="a", only=True)
    answer = await lock(world, 5, shop="a", only=True)
    assert answer == (
        "refused: shop a shows only lock 1 of A already; end that one with `syncd lock end 1`, or add this "
        "one with --plus"
    )


@pytest.mark.parametrize(("shop", "sku", "only"), [("b", "A", True), ("a", "B", True), ("a", "A", False)])
async def test_another_lock_beside_it_is_added(shop: str, sku: str, *, only: bool) -> None:
    world = a_world()
    await lock(world, 5, shop="a", only=True)
    assert (await lock(world, 5, shop=shop, sku=sku, only=only)).startswith("lock 2 holds")


async def test_after_the_first_has_ended_a_second_is_added() -> None:
    world = a_world()
    await lock(world, 5, shop="a", only=True)
    await ask(world, END, "1")
    assert (await lock(world, 5, shop="a", only=True)).startswith("lock 2 holds")


async def test_more_cannot_be_released_than_is_locked() -> None:
    answer = await lock(a_world(), 7, shop="a", released=3, schedule=LATER)
    assert answer == "refused: 8 units are to be released, but only 7 locked"


async def test_a_lock_of_nothing_is_refused() -> None:
    assert (await lock(a_world(), 0)).startswith("refused: a lock has 1 to")


@pytest.mark.parametrize(("units", "told"), [(2, "5 released"), (None, "10 released")])
async def test_a_release_says_what_is_released_now(units: int | None, told: str) -> None:
    world = a_world()
    await lock(world, 10, shop="a", released=3)
    assert told in await ask(world, RELEASE, release_text(1, units))


@pytest.mark.parametrize(("units", "why"), [(8, "1 to 7 of its units"), (0, "1 to 7 of its units")])
async def test_no_more_is_released_than_is_left(units: int, why: str) -> None:
    world = a_world()
    await lock(world, 10, shop="a", released=3)
    assert why in await ask(world, RELEASE, release_text(1, units))


async def test_a_lock_that_is_released_whole_cannot_be_released_again() -> None:
    world = a_world()
    await lock(world, 10, shop="a", released=10)
    answer = await ask(world, RELEASE, release_text(1, None))
    assert answer == "refused: lock 1: all of its 10 units are released already"


async def test_an_unknown_lock_is_refused_with_those_that_live() -> None:
    world = a_world()
    await lock(world, 1)
    await lock(world, 1)
    await ask(world, END, "1")
    answers = [await ask(world, END, "1"), await ask(world, RELEASE, release_text(7, 1))]
    assert answers == [
        "refused: no lock 1 lives; those that do are 2",
        "refused: no lock 7 lives; those that do are 2",
    ]


async def test_an_end_says_what_the_pool_gets_back() -> None:
    world = a_world()
    await lock(world, 10, shop="a", released=3)
    assert await ask(world, END, "1") == "lock 1 has ended: 10 units of A are pool main's again"


async def test_all_of_it_is_written_down_with_who_asked() -> None:
    world = a_world()
    await lock(world, 10, shop="a", released=3)
    await ask(world, RELEASE, release_text(1, 2))
    await ask(world, END, "1")
    rows = [(row.what, row.old, row.new, row.cause, row.rule, row.who) for row in await world.store.ledger()]
    assert rows == [
        ("lock", 10, 0, "ended", "locks.1", "ann"),
        ("lock_released", 3, 5, "hand", "locks.1", "ann"),
        ("lock_released", 0, 3, "hand", "locks.1", "ann"),
        ("lock", None, 10, "added", "locks.1", "ann"),
    ]
