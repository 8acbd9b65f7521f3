"""The state of the JD mock: what a person can see and set of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.mock.clock import START
from syncd.mock.fields import Fields
from syncd.mock.jd import JdSettings, JdState
from tests.unit.mock.jd_desk import JdDesk, make_state, opened_desk


@pytest.fixture
async def jd() -> AsyncIterator[JdDesk]:
    async with opened_desk() as desk:
        yield desk


def full_state() -> JdState:
    state = make_state()
    state.jd = JdSettings(
        app_key="a",
        token_until=datetime(2026, 2, 3, tzinfo=UTC),
        denied=("x",),
        order_words={"5": "PAUSE"},
        splits_orders=True,
        tells_order_times=False,
    )
    order = state.orders.place(START, [("801", 2), ("901", 1)]).order
    assert order is not None
    state.orders.pay(START, order.id)
    return state


def test_a_state_that_was_shown_can_be_set() -> None:
    shown = full_state().as_json()
    state = JdState()
    state.merge(Fields(shown, ""))
    assert state.as_json() == shown


def test_setting_a_state_moves_no_counter_and_counts_its_bookings() -> None:
    state = JdState()
    state.merge(Fields(full_state().as_json(), ""))
    assert (state.listings["801"].quantity, state.booked("801")) == (5, 2)


def test_setting_a_state_twice_books_its_orders_once() -> None:
    state, shown = JdState(), full_state().as_json()
    state.merge(Fields(shown, ""))
    state.merge(Fields(shown, ""))
    assert state.booked("801") == 2


def test_replacing_a_state_forgets_its_bookings() -> None:
    state = full_state()
    state.merge(Fields({"replace": True, "jd": {"holds_booked": False}}, ""))
    assert (state.booked("801"), state.wares, state.orders.holds) == (0, {}, False)


def test_no_secret_is_shown_in_a_repr() -> None:
    assert not {"mock-secret", "mock-refresh"} & set(repr(JdSettings()).split("'"))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"listings": [{"id": "A"}]}, "listings[0].id"),
        ({"listings": [{"id": "1", "item": "B"}]}, "listings[0].item"),
        ({"jd": {"windw": 1}}, "jd.windw"),
        ({"jd": {"daily_calls": -1}}, "jd.daily_calls"),
        ({"wares": [{"id": "800", "status": 8}]}, "wares[0].status"),
    ],
)
async def test_a_wrong_part_is_named_and_changes_nothing(
    jd: JdDesk, body: dict[str, Any], complaint: str
) -> None:
    shown = await jd.control("POST", "/state", body | {"settings": {"token": "x"}})
    assert (shown["message"].split(":")[0], jd.state.settings.token) == (complaint, "mock-token")


async def test_a_sku_that_a_hand_takes_off_sale_takes_its_ware_along(jd: JdDesk) -> None:
    await jd.control("POST", "/state", {"listings": [{"id": "801", "on_sale": False}]})
    assert (jd.state.on_sale("800"), jd.state.listings["802"].on_sale) == (False, False)


async def test_a_ware_can_be_set_by_hand(jd: JdDesk) -> None:
    await jd.control("POST", "/state", {"wares": [{"id": "800", "outer_id": "Z"}]})
    assert jd.state.wares["800"].outer_id == "Z"


async def test_bookings_are_shown(jd: JdDesk) -> None:
    await jd.sell("801", 2)
    assert (await jd.control("GET", "/state"))["booked"] == {"801": 2}


async def test_a_held_order_can_be_paid_by_hand(jd: JdDesk) -> None:
    await jd.sell("801", 2, "hold")
    await jd.sell("801", 2, "pay")
    assert [order.paid is not None for order in jd.state.orders.orders.values()] == [True]


@pytest.mark.parametrize(
    ("sale", "error"),
    [
        ({"id": "5", "units": 1, "step": "pay"}, "not_found"),
        ({"id": "801", "units": 1, "step": "pay"}, "not_withheld"),
        ({"id": "801", "units": 6}, "not_enough"),
    ],
)
async def test_a_sale_that_cannot_be_says_why(jd: JdDesk, sale: dict[str, Any], error: str) -> None:
    assert (await jd.control("POST", "/sell", sale))["error"] == error
