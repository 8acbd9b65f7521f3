"""A shop that sells one SKU from a shared pool of its own and from a split one: nothing is sold twice."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.adapters.memory import FakeClock
from syncd.domain.model import ListingId, PoolName, ShopName, Sku, Snapshot, SnapshotKind, WarehouseName
from syncd.domain.topology import Pool, PoolMode, Topology
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits
from tests.unit.services.cycle_world import CAN, ERP, MAIN, PROVES, TELLS, W, World
from tests.unit.services.orders_world import order

A, B, X = ShopName("a"), ShopName("b"), ListingId("A")
OWN, V = PoolName("own"), WarehouseName("v")
STOCK = {V: 10, W: 20}


def _snapshot(units: dict[WarehouseName, int]) -> Snapshot:
    parts = np.zeros((len(units), 7), dtype=np.int64)
    parts[:, 0] = list(units.values())
    return Snapshot(
        source=ERP,
        as_of=FakeClock().now(),
        kind=SnapshotKind.FULL,
        skus=(Sku("A"),) * len(units),
        warehouses=tuple(units),
        parts=parts,
    )


async def mixed_world(traits: ChannelTraits = CAN, *, own_first: bool = True) -> World:
    """Return 10 units that only a sells, in a shared pool, and 20 that a and b have shares of."""
    world = World({"A": 0}, mode=PoolMode.SPLIT, traits=traits)
    own = Pool(name=OWN, mode=PoolMode.SHARED, warehouses=(V,), shops=(A,))
    pools = (own, *world.topology.pools) if own_first else (*world.topology.pools, own)
    (source,) = world.topology.sources
    sources = (type(source)(name=ERP, warehouses=(W, V), max_missing_percent=50),)
    world.topology = Topology(sources=sources, pools=pools, shops=world.topology.shops)
    world.source.say(_snapshot(STOCK))
    return await world.filled()


async def shares(world: World) -> dict[ShopName, int]:
    return {row.shop: row.units for row in await world.store.shares() if row.pool == MAIN}


def shown(world: World) -> list[int]:
    return [world.counters(shop)["A"] for shop in ("a", "b")]


async def test_it_shows_the_sum_of_both_pools() -> None:
    assert shown(await mixed_world()) == [20, 10]


@pytest.mark.parametrize(("units", "share"), [(4, 10), (13, 7), (20, 0)])
async def test_what_its_own_pool_cannot_send_comes_off_its_own_share(units: int, share: int) -> None:
    world = await mixed_world()
    world.shop("a").sell(X, units)
    await world.run()
    causes = {row.cause for row in await world.ledger("share")} - {"divided"}

    # What is moved for the demand that a shows now is another matter.
    assert ((await shares(world))[A], causes - {"rebalance"}) == (share, {"sale"} if share < 10 else set())


async def test_where_the_split_pool_is_asked_first_the_share_pays_first() -> None:
    world = await mixed_world(own_first=False)
    world.shop("a").sell(X, 4)
    await world.run()

    assert (await shares(world), shown(world)) == ({A: 6, B: 10}, [16, 10])


async def test_once_the_erp_has_the_sale_nothing_is_taken_again() -> None:
    world = await mixed_world()
    world.shop("a").sell(X, 13)
    await world.run()
    world.source.say(_snapshot({V: 0, W: 17}))
    for _ in range(3):
        await world.run(after=1200)

    assert (sum((await shares(world)).values()), sum(shown(world))) == (17, 17)


class Books:
    """What was really sold, and what the ERP knows of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sold = 0
        self.sent = dict.fromkeys(STOCK, 0)

    async def sell(self, shop: str, units: int) -> None:
        if self.world.channels[A].traits.order_feed:
            self.sold += units if order(self.world, units, shop=shop) else 0
        else:
            self.sold += self.world.shop(shop).sell(X, units)

    async def cycle(self, _: str, minutes: int) -> None:
        await self.world.run(after=minutes)

    async def book(self, shop: str, _: int) -> None:
        """Let the ERP know all sales, sent from the warehouse of the shop as far as it goes."""
        first = V if shop == "a" else W
        left = self.sold
        for place in (first, *(place for place in STOCK if place != first)):
            self.sent[place] = min(left, STOCK[place])
            left -= self.sent[place]
        self.world.source.say(_snapshot({place: STOCK[place] - self.sent[place] for place in STOCK}))
        await self.world.run(after=1200)

    async def cut_off(self, shop: str, units: int) -> None:
        # Proven unsent: no counter tells a write without an answer from a sale as large.
        self.world.shop(shop).fail_push(
            *[PortError(Kind.TRANSIENT, "down", sent=False) for _ in range(units)]
        )


EVENTS = st.tuples(
    st.sampled_from(("sell", "sell", "sell", "cycle", "cycle", "book", "cut_off")),
    st.sampled_from(("a", "b")),
    st.integers(1, 12),
)


@pytest.mark.parametrize("traits", [CAN, PROVES, TELLS], ids=["set", "delta", "orders"])
@pytest.mark.parametrize("own_first", [True, False])
@given(events=st.lists(EVENTS, max_size=14))
@settings(max_examples=10)
def test_nothing_is_sold_twice_whatever_is_sold_booked_and_cut_off(
    traits: ChannelTraits, events: list[tuple[str, str, int]], *, own_first: bool
) -> None:
    async def follow() -> None:
        books = Books(await mixed_world(traits, own_first=own_first))
        for name, shop, units in events:
            act: Callable[[str, int], Awaitable[None]] = getattr(books, name)
            await act(shop, units)
            assert books.sold <= sum(STOCK.values())
            assert books.sold + sum(shown(books.world)) <= sum(STOCK.values())

    asyncio.run(follow())
