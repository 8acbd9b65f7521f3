"""Each kind of damage is named as what it is, and what is right is left alone."""

from collections.abc import Awaitable, Callable

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.model import Action, ListingId, ShopName
from syncd.domain.records import IntentRow, MoveRow, Resolution
from syncd.domain.topology import PoolMode
from syncd.errors import Kind, PortError
from syncd.ports.store import Virtual
from syncd.services.audit import Audit, Part
from tests.unit.services.audit_world import HERE, A, audit, audited, busy, ground, lose_the_only_use, spoil
from tests.unit.services.cycle_world import MAIN, TELLS, World, shown
from tests.unit.services.orders_world import order

Damage = Callable[[World], Awaitable[None]]


# --- what is right -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", PoolMode)
async def test_nothing_is_found_where_nothing_is_wrong(mode: PoolMode) -> None:
    assert await audited(await busy(mode), online=True) == []


@pytest.mark.parametrize("mode", PoolMode)
async def test_sales_returns_and_deliveries_leave_nothing_to_be_found(mode: PoolMode) -> None:
    world = await busy(mode)
    number = order(world, 2)
    for step in range(6):
        if step == 2:
            world.shop("a").buyers.cancel(number, at=world.clock.now())
        if step == 3:
            world.stock(A=30, B=7)
        await world.run(after=90.0)
        assert await audited(world, online=True) == [], step


async def test_a_state_that_was_never_filled_has_nothing_to_be_found() -> None:
    assert await audited(World({"A": 5})) == []


async def test_a_sale_that_the_state_has_not_heard_of_explains_a_counter() -> None:
    world = await busy(PoolMode.SPLIT)
    order(world, 1)
    assert await audited(world, online=True) == []


# --- what was spoiled --------------------------------------------------------------------------------------


async def a_desired_figure(world: World) -> None:
    row = await world.row("a", "A")
    await spoil(world, desired=(row.desired or 0) + 3)


async def a_counter(world: World) -> None:
    row = await world.row("a", "B")
    await world.store.save_listings([row._replace(expected_lo=0, expected_hi=0)])


async def a_lost_claim(world: World) -> None:
    first = next(claim for claim in await world.store.claims() if claim.line.startswith("order:"))
    await world.store.save_claims([], [first])


async def a_larger_claim(world: World) -> None:
    first = next(claim for claim in await world.store.claims() if claim.line.startswith("order:"))
    await world.store.save_claims([first._replace(units=first.units + 5)], [])


async def a_doubled_share(world: World) -> None:
    row = next(row for row in await world.store.shares() if row.sku == "A" and row.units)
    await world.store.save_virtual(Virtual(shares=[row._replace(units=2 * row.units)]))


async def a_share_below_zero(world: World) -> None:
    row = next(row for row in await world.store.shares() if row.sku == "B")
    await world.store.save_virtual(Virtual(shares=[row._replace(units=-1)]))


DAMAGE = [
    (a_desired_figure, Part.DESIRED, "A"),
    (a_counter, Part.EXPECTED, "B"),
    (a_lost_claim, Part.CLAIMS, "A"),
    (a_larger_claim, Part.CLAIMS, "A"),
    (a_doubled_share, Part.SHARES, "A"),
    (a_share_below_zero, Part.SHARES, "B"),
    (lose_the_only_use, Part.LOCKS, "A"),
]


@pytest.mark.parametrize(("damage", "part", "sku"), DAMAGE)
async def test_damage_is_found_and_named_as_what_it_is(damage: Damage, part: Part, sku: str) -> None:
    world = await busy(PoolMode.SPLIT)
    await damage(world)
    found = await audited(world)
    assert [(one.part, one.sku) for one in found] == [(part, sku)]


async def test_a_lost_claim_names_its_order_line_and_what_could_be_sold_twice() -> None:
    world = await busy(PoolMode.SPLIT)
    claim = next(claim for claim in await world.store.claims() if claim.units == 2)
    await world.store.save_claims([], [claim])
    (found,) = await audited(world)
    assert (found.shop, found.listing, found.thing) == (claim.shop, A, claim.line)
    assert (found.found, found.should, found.oversold) == (0, 2, 2)


async def test_a_claim_of_no_order_line_hides_its_units() -> None:
    world = await busy(PoolMode.SPLIT)
    claim = next(claim for claim in await world.store.claims() if claim.units == 2)
    await world.store.save_claims([claim._replace(line="order:lost:A")], [])
    found = [one for one in await audited(world) if one.part is Part.CLAIMS]
    assert [(one.thing, one.hidden, one.why) for one in found] == [
        ("order:lost:A", 2, "its order line is not in the state")
    ]


async def test_a_counter_that_is_thought_too_low_says_what_could_be_sold_unseen() -> None:
    world = await busy(PoolMode.SPLIT)
    before = await world.row("a", "B")
    await world.store.save_listings([before._replace(expected_lo=0, expected_hi=0)])
    found = next(one for one in await audited(world) if one.part is Part.EXPECTED)
    assert (found.listing, found.found, found.should) == (ListingId("B"), 0, before.expected_hi)
    assert (found.oversold, found.why.split()[0]) == (before.expected_hi, "read")


async def test_a_move_of_nothing_is_found() -> None:
    world = await busy(PoolMode.SPLIT)
    sku = (await world.store.shares())[0].sku
    move = MoveRow(MAIN, sku, ShopName("a"), ShopName("b"), 0, world.clock.now())
    await world.store.save_virtual(Virtual(moves=[move]))
    assert [one.why for one in await audited(world)] == ["nothing is on its way"]


# --- what shops show ---------------------------------------------------------------------------------------


async def test_a_counter_that_somebody_raised_is_found_in_the_shop_only() -> None:
    world = await busy(PoolMode.SPLIT)
    row = await world.row("a", "A")
    world.shop("a").put(shown("A", (row.expected_hi or 0) + 4))
    assert await audited(world) == []
    (found,) = await audited(world, online=True)
    assert (found.part, found.shop, found.listing, found.oversold) == (Part.SHOPS, HERE, A, 4)


async def test_a_counter_that_fell_without_an_order_is_found() -> None:
    world = await busy(PoolMode.SPLIT)
    world.shop("a").put(shown("B", 0))
    (found,) = await audited(world, online=True)
    assert (found.listing, found.why) == (ListingId("B"), "it was sold or written, and no order says so")


async def test_a_write_that_a_crash_left_without_an_answer_explains_a_counter() -> None:
    world = await busy(PoolMode.SPLIT)
    row, at = await world.row("a", "A"), world.clock.now()
    target = (row.expected_hi or 0) + 4
    what = (HERE, A, row.item, Action.DELTA, 4, row.expected_hi, target, "give", "", at, at)
    await world.store.open_intents([IntentRow("k", *what, Resolution.OPEN, "")])
    world.shop("a").put(shown("A", target))
    assert await audited(world, online=True) == []
    world.shop("a").put(shown("A", target + 1))
    assert [(one.part, one.oversold) for one in await audited(world, online=True)] == [(Part.SHOPS, 1)]


async def test_a_listing_that_the_state_does_not_know_is_found() -> None:
    world = await busy(PoolMode.SPLIT)
    world.shop("b").put(shown("new", 3))
    (found,) = await audited(world, online=True)
    assert (found.shop, found.listing, found.should) == (ShopName("b"), "new", None)


async def test_a_listing_that_is_shown_no_more_is_found() -> None:
    world = await busy(PoolMode.SPLIT)
    await world.store.save_listings([(await world.row("a", "A"))._replace(id=ListingId("Z"))])
    found = [one for one in await audited(world, online=True) if one.listing == "Z"]
    assert [one.why for one in found if one.part is Part.SHOPS] == ["the shop does not show it"]


async def test_what_is_on_sale_and_should_not_be_is_found() -> None:
    world = await World({"A": 1}, mode=PoolMode.SHARED, traits=TELLS, pool={}).filled()
    row = await world.row("a", "A")
    await world.store.save_listings([row._replace(want_off=True, desired=0)])
    found = [one for one in await audited(world, online=True) if one.part is Part.SHOPS]
    assert [(one.oversold, one.why) for one in found] == [(1, "it is on sale and should be off sale")]


async def test_a_shop_that_cannot_be_read_is_named_and_the_others_are_looked_at() -> None:
    world = await busy(PoolMode.SPLIT)
    world.shop("a").fail_observe(PortError(Kind.TRANSIENT, "down"))
    found = await audit(world, online=True).run()
    assert (dict(found.unread), list(found.read)) == ({HERE: "down"}, [ShopName("b")])


# --- beside who writes -------------------------------------------------------------------------------------


class Healing(FakeClock):
    """A clock by which somebody puts right what is wrong, between two looks."""

    def __init__(self, heal: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._heal = heal

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await self._heal()


async def test_what_is_gone_at_the_second_look_was_never_wrong() -> None:
    world = await busy(PoolMode.SPLIT)
    row = await world.row("a", "A")
    await a_desired_figure(world)

    async def heal() -> None:
        await world.store.save_listings([row])

    clock = Healing(heal)
    clock.advance((world.clock.now() - clock.now()).total_seconds())
    looking = Audit(ground(world), store=world.store, clock=clock)

    assert list((await looking.run(twice=True)).findings) == []
