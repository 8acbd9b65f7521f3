"""What an audit finds in the state is put right between two cycles, and the ledger says by whom."""

from collections.abc import Collection, Sequence
from typing import cast

import pytest

from syncd.domain.model import ListingId, ListingRow, ShopName, Sku
from syncd.domain.records import MoveRow, RequestRow
from syncd.domain.topology import PoolMode
from syncd.ports.store import Store, Virtual
from syncd.services.audit import REPAIR, Part, Repairing
from syncd.services.requests import Requests
from tests.unit.services.audit_world import HERE, audited, busy, ground, lose_the_only_use
from tests.unit.services.cycle_world import MAIN, World
from tests.unit.services.test_audit import (
    Damage,
    a_counter,
    a_desired_figure,
    a_doubled_share,
    a_larger_claim,
    a_lost_claim,
    a_share_below_zero,
)


async def a_move_of_nothing(world: World) -> None:
    move = MoveRow(MAIN, Sku("gone"), ShopName("a"), ShopName("b"), 0, world.clock.now())
    await world.store.save_virtual(Virtual(moves=[move]))


DAMAGE = [
    a_move_of_nothing,
    a_desired_figure,
    a_counter,
    a_lost_claim,
    a_larger_claim,
    a_doubled_share,
    a_share_below_zero,
    lose_the_only_use,
]


async def repair(world: World, shops: str = "") -> str:
    repairing = Repairing(ground(world), store=world.store, clock=world.clock)
    requests = Requests(
        store=world.store, clock=world.clock, events=world.told, others={REPAIR: repairing.obey}
    )
    number = await world.store.ask(REPAIR, shops, at=world.clock.now(), by="ann")
    await requests.obey()
    return await world.store.answered(number)


@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_is_gone_after_a_repair_and_a_cycle(damage: Damage) -> None:
    world = await busy(PoolMode.SPLIT)
    before = world.counters("a"), world.counters("b")
    await damage(world)
    answer = await repair(world)
    await world.run(after=5.0)

    assert answer == "1 figures of the state were put right"
    assert await audited(world, online=True) == []
    assert (world.counters("a"), world.counters("b")) == before


async def test_a_lock_that_used_more_than_was_sold_is_said_to_stay_as_it_is() -> None:
    world = await busy(PoolMode.SPLIT)
    (use,) = await world.store.uses()
    await world.store.save_claims([], [], [use._replace(units=use.units + 1)])

    answer = await repair(world)

    assert answer.startswith("0 figures of the state were put right; as it is stays what locks.1 used")
    assert await world.ledger("repaired") == []
    assert [one.part for one in await audited(world)] == [Part.LOCKS]


async def test_the_ledger_says_what_was_repaired_and_who_asked() -> None:
    world = await busy(PoolMode.SPLIT)
    await a_lost_claim(world)
    await repair(world)
    (row,) = await world.ledger("repaired")
    assert (row.cause, row.who, row.old) == (Part.CLAIMS, "ann", 0)


async def test_a_counter_that_was_thought_too_low_finds_the_sale_that_was_hidden_by_it() -> None:
    world = await busy(PoolMode.SPLIT)
    before = await world.claimed("B")
    await a_counter(world)
    shown = world.shop("a")._counters.shown
    (listing,) = [row for row in shown.values() if row.code == "B"]
    world.shop("a")._counters.move(listing.id, -1)
    await repair(world)
    await world.run(after=5.0)
    assert await world.claimed("B") == before + 1


class PushingStill:
    """A store in which a push proves something about a counter right before the repair writes it."""

    def __init__(self, world: World, **proven: int) -> None:
        self._world = world
        self._proven = proven

    def __getattr__(self, name: str) -> object:
        return getattr(self._world.store, name)

    async def named(self, places: Collection[tuple[ShopName, ListingId]]) -> Sequence[ListingRow]:
        row = await self._world.row("a", "B")
        await self._world.store.save_listings([row._replace(**self._proven)])  # type: ignore[arg-type]
        return await self._world.store.named(places)


async def test_what_a_push_proved_meanwhile_is_not_written_over() -> None:
    world = await busy(PoolMode.SPLIT)
    await a_counter(world)
    store = cast("Store", PushingStill(world, expected_lo=7, expected_hi=7))
    request = RequestRow(1, REPAIR, "", world.clock.now(), "ann", "")
    await Repairing(ground(world), store=store, clock=world.clock).obey(request)
    assert (await world.row("a", "B")).expected_hi == 7


async def test_a_shop_that_drifted_is_read_whole_by_the_next_cycle() -> None:
    world = await busy(PoolMode.SPLIT)
    assert (await repair(world, "a")).endswith("; a will be read whole")
    at = (await world.store.shops())[HERE].observed_at
    assert at is not None
    assert at.year < 2000


async def test_where_nothing_is_wrong_nothing_is_changed() -> None:
    world = await busy(PoolMode.SPLIT)
    rows = await world.store.listings()
    assert await repair(world) == "0 figures of the state were put right"
    assert await world.store.listings() == rows
