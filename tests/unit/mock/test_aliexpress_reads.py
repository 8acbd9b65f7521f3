"""What the AliExpress mock shows of products."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from syncd.mock.aliexpress import AliexpressState, build_aliexpress
from syncd.mock.clock import VirtualClock
from syncd.mock.core import Listing
from syncd.mock.fields import MockError
from syncd.mock.registry import BUILDERS
from syncd.mock.rig import Rig
from tests.unit.mock.aliexpress_desk import INFO, LIST, OFF, ONE_SKU, AliexpressDesk, opened_desk


@pytest.fixture
async def ali() -> AsyncIterator[AliexpressDesk]:
    async with opened_desk() as desk:
        yield desk


async def ids(ali: AliexpressDesk, **query: object) -> list[int]:
    result = (await ali.listed(**query)).result
    rows = result.get("aeop_a_e_product_display_d_t_o_list", {"item_display_dto": []})["item_display_dto"]
    return sorted(row["product_id"] for row in rows)


async def skus(ali: AliexpressDesk, product: str) -> list[dict[str, Any]]:
    result = (await ali.ask(INFO, product_id=product)).result
    found: list[dict[str, Any]] = result["aeop_ae_product_s_k_us"]["global_aeop_ae_product_sku"]
    return found


# --- lists -------------------------------------------------------------------------------------------------


async def test_a_list_counts_and_names_products(ali: AliexpressDesk) -> None:
    result = (await ali.listed(page_size=2, current_page=2)).result
    assert result == {
        "success": True,
        "product_count": 3,
        "current_page": 2,
        "total_page": 2,
        "aeop_a_e_product_display_d_t_o_list": {
            "item_display_dto": [
                {
                    "product_id": 700,
                    "subject": "茶杯 & 茶",
                    "gmt_create": "2025-12-31 16:00:00",
                    "gmt_modified": "2025-12-31 16:00:00",
                }
            ]
        },
    }


async def test_each_status_has_a_list_of_its_own(ali: AliexpressDesk) -> None:
    held = [{"id": "700", "held": "auditing"}]
    await ali.control("POST", "/state", {"products": held})
    await ali.ask(OFF, product_ids="900")
    shown = [await ids(ali, product_status_type=word) for word in ("onSelling", "offline", "auditing")]
    assert shown == [[800], [900], [700]]


async def test_a_violation_must_be_edited_away(ali: AliexpressDesk) -> None:
    hand = {"id": "900", "on_sale": False, "off_reason": "violation"}
    await ali.control("POST", "/state", {"listings": [hand]})
    assert await ids(ali, product_status_type="editingRequired") == [900]


async def test_an_empty_list_is_left_out_unless_told_otherwise(ali: AliexpressDesk) -> None:
    said = await ali.listed(product_status_type="offline")
    assert "aeop_a_e_product_display_d_t_o_list" not in said.result
    await ali.settings(shows_empty_lists=True)
    said = await ali.listed(product_status_type="offline")
    assert said.result["aeop_a_e_product_display_d_t_o_list"] == {"item_display_dto": []}


async def test_products_are_found_by_code_and_by_time(ali: AliexpressDesk) -> None:
    assert await ids(ali, sku_code="A-2") == [800]
    await ali.control("POST", "/time", {"advance": 3600})
    await ali.write({"900": {"B": 1}})
    assert await ids(ali, gmt_modified_start="2025-12-31 17:00:00") == [900]
    assert await ids(ali, gmt_modified_end="2025-12-31 16:59:59") == [700, 800]


@pytest.mark.parametrize(
    "query",
    [
        {"product_status_type": "sold"},
        {"page_size": 100},
        {"page_size": True},
        {"current_page": 0},
        {"gmt_modified_start": "2025-12-31"},
        {"gmt_modified_start": "2025-13-31 00:00:00"},
        {"sku_code": 5},
    ],
)
async def test_a_query_that_cannot_be_is_refused(ali: AliexpressDesk, query: dict[str, object]) -> None:
    assert (await ali.listed(**query)).code == "isv.invalid-parameter"


async def test_a_query_must_name_a_status(ali: AliexpressDesk) -> None:
    assert (await ali.ask(LIST, aeop_a_e_product_list_query="{}")).code == "MissingParameter"


# --- one product -------------------------------------------------------------------------------------------


async def test_a_product_shows_its_skus_and_when_its_counters_fall(ali: AliexpressDesk) -> None:
    result = (await ali.ask(INFO, product_id="700")).result
    assert result == {
        "product_id": 700,
        "subject": "茶杯 & 茶",
        "reduce_strategy": "payment_success_deduct",
        "aeop_ae_product_s_k_us": {
            "global_aeop_ae_product_sku": [
                {
                    "id": "14:1",
                    "sku_code": "茶杯",
                    "sku_price": "9.90",
                    "sku_stock": True,
                    "ipm_sku_stock": 8,
                }
            ]
        },
    }


async def test_a_counter_at_zero_may_only_be_told_by_the_flag(ali: AliexpressDesk) -> None:
    await ali.write({"900": {"B": 0}})
    assert (await skus(ali, "900"))[0]["ipm_sku_stock"] == 0
    await ali.settings(shows_zero=False)
    row = (await skus(ali, "900"))[0]
    assert (row["id"], row["sku_stock"], "ipm_sku_stock" in row) == ("<none>", False, False)


async def test_a_product_may_say_itself_how_it_stands(ali: AliexpressDesk) -> None:
    await ali.settings(shows_status=True)
    await ali.ask(OFF, product_ids="900")
    shown = [(await ali.ask(INFO, product_id=one)).result["product_status_type"] for one in ("800", "900")]
    assert shown == ["onSelling", "offline"]


async def test_a_product_that_is_not_there_is_refused_by_the_service(ali: AliexpressDesk) -> None:
    said = await ali.ask(INFO, product_id="901")
    assert said.body["error_response"] == {
        "code": 15,
        "msg": "Remote service error",
        "sub_code": "PRODUCT_NOT_FOUND",
        "sub_msg": "there is no product 901",
        "request_id": "mock000000000001",
    }


async def test_ids_are_bare_numbers_beyond_what_a_float_holds(ali: AliexpressDesk) -> None:
    long = "1005001234567890123"
    await ali.control("POST", "/state", {"listings": [{"id": long, "code": "L", "quantity": 1}]})
    said = await ali.ask(INFO, product_id=long)
    assert f'"product_id":{long}' in said.text


async def test_a_product_is_gone_with_its_last_sku(ali: AliexpressDesk) -> None:
    await ali.control("POST", "/state", {"remove": ["900"]})
    assert ((await ali.ask(INFO, product_id="900")).code, await ids(ali)) == ("PRODUCT_NOT_FOUND", [700, 800])


async def test_a_sku_may_have_the_id_of_its_listing(ali: AliexpressDesk) -> None:
    await ali.control(
        "POST", "/state", {"listings": [{"id": "77", "item": "76", "code": "C", "quantity": 1}]}
    )
    assert [row["id"] for row in await skus(ali, "76")] == ["77"]
    await ali.ask(ONE_SKU, product_id="76", sku_id="77", ipm_sku_stock="4")
    assert ali.counters("77") == [4]


# --- faults of rows ----------------------------------------------------------------------------------------


async def test_a_page_may_come_empty_or_by_half(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "empty"}, {"kind": "half_page", "after": 1})
    assert [len(await ids(ali)) for _ in range(3)] == [0, 1, 3]


async def test_a_page_may_fail_by_itself(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "half_page", "page": 2, "status": 502})
    first, second = [await ali.listed(page_size=2, current_page=page) for page in (1, 2)]
    assert (first.status, second.status) == (200, 502)


async def test_a_product_may_lose_its_skus_and_its_figures(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "bad_numbers", "lines": 2}, {"kind": "drop_skus", "share": 1.0, "after": 1})
    assert [row["ipm_sku_stock"] for row in await skus(ali, "800")] == ["NaN", -7, 7]
    assert "aeop_ae_product_s_k_us" not in (await ali.ask(INFO, product_id="800")).result


async def test_a_product_may_come_without_its_skus(ali: AliexpressDesk) -> None:
    await ali.faults({"kind": "empty"})
    result = (await ali.ask(INFO, product_id="800")).result
    assert (result["product_id"], "aeop_ae_product_s_k_us" in result) == (800, False)


# --- the state ---------------------------------------------------------------------------------------------


def test_the_state_comes_back_as_it_was() -> None:
    rig = Rig(name="aliexpress", state=AliexpressState())
    listings = [{"id": "5/14:1", "item": "5", "code": "A", "quantity": 2}, {"id": "6", "code": "B"}]
    rig.merge({"listings": listings, "products": [{"id": "5", "reduce_strategy": "payment_success_deduct"}]})
    other = Rig(name="aliexpress", state=AliexpressState())
    other.merge(rig.as_json() | {"replace": True})
    assert other.as_json() == rig.as_json()


@pytest.mark.parametrize(
    "document",
    [
        {"listings": [{"id": "x"}]},
        {"listings": [{"id": "5/1"}]},
        {"listings": [{"id": "5", "item": "x"}]},
        {"products": [{"id": "5", "reduce_strategy": "never"}]},
        {"products": [{"id": "5", "held": "gone"}]},
        {"aliexpress": {"window": -1}},
        {"aliexpress": {"windows": 1}},
    ],
)
def test_a_state_that_cannot_be_is_refused(document: dict[str, object]) -> None:
    rig = Rig(name="aliexpress", state=AliexpressState())
    with pytest.raises(MockError):
        rig.merge(document)


def test_a_listing_that_is_set_and_removed_at_once_is_not_there() -> None:
    state = AliexpressState()
    Rig(name="aliexpress", state=state).merge({"listings": [{"id": "5"}], "remove": ["5"]})
    assert (state.listings, state.products) == ({}, {})


def test_a_hand_puts_a_whole_product_off_sale() -> None:
    state = AliexpressState(listings=[Listing(id=f"5/{n}", item="5", code="A") for n in range(2)])
    Rig(name="aliexpress", state=state).merge({"listings": [{"id": "5/0", "on_sale": False}]})
    assert not state.listings["5/1"].on_sale


def test_a_shop_of_a_seed_is_the_same_each_time() -> None:
    assert BUILDERS["aliexpress"] is build_aliexpress
    for state in (None, {"listings": [{"id": "5"}]}):
        assert build_aliexpress(3, VirtualClock(), state) is not None
