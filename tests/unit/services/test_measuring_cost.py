"""What measuring reads and writes: a cycle in which nothing happens must cost nothing."""

from collections.abc import Collection, Sequence

from syncd.adapters.memory import MemoryStore
from syncd.domain.model import ShopName, Sku
from syncd.domain.records import DemandRow, MeasureRow
from syncd.domain.topology import PoolMode
from syncd.ports.store import Measured
from tests.unit.services.cycle_world import World
from tests.unit.services.orders_world import A

MANY = {f"S{i:02}": 10 for i in range(12)}


class Watched(MemoryStore):
    """Remembers what was asked of the measures; a real one would have read or written that much."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def measures(self) -> Sequence[MeasureRow]:
        self.asked.append("measures")
        return await super().measures()

    async def demand(self, skus: Collection[Sku] | None = None) -> Sequence[DemandRow]:
        self.asked.append("demand")
        return await super().demand(skus)

    async def demand_of(self, places: Collection[tuple[ShopName, Sku]]) -> Sequence[DemandRow]:
        self.asked.append("demand_of")
        return await super().demand_of(places)

    async def save_measures(self, measured: Measured) -> None:
        self.asked.append("save_measures")
        await super().save_measures(measured)


async def watched(world: World) -> tuple[World, Watched]:
    """Return the world with a store that remembers, once it is filled."""
    store = Watched()
    world.keep_in(store)
    await world.filled()
    store.asked.clear()
    return world, store


async def test_a_quiet_cycle_reads_no_measures_and_writes_none() -> None:
    world, store = await watched(World({"A": 10}))
    await world.run()

    assert store.asked == []


async def test_a_decrease_that_goes_on_waiting_is_not_written_again() -> None:
    world, store = await watched(World(MANY))
    world.stock(**dict.fromkeys(MANY, 0))
    await world.run()
    assert "save_measures" in store.asked
    store.asked.clear()
    await world.run()

    assert "save_measures" not in store.asked


async def test_without_shares_not_all_demand_is_read_for_a_sale() -> None:
    world, store = await watched(World({"A": 10}))
    world.shop("a").sell(A, 2)
    await world.run()

    assert "demand" not in store.asked
    assert [row.sold for row in await store.demand()] == [2.0]


async def test_shares_rest_on_all_demand() -> None:
    world, store = await watched(World({"A": 10}, mode=PoolMode.SPLIT))
    await world.run()

    assert store.asked == ["demand"]
