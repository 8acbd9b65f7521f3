"""The call of the Taobao mock that carries a key."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.unit.mock.taobao_desk import Said, TaobaoDesk, opened_desk

CALL = "tmall.item.quantity.update"


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


async def move(taobao: TaobaoDesk, units: int, *, key: str = "ab", kind: int = 2, sku: int = 801) -> Said:
    return await taobao.ask(
        CALL,
        item_id="800",
        sku_quantities=json.dumps([{"sku_id": sku, "quantity": units}]),
        options=json.dumps({"type": kind, "outer_biz_key": key}),
    )


async def test_a_difference_is_added_and_answered_by_its_item(taobao: TaobaoDesk) -> None:
    said = await move(taobao, -2)
    assert (said.holds["quantity_update_result"], taobao.counter("801")) == ("800", 3)


async def test_the_answer_has_the_name_of_its_method(taobao: TaobaoDesk) -> None:
    assert "tmall_item_quantity_update_response" in (await move(taobao, 1)).body


async def test_a_repeated_key_changes_nothing_and_says_done(taobao: TaobaoDesk) -> None:
    await move(taobao, -2)
    said = await move(taobao, -2)
    assert (said.error, taobao.counter("801")) == ({}, 3)


async def test_another_key_is_another_write(taobao: TaobaoDesk) -> None:
    await move(taobao, -2)
    await move(taobao, -2, key="cd")
    assert taobao.counter("801") == 1


async def test_a_refused_write_leaves_its_key_free(taobao: TaobaoDesk) -> None:
    await move(taobao, 1, sku=999)
    await move(taobao, 1)
    assert taobao.counter("801") == 6


async def test_a_key_is_known_though_no_answer_told_that_it_was_applied(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "partial", "error": "rejected", "applied": True, "times": 1})
    await move(taobao, -2)
    await move(taobao, -2)
    assert taobao.counter("801") == 3


async def test_a_difference_larger_than_the_counter_leaves_zero(taobao: TaobaoDesk) -> None:
    await move(taobao, -9)
    assert taobao.counter("801") == 0


async def test_an_item_without_skus_is_written_by_its_own_quantity(taobao: TaobaoDesk) -> None:
    item = next(item for item in taobao.state.items if not taobao.state.has_skus(item))
    await taobao.ask(CALL, item_id=item, item_quantity="4")
    assert taobao.counter(item) == 4


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("options", "{"),
        ("options", "[]"),
        ("options", '{"type": 3}'),
        ("options", '{"type": 2, "outer_biz_key": "k-1"}'),
        ("sku_quantities", "{}"),
        ("sku_quantities", '[{"sku_id": 801}]'),
        ("sku_quantities", '[{"sku_id": 801, "quantity": -1}]'),
    ],
)
async def test_what_cannot_be_read_is_refused(taobao: TaobaoDesk, name: str, text: str) -> None:
    params = {"item_id": "800", "sku_quantities": '[{"sku_id": 801, "quantity": 1}]'} | {name: text}
    assert (await taobao.ask(CALL, **params)).refusal == (41, "isv.invalid-parameter")


async def test_the_keys_stay_with_the_state(taobao: TaobaoDesk) -> None:
    await move(taobao, -2)
    assert "ab" in (await taobao.control("GET", "/state"))["keys"]


async def test_a_merchant_code_stands_for_all_its_skus(taobao: TaobaoDesk) -> None:
    await taobao.ask(CALL, item_id="800", sku_quantities='[{"outer_id": "A-2", "quantity": 1}]')
    assert (taobao.counter("801"), taobao.counter("802"), taobao.counter("803")) == (5, 1, 1)


async def test_a_merchant_code_that_no_sku_has_is_refused(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(CALL, item_id="800", sku_quantities='[{"outer_id": "A-9", "quantity": 1}]')
    assert said.refusal == (15, "isv.item-quantity-service-error:SKU_NOT_FOUND")
