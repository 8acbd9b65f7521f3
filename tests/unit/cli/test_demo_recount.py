"""The demo's own arithmetic, by hand-counted examples."""

import pytest

from syncd.mock import Listing
from tests.unit.cli.demo_stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_shared_pool_is_shown_whole(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=20, west=10)
    assert (stage.reading("tmall", "1-MUG-BLU").should, stage.reading("jd", "MUG-BLU-2").should) == (30, 30)


def test_what_is_promised_broken_or_locked_is_not_sold(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=40)
    differences = {"allocated": 3, "unsellable": 4, "locked": 5, "transfer_out": 6}
    stage.world.erp.state.move("MUG-BLU", "east", differences)
    assert stage.reading("jd", "MUG-BLU-2").should == 22


def test_a_shortage_in_one_warehouse_is_made_up_by_the_other(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=10, west=30)
    stage.promise("MUG-BLU", "east", 15)
    assert stage.reading("jd", "MUG-BLU-2").should == 25


def test_what_is_less_than_a_pack_goes_to_the_single_listing(stage: Stage) -> None:
    # 60 of 90 are the outlet's, 30 for each listing: two packs of 12, and the 6 that are left over.
    stage.set_stock("SOCK-BLK", south=90)
    stage.show("outlet", "SOCK-BLK*12", quantity=2)
    stage.show("outlet", "SOCK-BLK", quantity=36)
    assert [stage.reading("outlet", code).should for code in ("SOCK-BLK*12", "SOCK-BLK")] == [2, 36]


def test_a_set_needs_all_its_parts_in_one_warehouse(stage: Stage) -> None:
    stage.set_stock("TEAPOT", east=20)
    stage.set_stock("CUP", west=100)
    assert stage.reading("tmall", "1-TEA-SET").should == 0


def test_a_set_and_its_parts_divide_the_units(stage: Stage) -> None:
    # Half of the pots would do for 10 sets, half of the cups only for 5.
    stage.set_stock("TEAPOT", east=20)
    stage.set_stock("CUP", east=40)
    assert [stage.reading("tmall", code).should for code in ("1-TEA-SET", "1-CUP")] == [5, 20]


def test_below_the_warning_level_all_shops_of_the_pool_are_off_sale(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=4)
    readings = [stage.reading("tmall", "1-MUG-BLU"), stage.reading("jd", "MUG-BLU-2")]
    assert [(reading.should, reading.on_sale) for reading in readings] == [(0, False), (0, False)]


def test_at_the_warning_level_it_is_still_on_sale(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=5)
    assert (stage.reading("jd", "MUG-BLU-2").should, stage.reading("jd", "MUG-BLU-2").on_sale) == (5, True)


def test_a_listing_that_a_person_took_down_keeps_its_counter_right(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=30)
    listing = stage.world.listing(stage.ware("tmall", "1-MUG-BLU"))
    listing.on_sale, listing.off_reason = False, "person"
    reading = stage.reading("tmall", "1-MUG-BLU")
    assert (reading.should, reading.on_sale) == (30, False)


def test_an_unbound_listing_must_read_what_it_read_at_first(stage: Stage) -> None:
    assert stage.reading("tmall", "OLD-STOCK").is_right


def test_a_listing_that_should_be_off_sale_and_is_not_is_wrong(stage: Stage) -> None:
    stage.set_stock("LAMP", south=1)
    assert not stage.reading("outlet", "LAMP").is_right


def test_a_listing_that_somebody_added_is_not_judged(stage: Stage) -> None:
    stage.world.shops["jd"].state.listings["new"] = Listing(id="new", item="new", code="new", quantity=5)
    assert len(stage.recount.readings()) == len(stage.world.wares)


def test_a_listing_that_somebody_removed_is_not_judged(stage: Stage) -> None:
    stage.world.shops["jd"].state.listings.pop(stage.ware("jd", "LAMP-2").listing)
    assert len(stage.recount.readings()) == len(stage.world.wares) - 1


@pytest.mark.parametrize("shown", [0, 13, 31])
def test_a_shop_of_a_split_pool_is_believed_what_its_share_is(stage: Stage, shown: int) -> None:
    stage.set_stock("LAMP", south=30)
    stage.show("outlet", "LAMP", quantity=shown)
    assert stage.reading("outlet", "LAMP").is_right


def test_two_listings_of_one_sku_divide_its_units(stage: Stage) -> None:
    stage.show("tmall", "1-MUG-RED", quantity=15)
    stage.show("tmall", "2-MUG-RED", quantity=6)
    assert [stage.reading("tmall", code).should for code in ("1-MUG-RED", "2-MUG-RED")] == [11, 10]


def test_what_is_sold_out_may_be_off_sale_or_not(stage: Stage) -> None:
    listing = stage.world.listing(stage.ware("outlet", "LAMP"))
    answers = []
    for listing.on_sale in (True, False):
        answers.append(stage.reading("outlet", "LAMP").is_right)
    assert answers == [True, True]


async def test_an_unbound_listing_loses_only_what_buyers_take(stage: Stage) -> None:
    await stage.buy("tmall", "OLD-STOCK", 2)
    assert stage.reading("tmall", "OLD-STOCK").is_right


def test_a_unit_too_much_is_wrong(stage: Stage) -> None:
    stage.set_stock("MUG-BLU", east=30)
    stage.show("jd", "MUG-BLU-2", quantity=31)
    assert not stage.reading("jd", "MUG-BLU-2").is_right
