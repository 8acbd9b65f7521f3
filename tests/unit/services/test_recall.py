"""What the state tells of a SKU is what a cycle would say that looks at everything."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import get_ident
from typing import Any

import pytest

from syncd.domain.held import HeldNow
from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.plan import ShopTraits
from syncd.domain.topology import Assemble, Bundle, PoolMode, Rule, VirtualStock
from syncd.errors import Kind, NotThere, PortError, UsageError
from syncd.services.desk.explaining import LEDGER_ROWS, READ_ROWS
from syncd.services.desk.sales import read_all_sales
from syncd.services.desk.shops import read_stated
from syncd.services.queries import Explainer
from syncd.services.recall import MOST, Recall
from syncd.services.standing import Beside
from tests.unit.services.cycle_world import PROVES, TELLS, W, World, shown
from tests.unit.services.desk_world import LOCK, Json, desk_of

STOCK = {f"S{number:02}": 10 for number in range(12)}
FRESH = ("as_of", "observed", "observed_at", "moved_by")
"""What the state knows only as of the last reading."""
DOWN = PortError(Kind.TRANSIENT, "no route")


async def as_the_command_line(world: World, sku: str) -> Json:
    """Return what `syncd explain` says, which asks every source and shop first."""
    desk, store, code = desk_of(world), world.store, Sku(sku)
    view = await world.cycle.look(save=False)
    beside = Beside(
        intents=await store.unresolved(),
        ledger=await store.ledger(sku=code, limit=READ_ROWS),
        sales=await read_all_sales(desk.ground),
        rows=LEDGER_ROWS,
        stated=await read_stated(desk.ground, await store.demand()),
    )
    return Explainer(view, beside).explain(code)


def without(content: Any, *names: str) -> Any:  # noqa: ANN401
    """Return a document without what only says how fresh it is."""
    if isinstance(content, Mapping):
        return {key: without(value, *names) for key, value in content.items() if key not in names}
    if isinstance(content, list):
        return [without(value, *names) for value in content]
    return content


async def the_same(world: World, sku: str) -> None:
    expected = await as_the_command_line(world, sku)
    found = await desk_of(world).explain(Sku(sku))
    assert without(found, *FRESH, "problems") == without(expected, *FRESH)


@pytest.mark.parametrize("mode", list(PoolMode))
async def test_a_settled_sku_is_explained_alike(mode: PoolMode) -> None:
    await the_same(await World(STOCK, mode=mode).filled(), "S03")


@pytest.mark.parametrize("mode", list(PoolMode))
async def test_a_sku_with_orders_is_explained_alike(mode: PoolMode) -> None:
    world = await World(STOCK, mode=mode, traits=TELLS).filled()
    buyers, now = world.shop("a").buyers, world.clock.now()
    buyers.pay(buyers.order({ListingId("S03"): 2}, at=now), at=now)
    await world.run()
    await world.run()
    await the_same(world, "S03")


async def test_a_sku_whose_counter_fell_is_explained_alike() -> None:
    world = await World(STOCK).filled()
    world.shop("a").sell(ListingId("S03"), 2)
    await world.run()
    await the_same(world, "S03")


async def test_a_sku_that_the_guard_holds_is_explained_alike() -> None:
    world = await World(STOCK).filled()
    world.stock(**STOCK | {f"S{number:02}": 0 for number in range(5)})
    await world.run()
    await the_same(world, "S03")
    assert "guard.max_off_percent" in str(await desk_of(world).explain(Sku("S03")))


async def test_a_sku_beside_what_is_held_is_explained_alike() -> None:
    world = await World(STOCK).filled()
    world.stock(**STOCK | {f"S{number:02}": 0 for number in range(5)})
    await world.run()
    await the_same(world, "S09")


async def test_units_on_their_way_are_explained_alike() -> None:
    world = await World({"A": 30, "B": 9}, mode=PoolMode.SPLIT, traits=PROVES).filled()
    world.shop("b").fail_push(*[DOWN for _ in range(999)])
    for _ in range(14):
        world.shop("a").sell(ListingId("A"), 1)
        await world.run(after=30)
    assert await world.store.moves()
    await the_same(world, "A")


def bundled(world: World) -> None:
    bundle = Bundle(sku=Sku("KIT"), components={Sku("S01"): 1, Sku("S02"): 2}, assemble=Assemble.WAREHOUSE)
    world.topology = replace(world.topology, bundles=(bundle,))
    world.restart()


def listed(world: World) -> None:
    bundled(world)
    world.shop("a").put(shown("KIT", 0))


def virtual(world: World) -> None:
    extra = VirtualStock(sku=Sku("S03"), warehouse=W, units=5)
    world.topology = replace(world.topology, virtual=(extra,))
    world.restart()


def ruled(world: World) -> None:
    world.rule(shop="a", sku="S03", buffer=2)
    world.rule(sku="S0*", warning_level=3, notice_level=20)


def suffixed(world: World) -> None:
    sources = tuple(replace(source, unsellable_suffix="U") for source in world.topology.sources)
    world.topology = replace(world.topology, sources=sources)
    world.restart()
    world.stock(**STOCK, S03U=2)


@pytest.mark.parametrize(
    ("change", "sku"),
    [(listed, "KIT"), (listed, "S01"), (bundled, "KIT"), (virtual, "S03"), (ruled, "S03"), (suffixed, "S03")],
)
async def test_what_is_configured_is_explained_alike(change: Callable[[World], None], sku: str) -> None:
    world = World(STOCK)
    change(world)
    await world.filled()
    await the_same(world, sku)


async def test_a_locked_sku_is_explained_alike() -> None:
    world = await World(STOCK, rules=(Rule(name="pools.main", values={"weight": 2}),)).filled()
    await world.store.ask("lock_add", LOCK.replace("S09", "S03"), at=world.clock.now(), by="ann")
    await world.requests.obey()
    await world.run()
    await the_same(world, "S03")


async def test_a_paused_shop_is_explained_alike() -> None:
    world = await World(STOCK).filled()
    await world.store.ask("pause", "a", at=world.clock.now(), by="ann")
    await world.requests.obey()
    world.stock(**STOCK | {"S03": 4})
    await world.run()
    await the_same(world, "S03")


async def test_nobody_is_asked_and_nothing_is_written() -> None:
    world = await World(STOCK).filled()
    before = (await world.store.ledger(limit=999), await world.store.listings(), await world.store.held_now())
    world.shop("a").sell(ListingId("S03"), 5)
    told = len(world.told.events)

    await desk_of(world).explain(Sku("S03"))

    after = (await world.store.ledger(limit=999), await world.store.listings(), await world.store.held_now())
    assert (after, len(world.told.events)) == (before, told)


async def test_what_could_not_be_read_is_a_problem() -> None:
    world = await World(STOCK).filled()
    world.shop("b").fail_observe(DOWN)
    await world.run()

    assert (await desk_of(world).explain(Sku("S03")))["problems"] == ["shop b: no route"]


async def test_what_is_to_be_raised_in_a_shop_that_cannot_be_read_says_so() -> None:
    world = await World(STOCK).filled()
    world.shop("b").fail_observe(DOWN)
    world.stock(**STOCK | {"S03": 12})
    await world.run()

    shop = (await desk_of(world).explain(Sku("S03")))["shops"]["b"]

    assert "could not be read just now" in shop["held_because"]


async def test_an_unknown_sku_is_refused_with_what_comes_near() -> None:
    world = await World(STOCK).filled()

    with pytest.raises(NotThere, match=r"no source knows the SKU 's1'; did you mean S10 or S11\?"):
        await desk_of(world).explain(Sku("s1"))


async def test_an_unknown_shop_is_refused() -> None:
    world = await World(STOCK).filled()

    with pytest.raises(NotThere, match="there is no shop 'c'; configured are a, b"):
        await desk_of(world).explain(Sku("S03"), ShopName("c"))


class Traits(dict[ShopName, ShopTraits]):
    """Notes in which threads somebody decides."""

    def __init__(self, traits: Mapping[ShopName, ShopTraits]) -> None:
        super().__init__(traits)
        self.threads: set[int] = set()

    def get(self, key: ShopName, default: Any = None) -> Any:  # noqa: ANN401 - as of any mapping
        self.threads.add(get_ident())
        return super().get(key, default)


async def test_what_is_recalled_is_not_decided_on_in_the_loop() -> None:
    world = await World(STOCK).filled()
    lowering = world.lowering
    traits = Traits(lowering._rules.traits)
    rules = replace(lowering._rules, traits=traits)
    recall = Recall(rules, lowering._hands, store=world.store, clock=world.clock, seat=world.seat)

    await recall.view({Sku("S03")})

    assert traits.threads
    assert get_ident() not in traits.threads


async def test_more_than_can_be_looked_at_is_refused() -> None:
    world = World(STOCK)
    parts = {Sku(f"P{number}"): 1 for number in range(MOST + 1)}
    world.topology = replace(world.topology, bundles=(Bundle(sku=Sku("KIT"), components=parts),))
    world.restart()

    with pytest.raises(UsageError, match="more than 5000 SKUs hang together with KIT"):
        await desk_of(world).explain(Sku("KIT"))


async def test_a_cycle_is_not_waited_for() -> None:
    world = await World(STOCK).filled()

    async with world.seat.taken():
        found = await desk_of(world).explain(Sku("S03"))

    assert found["available"] == 10


async def test_a_new_state_holds_nothing() -> None:
    assert await World(STOCK).store.held_now() == HeldNow()
