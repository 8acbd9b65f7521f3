"""The simulated day: whoever comes comes in time, and nothing happens while the program works."""

import asyncio
from dataclasses import replace

import pytest

from syncd.domain.orders import Stage
from syncd.mock.core import Line
from tests.bench.exact.clock import Doings, WorldClock, moment, run_simulated
from tests.bench.exact.demand import HOLD, Buyer, Demand, Fate, draw_demand
from tests.bench.exact.scenario import Scenario
from tests.bench.exact.till import Till
from tests.bench.exact.world import WAREHOUSE, World

SMALL = Scenario(skus=20, shops=3, orders=500, crowds=1, crowd_orders=100)


def a_world(*buyers: Buyer, stock: int = 10, **settings: float) -> World:
    demand = Demand(buyers=buyers, stock={"A": stock}, shops=("jd", "tmall"))
    world = World(replace(Scenario(), **settings), demand)  # type: ignore[arg-type]
    for till in world.tills.values():
        fill(till, stock)
    return world


def fill(till: Till, units: int) -> None:
    till.write(Line(till.listing_of["A"], "", "set", units, 0))


def allocated(world: World) -> int:
    return world.erp.cells["A", WAREHOUSE].figures["allocated"]


def at(time: float, fate: Fate = Fate.KEPT, after: float = 0.0) -> Buyer:
    return Buyer(time, "A", "jd", 2, fate, after)


# --- the days before ----------------------------------------------------------------------------------------


def test_the_past_changes_nothing_of_the_day() -> None:
    without = draw_demand(replace(SMALL, past_days=0), 3)

    assert replace(draw_demand(SMALL, 3), past=()) == without


def test_all_of_the_past_had_left_before_the_first_poll() -> None:
    past = draw_demand(SMALL, 3).past

    assert (len(past), max(buyer.at for buyer in past) < -3000) == (1500, True)


def test_a_shop_tells_its_past_and_shows_no_less_for_it() -> None:
    till = a_world().tills["jd"]
    till.remember(at(-7200))
    (line,) = till.changed(moment(-10_000), moment(0))

    assert (line.stage, line.units, till.counter("A")) == (Stage.DONE, 2, 10)


# --- the day -----------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_day() -> None:
    assert draw_demand(SMALL, 3) == draw_demand(SMALL, 3)


def test_another_seed_draws_another_day() -> None:
    assert draw_demand(SMALL, 3) != draw_demand(SMALL, 4)


def test_as_many_buyers_come_as_are_asked_for() -> None:
    assert len(draw_demand(SMALL, 1).buyers) == 500


def test_buyers_come_in_the_order_of_time() -> None:
    times = [buyer.at for buyer in draw_demand(SMALL, 1).buyers]
    assert times == sorted(times)


def test_a_flash_crowd_wants_one_sku_of_one_shop_within_its_time() -> None:
    only = replace(SMALL, orders=100)
    buyers = draw_demand(only, 1).buyers
    assert len({(buyer.sku, buyer.shop) for buyer in buyers}) == 1
    assert buyers[-1].at - buyers[0].at <= only.crowd_length


def test_stock_lies_within_the_asked_share_of_what_is_wanted() -> None:
    found = draw_demand(replace(SMALL, stock_low=0.5, stock_high=0.5), 1)
    wanted = sum(buyer.units for buyer in found.buyers if buyer.sku == "SKU-0001")
    assert found.stock["SKU-0001"] == round(wanted / 2)


def test_unpaid_and_cancelled_orders_come_as_often_as_asked_for() -> None:
    buyers = draw_demand(replace(SMALL, unpaid=0.5, cancels=0.5), 1).buyers
    assert {buyer.fate for buyer in buyers} == set(Fate) - {Fate.KEPT}


# --- the world ---------------------------------------------------------------------------------------------


def test_a_sale_lowers_the_counter_at_once() -> None:
    world = a_world(at(10.0))
    world.reach(10.0)
    assert world.tills["jd"].counter("A") == 8


def test_an_order_that_nobody_has_paid_yet_lowers_the_counter_too() -> None:
    world = a_world(at(10.0, Fate.NEVER_PAID, HOLD))
    world.reach(10.0)
    assert world.tills["jd"].counter("A") == 8


def test_nobody_comes_before_the_time_is_reached() -> None:
    world = a_world(at(10.0))
    world.reach(9.9)
    assert world.books.orders == 0


def test_the_erp_learns_of_a_sale_only_after_its_delay() -> None:
    world = a_world(at(10.0), erp_delay=300.0)
    world.reach(309.0)
    before = allocated(world)
    world.reach(310.0)
    assert (before, allocated(world)) == (0, 2)


def test_the_erp_learns_of_an_order_whose_message_was_lost_by_its_sweep() -> None:
    world = a_world(at(10.0), erp_delay=300.0, lost_messages=1.0, sweep=1800.0)
    world.reach(2099.0)
    before = allocated(world)
    world.reach(2100.0)
    assert (before, allocated(world)) == (0, 2)


def test_an_order_that_nobody_pays_gives_its_units_back() -> None:
    world = a_world(at(10.0, Fate.NEVER_PAID, HOLD))
    world.reach(10.0 + HOLD)
    assert world.tills["jd"].counter("A") == 10
    assert world.books.promised["A"] == 0


def test_the_erp_never_hears_of_an_order_that_nobody_pays() -> None:
    world = a_world(at(10.0, Fate.NEVER_PAID, HOLD))
    world.reach(7200.0)
    assert allocated(world) == 0


def test_an_order_that_is_paid_late_reaches_the_erp_after_its_payment() -> None:
    world = a_world(at(10.0, Fate.PAID_LATE, 60.0), erp_delay=300.0)
    world.reach(369.0)
    before = allocated(world)
    world.reach(370.0)
    assert (before, allocated(world)) == (0, 2)


def test_a_cancelled_order_is_free_again_in_the_shop_before_the_erp_knows() -> None:
    world = a_world(at(10.0, Fate.CANCELLED, 1000.0), erp_delay=300.0)
    world.reach(1010.0)
    assert (world.tills["jd"].counter("A"), allocated(world)) == (10, 2)


def test_the_erp_forgets_a_cancelled_order_after_its_delay() -> None:
    world = a_world(at(10.0, Fate.CANCELLED, 1000.0), erp_delay=300.0)
    world.reach(1310.0)
    assert allocated(world) == 0


def test_a_shipped_order_has_left_the_warehouse() -> None:
    world = a_world(at(10.0), ship_after=3600.0)
    world.reach(3610.0)
    figures = world.erp.cells["A", WAREHOUSE].figures
    assert (figures["on_hand"], figures["allocated"]) == (8, 0)


def test_what_was_oversold_is_never_shipped() -> None:
    world = a_world(at(10.0), stock=1, ship_after=3600.0)
    fill(world.tills["jd"], 10)
    world.reach(7200.0)
    assert world.erp.cells["A", WAREHOUSE].figures["on_hand"] == 1


def test_a_buyer_goes_away_from_a_counter_that_shows_too_few() -> None:
    world = a_world(at(10.0), stock=1)
    world.reach(10.0)
    assert (world.books.orders, world.books.taken) == (1, 0)


def test_an_order_is_told_by_the_time_of_its_last_change() -> None:
    world = a_world(at(10.0, Fate.PAID_LATE, 60.0))
    world.reach(100.0)
    told = world.tills["jd"].changed(moment(60.0), moment(80.0))
    assert [(line.units, line.stage) for line in told] == [(2, Stage.PAID)]


def test_a_closed_order_is_told_with_all_its_units_released() -> None:
    world = a_world(at(10.0, Fate.CANCELLED, 1000.0))
    world.reach(1010.0)
    [line] = world.tills["jd"].changed(moment(0.0), moment(1010.0))
    assert (line.stage, line.released) == (Stage.CLOSED, 2)


def test_a_shop_stamps_its_orders_by_its_own_clock() -> None:
    world = a_world(at(10.0), skew=30.0)
    world.reach(10.0)
    [line] = world.tills["jd"].changed(moment(0.0), moment(100.0))
    assert line.created == moment(40.0)


# --- time --------------------------------------------------------------------------------------------------


def test_time_passes_while_somebody_sleeps() -> None:
    clock = WorldClock()
    run_simulated(clock.sleep(3600.0), clock)
    assert clock.time == 3600.0


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock, woken = WorldClock(), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(clock.time)

    async def all_of_them() -> None:
        await asyncio.gather(*(sleeper(seconds) for seconds in (3.0, 1.0, 2.0)))

    run_simulated(all_of_them(), clock)
    assert woken == [1.0, 2.0, 3.0]


def test_no_time_passes_while_a_plan_is_made_in_a_thread() -> None:
    clock = WorldClock()
    seen: list[float] = []

    async def planning() -> None:
        await asyncio.to_thread(lambda: None)
        seen.append(clock.time)

    async def both() -> None:
        await asyncio.gather(clock.sleep(50.0), planning())

    run_simulated(both(), clock)
    assert seen == [0.0]


def test_no_time_passes_while_a_database_works() -> None:
    clock, doings = WorldClock(), Doings()
    seen: list[float] = []

    async def storing() -> None:
        loop = asyncio.get_running_loop()
        stored = asyncio.Event()
        doings.count += 1
        # Real time: what a database does in its thread, the loop learns by such a call.
        loop.call_later(0.01, stored.set)
        await stored.wait()
        doings.count -= 1
        seen.append(clock.time)

    async def both() -> None:
        await asyncio.gather(clock.sleep(50.0), storing())

    run_simulated(both(), clock, doings)
    assert seen == [0.0]


def test_an_error_in_a_thread_is_the_error_of_who_waits_for_it() -> None:
    clock = WorldClock()

    def breaks() -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        run_simulated(asyncio.to_thread(breaks), clock)
