"""The demo's books: every unit by the mocks' own orders, whatever syncd makes of them."""

from dataclasses import asdict

import pytest

from syncd.cli.demo.world import IMPORTED_AFTER, PAY_WITHIN, SHIPPED_AFTER
from tests.unit.cli.demo_stage import Stage

_IMPORTED, _SHIPPED = IMPORTED_AFTER + 1, IMPORTED_AFTER + SHIPPED_AFTER + 1


@pytest.fixture
def stage() -> Stage:
    """Return a stage with 30 lamps, 10 in each shop, of which nobody has bought one."""
    stage = Stage()
    stage.set_stock("LAMP", south=30)
    for shop, code in (("tmall", "1-LAMP"), ("jd", "LAMP-2"), ("outlet", "LAMP")):
        stage.show(shop, code, quantity=10)
    return stage


def _figures(stage: Stage, *names: str) -> tuple[int, ...]:
    account = asdict(stage.account("LAMP"))
    return tuple(account[name] for name in names)


# --- what is counted ---------------------------------------------------------------------------------------


def test_before_the_first_sale_the_books_agree(stage: Stage) -> None:
    assert stage.account("LAMP").problems == ()


async def test_a_paid_order_is_sold_and_open_until_it_leaves(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 2)
    stage.wait(_IMPORTED)
    names = ("sold", "open", "shipped", "on_hand", "left", "on_sale")
    assert _figures(stage, *names) == (2, 2, 0, 30, 28, 28)


async def test_goods_that_left_are_on_hand_no_more(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 2)
    stage.wait(_SHIPPED)
    assert _figures(stage, "sold", "open", "shipped", "on_hand", "left") == (2, 0, 2, 28, 28)


async def test_after_a_sale_the_books_agree(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 2)
    stage.wait(_SHIPPED)
    assert stage.account("LAMP").problems == ()


async def test_an_order_that_is_not_paid_is_open_and_not_sold(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 2, paid=False)
    assert _figures(stage, "sold", "open", "left") == (0, 2, 28)


async def test_an_order_that_was_never_paid_leaves_the_books_as_they_were(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 2, paid=False)
    stage.wait(PAY_WITHIN + _IMPORTED)
    assert (_figures(stage, "sold", "open", "left"), stage.account("LAMP").problems) == ((0, 0, 30), ())


async def test_a_refunded_order_is_not_sold(stage: Stage) -> None:
    order = await stage.buy("jd", "LAMP-2", 2)
    for word in ("ask_refund", "agree_refund"):
        await stage.visitors.step("jd", order, word)
    stage.wait(_IMPORTED)
    assert _figures(stage, "sold", "open", "left") == (0, 0, 30)


async def test_a_set_is_counted_by_its_parts(stage: Stage) -> None:
    stage.show("tmall", "1-TEA-SET", quantity=3)
    await stage.buy("tmall", "1-TEA-SET", 2)
    assert (stage.account("TEAPOT").sold, stage.account("CUP").sold) == (2, 8)


async def test_the_parts_of_a_set_leave_together(stage: Stage) -> None:
    stage.show("tmall", "1-TEA-SET", quantity=3)
    await stage.buy("tmall", "1-TEA-SET", 2)
    stage.wait(_SHIPPED)
    accounts = [stage.account(sku) for sku in ("TEAPOT", "CUP")]
    assert [(one.shipped, one.at_start - one.on_hand, one.open) for one in accounts] == [(2, 2, 0), (8, 8, 0)]


def test_a_delivery_is_received(stage: Stage) -> None:
    stage.story.warehouse.deliver("LAMP", 5)
    assert _figures(stage, "at_start", "received", "on_hand", "left") == (30, 5, 35, 35)


def test_a_broken_unit_is_on_hand_and_not_left(stage: Stage) -> None:
    stage.world.erp.state.move("LAMP", "south", {"unsellable": 1})
    assert _figures(stage, "on_hand", "broken", "left") == (30, 1, 29)


def test_of_a_shared_pool_the_largest_counter_is_on_sale(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=20)
    stage.show("tmall", "1-MUG-BLU", quantity=20)
    stage.show("jd", "MUG-BLU-2", quantity=18)
    assert (stage.account("MUG-BLU").on_sale, stage.account("MUG-BLU").reserve) == (20, 0)


# --- what does not agree -----------------------------------------------------------------------------------


def test_a_unit_too_many_on_sale_is_named(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=11)
    assert stage.account("LAMP").problems == ("1 too many on sale: 31, 30 there are",)


def test_a_hidden_unit_is_named(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=8)
    assert stage.account("LAMP").problems == ("2 too few on sale: 28, 30 there are",)


def test_below_the_warning_level_nothing_may_be_on_sale(stage: Stage) -> None:
    stage.set_stock("LAMP", south=3)
    for shop, code in (("tmall", "1-LAMP"), ("outlet", "LAMP")):
        stage.show(shop, code, quantity=0)
    stage.show("jd", "LAMP-2", quantity=3)
    assert stage.account("LAMP").problems == ("3 too many on sale: 3, 0 there are",)


async def test_a_unit_that_was_sold_twice_is_oversold_whatever_comes_in_later(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=5)
    for shop, code in (("tmall", "1-MUG-BLU"), ("jd", "MUG-BLU-2")):
        stage.show(shop, code, quantity=5)
        await stage.buy(shop, code, 4)
    stage.story.warehouse.deliver("MUG-BLU", 20)
    assert stage.account("MUG-BLU").oversold == 3


async def test_the_last_units_are_not_oversold(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 10)
    await stage.buy("outlet", "LAMP", 10)
    await stage.buy("tmall", "1-LAMP", 10)
    assert (stage.account("LAMP").left, stage.account("LAMP").oversold) == (0, 0)


async def test_an_oversold_unit_is_a_problem(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=31)
    await stage.buy("jd", "LAMP-2", 31)
    stage.wait(_IMPORTED)
    assert "1 too many oversold: 1, 0" in stage.account("LAMP").problems


def test_stock_that_nobody_delivered_is_named(stage: Stage) -> None:
    stage.world.erp.state.move("LAMP", "south", {"on_hand": 1})
    assert "1 too many on hand: 31, 30 by the orders that were shipped" in stage.account("LAMP").problems


async def test_an_order_that_the_erp_does_not_know_is_named(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 2)
    assert stage.account("LAMP").problems == ("2 too few in the ERP's orders: 0, 2 by the shops",)


def test_a_sale_without_an_order_is_named(stage: Stage) -> None:
    listing = stage.world.listing(stage.ware("jd", "LAMP-2"))
    listing.sold += 1
    assert stage.account("LAMP").problems == ("1 too few taken by buyers: 0, 1 by the counters",)


def test_units_that_could_be_sold_twice_for_a_moment_are_named(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=13)
    stage.books.look()
    stage.show("jd", "LAMP-2", quantity=10)
    assert stage.account("LAMP").problems == ("3 too many on sale at some moment: 3, 0",)


async def test_units_that_could_be_sold_twice_after_a_sale_are_named(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=13)
    await stage.buy("jd", "LAMP-2", 3)
    assert stage.account("LAMP").exposed == 3


async def test_a_hold_that_ended_exposes_nothing(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 3, paid=False)
    stage.wait(PAY_WITHIN + 1)
    stage.books.look()
    assert stage.account("LAMP").exposed == 0


# --- the whole run -----------------------------------------------------------------------------------------


async def test_the_totals_count_orders_units_and_what_ended_unsold(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 2)
    order = await stage.buy("jd", "LAMP-2", 1, paid=False)
    await stage.visitors.step("jd", order, "cancel")
    totals = stage.books.totals()
    assert (totals.orders, totals.units, totals.cancelled, totals.oversold) == (2, 2, 1, 0)


async def test_the_slowest_shop_is_the_last_that_showed_too_much(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=20)
    stage.show("tmall", "1-MUG-BLU", quantity=20)
    stage.show("jd", "MUG-BLU-2", quantity=20)
    await stage.buy("jd", "MUG-BLU-2", 1)
    stage.wait(2)
    stage.show("tmall", "1-MUG-BLU", quantity=19)
    stage.books.look()
    assert stage.books.totals().slowest == 2.0


async def test_a_sale_of_a_split_pool_makes_no_shop_slow(stage: Stage) -> None:
    await stage.buy("jd", "LAMP-2", 1)
    stage.wait(2)
    stage.books.look()
    assert stage.books.totals().slowest == 0.0
