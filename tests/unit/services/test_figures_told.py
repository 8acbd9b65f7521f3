"""What cycles tell for those who count: how long they took, what is held, what was measured."""

from typing import Any

import pytest

from syncd.domain.circuit import Said
from syncd.domain.model import ListingId, ShopName, Sku
from syncd.services.cycle import Selection
from syncd.services.push import PushEvent
from syncd.services.telling import tell_circuit
from tests.unit.services.cycle_world import Told, World

A = ShopName("a")


async def test_the_end_of_a_cycle_is_told_with_what_it_did() -> None:
    world = World({"A": 4, "B": 9})
    await world.cycle.run()
    (ended,) = world.told.named("cycle_ended")
    assert ended == {
        "scope": "whole",
        "seconds": ended["seconds"],
        "planned": 4,
        "done": 4,
        "failures": 0,
        "held": {"a": 0, "b": 0},
    }


async def test_a_cycle_for_some_skus_says_so() -> None:
    world = World({"A": 4, "B": 9})
    await world.cycle.run(Selection(skus=frozenset({Sku("A")})))
    assert [facts["scope"] for facts in world.told.named("cycle_ended")] == ["named"]


async def test_a_cycle_that_breaks_off_has_no_end() -> None:
    world = World({"A": 4})

    def broken(_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await world.cycle.run(planned=broken)
    assert world.told.named("cycle_ended") == []


async def test_what_the_guard_holds_is_told_by_shop_as_long_as_it_is_held() -> None:
    world = await World({f"S{at}": 5 for at in range(12)}).filled()
    world.stock(**{f"S{at}": 0 for at in range(12)})
    await world.run()
    await world.run()
    assert [facts["held"] for facts in world.told.named("cycle_ended")][-2:] == [{"a": 12, "b": 12}] * 2


async def test_calls_and_writes_are_told_by_shop() -> None:
    world = World({"A": 4})
    await world.cycle.run()
    assert [
        {name: facts[name] for name in ("shop", "calls", "written")} for facts in world.told.named("measured")
    ] == [
        {"shop": "a", "calls": 1, "written": 1},
        {"shop": "b", "calls": 1, "written": 1},
    ]


async def test_the_delay_of_a_sale_is_told_in_the_shop_that_sold() -> None:
    world = await World({"A": 10}).filled()
    await world.run(after=0.0)
    world.clock.advance(40.0)
    world.shop("a").sell(ListingId("A"), 1)
    await world.run(after=20.0)
    delays: list[Any] = [
        facts["sale_to_seen"] for facts in world.told.named("measured") if "sale_to_seen" in facts
    ]
    assert [{round(bound, 1): many for bound, many in one.items()} for one in delays] == [{63.1: 1}]


async def test_a_cycle_without_anything_to_measure_tells_nothing_of_it() -> None:
    world = await World({"A": 4}).filled()
    before = len(world.told.named("measured"))
    await world.run()
    assert len(world.told.named("measured")) == before


async def test_what_is_lowered_at_once_is_told_with_what_is_left() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    world.stock(A=7, B=10)
    world.clock.advance(5)
    await world.lowering.run(frozenset({Sku("A")}))
    (lowered,) = world.told.named("lowered")
    assert (lowered["done"], lowered["left"]) == (2, 0)


@pytest.mark.parametrize(
    ("said", "names"),
    [(Said.OPENED, ["circuit_opened"]), (Said.CLOSED, ["circuit_closed"]), (Said.NOTHING, [])],
)
def test_a_shop_that_is_left_alone_is_told_once_and_its_return_too(said: Said, names: list[str]) -> None:
    told = Told()
    tell_circuit(told, PushEvent(shop=A, calls=1, lines=1, settled=0, total=1, said=said))
    assert told.events == [(name, {"shop": "a"}) for name in names]
