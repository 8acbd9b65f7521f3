"""What the Taobao mock shows of items and SKUs."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from syncd.mock.core import Listing
from syncd.mock.taobao import TopSettings
from tests.unit.mock.taobao_desk import DELIST, LIST, TaobaoDesk, opened_desk

ON_SALE, IN_STOCK = "taobao.items.onsale.get", "taobao.items.inventory.get"
SEVERAL, ONE_ITEM = "taobao.items.seller.list.get", "taobao.item.seller.get"


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


async def listed(taobao: TaobaoDesk, method: str, **params: str) -> list[int]:
    """Return the items of a page, in its order."""
    said = await taobao.ask(method, **{"fields": "num_iid"} | params)
    assert not said.error, said.error
    return [row["num_iid"] for row in said.holds.get("items", {"item": []})["item"]]


# --- pages -------------------------------------------------------------------------------------------------


async def test_items_on_sale_are_wrapped_and_counted(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ON_SALE, fields="num_iid,num,outer_id,approve_status", page_size="1", page_no="2")
    assert said.body["items_onsale_get_response"] == {
        "total_results": 3,
        "items": {"item": [{"num_iid": 800, "num": 15, "outer_id": "A", "approve_status": "onsale"}]},
        "request_id": "mock000000000001",
    }


async def test_an_item_without_skus_shows_its_own_code(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ON_SALE, fields="outer_id", page_size="1")
    assert said.holds["items"]["item"] == [{"outer_id": "B"}]


async def test_a_page_shows_forty_rows_unless_asked(taobao: TaobaoDesk) -> None:
    taobao.state.listings |= {str(n): Listing(id=str(n), item=str(n), code="C") for n in range(1000, 1050)}
    await taobao.control("POST", "/state", {"listings": [{"id": "1000"}]})
    assert len(await listed(taobao, ON_SALE)) == 40


async def test_an_empty_list_is_left_out(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(IN_STOCK, fields="num_iid")
    assert said.holds == {"total_results": 0, "request_id": "mock000000000001"}


async def test_an_empty_list_may_be_shown_as_such(taobao: TaobaoDesk) -> None:
    taobao.state.top = TopSettings(shows_empty_lists=True)
    said = await taobao.ask(IN_STOCK, fields="num_iid")
    assert said.holds["items"] == {"item": []}


async def test_ids_beyond_what_a_float_holds_are_numbers(taobao: TaobaoDesk) -> None:
    taobao.state.listings.clear()
    await taobao.control("POST", "/state", {"listings": [{"id": "9007199254740993"}]})
    said = await taobao.ask(ON_SALE, fields="num_iid")
    assert '"num_iid":9007199254740993' in said.text


@pytest.mark.parametrize("field", ["sku", "with_hold_quantity", "sub_stock", "no_such_field"])
async def test_lists_do_not_show_what_takes_a_call_of_its_own(taobao: TaobaoDesk, field: str) -> None:
    said = await taobao.ask(ON_SALE, fields=f"num_iid,{field}", page_size="1")
    assert said.holds["items"]["item"] == [{"num_iid": 900}]


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        (ON_SALE, {}, 40),
        (ON_SALE, {"fields": "num_iid", "page_no": "0"}, 41),
        (ON_SALE, {"fields": "num_iid", "page_no": "x"}, 41),
        (ON_SALE, {"fields": "num_iid", "page_no": "9" * 30}, 41),
        (ON_SALE, {"fields": "num_iid", "page_size": "201"}, 41),
        (ON_SALE, {"fields": "num_iid", "page_no": "20001", "page_size": "1"}, 41),
        (ON_SALE, {"fields": "num_iid", "order_by": "price:desc"}, 41),
        (ON_SALE, {"fields": "num_iid", "start_modified": "2026-01-01"}, 41),
        (IN_STOCK, {"fields": "num_iid", "page_no": "102"}, 41),
        (IN_STOCK, {"fields": "num_iid", "banner": "off"}, 41),
        (SEVERAL, {"fields": "num_iid", "num_iids": ",".join(str(n) for n in range(21))}, 41),
        (SEVERAL, {"fields": "num_iid", "num_iids": "800,"}, 41),
        ("taobao.item.skus.get", {"fields": "sku_id", "num_iids": ",".join(str(n) for n in range(41))}, 41),
        ("taobao.items.custom.get", {"fields": "num_iid", "outer_id": ",".join("a" * 41)}, 41),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    taobao: TaobaoDesk, method: str, params: dict[str, str], code: int
) -> None:
    assert (await taobao.ask(method, **params)).refusal[0] == code


async def test_the_last_pages_that_are_allowed_are_empty(taobao: TaobaoDesk) -> None:
    pages = [
        await listed(taobao, ON_SALE, page_no="100", page_size="200"),
        await listed(taobao, IN_STOCK, page_no="101"),
    ]
    assert pages == [[], []]


async def test_what_was_modified_since_is_found_to_the_second(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/time", {"advance": 60.5})
    await taobao.write("800", "801:4")
    since = "2026-01-01 08:01:00"
    assert await listed(taobao, ON_SALE, start_modified=since) == [800]
    assert await listed(taobao, ON_SALE, end_modified=since, order_by="modified:asc") == [700, 900, 800]


async def test_a_sale_moves_no_time_of_modification(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/time", {"advance": 60})
    await taobao.sell("801", 1)
    assert await listed(taobao, ON_SALE, start_modified="2026-01-01 08:01:00") == []


async def test_selling_out_moves_the_time_of_modification(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/time", {"advance": 60})
    await taobao.sell("900", 4)
    since = "2026-01-01 08:01:00"
    assert await listed(taobao, IN_STOCK, banner="sold_out", start_modified=since) == [900]


async def test_what_was_listed_last_comes_first(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/time", {"advance": 60})
    await taobao.ask(LIST, num_iid="700", num="1")
    assert await listed(taobao, ON_SALE) == [700, 900, 800]


async def test_a_persons_hand_moves_the_time_of_modification(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/time", {"advance": 60})
    await taobao.control("POST", "/state", {"listings": [{"id": "801", "quantity": 9}]})
    assert await listed(taobao, ON_SALE, start_modified="2026-01-01 08:01:00") == [800]


async def test_items_can_be_ordered_by_their_counters(taobao: TaobaoDesk) -> None:
    assert await listed(taobao, ON_SALE, order_by="num:asc") == [900, 700, 800]


async def test_items_can_be_searched_by_title(taobao: TaobaoDesk) -> None:
    assert await listed(taobao, ON_SALE, q="Mug") == [800]


# --- in stock ----------------------------------------------------------------------------------------------


@pytest.fixture
async def all_off(taobao: TaobaoDesk) -> TaobaoDesk:
    """800 was delisted, 900 sold out, 700 taken off for a violation, 600 was never on sale."""
    await taobao.ask(DELIST, num_iid="800")
    await taobao.sell("900", 4)
    await taobao.control(
        "POST",
        "/state",
        {
            "listings": [
                {"id": "701", "on_sale": False, "off_reason": "violation"},
                {"id": "600", "on_sale": False},
            ],
            "items": [{"id": "600", "list_time": None}],
        },
    )
    return taobao


@pytest.mark.parametrize(
    ("banner", "items"),
    [
        (None, [800, 600]),
        ("for_shelved", [800, 600]),
        ("off_shelf", [800]),
        ("never_on_shelf", [600]),
        ("regular_shelved", []),
        ("sold_out", [900]),
        ("violation_off_shelf", [700]),
    ],
)
async def test_each_banner_shows_its_own_and_the_usual_one_no_sold_out_items(
    all_off: TaobaoDesk, banner: str | None, items: list[int]
) -> None:
    asked = {} if banner is None else {"banner": banner}
    assert await listed(all_off, IN_STOCK, **asked) == items


async def test_what_is_off_sale_is_not_listed_on_sale(all_off: TaobaoDesk) -> None:
    assert await listed(all_off, ON_SALE) == []


async def test_an_item_off_sale_says_so(all_off: TaobaoDesk) -> None:
    said = await all_off.ask(ONE_ITEM, num_iid="900", fields="approve_status,num")
    assert said.holds["item"] == {"num": 0, "approve_status": "instock"}


# --- by id and by code -------------------------------------------------------------------------------------


async def test_an_item_is_shown_with_its_skus(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE_ITEM, num_iid="700", fields="num_iid,num,with_hold_quantity,sub_stock,sku")
    assert said.holds["item"] == {
        "num_iid": 700,
        "num": 8,
        "with_hold_quantity": 0,
        "sub_stock": 2,
        "skus": {
            "sku": [
                {
                    "sku_id": 701,
                    "num_iid": 700,
                    "outer_id": "茶杯",
                    "quantity": 8,
                    "with_hold_quantity": 0,
                    "status": "normal",
                    "price": "9.90",
                    "properties": "1627207:701",
                    "properties_name": "1627207:701:颜色分类:茶杯",
                    "modified": "2026-01-01 08:00:00",
                }
            ]
        },
    }


async def test_only_the_fields_of_skus_that_were_asked_for_are_shown(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE_ITEM, num_iid="700", fields="sku.sku_id, sku.quantity")
    assert said.holds["item"] == {"skus": {"sku": [{"sku_id": 701, "quantity": 8}]}}


async def test_an_item_without_skus_shows_none(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE_ITEM, num_iid="900", fields="num,sku")
    assert said.holds["item"] == {"num": 4}


async def test_unknown_and_deleted_items_are_silently_absent(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"items": [{"id": "900", "deleted": True}]})
    assert await listed(taobao, SEVERAL, num_iids="900,123,800") == [800]


async def test_one_unknown_item_is_an_error(taobao: TaobaoDesk) -> None:
    said = await taobao.ask(ONE_ITEM, num_iid="123", fields="num")
    assert said.refusal == (15, "isv.item-get-service-error:ITEM_NOT_FOUND")


async def test_one_deleted_item_is_another_error(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"items": [{"id": "900", "deleted": True}]})
    said = await taobao.ask(ONE_ITEM, num_iid="900", fields="num")
    assert said.error["sub_code"].startswith("isv.item-is-delete:")


async def test_the_number_of_a_services_errors_can_be_another(taobao: TaobaoDesk) -> None:
    taobao.state.top = TopSettings(service_code=50)
    assert (await taobao.ask(ONE_ITEM, num_iid="123", fields="num")).refusal[0] == 50


def sku_ids(holds: dict[str, Any]) -> list[int]:
    return [row["sku_id"] for row in holds.get("skus", {"sku": []})["sku"]]


async def test_skus_are_shown_by_their_items(taobao: TaobaoDesk) -> None:
    said = await taobao.ask("taobao.item.skus.get", num_iids="700,900,800", fields="sku_id")
    assert sku_ids(said.holds) == [701, 801, 802, 803]


async def test_skus_are_found_by_their_code(taobao: TaobaoDesk) -> None:
    said = await taobao.ask("taobao.skus.custom.get", outer_id="A-2", fields="sku_id")
    assert sku_ids(said.holds) == [802, 803]


async def test_items_are_found_by_their_codes(taobao: TaobaoDesk) -> None:
    assert await listed(taobao, "taobao.items.custom.get", outer_id="A,B,A-1") == [800, 900]
