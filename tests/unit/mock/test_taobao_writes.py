"""Counters, sale states and buyers of the Taobao mock."""

from collections.abc import AsyncIterator

import pytest

from syncd.mock.taobao import TopSettings
from tests.unit.mock.taobao_desk import DELIST, LIST, ONE, TWO, TaobaoDesk, opened_desk

REFUSED = "isv.item-quantity-service-error:"


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


# --- many SKUs of one item ---------------------------------------------------------------------------------


async def test_a_full_write_answers_the_item_and_the_skus_it_wrote(taobao: TaobaoDesk) -> None:
    said = await taobao.write("800", "801:7;802:0")
    assert said.body == {
        "skus_quantity_update_response": {
            "item": {
                "iid": "800",
                "num_iid": 800,
                "modified": "2026-01-01 08:00:00",
                "num": 14,
                "skus": {
                    "sku": [
                        {"sku_id": 801, "modified": "2026-01-01 08:00:00", "quantity": 7},
                        {"sku_id": 802, "modified": "2026-01-01 08:00:00", "quantity": 0},
                    ]
                },
            },
            "request_id": "mock000000000001",
        }
    }


async def test_a_write_is_full_unless_told_otherwise(taobao: TaobaoDesk) -> None:
    await taobao.ask(TWO, num_iid="800", skuid_quantities="801:2")
    assert taobao.counter("801") == 2


async def test_a_difference_is_added(taobao: TaobaoDesk) -> None:
    await taobao.write("800", "801:-2;803:4", kind="2")
    assert (taobao.counter("801"), taobao.counter("803")) == (3, 11)


async def test_a_difference_larger_than_the_counter_leaves_zero_and_says_done(taobao: TaobaoDesk) -> None:
    said = await taobao.write("800", "802:-9", kind="2")
    assert (said.holds["item"]["skus"]["sku"][0]["quantity"], taobao.counter("802")) == (0, 0)


async def test_a_full_write_below_zero_is_refused(taobao: TaobaoDesk) -> None:
    said = await taobao.write("800", "801:1;802:-1")
    assert (said.refusal, taobao.counter("801")) == ((41, "isv.invalid-parameter"), 5)


async def test_a_code_changes_all_its_skus(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(TWO, num_iid="800", outerid_quantities="A-2:1")
    assert [row["sku_id"] for row in said.holds["item"]["skus"]["sku"]] == [802, 803]


async def test_ids_go_before_codes(taobao: TaobaoDesk) -> None:
    await taobao.ask(TWO, num_iid="800", skuid_quantities="801:1", outerid_quantities="A-2:1")
    assert [taobao.counter(sku) for sku in ("801", "802", "803")] == [1, 3, 7]


async def test_twenty_skus_are_not_too_many(taobao: TaobaoDesk) -> None:
    skus = [str(n) for n in range(1000, 1020)]
    await taobao.control("POST", "/state", {"listings": [{"id": sku, "item": "500"} for sku in skus]})
    said = await taobao.write("500", ";".join(f"{sku}:1" for sku in skus))
    assert said.holds["item"]["num"] == 20


@pytest.mark.parametrize(
    "pairs",
    [
        ";".join(f"{n}:1" for n in range(21)),
        "801",
        "801:",
        ":1",
        "801:1;",
        "801:1.5",
        "801:1;801:2",
        "801:+1",
    ],
)
async def test_pairs_that_cannot_be_are_refused(taobao: TaobaoDesk, pairs: str) -> None:
    said = await taobao.write("800", pairs)
    assert (said.refusal, taobao.counter("801")) == ((41, "isv.invalid-parameter"), 5)


async def test_a_write_of_nothing_misses_its_parameter(taobao: TaobaoDesk) -> None:
    assert (await taobao.ask(TWO, num_iid="800")).refusal == (40, "isv.missing-parameter")


@pytest.mark.parametrize(
    ("item", "pairs"),
    [("800", "801:1;123:1"), ("800", "801:1;701:1"), ("800", "801:1;800:1"), ("900", "900:1")],
)
async def test_one_sku_that_is_not_the_items_refuses_the_whole_call(
    taobao: TaobaoDesk, item: str, pairs: str
) -> None:
    said = await taobao.write(item, pairs)
    assert (said.refusal[1], taobao.counter("801"), taobao.counter("900")) == (
        f"{REFUSED}SKU_NOT_FOUND",
        5,
        4,
    )


async def test_one_code_that_is_no_skus_refuses_the_whole_call(taobao: TaobaoDesk) -> None:
    # The code reads like the id of another SKU of the item, which must not be written for it.
    said = await taobao.ask(TWO, num_iid="800", outerid_quantities="A-1:1;802:1")
    assert (said.refusal[1], taobao.counter("801")) == (f"{REFUSED}SKU_NOT_FOUND", 5)


async def test_an_item_that_is_not_there_is_refused(taobao: TaobaoDesk) -> None:
    assert (await taobao.write("123", "801:1")).refusal == (15, f"{REFUSED}ITEM_NOT_FOUND")


async def test_a_deleted_item_is_refused(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"items": [{"id": "800", "deleted": True}]})
    said = await taobao.write("800", "801:1")
    assert said.refusal[1].startswith("isv.item-is-delete:")


async def test_an_item_of_a_warehouse_is_refused(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"items": [{"id": "800", "warehouse_managed": True}]})
    assert (await taobao.write("800", "801:1")).refusal[1] == f"{REFUSED}ITEM_IN_WAREHOUSE"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (ONE, {"sku_id": "801", "quantity": "1"}),
        (TWO, {"skuid_quantities": "801:1"}),
        (LIST, {"num": "1"}),
        (DELIST, {}),
    ],
)
async def test_tmall_shops_call_it_by_another_name(
    taobao: TaobaoDesk, method: str, params: dict[str, str]
) -> None:
    said = await taobao.ask(f"{method}.tmall", num_iid="800", **params)
    assert list(said.body) == [f"{method.removeprefix('taobao.').replace('.', '_')}_tmall_response"]


async def test_the_log_names_the_skus_and_what_was_sent(taobao: TaobaoDesk) -> None:
    await taobao.write("800", "801:7;802:0")
    call = taobao.rig.calls.calls[0]
    assert (call.route, call.listings, call.quantities, call.applied) == (
        TWO,
        ("801", "802"),
        (7, 0),
        [True, True],
    )


# --- one counter -------------------------------------------------------------------------------------------


async def test_a_single_write_sets_one_sku(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE, num_iid="800", sku_id="801", quantity="9")
    assert [(row["sku_id"], row["quantity"]) for row in said.holds["item"]["skus"]["sku"]] == [(801, 9)]


async def test_a_single_write_finds_its_sku_by_code(taobao: TaobaoDesk) -> None:
    await taobao.ask(ONE, num_iid="800", outer_id="A-1", quantity="9")
    assert taobao.counter("801") == 9


async def test_a_single_write_takes_the_id_before_the_code(taobao: TaobaoDesk) -> None:
    await taobao.ask(ONE, num_iid="800", sku_id="802", outer_id="A-1", quantity="9")
    assert (taobao.counter("801"), taobao.counter("802")) == (5, 9)


async def test_a_single_write_without_a_sku_sets_the_item(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE, num_iid="900", quantity="9")
    assert (said.holds["item"]["num"], "skus" in said.holds["item"], taobao.counter("900")) == (9, False, 9)


async def test_an_item_with_skus_has_no_counter_of_its_own(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE, num_iid="800", quantity="9")
    assert said.refusal == (15, f"{REFUSED}SKU_ID_NEEDED")


@pytest.mark.parametrize("code", ["A-9", "A-2"])
async def test_a_code_that_is_not_one_skus_is_refused(taobao: TaobaoDesk, code: str) -> None:
    said = await taobao.ask(ONE, num_iid="800", outer_id=code, quantity="9")
    assert (said.refusal[0], taobao.counter("802"), taobao.counter("803")) == (15, 3, 7)


async def test_a_single_difference_down_to_zero_is_added(taobao: TaobaoDesk) -> None:
    await taobao.ask(ONE, num_iid="800", sku_id="801", quantity="-5", type="2")
    assert taobao.counter("801") == 0


async def test_a_single_difference_below_zero_is_refused(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE, num_iid="800", sku_id="801", quantity="-6", type="2")
    assert (said.refusal, taobao.counter("801")) == ((15, f"{REFUSED}QUANTITY_BELOW_ZERO"), 5)


@pytest.mark.parametrize("quantity", ["-1", "1.0", "", "x", "9" * 5000])
async def test_a_single_full_write_that_cannot_be_is_refused(taobao: TaobaoDesk, quantity: str) -> None:
    said = await taobao.ask(ONE, num_iid="800", sku_id="801", quantity=quantity)
    assert (said.refusal[0] in (40, 41), taobao.counter("801")) == (True, 5)


async def test_another_type_than_full_and_incremental_is_refused(taobao: TaobaoDesk) -> None:
    assert (await taobao.write("800", "801:1", kind="3")).refusal[0] == 41


# --- withheld units ----------------------------------------------------------------------------------------


async def test_an_unpaid_order_withholds_where_payment_takes(taobao: TaobaoDesk) -> None:
    await taobao.sell("701", 3, "hold")
    said = await taobao.ask("taobao.item.skus.get", num_iids="700", fields="quantity,with_hold_quantity")
    assert said.holds["skus"]["sku"] == [{"quantity": 8, "with_hold_quantity": 3}]


async def test_payment_takes_what_was_withheld(taobao: TaobaoDesk) -> None:
    await taobao.sell("701", 3, "hold")
    await taobao.sell("701", 3, "pay")
    assert (taobao.counter("701"), taobao.state.listings["701"].withheld) == (5, 0)


async def test_an_order_takes_at_once_where_orders_take(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 3, "hold")
    assert (taobao.counter("801"), taobao.state.listings["801"].withheld) == (2, 0)


async def test_payment_takes_nothing_more_where_the_order_did(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 3, "hold")
    await taobao.sell("801", 3, "pay")
    assert (taobao.counter("801"), taobao.state.listings["801"].sold) == (2, 3)


async def test_an_order_that_is_closed_gives_back_what_it_took(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 3, "hold")
    await taobao.sell("801", 3, "release")
    assert (taobao.counter("801"), taobao.state.listings["801"].sold) == (5, 0)


async def test_no_more_is_given_back_than_was_taken(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 3, "hold")
    shown = await taobao.control("POST", "/sell", {"id": "801", "units": 4, "step": "release"})
    assert (shown["error"], taobao.counter("801")) == ("not_withheld", 2)


async def test_a_paid_order_is_not_released(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 3, "hold")
    await taobao.sell("801", 3, "pay")
    shown = await taobao.control("POST", "/sell", {"id": "801", "units": 3, "step": "release"})
    assert (shown["error"], taobao.counter("801")) == ("not_withheld", 2)


@pytest.mark.parametrize(("pairs", "kind"), [("701:2", "1"), ("701:-6", "2"), ("701:-99", "2")])
async def test_a_counter_below_the_withheld_units_is_refused(
    taobao: TaobaoDesk, pairs: str, kind: str
) -> None:
    await taobao.sell("701", 3, "hold")
    said = await taobao.write("700", pairs, kind)
    assert (said.refusal[1], taobao.counter("701")) == (f"{REFUSED}QUANTITY_BELOW_WITHHELD", 8)


async def test_a_platform_may_take_a_counter_below_the_withheld_units(taobao: TaobaoDesk) -> None:
    taobao.state.top = TopSettings(refuses_below_withheld=False)
    await taobao.sell("701", 3, "hold")
    await taobao.write("700", "701:2")
    assert taobao.counter("701") == 2


async def test_random_buyers_take_what_is_there(taobao: TaobaoDesk) -> None:
    shown = await taobao.control("POST", "/sell", {"random": 4})
    assert (len(shown["sold"]), sum(x.quantity for x in taobao.state.order)) == (4, 23)


@pytest.mark.parametrize(
    ("sale", "error"),
    [
        ({"id": "1"}, "not_found"),
        ({"id": "801", "units": 6}, "not_enough"),
        ({"id": "801", "step": "steal"}, "bad_request"),
    ],
)
async def test_a_sale_that_cannot_be_says_why(
    taobao: TaobaoDesk, sale: dict[str, object], error: str
) -> None:
    assert (await taobao.control("POST", "/sell", sale))["error"] == error


# --- on and off sale ---------------------------------------------------------------------------------------


async def test_an_item_is_delisted_and_listed_as_a_whole(taobao: TaobaoDesk) -> None:
    off = await taobao.ask(DELIST, num_iid="800")
    states = [taobao.state.on_sale("800")]
    await taobao.ask(LIST, num_iid="800", num="1")
    assert (off.holds["item"], [*states, all(sku.on_sale for sku in taobao.state.skus("800"))]) == (
        {"num_iid": 800, "modified": "2026-01-01 08:00:00"},
        [False, True],
    )


async def test_listing_leaves_the_counters_of_skus(taobao: TaobaoDesk) -> None:
    await taobao.ask(LIST, num_iid="800", num="99")
    assert taobao.counter("801") == 5


async def test_listing_sets_the_counter_of_an_item_without_skus(taobao: TaobaoDesk) -> None:
    await taobao.ask(LIST, num_iid="900", num="99")
    assert taobao.counter("900") == 99


@pytest.mark.parametrize("num", [None, "0", "-1"])
async def test_listing_needs_a_number_above_zero(taobao: TaobaoDesk, num: str | None) -> None:
    assert (await taobao.ask(LIST, num_iid="900", num=num)).refusal[0] in (40, 41)


async def test_listing_an_item_with_nothing_to_sell_is_refused(taobao: TaobaoDesk) -> None:
    await taobao.write("700", "701:0")
    said = await taobao.ask(LIST, num_iid="700", num="5")
    assert (said.refusal[1].partition(":")[0], taobao.state.on_sale("700")) == (
        "isv.item-listing-service-error",
        False,
    )


async def test_listing_skus_after_a_violation_is_refused(taobao: TaobaoDesk) -> None:
    await taobao.control(
        "POST", "/state", {"listings": [{"id": "801", "on_sale": False, "off_reason": "violation"}]}
    )
    await taobao.ask(LIST, num_iid="800", num="5")
    assert taobao.state.on_sale("800") is False


async def test_listing_after_a_violation_is_refused(taobao: TaobaoDesk) -> None:
    await taobao.control(
        "POST", "/state", {"listings": [{"id": "900", "on_sale": False, "off_reason": "violation"}]}
    )
    said = await taobao.ask(LIST, num_iid="900", num="5")
    assert (said.refusal[1], taobao.counter("900")) == (
        "isv.item-listing-service-error:IC_CHECKSTEP_NO_PERMISSION",
        4,
    )


@pytest.mark.parametrize("method", [LIST, DELIST])
async def test_an_item_that_is_not_there_cannot_be_switched(taobao: TaobaoDesk, method: str) -> None:
    said = await taobao.ask(method, num_iid="123", num="1")
    assert said.refusal == (15, "isv.item-listing-service-error:ITEM_NOT_FOUND")


async def test_an_item_stays_on_sale_while_one_sku_has_stock(taobao: TaobaoDesk) -> None:
    await taobao.write("800", "801:0;802:0")
    assert taobao.state.on_sale("800") is True


async def test_an_item_goes_off_sale_with_its_last_unit(taobao: TaobaoDesk) -> None:
    await taobao.write("800", "801:0;802:0;803:1")
    await taobao.sell("803", 1)
    assert {sku.off_reason for sku in taobao.state.skus("800")} == {"sold_out"}


async def test_a_sold_out_item_does_not_come_back_by_itself(taobao: TaobaoDesk) -> None:
    await taobao.write("700", "701:0")
    await taobao.write("700", "701:9")
    assert taobao.state.on_sale("700") is False


async def test_a_shop_may_keep_sold_out_items_on_sale(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"settings": {"auto_delists_at_zero": False}})
    await taobao.write("700", "701:0")
    assert taobao.state.on_sale("700") is True


async def test_a_listed_item_sells_a_sku_that_was_at_zero(taobao: TaobaoDesk) -> None:
    await taobao.write("800", "802:0")
    await taobao.ask(DELIST, num_iid="800")
    await taobao.ask(LIST, num_iid="800", num="1")
    await taobao.write("800", "802:2")
    await taobao.sell("802", 1)
    assert taobao.counter("802") == 1


async def test_a_person_switches_the_whole_item_with_one_sku(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"listings": [{"id": "801", "on_sale": False}]})
    assert {sku.off_reason for sku in taobao.state.skus("800")} == {"person"}
