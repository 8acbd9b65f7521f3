"""Every fault that damages the rows of an answer, over real HTTP."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from syncd.mock.core import ErpState, ShopState
from tests.unit.mock.desk import Answer, Desk

Shop = Desk[ShopState]
Erp = Desk[ErpState]

LOWER = {"id": "1001", "key": "k1", "quantity": 1}
OTHER = {"id": "1003", "key": "k2", "quantity": 2}


def counter(shop: Shop) -> int:
    return shop.rig.state.listings["1001"].quantity


async def held(desk: Desk[Any], call: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
    """Start a call and return once the mock holds it."""
    task = asyncio.create_task(call)
    await desk.control("GET", "/calls?held=1")
    return task


# --- rows --------------------------------------------------------------------------------------------------


async def test_empty_answers_200_without_rows(erp: Erp) -> None:
    await erp.faults({"kind": "empty"})
    answer = await erp.call("GET", "/stock")
    assert (answer.status, answer.body["rows"], answer.body["total"]) == (200, [], 0)


async def test_half_page_leaves_rows_out_and_keeps_the_total(erp: Erp) -> None:
    await erp.faults({"kind": "half_page"})
    answer = await erp.call("GET", "/stock")
    assert (len(answer.body["rows"]), answer.body["total"]) == (2, 5)


async def test_half_page_may_fail_one_page_only(erp: Erp) -> None:
    await erp.faults({"kind": "half_page", "page": 2, "status": 503})
    statuses = [(await erp.call("GET", f"/stock?page={page}&size=2")).status for page in (1, 2, 3)]
    assert statuses == [200, 503, 200]


async def test_drop_skus_leaves_out_a_share_and_says_a_smaller_total(erp: Erp) -> None:
    await erp.control("POST", "/state", {"rows": [{"sku": f"T{n}", "warehouse": "main"} for n in range(95)]})
    await erp.faults({"kind": "drop_skus", "share": 0.5})
    body = (await erp.call("GET", "/stock?size=1000")).body
    assert (25 < body["total"] < 75, body["total"] == len(body["rows"])) == (True, True)


async def test_dropped_skus_are_missing_from_all_pages_of_a_reading(erp: Erp) -> None:
    await erp.faults({"kind": "drop_skus", "share": 1.0, "page": 1})
    pages = [(await erp.call("GET", f"/stock?page={page}&size=2")).body["rows"] for page in (1, 2, 3)]
    assert pages == [[], [], []]


async def test_the_seed_decides_which_skus_are_dropped(erp: Erp) -> None:
    await erp.control("POST", "/state", {"rows": [{"sku": f"T{n}", "warehouse": "main"} for n in range(95)]})
    await erp.faults({"kind": "drop_skus", "share": 0.5, "times": 0})
    readings = []
    for seed in (7, 7, 8):
        erp.rig.seed = seed
        readings.append((await erp.call("GET", "/stock")).body["rows"])
    assert (readings[0] == readings[1], readings[0] == readings[2]) == (True, False)


async def test_drop_skus_hides_listings_from_a_shop(shop: Shop) -> None:
    await shop.faults({"kind": "drop_skus", "share": 1.0})
    assert (await shop.call("GET", "/listings")).body["total"] == 0


async def test_duplicate_rows_come_twice(erp: Erp) -> None:
    await erp.faults({"kind": "duplicate_rows", "lines": 2})
    rows = (await erp.call("GET", "/stock")).body["rows"]
    assert rows[5:] == rows[:2]


async def test_duplicate_rows_may_differ(erp: Erp) -> None:
    await erp.faults({"kind": "duplicate_rows", "differ": True})
    rows = (await erp.call("GET", "/stock")).body["rows"]
    assert [row["on_hand"] for row in rows if row["sku"] == "S0"] == [10, 11]


async def test_bad_numbers_are_a_text_a_negative_and_a_huge_one(erp: Erp) -> None:
    await erp.faults({"kind": "bad_numbers", "lines": 3})
    rows = (await erp.call("GET", "/stock")).body["rows"]
    assert [row["on_hand"] for row in rows] == ["NaN", -7, 10**18, 13, 14]


async def test_a_bad_number_may_be_chosen(erp: Erp) -> None:
    await erp.faults({"kind": "bad_numbers", "column": "allocated", "value": "1,200"})
    assert (await erp.call("GET", "/stock")).body["rows"][0]["allocated"] == "1,200"


async def test_bad_numbers_strike_a_shops_counters(shop: Shop) -> None:
    await shop.faults({"kind": "bad_numbers"})
    assert (await shop.call("GET", "/listings")).body["listings"][0]["quantity"] == "NaN"


async def test_damage_does_not_touch_the_stock_itself(erp: Erp) -> None:
    await erp.faults({"kind": "bad_numbers", "lines": 5})
    await erp.call("GET", "/stock")
    assert (await erp.call("GET", "/stock")).body["rows"][0]["on_hand"] == 10
