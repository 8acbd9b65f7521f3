"""Buyers who are moved over HTTP, and crowds that come by themselves."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from syncd.mock.core import ShopState
from tests.unit.mock.desk import Answer, Desk
from tests.unit.mock.taobao_desk import TaobaoDesk, opened_desk

Shop = Desk[ShopState]


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


async def step(shop: Shop, word: str, **fields: object) -> Answer:
    return await shop.control("POST", "/orders", {"step": word, **fields})


async def placed(shop: Shop, *, paid: bool = True) -> dict[str, Any]:
    lines = [{"id": "1001", "units": 2}, {"id": "1003"}]
    answer = await step(shop, "place", lines=lines, buyer=7, paid=paid)
    assert answer.status == 200
    order: dict[str, Any] = answer.body
    return order


# --- one by one --------------------------------------------------------------------------------------------


async def test_a_placed_order_is_answered_with_its_lines(shop: Shop) -> None:
    order = await placed(shop, paid=False)
    lines = [(line["listing"], line["units"], line["stage"]) for line in order["lines"]]
    assert (order["stage"], lines) == ("unpaid", [("1001", 2, "unpaid"), ("1003", 1, "unpaid")])


async def test_a_plain_shop_withholds_until_payment(shop: Shop) -> None:
    order = await placed(shop, paid=False)
    before = shop.rig.state.listings["1001"].withheld
    await step(shop, "pay", order=order["id"])
    assert (before, shop.rig.state.listings["1001"].quantity) == (2, 3)


async def test_a_plain_shop_may_take_units_as_they_are_ordered(shop: Shop) -> None:
    await shop.control("POST", "/state", {"settings": {"takes_on_order": True}})
    await placed(shop, paid=False)
    assert shop.rig.state.listings["1001"].quantity == 3


async def test_what_is_not_there_cannot_be_placed(shop: Shop) -> None:
    answer = await step(shop, "place", lines=[{"id": "1001", "units": 6}])
    assert (answer.status, answer.body) == (409, {"error": "not_enough"})


async def test_an_order_goes_through_all_its_steps(shop: Shop) -> None:
    order = (await placed(shop, paid=False))["id"]
    stages = [(await step(shop, word, order=order)).body["stage"] for word in ("pay", "ship", "finish")]
    assert stages == ["paid", "shipped", "finished"]


async def test_some_lines_are_shipped(shop: Shop) -> None:
    order = await placed(shop)
    answer = await step(shop, "ship", order=order["id"], lines=[order["lines"][1]["id"]])
    assert answer.body["stage"] == "part_shipped"


async def test_a_refund_takes_its_turns(shop: Shop) -> None:
    order = (await placed(shop))["id"]
    await step(shop, "ship", order=order)
    seen = []
    for word, more in (
        ("ask_refund", {}),
        ("refuse_refund", {}),
        ("withdraw_refund", {}),
        ("ask_refund", {}),
        ("agree_refund", {"returns": True}),
        ("send_back", {}),
        ("agree_refund", {}),
    ):
        answer = await step(shop, word, order=order, **more)
        seen.append(answer.body["lines"][0]["refund"])
    assert seen == ["asked", "refused", "withdrawn", "asked", "agreed", "sent_back", "done"]


async def test_the_seller_may_cancel(shop: Shop) -> None:
    order = (await placed(shop, paid=False))["id"]
    answer = await step(shop, "cancel", order=order, cause="seller")
    assert (answer.body["stage"], shop.rig.state.listings["1001"].withheld) == ("cancelled", 0)


async def test_a_step_that_cannot_be_done_says_why_and_shows_the_order(shop: Shop) -> None:
    order = (await placed(shop))["id"]
    answer = await step(shop, "pay", order=order)
    assert (answer.status, answer.body["error"], answer.body["stage"]) == (409, "not_unpaid", "paid")


async def test_an_order_that_is_not_there_is_not_found(shop: Shop) -> None:
    answer = await step(shop, "pay", order="5")
    assert (answer.status, answer.body) == (404, {"error": "not_found"})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"step": "steal"}, "order.step: must be one of place, pay, cancel"),
        ({"step": "place"}, "order.lines: is missing, write a list of at least one listing"),
        ({"step": "place", "lines": [{"id": "1001", "units": 0}]}, "order.lines[0].units: must be a whole"),
        ({"step": "pay"}, "order.order: is missing"),
        ({"step": "pay", "order": "1", "units": 2}, "order.units: is not known here"),
        ({"step": "cancel", "order": "1", "cause": "unpaid"}, "order.cause: must be buyer or seller"),
    ],
)
async def test_a_wrong_step_is_told(shop: Shop, body: dict[str, object], message: str) -> None:
    answer = await shop.control("POST", "/orders", body)
    assert (answer.status, answer.body["message"][: len(message)]) == (400, message)


async def test_orders_are_shown_as_they_are_now(shop: Shop) -> None:
    order = (await placed(shop, paid=False))["id"]
    await shop.control("POST", "/time", {"advance": 900})
    shown = (await shop.control("GET", "/orders")).body["orders"]
    assert [(one["id"], one["stage"]) for one in shown] == [(order, "cancelled")]


async def test_orders_are_shown_from_their_newest_change_on(shop: Shop) -> None:
    await placed(shop)
    await shop.control("POST", "/time", {"advance": 60})
    order = (await step(shop, "place", lines=[{"id": "1001"}])).body["id"]
    shown = (await shop.control("GET", "/orders?since=2026-01-01T00:01:00Z")).body["orders"]
    assert [one["id"] for one in shown] == [order]


async def test_orders_survive_in_the_state(shop: Shop) -> None:
    await placed(shop, paid=False)
    shown = (await shop.control("GET", "/state")).body
    await shop.control("POST", "/state", shown | {"replace": True})
    await shop.control("POST", "/time", {"advance": 900})
    assert (await shop.control("GET", "/orders")).body["orders"][0]["stage"] == "cancelled"


# --- crowds ------------------------------------------------------------------------------------------------


async def test_a_crowd_comes_as_the_time_goes_on(shop: Shop) -> None:
    purchases = [{"after": 60, "id": "1001", "units": 4}, {"after": 120, "id": "1001", "units": 4}]
    await shop.control("POST", "/crowd", {"purchases": purchases})
    seen = []
    for _ in range(3):
        seen.append((await shop.control("GET", "/crowd")).body["luck"])
        await shop.control("POST", "/time", {"advance": 60})
    told = (await shop.control("GET", "/crowd")).body
    assert [luck["sold"] for luck in seen] == [0, 1, 1]
    assert told == {
        "visits": 2,
        "luck": {"sold": 1, "short": 1, "off_sale": 0, "unknown": 0},
        "listings": {"1001": {"wanted": 8, "sold": 4, "short": 4, "off_sale": 0, "idle": 0}},
    }


async def test_a_call_finds_what_the_crowd_did_before_it(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/crowd", {"purchases": [{"after": 60, "id": "801", "units": 2}]})
    await taobao.control("POST", "/time", {"advance": 60})
    said = await taobao.ask(
        "taobao.item.skus.get", num_iids="800", fields="quantity", timestamp="2026-01-01 08:01:00"
    )
    assert said.holds["skus"]["sku"][0] == {"quantity": 3}


async def test_rates_flashes_and_habits_make_a_crowd(shop: Shop) -> None:
    crowd = {
        "seed": 3,
        "hours": 2,
        "rates": {"1001": 240},
        "flashes": [{"after": 600, "id": "1003", "buyers": 20, "seconds": 60}],
        "habits": {"unpaid": 1.0},
    }
    await shop.control("POST", "/crowd", crowd)
    await shop.control("POST", "/time", {"advance": 700})
    listings = (await shop.control("GET", "/crowd")).body["listings"]
    assert listings["1003"] == {"wanted": 0, "sold": 0, "short": 0, "off_sale": 0, "idle": 20}


async def test_a_crowd_can_be_sent_away(shop: Shop) -> None:
    await shop.control("POST", "/crowd", {"purchases": [{"after": 60, "id": "1001"}]})
    await shop.control("DELETE", "/crowd")
    await shop.control("POST", "/time", {"advance": 60})
    assert (await shop.control("GET", "/crowd")).body == {"visits": 0}


@pytest.mark.parametrize(
    ("crowd", "message"),
    [
        ({"rates": {"1001": "many"}}, "crowd.rates.1001: must be a number"),
        ({"rates": []}, "crowd.rates: must be an object"),
        ({"habits": {"unpaid": 2}}, "crowd.habits.unpaid: must be a number from 0 to 1"),
        ({"habits": {"steals": 1}}, "crowd.habits.steals: is not known here"),
        ({"flashes": [{"id": "1001"}]}, "crowd.flashes[0].buyers: is missing"),
        ({"buyers": 5}, "crowd.buyers: is not known here"),
    ],
)
async def test_a_wrong_crowd_is_told(shop: Shop, crowd: dict[str, object], message: str) -> None:
    answer = await shop.control("POST", "/crowd", crowd)
    assert (answer.status, answer.body["message"][: len(message)]) == (400, message)
