"""How the mock of Pinduoduo takes counters, and how goods go on and off sale."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.mock.pdd_desk import DETAIL, SET, SKUS, SWITCH, PddDesk, opened_desk


@pytest.fixture
async def pdd() -> AsyncIterator[PddDesk]:
    async with opened_desk() as desk:
        yield desk


# --- counters ----------------------------------------------------------------------------------------------


async def test_a_counter_is_set(pdd: PddDesk) -> None:
    said = await pdd.write("501", 9)
    assert said.body == {
        "goods_quantity_update_response": {"is_success": True, "request_id": "mock000000000001"}
    }
    assert pdd.counter("501") == 9


async def test_a_counter_is_set_to_zero_and_the_goods_stay_on_sale(pdd: PddDesk) -> None:
    await pdd.write("601", 0, goods="600")
    assert (pdd.counter("601"), pdd.state.listings["601"].on_sale) == (0, True)


async def test_a_difference_is_added_each_time_it_comes(pdd: PddDesk) -> None:
    for _ in range(2):
        await pdd.write("501", -2, update_type="2")
    assert pdd.counter("501") == 1


async def test_a_difference_beyond_the_counter_is_refused(pdd: PddDesk) -> None:
    said = await pdd.write("501", -6, update_type="2")
    assert (said.refusal, pdd.counter("501")) == ((50001, "QUANTITY_BELOW_ZERO"), 5)


async def test_a_sku_is_found_by_its_code(pdd: PddDesk) -> None:
    await pdd.ask(SET, goods_id="500", outer_id="A-1", quantity="9")
    assert pdd.counter("501") == 9


async def test_the_id_wins_over_the_code(pdd: PddDesk) -> None:
    await pdd.ask(SET, goods_id="500", sku_id="502", outer_id="A-1", quantity="9")
    assert (pdd.counter("501"), pdd.counter("502")) == (5, 9)


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"goods_id": None}, (21002, "")),
        ({"goods_id": "x"}, (21001, "")),
        ({"quantity": None}, (21002, "")),
        ({"quantity": "-1"}, (21001, "")),
        ({"quantity": "1.5"}, (21001, "")),
        ({"sku_id": None}, (21002, "")),
        ({"sku_id": "x"}, (21001, "")),
        ({"update_type": "3"}, (21001, "")),
        ({"goods_id": "404"}, (50001, "GOODS_NOT_FOUND")),
        ({"sku_id": "404"}, (50001, "SKU_NOT_FOUND")),
        ({"sku_id": "601"}, (50001, "SKU_NOT_FOUND")),
        ({"sku_id": None, "outer_id": "A-2"}, (50001, "SKU_NOT_FOUND")),
        ({"sku_id": None, "outer_id": "nobody"}, (50001, "SKU_NOT_FOUND")),
        ({"quantity": "1000000000"}, (50001, "QUANTITY_TOO_LARGE")),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    pdd: PddDesk, params: dict[str, str | None], refusal: tuple[int, str]
) -> None:
    asked: dict[str, str | None] = {"goods_id": "500", "sku_id": "501", "quantity": "9"}
    said = await pdd.ask(SET, **(asked | params))
    assert (said.status, said.refusal, pdd.counter("501")) == (200, refusal, 5)


async def test_what_is_wrong_in_itself_is_refused_only_after_the_gate(pdd: PddDesk) -> None:
    assert (await pdd.ask(SET, access_token="other")).refusal[0] == 20032


async def test_a_counter_below_the_reserved_units_is_refused(pdd: PddDesk) -> None:
    await pdd.sell("501", 3, "hold")
    said = await pdd.write("501", 2)
    assert (said.refusal, pdd.counter("501")) == ((50001, "QUANTITY_BELOW_RESERVE"), 5)


async def test_a_counter_below_the_reserved_units_may_be_taken(pdd: PddDesk) -> None:
    await pdd.set(pdd={"refuses_below_reserve": False})
    await pdd.sell("501", 3, "hold")
    await pdd.write("501", 2)
    assert pdd.counter("501") == 2


async def test_a_counter_in_a_promotion_slot_is_not_lowered_but_raised(pdd: PddDesk) -> None:
    await pdd.set(goods=[{"id": "500", "promoted": True}])
    said = await pdd.write("501", 4)
    await pdd.write("501", 6)
    assert (said.refusal, pdd.counter("501")) == ((50001, "GOODS_IN_PROMOTION"), 6)


async def test_a_counter_of_deleted_goods_is_refused(pdd: PddDesk) -> None:
    await pdd.set(goods=[{"id": "500", "deleted": True}])
    assert (await pdd.write("501", 4)).refusal == (50001, "GOODS_NOT_FOUND")


async def test_a_write_is_logged_with_its_sku_and_figure(pdd: PddDesk) -> None:
    await pdd.write("501", 4)
    await pdd.write("501", -9, update_type="2")
    calls = [(call.path, call.listings, call.quantities, call.applied) for call in pdd.rig.calls.calls]
    assert calls == [(SET, ("501",), (4,), [True]), (SET, ("501",), (-9,), [False])]


# --- on and off sale ---------------------------------------------------------------------------------------


async def test_goods_go_off_sale_and_on_again_with_all_their_skus(pdd: PddDesk) -> None:
    shown = []
    for word in ("0", "0", "1"):
        said = await pdd.ask(SWITCH, goods_id="500", is_onsale=word)
        assert (said.name, said.holds["is_success"]) == ("goods_sale_status_set_response", True)
        shown.append([sku.on_sale for sku in pdd.state.skus("500")])
    assert shown == [[False] * 3, [False] * 3, [True] * 3]


async def test_nobody_buys_what_is_off_sale(pdd: PddDesk) -> None:
    await pdd.ask(SWITCH, goods_id="500", is_onsale="0")
    shown = await pdd.control("POST", "/sell", {"id": "501"})
    assert shown["error"] == "not_on_sale"


async def test_goods_at_zero_can_be_put_on_sale(pdd: PddDesk) -> None:
    await pdd.write("601", 0, goods="600")
    await pdd.ask(SWITCH, goods_id="600", is_onsale="1")
    assert (await pdd.ask(DETAIL, goods_id="600")).holds["status"] == 3


async def test_goods_that_were_taken_off_for_a_violation_stay_off(pdd: PddDesk) -> None:
    await pdd.set(listings=[{"id": "601", "on_sale": False, "off_reason": "violation"}])
    said = await pdd.ask(SWITCH, goods_id="600", is_onsale="1")
    assert (said.refusal, pdd.state.goods["600"].on_sale) == ((50001, "GOODS_VIOLATION"), False)


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"is_onsale": "2"}, (21001, "")),
        ({"is_onsale": None}, (21002, "")),
        ({"goods_id": "404"}, (50001, "GOODS_NOT_FOUND")),
    ],
)
async def test_a_switch_that_cannot_be_is_refused(
    pdd: PddDesk, params: dict[str, str | None], refusal: tuple[int, str]
) -> None:
    asked: dict[str, str | None] = {"goods_id": "500", "is_onsale": "0"}
    assert (await pdd.ask(SWITCH, **(asked | params))).refusal == refusal


async def test_single_skus_go_off_sale_and_on_again(pdd: PddDesk) -> None:
    shown = []
    for word in ('[{"sku_id":501,"is_onsale":0},{"sku_id":"502","is_onsale":1}]', "1"):
        rows = word if word != "1" else '[{"sku_id":501,"is_onsale":1}]'
        said = await pdd.ask(SKUS, goods_id="500", sku_price_list=rows)
        assert (said.name, said.holds["is_success"]) == ("goods_update_sku_price_response", True)
        shown.append([sku.on_sale for sku in pdd.state.skus("500")])
    assert shown == [[False, True, True], [True] * 3]


async def test_a_sku_that_is_off_stays_off_when_its_goods_go_on_sale(pdd: PddDesk) -> None:
    await pdd.ask(SKUS, goods_id="500", sku_price_list='[{"sku_id":501,"is_onsale":0}]')
    for word in ("0", "1"):
        await pdd.ask(SWITCH, goods_id="500", is_onsale=word)
    assert [sku.on_sale for sku in pdd.state.skus("500")] == [False, True, True]


async def test_a_sku_of_goods_that_broke_a_rule_stays_off(pdd: PddDesk) -> None:
    await pdd.set(listings=[{"id": "601", "on_sale": False, "off_reason": "violation"}])
    said = await pdd.ask(SKUS, goods_id="600", sku_price_list='[{"sku_id":601,"is_onsale":1}]')
    assert said.refusal == (50001, "GOODS_VIOLATION")


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ("[]", (21002, "")),
        ("5", (21001, "")),
        ("[5]", (21001, "")),
        ("no", (21001, "")),
        ('[{"sku_id":"x","is_onsale":1}]', (21001, "")),
        ('[{"sku_id":501,"is_onsale":2}]', (21001, "")),
        ('[{"sku_id":501,"is_onsale":0},{"sku_id":601,"is_onsale":0}]', (50001, "SKU_NOT_FOUND")),
    ],
)
async def test_skus_that_cannot_be_switched_are_refused_together(
    pdd: PddDesk, rows: str, refusal: tuple[int, str]
) -> None:
    said = await pdd.ask(SKUS, goods_id="500", sku_price_list=rows)
    assert (said.refusal, pdd.state.listings["501"].on_sale) == (refusal, True)
