"""The mock shop's API, as the wire was agreed."""

from typing import Any

import pytest

from syncd.mock.core import ShopSettings, ShopState
from tests.unit.mock.desk import Desk

Shop = Desk[ShopState]


async def test_a_call_without_the_token_is_unauthorized(shop: Shop) -> None:
    answer = await shop.call("GET", "/listings", token="")
    assert (answer.status, answer.body) == (401, {"error": "unauthorized"})


async def test_a_call_with_another_token_is_unauthorized(shop: Shop) -> None:
    assert (await shop.call("GET", "/listings", token="mock-tokem")).status == 401


async def test_a_write_with_another_token_changes_nothing(shop: Shop) -> None:
    change = {"changes": [{"id": "1001", "key": "k1", "quantity": 9}]}
    await shop.call("POST", "/stock", change, token="wrong")
    assert shop.rig.state.listings["1001"].quantity == 5


async def test_a_listing_is_shown_with_all_its_fields(shop: Shop) -> None:
    answer = await shop.call("GET", "/listings?ids=1001")
    assert answer.body == {
        "listings": [
            {
                "id": "1001",
                "item": "9001",
                "code": "1-ABC",
                "quantity": 5,
                "withheld": 0,
                "on_sale": True,
                "off_reason": None,
                "title": "Abc",
            }
        ]
    }


async def test_a_page_says_where_it_stands_in_the_whole(shop: Shop) -> None:
    answer = await shop.call("GET", "/listings?page=2&size=2")
    assert {key: answer.body[key] for key in ("page", "pages", "total")} == {
        "page": 2,
        "pages": 2,
        "total": 3,
    }


async def test_the_pages_together_show_every_listing_once(shop: Shop) -> None:
    pages = [(await shop.call("GET", f"/listings?page={n}&size=2")).body for n in (1, 2)]
    assert [row["id"] for page in pages for row in page["listings"]] == ["1001", "1002", "1003"]


async def test_a_page_beyond_the_last_is_empty(shop: Shop) -> None:
    assert (await shop.call("GET", "/listings?page=9&size=2")).body["listings"] == []


async def test_an_empty_shop_has_one_empty_page(shop: Shop) -> None:
    await shop.control("POST", "/state", {"replace": True})
    answer = await shop.call("GET", "/listings")
    assert answer.body == {"listings": [], "page": 1, "pages": 1, "total": 0}


@pytest.mark.parametrize("query", ["page=0", "page=x", "size=0", "size=1001", "page=-1", "page=²"])
async def test_a_page_that_cannot_be_is_a_bad_request(shop: Shop, query: str) -> None:
    answer = await shop.call("GET", f"/listings?{query}")
    assert (answer.status, answer.body["error"]) == (400, "bad_request")


async def test_unknown_ids_are_left_out(shop: Shop) -> None:
    answer = await shop.call("GET", "/listings?ids=1003,7777,1001")
    assert [row["id"] for row in answer.body["listings"]] == ["1003", "1001"]


async def test_an_absolute_quantity_is_set(shop: Shop) -> None:
    answer = await shop.write({"id": "1001", "key": "k1", "quantity": 7})
    assert answer.body == {"results": [{"id": "1001", "ok": True, "quantity": 7}]}


async def test_a_delta_is_added(shop: Shop) -> None:
    answer = await shop.write({"id": "1001", "key": "k1", "delta": -2})
    assert answer.body == {"results": [{"id": "1001", "ok": True, "quantity": 3}]}


async def test_a_compare_and_set_that_finds_its_base_sets(shop: Shop) -> None:
    answer = await shop.write({"id": "1001", "key": "k1", "quantity": 7, "if_quantity": 5})
    assert answer.body == {"results": [{"id": "1001", "ok": True, "quantity": 7}]}


async def test_a_compare_and_set_that_finds_another_base_is_a_conflict(shop: Shop) -> None:
    answer = await shop.write({"id": "1001", "key": "k1", "quantity": 7, "if_quantity": 4})
    assert answer.body["results"] == [
        {
            "id": "1001",
            "ok": False,
            "error": "conflict",
            "message": "the quantity is 5, not 4",
            "quantity": 5,
        }
    ]


async def test_a_refused_line_does_not_stop_the_batch(shop: Shop) -> None:
    answer = await shop.write(
        {"id": "7777", "key": "k1", "quantity": 1}, {"id": "1001", "key": "k2", "quantity": 2}
    )
    assert [result["ok"] for result in answer.body["results"]] == [False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "7"},
        {"quantity": 7.0},
        {"quantity": True},
        {"quantity": None},
        {"quantity": -1},
        {"quantity": 10**9},
        {"delta": -6},
        {"delta": 1, "quantity": 1},
        {"if_quantity": 5},
        {},
    ],
)
async def test_a_figure_that_cannot_be_is_rejected_and_changes_nothing(
    shop: Shop, change: dict[str, Any]
) -> None:
    answer = await shop.write({"id": "1001", "key": "k1", **change})
    result = answer.body["results"][0]
    assert (result["ok"], result["error"], result["quantity"]) == (False, "rejected", 5)


async def test_a_change_without_an_id_spoils_the_call(shop: Shop) -> None:
    answer = await shop.write({"id": "1001", "key": "k1", "quantity": 7}, {"key": "k2", "quantity": 7})
    assert (answer.status, answer.body["message"]) == (
        400,
        "changes[1].id: is missing, write a text that is not empty",
    )


async def test_a_call_that_is_no_list_of_changes_says_so(shop: Shop) -> None:
    answer = await shop.call("POST", "/stock", {"change": []})
    assert answer.body["message"] == "changes: is missing, write a list of changes"


async def test_a_spoiled_call_applies_nothing(shop: Shop) -> None:
    await shop.write({"id": "1001", "key": "k1", "quantity": 7}, {"key": "k2", "quantity": 7})
    assert shop.rig.state.listings["1001"].quantity == 5


async def test_a_key_that_was_applied_is_a_duplicate(shop: Shop) -> None:
    await shop.write({"id": "1001", "key": "k1", "delta": -2})
    answer = await shop.write({"id": "1001", "key": "k1", "delta": -2})
    result = answer.body["results"][0]
    assert (result["error"], result["quantity"]) == ("duplicate", 3)


async def test_a_key_that_was_refused_may_come_again(shop: Shop) -> None:
    await shop.write({"id": "1001", "key": "k1", "delta": -9})
    answer = await shop.write({"id": "1001", "key": "k1", "delta": -1})
    assert answer.body["results"][0]["ok"] is True


async def test_a_platform_that_is_not_idempotent_applies_a_key_twice(shop: Shop) -> None:
    shop.rig.state.settings = ShopSettings(idempotent=False)
    await shop.write({"id": "1001", "key": "k1", "delta": -2})
    await shop.write({"id": "1001", "key": "k1", "delta": -2})
    assert shop.rig.state.listings["1001"].quantity == 1


async def test_fifty_changes_are_not_too_many(shop: Shop) -> None:
    answer = await shop.write(*[{"id": "1001", "key": f"k{n}", "quantity": n} for n in range(50)])
    assert answer.status == 200


async def test_fifty_one_changes_are_too_many(shop: Shop) -> None:
    answer = await shop.write(*[{"id": "1001", "key": f"k{n}", "quantity": n} for n in range(51)])
    assert (answer.status, answer.body["error"]) == (400, "too_many")


async def test_too_many_changes_apply_none(shop: Shop) -> None:
    await shop.write(*[{"id": "1001", "key": f"k{n}", "quantity": n} for n in range(51)])
    assert shop.rig.state.listings["1001"].quantity == 5


async def test_a_delisted_listing_is_off_sale_without_a_reason(shop: Shop) -> None:
    answer = await shop.call("POST", "/listings/1001/delist")
    assert answer.body == {"id": "1001", "ok": True}
    shown = shop.rig.state.listings["1001"].wire()
    assert (shown["on_sale"], shown["off_reason"]) == (False, None)


async def test_a_relisted_listing_is_on_sale(shop: Shop) -> None:
    await shop.call("POST", "/listings/1001/delist")
    await shop.call("POST", "/listings/1001/relist")
    assert shop.rig.state.listings["1001"].on_sale is True


@pytest.mark.parametrize("verb", ["delist", "relist"])
async def test_an_unknown_listing_is_not_found(shop: Shop, verb: str) -> None:
    answer = await shop.call("POST", f"/listings/7777/{verb}")
    assert (answer.status, answer.body["error"]) == (200, "not_found")


async def test_an_unknown_path_is_404(shop: Shop) -> None:
    url = f"{shop.url}/nothing"
    async with shop.session.get(url) as response:
        assert response.status == 404


async def test_calls_above_the_rate_are_throttled_until_the_clock_moves(shop: Shop) -> None:
    await shop.control("POST", "/state", {"settings": {"rate": 0.5, "burst": 2}})
    statuses = [(await shop.call("GET", "/listings")).status for _ in range(3)]
    await shop.control("POST", "/time", {"advance": 2})
    statuses.append((await shop.call("GET", "/listings")).status)
    assert statuses == [200, 200, 429, 200]


async def test_a_clock_set_back_does_not_drain_the_budget(shop: Shop) -> None:
    await shop.control("POST", "/state", {"settings": {"rate": 1, "burst": 2}})
    await shop.call("GET", "/listings")
    await shop.control("POST", "/time", {"set": "2025-01-01T00:00:00Z"})
    assert (await shop.call("GET", "/listings")).status == 200


async def test_a_throttled_call_says_when_to_come_again(shop: Shop) -> None:
    await shop.control("POST", "/state", {"settings": {"rate": 0.25}})
    await shop.call("GET", "/listings")
    assert (await shop.call("GET", "/listings")).headers["Retry-After"] == "4"
