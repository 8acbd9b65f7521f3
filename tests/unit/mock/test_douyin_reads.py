"""How the Douyin mock shows products and SKUs, and how its state is read and set."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from syncd.mock.clock import START, VirtualClock
from syncd.mock.douyin import DouyinState, build_douyin
from syncd.mock.fields import Fields, MockError
from syncd.mock.rig import Rig
from syncd.mock.server import running
from tests.unit.mock.douyin_desk import NOW, DouyinDesk, make_state, opened_desk

LIST, SKUS, DETAIL, STOCK = "/product/listV2", "/sku/list", "/product/detail", "/sku/stockNum"


@pytest.fixture
async def douyin() -> AsyncIterator[DouyinDesk]:
    async with opened_desk() as desk:
        yield desk


async def listed(douyin: DouyinDesk, **body: object) -> list[int]:
    said = await douyin.ask(LIST, {"page": 1, "size": 100} | body)
    return [row["product_id"] for row in said.data["data"]]


async def skus(douyin: DouyinDesk, product: int = 800) -> list[dict[str, Any]]:
    return (await douyin.ask(SKUS, {"product_id": product})).rows


# --- products ----------------------------------------------------------------------------------------------


async def test_pages_of_products_count_from_1(douyin: DouyinDesk) -> None:
    pages = [await listed(douyin, page=page, size=2) for page in (1, 2, 3)]
    said = await douyin.ask(LIST, {"page": 1, "size": 2})
    assert (pages, said.data["total"], said.data["page"]) == ([[800, 900], [700], []], 3, 1)


async def test_a_cursor_reads_on_where_it_stood(douyin: DouyinDesk) -> None:
    first = await douyin.ask(LIST, {"use_cursor": True, "size": 2})
    rest = await listed(douyin, use_cursor=True, size=2, cursor_id=first.data["cursor_id"])
    assert rest == [700]


async def test_products_are_asked_for_by_status_and_check(douyin: DouyinDesk) -> None:
    changes = [{"id": "800", "deleted": True}, {"id": "700", "check_status": 5}]
    await douyin.control("POST", "/state", {"products": changes})
    await douyin.ask("/product/setOffline", {"product_id": 900})
    shown = [await listed(douyin, status=status) for status in (0, 1, 2)]
    assert (shown, await listed(douyin)) == ([[700], [900], [800]], [900, 700])
    assert await listed(douyin, check_status=5) == [700]


async def test_products_are_asked_for_by_the_time_of_change_without_its_end(douyin: DouyinDesk) -> None:
    douyin.rig.clock.move_to(START + timedelta(seconds=60))
    await douyin.set("801", 1)
    after = await listed(douyin, update_start_time=NOW + 60, update_end_time=NOW + 61)
    before = await listed(douyin, update_start_time=NOW, update_end_time=NOW + 60)
    assert (after, before) == ([800], [900, 700])


@pytest.mark.parametrize(
    "body", [{"page": 0}, {"page": 101}, {"size": 101}, {"status": 3}, {"update_start_time": "x"}]
)
async def test_a_list_may_be_asked_for_wrongly(douyin: DouyinDesk, body: dict[str, Any]) -> None:
    assert (await douyin.ask(LIST, body)).refusal == (40004, "isv.parameter-invalid:2010013")


async def test_a_terse_list_says_of_a_product_only_how_it_stands(douyin: DouyinDesk) -> None:
    await douyin.settings(terse=True)
    row, *_ = (await douyin.ask(LIST, {})).data["data"]
    assert (row["status"], "name" in row, "reduce_type" in row) == (0, False, False)


async def test_a_product_shows_its_skus_and_when_its_counters_fall(douyin: DouyinDesk) -> None:
    await douyin.sell("701", 2, "hold")
    data = (await douyin.ask(DETAIL, {"product_id": "700"})).data
    (sku,) = data["spec_prices"]
    assert (data["reduce_type"], sku["sku_id"], sku["code"]) == (2, 701, "茶杯")
    assert (sku["stock_num"], sku["lock_stock_num"]) == (8, 2)


# --- SKUs --------------------------------------------------------------------------------------------------


async def test_units_of_unpaid_orders_are_held_where_payment_takes_them(douyin: DouyinDesk) -> None:
    await douyin.sell("701", 2, "hold")
    await douyin.sell("801", 2, "hold")
    by_payment, by_order = (await skus(douyin, 700))[0], (await skus(douyin, 800))[0]
    assert (by_payment["stock_num"], by_payment["prehold_stock_num"]) == (8, 2)
    assert (by_order["stock_num"], by_order["prehold_stock_num"]) == (3, 0)


async def test_units_of_a_campaign_are_shown_apart(douyin: DouyinDesk) -> None:
    row = (await skus(douyin))[2]
    assert (row["stock_num"], row["prom_stock_num"], row["normal_stock_num"]) == (7, 2, 5)


async def test_ids_are_bare_numbers_beyond_what_a_float_holds(douyin: DouyinDesk) -> None:
    big = "3500000000000000001"
    document = {"listings": [{"id": big, "item": big, "code": "X"}]}
    await douyin.control("POST", "/state", document)
    said = await douyin.ask(SKUS, {"product_id": int(big)})
    assert f'"id":{big}' in said.text


@pytest.mark.parametrize("body", [{"sku_id": 701}, {"code": "茶杯"}])
async def test_one_sku_is_asked_for_by_its_id_or_code(douyin: DouyinDesk, body: dict[str, Any]) -> None:
    data = (await douyin.ask(STOCK, body)).data
    assert (data["id"], data["product_id"], data["stock_num"]) == (701, 700, 8)


@pytest.mark.parametrize(
    ("path", "body"),
    [(SKUS, {"product_id": 5}), (DETAIL, {"product_id": 5}), (STOCK, {"sku_id": 5}), (STOCK, {"code": "X"})],
)
async def test_what_is_not_there_is_refused(douyin: DouyinDesk, path: str, body: dict[str, Any]) -> None:
    assert (await douyin.ask(path, body)).refusal == (50002, "isv.business-failed:2010058")


async def test_one_sku_must_be_named(douyin: DouyinDesk) -> None:
    assert (await douyin.ask(STOCK, {})).refusal[0] == 40002


async def test_the_shop_has_no_warehouses(douyin: DouyinDesk) -> None:
    assert (await douyin.ask("/warehouse/list", {})).data["warehouses"] == []


# --- faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "figures"),
    [
        ({"kind": "bad_numbers"}, ["NaN", 3, 7]),
        ({"kind": "bad_numbers", "value": None, "column": "stock_num"}, ["NaN", 3, 7]),
        ({"kind": "duplicate_rows", "differ": True}, [5, 3, 7, 6]),
        ({"kind": "half_page"}, [5]),
        ({"kind": "drop_skus", "share": 1.0}, []),
    ],
)
async def test_the_skus_of_a_product_may_be_damaged(
    douyin: DouyinDesk, fault: dict[str, Any], figures: list[Any]
) -> None:
    await douyin.faults(fault)
    assert [row["stock_num"] for row in await skus(douyin)] == figures


@pytest.mark.parametrize(
    ("path", "key", "shown"),
    [(LIST, "data", []), (SKUS, "", []), (DETAIL, "spec_prices", []), (STOCK, "", {})],
)
async def test_a_shop_may_look_empty_without_a_word(
    douyin: DouyinDesk, path: str, key: str, shown: object
) -> None:
    await douyin.faults({"kind": "empty"})
    said = await douyin.ask(path, {"product_id": 800, "sku_id": 801, "page": 1})
    assert (said.refusal[0], said.data[key] if key else said.body["data"]) == (10000, shown)


async def test_a_page_may_fail(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "half_page", "status": 502, "page": 2})
    assert await listed(douyin, page=1) == [800, 900, 700]
    assert (await douyin.ask(LIST, {"page": 2})).status == 502


async def test_half_of_an_answer_may_come(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "garbage", "body": "<html>"})
    said = await douyin.session.post(douyin.url + SKUS, data=b"{}")
    assert (await said.json())["code"] == 40001
    text = '{"product_id":800}'
    async with douyin.session.post(
        douyin.url + SKUS, data=text, params=douyin.signed(SKUS, text)
    ) as response:
        assert await response.text() == "<html>"


# --- the state ---------------------------------------------------------------------------------------------


async def test_a_state_that_was_shown_can_be_set(douyin: DouyinDesk) -> None:
    await douyin.set("801", 1, idempotent_id="k")
    await douyin.sell("701", 1, "hold")
    await douyin.settings(token_until="2027-01-01T00:00:00Z", denied=["/sku/list"])
    shown = await douyin.control("GET", "/state")
    other = Rig(name="douyin", state=DouyinState())
    other.merge(json.loads(json.dumps(shown)))
    assert other.as_json() == shown


async def test_what_is_not_named_stays(douyin: DouyinDesk) -> None:
    await douyin.control("POST", "/state", {"products": [{"id": "700", "deleted": True}]})
    product = douyin.state.products["700"]
    assert (product.reduce_type, product.deleted, douyin.state.douyin.app_secret) == (2, True, "mock-secret")


async def test_replacing_forgets_products_and_orders(douyin: DouyinDesk) -> None:
    await douyin.sell("801", 1, "hold")
    await douyin.control("POST", "/state", {"replace": True, "listings": [{"id": "5"}]})
    assert (list(douyin.state.products), douyin.state.orders.orders) == (["5"], {})


async def test_a_sku_goes_off_sale_with_its_product(douyin: DouyinDesk) -> None:
    await douyin.control("POST", "/state", {"listings": [{"id": "801", "on_sale": False}], "remove": ["900"]})
    assert (douyin.state.on_sale("800"), "900" in douyin.state.products) == (False, False)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"products": [{"id": "800", "reduce_type": 3}]}, "reduce_type: must be one of 1, 2"),
        ({"products": [{"id": "800", "check_status": 6}]}, "check_status: must be one of"),
        ({"products": [{"id": "800", "activity": {"801": -1}}]}, "must be a whole number"),
        ({"products": [{"id": "800", "color": 1}]}, "color: is not known here"),
        ({"douyin": {"app_secret": 5}}, "app_secret: must be a text"),
        ({"douyin": {"partial_code": 5}}, "partial_code: must be one of 10000, 10001"),
        ({"douyin": {"token_until": "soon"}}, "token_until: must be a time"),
        ({"listings": [{"id": "x1"}]}, "listings[0].id: must be digits"),
        ({"listings": [{"id": "1", "item": "x"}]}, "listings[0].item: must be digits"),
    ],
)
def test_a_wrong_state_names_its_key_and_changes_nothing(document: dict[str, object], message: str) -> None:
    state = make_state()
    before = state.as_json()
    with pytest.raises(MockError) as caught:
        state.merge(Fields(document, ""))
    assert message in str(caught.value)
    assert state.as_json() == before


async def test_a_shop_of_a_seed_is_always_the_same_and_has_both_kinds_of_products() -> None:
    shown = []
    for state in (None, None, {"listings": [{"id": "5"}]}):
        async with (
            running(build_douyin(3, VirtualClock(), state)) as url,
            ClientSession() as session,
            session.get(f"{url}/_mock/state") as response,
        ):
            shown.append(await response.json())
    kinds = Counter(product["reduce_type"] for product in shown[0]["products"])
    assert (shown[0] == shown[1], min(kinds.values()) > 5) == (True, True)
    assert [row["id"] for row in shown[2]["listings"]] == ["5"]


def test_no_secret_is_in_a_repr() -> None:
    assert "mock-" not in repr(make_state().douyin)


async def test_no_page_goes_beyond_row_10000(douyin: DouyinDesk) -> None:
    assert await listed(douyin, page=100, size=100) == []
    assert await listed(douyin, use_cursor=True, cursor_id=10_000, size=1) == []


async def test_a_listing_that_is_removed_as_it_is_named_is_gone(douyin: DouyinDesk) -> None:
    await douyin.control("POST", "/state", {"listings": [{"id": "900", "quantity": 1}], "remove": ["900"]})
    assert "900" not in douyin.state.listings
