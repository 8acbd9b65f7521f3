"""What the AliExpress mock does when counters and listings are changed."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.unit.mock.aliexpress_desk import BATCH, OFF, ON, ONE_SKU, SKUS, AliexpressDesk, opened_desk

FIRST, SECOND, THIRD = "800/14:1", "800/14:2", "800/14:3"
SUBMIT, QUERY = "aliexpress.solution.feed.submit", "aliexpress.solution.feed.query"


@pytest.fixture
async def ali() -> AsyncIterator[AliexpressDesk]:
    async with opened_desk() as desk:
        yield desk


# --- the batch ---------------------------------------------------------------------------------------------


async def test_a_batch_sets_counters_by_code(ali: AliexpressDesk) -> None:
    said = await ali.write({"800": {"A-1": 9}, "900": {"B": 0}})
    assert said.holds == {
        "update_success": True,
        "update_successful_list": {
            "synchronize_product_response_dto": [{"product_id": 800}, {"product_id": 900}]
        },
        "request_id": "mock000000000001",
    }
    assert ali.counters(FIRST, "900") == [9, 0]


async def test_the_log_names_the_skus_and_what_took_effect(ali: AliexpressDesk) -> None:
    await ali.write({"800": {"A-1": 9}, "901": {"X": 1}})
    call = ali.rig.calls.calls[0]
    assert (call.path, call.listings, call.quantities, call.applied) == (
        BATCH,
        (FIRST, "901/X"),
        (9, 1),
        [True, False],
    )


async def test_a_product_fails_as_a_whole_and_the_others_do_not(ali: AliexpressDesk) -> None:
    said = await ali.write({"800": {"A-1": 9, "A-9": 1}, "900": {"B": 1}})
    assert said.holds["update_success"] is False
    assert said.holds["update_failed_list"]["synchronize_product_response_dto"] == [
        {
            "product_id": 800,
            "error_code": "SKU_CODE_NOT_FOUND",
            "error_message": "the code does not stand for one SKU of the product",
        }
    ]
    assert ali.counters(FIRST, "900") == [5, 1]


@pytest.mark.parametrize(
    ("wants", "code"),
    [
        ({"901": {"B": 1}}, "PRODUCT_NOT_FOUND"),
        ({"800": {"B": 1}}, "SKU_CODE_NOT_FOUND"),
        ({"800": {"A-2": 1}}, "SKU_CODE_NOT_UNIQUE"),
        ({"800": {"A-1": -1}}, "STOCK_OUT_OF_RANGE"),
        ({"800": {"A-1": 1_000_000}}, "STOCK_OUT_OF_RANGE"),
    ],
)
async def test_what_cannot_be_written_has_its_word(
    ali: AliexpressDesk, wants: dict[str, dict[str, int]], code: str
) -> None:
    said = await ali.write(wants)
    assert said.holds["update_failed_list"]["synchronize_product_response_dto"][0]["error_code"] == code


async def test_a_sku_that_stands_twice_fails_its_product(ali: AliexpressDesk) -> None:
    twice = [{"sku_code": "A-1", "inventory": stock} for stock in (1, 2)]
    entries = [{"product_id": 800, "multiple_sku_update_list": twice}]
    said = await ali.ask(BATCH, mutiple_product_update_list=json.dumps(entries))
    assert (said.holds["update_success"], ali.counters(FIRST)) == (False, [5])


async def test_a_counter_below_what_is_withheld_is_refused_unless_told_otherwise(ali: AliexpressDesk) -> None:
    ali.state.sell("700/14:1", 3, "hold")
    await ali.write({"700": {"茶杯": 2}})
    assert ali.counters("700/14:1") == [8]
    await ali.settings(refuses_below_withheld=False)
    await ali.write({"700": {"茶杯": 2}})
    assert ali.counters("700/14:1") == [2]


async def test_zero_may_be_refused(ali: AliexpressDesk) -> None:
    await ali.control("POST", "/state", {"settings": {"zero_allowed": False}})
    assert (await ali.write({"900": {"B": 0}})).holds["update_success"] is False


async def test_zero_may_take_a_product_off_sale(ali: AliexpressDesk) -> None:
    await ali.control("POST", "/state", {"settings": {"auto_delists_at_zero": True}})
    await ali.write({"900": {"B": 0}})
    assert ali.state.status(ali.state.products["900"]) == "offline"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MissingParameter"),
        ("{}", "isv.invalid-parameter"),
        ("[]", "isv.invalid-parameter"),
        ("[1]", "isv.invalid-parameter"),
        ("[{]", "isv.invalid-parameter"),
        ('[{"product_id": "x"}]', "isv.invalid-parameter"),
        ('[{"product_id": 8.5}]', "isv.invalid-parameter"),
        ('[{"multiple_sku_update_list": []}]', "MissingParameter"),
        ('[{"product_id": 800}]', "MissingParameter"),
        ('[{"product_id": 800, "multiple_sku_update_list": 3}]', "isv.invalid-parameter"),
        ('[{"product_id": 800, "multiple_sku_update_list": [{"inventory": 3}]}]', "MissingParameter"),
        (
            '[{"product_id": 800, "multiple_sku_update_list": [{"sku_code": 5, "inventory": 3}]}]',
            "isv.invalid-parameter",
        ),
        (
            '[{"product_id": 800, "multiple_sku_update_list": [{"sku_code": "A-1", "inventory": 1.5}]}]',
            "isv.invalid-parameter",
        ),
    ],
)
async def test_a_batch_that_cannot_be_read_is_refused(ali: AliexpressDesk, text: str, code: str) -> None:
    assert (await ali.ask(BATCH, mutiple_product_update_list=text)).code == code


async def test_a_batch_of_21_products_is_refused(ali: AliexpressDesk) -> None:
    said = await ali.write({str(800 + n): {"A-1": 1} for n in range(21)})
    assert (said.code, ali.counters(FIRST)) == ("isv.invalid-parameter", [5])


async def test_201_skus_of_a_product_are_refused(ali: AliexpressDesk) -> None:
    assert (await ali.write({"800": {f"C{n}": 1 for n in range(201)}})).code == "isv.invalid-parameter"


# --- by SKU id ---------------------------------------------------------------------------------------------


async def test_one_sku_is_set_by_its_id(ali: AliexpressDesk) -> None:
    said = await ali.ask(ONE_SKU, product_id="800", sku_id="14:2", ipm_sku_stock="6")
    assert said.result == {"success": True, "modify_count": 1, "product_id": 800}
    assert ali.counters(SECOND, THIRD) == [6, 7]


async def test_a_product_without_skus_has_one_of_no_name(ali: AliexpressDesk) -> None:
    await ali.ask(ONE_SKU, product_id="900", sku_id="<none>", ipm_sku_stock="6")
    assert ali.counters("900") == [6]


async def test_several_skus_are_set_together_or_not_at_all(ali: AliexpressDesk) -> None:
    stocks = {"14:2": 1, "14:3": 2}
    said = await ali.ask(SKUS, product_id="800", sku_stocks=json.dumps(stocks))
    assert said.result["modify_count"] == 2
    said = await ali.ask(SKUS, product_id="800", sku_stocks=json.dumps(stocks | {"14:2": 5, "14:9": 1}))
    assert said.result == {
        "success": False,
        "modify_count": 0,
        "error_code": "SKU_NOT_FOUND",
        "error_message": "the product has no such SKU",
        "error_details": ["the product has no such SKU"],
    }
    assert ali.counters(SECOND, THIRD) == [1, 2]


@pytest.mark.parametrize("stocks", ["{}", '{"14:2": "x"}', "[]", '{"14:2": null}'])
async def test_stocks_that_cannot_be_read_are_refused(ali: AliexpressDesk, stocks: str) -> None:
    assert (await ali.ask(SKUS, product_id="800", sku_stocks=stocks)).code == "isv.invalid-parameter"


async def test_a_stock_that_is_no_number_is_refused(ali: AliexpressDesk) -> None:
    said = await ali.ask(ONE_SKU, product_id="800", sku_id="14:2", ipm_sku_stock="6.0")
    assert said.code == "isv.invalid-parameter"


# --- on and off sale ---------------------------------------------------------------------------------------


async def test_products_go_off_and_on_sale_with_all_their_skus(ali: AliexpressDesk) -> None:
    said = await ali.ask(OFF, product_ids="800;900")
    assert said.result == {"success": True, "modify_count": 2}
    assert not any(ali.state.listings[one].on_sale for one in (FIRST, SECOND, "900"))
    await ali.ask(ON, product_ids="800")
    assert ali.state.listings[THIRD].on_sale


async def test_a_success_may_hide_a_product_that_failed(ali: AliexpressDesk) -> None:
    said = await ali.ask(OFF, product_ids="800;901")
    assert said.result == {
        "success": True,
        "modify_count": 1,
        "error_details": ["there is no product 901"],
    }


async def test_nothing_done_is_no_success(ali: AliexpressDesk) -> None:
    said = await ali.ask(OFF, product_ids="901")
    assert (said.result["success"], said.result["error_code"]) == (False, "PRODUCT_NOT_FOUND")


async def test_a_product_that_stands_so_already_is_counted(ali: AliexpressDesk) -> None:
    assert (await ali.ask(ON, product_ids="800")).result["modify_count"] == 1


async def test_nothing_without_stock_goes_on_sale(ali: AliexpressDesk) -> None:
    await ali.write({"900": {"B": 0}})
    await ali.ask(OFF, product_ids="900")
    assert (await ali.ask(ON, product_ids="900")).result["error_code"] == "PRODUCT_WITHOUT_STOCK"


@pytest.mark.parametrize("held", ["auditing", "editingRequired"])
async def test_a_product_that_is_held_cannot_go_on_sale(ali: AliexpressDesk, held: str) -> None:
    await ali.control("POST", "/state", {"products": [{"id": "900", "held": held}]})
    assert (await ali.ask(ON, product_ids="900")).result["error_code"] == "PRODUCT_NOT_PERMITTED"


async def test_product_ids_are_digits(ali: AliexpressDesk) -> None:
    assert (await ali.ask(OFF, product_ids="800;x")).code == "isv.invalid-parameter"


# --- feeds -------------------------------------------------------------------------------------------------


async def submitted(ali: AliexpressDesk, *contents: object) -> str:
    items = [
        {"item_content_id": f"c{n}", "item_content": json.dumps(content)}
        for n, content in enumerate(contents)
    ]
    said = await ali.ask(SUBMIT, operation_type="PRODUCT_STOCKS_UPDATE", item_list=json.dumps(items))
    return str(said.holds.get("job_id", said.code))


def content(product: str, code: str, stock: int) -> dict[str, object]:
    entry = [{"sku_code": code, "inventory": stock}]
    return {"product_id": product, "multiple_sku_update_list": entry}


async def test_a_job_takes_effect_later_and_tells_what_became_of_each_item(ali: AliexpressDesk) -> None:
    job = await submitted(ali, content("800", "A-1", 1), content("901", "B", 1))
    assert ("result_list" in (await ali.ask(QUERY, job_id=job)).holds, ali.counters(FIRST)) == (False, [5])
    await ali.control("POST", "/time", {"advance": 60})
    rows = (await ali.ask(QUERY, job_id=job)).holds["result_list"]
    told = [(row["item_content_id"], json.loads(row["item_execution_result"])["success"]) for row in rows]
    assert (told, ali.counters(FIRST)) == ([("c0", True), ("c1", False)], [1])


@pytest.mark.parametrize("bad", ["text", [], {"product_id": 800}])
async def test_a_job_that_cannot_be_read_is_refused(ali: AliexpressDesk, bad: object) -> None:
    assert await submitted(ali, bad) in ("isv.invalid-parameter", "MissingParameter")


async def test_a_content_must_be_json(ali: AliexpressDesk) -> None:
    items = json.dumps([{"item_content_id": "1", "item_content": "{"}])
    said = await ali.ask(SUBMIT, operation_type="PRODUCT_STOCKS_UPDATE", item_list=items)
    assert said.code == "isv.invalid-parameter"


async def test_only_stocks_are_taken_in_bulk(ali: AliexpressDesk) -> None:
    said = await ali.ask(SUBMIT, operation_type="PRODUCT_CREATE", item_list="[]")
    assert said.code == "isv.invalid-parameter"


async def test_an_unknown_job_is_refused(ali: AliexpressDesk) -> None:
    assert (await ali.ask(QUERY, job_id="1")).code == "JOB_NOT_FOUND"
