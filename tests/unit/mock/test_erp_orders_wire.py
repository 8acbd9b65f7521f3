"""The orders of the mock ERP over HTTP."""

from typing import Any

import pytest

from syncd.mock.clock import START
from syncd.mock.core import ErpState, Order
from tests.unit.mock.desk import Desk
from tests.unit.mock.taobao_desk import make_state

Erp = Desk[ErpState]

CODES = [{"code": "A-1", "sku": "S1", "units": 3}]


async def tell(erp: Erp, **settings: object) -> Order:
    """Link a shop with a delay of 10 seconds, and tell the ERP of an order of 2 units of A-1."""
    entry = {"shop": "tmall", "delay": 10, "codes": CODES, **settings}
    assert (await erp.control("POST", "/state", {"imports": [entry]})).status == 200
    order = make_state().orders.place(START, [("801", 2)], paid=True).order
    assert order is not None
    answer = await erp.control("POST", "/orders", {"shop": "tmall", "orders": [order.as_json()]})
    assert answer.status == 200
    return order


async def step(erp: Erp, word: str, **fields: object) -> tuple[int, Any]:
    answer = await erp.control("POST", "/orders", {"shop": "tmall", "step": word, **fields})
    return answer.status, answer.body.get("error", "")


async def shown(erp: Erp) -> tuple[int, int]:
    """Return what the API says of S1: on hand, and allocated."""
    rows = (await erp.call("GET", "/stock")).body["rows"]
    return next((row["on_hand"], row["allocated"]) for row in rows if row["sku"] == "S1")


async def test_orders_that_were_told_are_imported_after_the_delay(erp: Erp) -> None:
    await tell(erp)
    before = await shown(erp)
    await erp.control("POST", "/time", {"advance": 10})
    assert (before, await shown(erp)) == ((11, 0), (11, 6))


async def test_every_page_says_what_the_first_one_contained(erp: Erp) -> None:
    await tell(erp)
    await erp.call("GET", "/stock?page=1&size=2")
    await erp.control("POST", "/time", {"advance": 60})
    body = (await erp.call("GET", "/stock?page=2&size=2")).body
    assert body["imported_until"] == {"tmall": "2025-12-31T23:59:49Z"}


async def test_lines_that_are_in_the_figures_are_named_where_the_setting_says_so(erp: Erp) -> None:
    await erp.control("POST", "/state", {"settings": {"names_orders": True}})
    order = await tell(erp)
    before = (await erp.call("GET", "/stock")).body["included"]
    await erp.control("POST", "/time", {"advance": 10})
    after = (await erp.call("GET", "/stock")).body["included"]
    assert (before, after["tmall"]) == ({"tmall": []}, [line.id for line in order.lines])


async def test_a_line_that_has_left_stays_named(erp: Erp) -> None:
    await erp.control("POST", "/state", {"settings": {"names_orders": True}})
    order = await tell(erp)
    await erp.control("POST", "/time", {"advance": 10})
    await step(erp, "ship", order=order.id)
    named = (await erp.call("GET", "/stock")).body["included"]["tmall"]
    assert named == [line.id for line in order.lines]


async def test_only_the_first_page_names_orders(erp: Erp) -> None:
    await erp.control("POST", "/state", {"settings": {"names_orders": True}})
    await tell(erp)
    assert "included" not in (await erp.call("GET", "/stock?page=2&size=2")).body


async def test_no_order_is_named_unless_the_setting_says_so(erp: Erp) -> None:
    await tell(erp)
    assert "included" not in (await erp.call("GET", "/stock")).body


async def test_no_shop_is_named_where_none_is_linked(erp: Erp) -> None:
    assert "imported_until" not in (await erp.call("GET", "/stock")).body


async def test_what_is_known_of_orders_survives_in_the_state(erp: Erp) -> None:
    await tell(erp, ship_after=60)
    await erp.control("POST", "/time", {"advance": 10})
    state = (await erp.control("GET", "/state")).body
    await erp.control("POST", "/state", state | {"replace": True})
    again = (await erp.control("GET", "/state")).body
    await erp.control("POST", "/time", {"advance": 60})
    assert (again, await shown(erp)) == (state, (5, 0))


async def test_orders_that_are_still_to_come_survive_in_the_state(erp: Erp) -> None:
    await tell(erp)
    state = (await erp.control("GET", "/state")).body
    await erp.control("POST", "/state", state | {"replace": True})
    await erp.control("POST", "/time", {"advance": 10})
    assert await shown(erp) == (11, 6)


async def test_an_order_is_shipped_and_comes_back_by_hand(erp: Erp) -> None:
    order = await tell(erp)
    await erp.control("POST", "/time", {"advance": 10})
    shipped = await step(erp, "ship", order=order.id)
    gone = await shown(erp)
    back = await step(erp, "take_back", line=order.id, units=4, good=False)
    assert (shipped, gone, back, await shown(erp)) == ((200, ""), (5, 0), (200, ""), (9, 0))


async def test_a_delta_has_what_an_import_changed(erp: Erp) -> None:
    await tell(erp)
    cursor = (await erp.call("GET", "/stock")).body["cursor"]
    await erp.control("POST", "/time", {"advance": 10})
    rows = (await erp.call("GET", f"/stock?since={cursor}")).body["rows"]
    assert [(row["sku"], row["allocated"]) for row in rows] == [("S1", 6)]


async def test_a_lost_import_is_mended_by_hand(erp: Erp) -> None:
    await tell(erp, lose=1)
    await erp.control("POST", "/time", {"advance": 10})
    before = await shown(erp)
    await step(erp, "mend")
    assert (before, await shown(erp)) == ((11, 0), (11, 6))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"step": "ship", "order": "5"}, "not_found"),
        ({"step": "take_back", "line": "5"}, "not_shipped"),
    ],
)
async def test_what_cannot_be_done_says_why(erp: Erp, body: dict[str, object], error: str) -> None:
    await tell(erp)
    answer = await erp.control("POST", "/orders", {"shop": "tmall", **body})
    assert (answer.status, answer.body) == (409, {"error": error})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"shop": "jd"}, "orders.shop: is not linked, post it to /_mock/state under imports first"),
        ({"shop": "tmall", "step": "eat"}, "orders.step: must be one of hear, ship, take_back, mend"),
        ({"shop": "tmall", "orders": [{"id": "1"}]}, "orders.orders[0].lines: is missing"),
    ],
)
async def test_a_wrong_step_is_told(erp: Erp, body: dict[str, object], message: str) -> None:
    await tell(erp)
    answer = await erp.control("POST", "/orders", body)
    assert (answer.status, answer.body["message"][: len(message)]) == (400, message)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"delay": -1}, "imports[1].delay: must be a number from 0 up"),
        ({"event": "modified"}, "imports[1].event: must be one of created, paid"),
        ({"codes": [{"code": "A", "sku": "S1", "units": 0}]}, "imports[1].codes[0].units: must be a whole"),
        ({"speed": 9}, "imports[1].speed: is not known here"),
    ],
)
async def test_nothing_of_a_wrong_link_is_taken(erp: Erp, entry: dict[str, object], message: str) -> None:
    await tell(erp)
    before = (await erp.control("GET", "/state")).body
    imports = [{"shop": "tmall", "delay": 99}, {"shop": "jd", **entry}]
    answer = await erp.control("POST", "/state", {"imports": imports})
    assert answer.body["message"][: len(message)] == message
    assert (await erp.control("GET", "/state")).body == before
