"""The routes by which a person or a test moves a mock."""

import asyncio

import pytest

from syncd.mock.core import ErpState, ShopState
from tests.unit.mock.desk import Desk, make_erp_state, make_shop_state

Shop = Desk[ShopState]
Erp = Desk[ErpState]


# --- state -------------------------------------------------------------------------------------------------


async def test_the_state_that_is_shown_can_be_posted_back(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30, "path": "/stock"})
    await shop.write({"id": "1001", "key": "k1", "quantity": 1})
    shown = (await shop.control("GET", "/state")).body
    answer = await shop.control("POST", "/state", shown | {"replace": True})
    assert (answer.status, (await shop.control("GET", "/state")).body) == (200, shown)


async def test_the_state_of_an_erp_can_be_posted_back(erp: Erp) -> None:
    await erp.control("POST", "/move", {"sku": "S0", "warehouse": "main", "on_hand": -1})
    shown = (await erp.control("GET", "/state")).body
    await erp.control("POST", "/state", shown | {"replace": True})
    assert (await erp.control("GET", "/state")).body == shown


async def test_keys_survive_in_the_state(shop: Shop) -> None:
    await shop.write({"id": "1001", "key": "k1", "quantity": 1})
    shown = (await shop.control("GET", "/state")).body
    await shop.control("POST", "/state", shown | {"replace": True})
    answer = await shop.write({"id": "1001", "key": "k1", "quantity": 1})
    assert answer.body["results"][0]["error"] == "duplicate"


async def test_a_hand_sets_a_counter_and_nothing_else(shop: Shop) -> None:
    await shop.control("POST", "/state", {"listings": [{"id": "1001", "quantity": 44}]})
    listing = shop.rig.state.listings["1001"]
    assert (listing.quantity, listing.code, listing.on_sale) == (44, "1-ABC", True)


@pytest.mark.parametrize("reason", ["person", "violation"])
async def test_a_hand_takes_a_listing_off_sale_with_its_reason(shop: Shop, reason: str) -> None:
    entry = {"id": "1001", "on_sale": False, "off_reason": reason}
    await shop.control("POST", "/state", {"listings": [entry]})
    assert shop.rig.state.listings["1001"].off_reason == reason


async def test_whoever_takes_off_without_a_reason_is_a_person(shop: Shop) -> None:
    await shop.control("POST", "/state", {"listings": [{"id": "1001", "on_sale": False}]})
    assert shop.rig.state.listings["1001"].off_reason == "person"


async def test_a_hand_that_puts_back_clears_the_reason(shop: Shop) -> None:
    await shop.control("POST", "/state", {"listings": [{"id": "1001", "on_sale": False}]})
    await shop.control("POST", "/state", {"listings": [{"id": "1001", "on_sale": True}]})
    assert shop.rig.state.listings["1001"].off_reason is None


async def test_a_hand_adds_and_removes_listings(shop: Shop) -> None:
    await shop.control("POST", "/state", {"listings": [{"id": "1009", "code": "X"}], "remove": ["1001"]})
    assert sorted(shop.rig.state.listings) == ["1002", "1003", "1009"]


async def test_replace_forgets_what_was_there(shop: Shop) -> None:
    await shop.control("POST", "/state", {"replace": True, "listings": [{"id": "1"}]})
    assert list(shop.rig.state.listings) == ["1"]


@pytest.mark.parametrize(
    ("listing", "message"),
    [
        ({"id": ""}, "listings[0].id: must be a text that is not empty, not a text"),
        ({"id": 1001}, "listings[0].id: must be a text that is not empty, not the number 1001"),
        (
            {"id": "1", "quantity": -1},
            "listings[0].quantity: must be a whole number of at least 0, not the number -1",
        ),
        ({"id": "1", "quantity": True}, "listings[0].quantity: must be a whole number, not true or false"),
        ({"id": "1", "on_sale": 1}, "listings[0].on_sale: must be true or false, not the number 1"),
        (
            {"id": "1", "on_sale": False, "off_reason": "tired"},
            "listings[0].off_reason: must be null or one of sold_out, person, violation, not a text",
        ),
        (
            {"id": "1", "qty": 3},
            (
                "listings[0].qty: is not known here; "
                "known are code, id, item, off_reason, on_sale, quantity, sold, title, withheld"
            ),
        ),
    ],
)
async def test_a_wrong_listing_is_told_where_and_why(
    shop: Shop, listing: dict[str, object], message: str
) -> None:
    answer = await shop.control("POST", "/state", {"listings": [listing]})
    assert (answer.status, answer.body["message"]) == (400, message)


@pytest.mark.parametrize(
    "pending",
    [
        {"due": "2026-01-01", "line": ["1001", "k1", "set"]},
        {"due": "soon", "line": []},
        {"due": "2026-01-01T00:00:00Z"},
    ],
)
async def test_a_wrong_pending_write_is_told(shop: Shop, pending: dict[str, object]) -> None:
    answer = await shop.control("POST", "/state", {"pending": [pending]})
    assert (answer.status, answer.body["message"].startswith("pending[0].")) == (400, True)


async def test_nothing_of_a_wrong_state_is_taken(shop: Shop) -> None:
    listings = [{"id": "1001", "quantity": 44}, {"id": "1002", "quantity": -1}]
    await shop.control("POST", "/state", {"listings": listings, "settings": {"max_batch": 1}})
    state = shop.rig.state
    assert (state.listings["1001"].quantity, state.settings.max_batch) == (5, 50)


async def test_a_body_that_is_not_json_is_told(shop: Shop) -> None:
    async with shop.session.post(f"{shop.url}/_mock/state", data=b"{") as response:
        body = await response.json()
    assert (response.status, body["message"][:21]) == (400, "the body: is not JSON")


async def test_the_state_of_another_mock_is_refused(shop: Shop) -> None:
    answer = await shop.control("POST", "/state", {"name": "erp"})
    assert answer.body["message"] == "name: this is the mock shop, the state belongs to erp"


async def test_a_new_token_shuts_the_old_one_out(shop: Shop) -> None:
    await shop.control("POST", "/state", {"settings": {"token": "t2"}})
    statuses = [(await shop.call("GET", "/listings", token=token)).status for token in ("mock-token", "t2")]
    assert statuses == [401, 200]


def test_no_token_shows_in_a_repr() -> None:
    assert "mock-token" not in f"{make_shop_state().settings!r} {make_erp_state().settings!r}"


# --- faults ------------------------------------------------------------------------------------------------


async def test_the_plan_tells_how_often_it_struck(shop: Shop) -> None:
    await shop.faults({"kind": "throttle", "after": 1, "times": 1})
    for _ in range(3):
        await shop.call("GET", "/listings")
    answer = await shop.control("GET", "/faults")
    assert answer.body == {"faults": [{"kind": "throttle", "seen": 3, "struck": 1}]}


async def test_a_new_plan_replaces_the_old_one(shop: Shop) -> None:
    await shop.faults({"kind": "throttle"})
    await shop.faults()
    assert (await shop.call("GET", "/listings")).status == 200


async def test_a_wrong_fault_leaves_the_old_plan(shop: Shop) -> None:
    await shop.faults({"kind": "throttle"})
    await shop.control("POST", "/faults", [{"kind": "garbage"}, {"kind": "thunder"}])
    assert (await shop.call("GET", "/listings")).status == 429


async def test_faults_never_strike_the_control_routes(shop: Shop) -> None:
    await shop.faults({"kind": "reset", "times": 0})
    assert (await shop.control("GET", "/time")).status == 200


# --- time --------------------------------------------------------------------------------------------------


async def test_the_clock_is_advanced(shop: Shop) -> None:
    answer = await shop.control("POST", "/time", {"advance": 90.5})
    assert answer.body == {"time": "2026-01-01T00:01:30.500000Z"}


async def test_the_clock_is_set(shop: Shop) -> None:
    await shop.control("POST", "/time", {"set": "2026-05-01T08:00:00+08:00"})
    assert (await shop.control("GET", "/time")).body == {"time": "2026-05-01T00:00:00Z"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": 1, "set": "2026-01-01"},
        {"advance": -1},
        {"set": "noon"},
        {"advance": "1"},
        {"ahead": 1},
    ],
)
async def test_a_time_that_cannot_be_is_told(shop: Shop, body: dict[str, object]) -> None:
    assert (await shop.control("POST", "/time", body)).status == 400


# --- calls -------------------------------------------------------------------------------------------------


async def test_a_write_is_logged_with_its_lines(shop: Shop) -> None:
    await shop.write({"id": "1001", "key": "k1", "quantity": 7}, {"id": "1003", "key": "k2", "delta": -99})
    log = (await shop.control("GET", "/calls")).body["calls"]
    assert log == [
        {
            "at": "2026-01-01T00:00:00Z",
            "method": "POST",
            "path": "/stock",
            "query": "",
            "listings": ["1001", "1003"],
            "quantities": [7, -99],
            "keys": ["k1", "k2"],
            "applied": [True, False],
            "status": 200,
            "faults": [],
        }
    ]


async def test_the_log_tells_what_a_lost_reply_applied(shop: Shop) -> None:
    await shop.faults({"kind": "server_error", "applied": True})
    await shop.write({"id": "1001", "key": "k1", "quantity": 7})
    call = shop.rig.calls.calls[0]
    assert (call.status, call.applied, call.faults) == (502, [True], ("server_error",))


async def test_a_refused_call_is_logged_too(shop: Shop) -> None:
    await shop.call("POST", "/stock", {"changes": []}, token="wrong")
    assert shop.rig.calls.calls[0].status == 401


async def test_calls_and_lines_are_counted_by_route(shop: Shop) -> None:
    await shop.write(*[{"id": "1001", "key": f"k{n}", "quantity": n} for n in range(20)])
    await shop.call("POST", "/listings/1001/delist")
    await shop.call("POST", "/listings/1003/delist")
    body = (await shop.control("GET", "/calls")).body
    assert (body["counts"], body["lines"]) == ({"POST /stock": 1, "POST /listings/{id}/delist": 2}, 20)


async def test_the_control_routes_are_not_counted(shop: Shop) -> None:
    await shop.control("GET", "/state")
    assert (await shop.control("GET", "/calls")).body["total"] == 0


async def test_a_cleared_log_counts_from_zero(shop: Shop) -> None:
    await shop.call("GET", "/listings")
    await shop.control("DELETE", "/calls")
    assert (await shop.control("GET", "/calls")).body["counts"] == {}


async def test_the_log_can_wait_for_calls_to_come(shop: Shop) -> None:
    waiting = asyncio.create_task(shop.control("GET", "/calls?answered=2"))
    await shop.call("GET", "/listings")
    await shop.call("GET", "/listings")
    assert (await waiting).body["total"] == 2


async def test_a_wait_that_is_no_number_is_told(shop: Shop) -> None:
    answer = await shop.control("GET", "/calls?total=x")
    assert (answer.status, answer.body["error"]) == (400, "bad_request")


async def test_the_reader_of_a_listing_is_logged_with_its_ids(shop: Shop) -> None:
    await shop.call("GET", "/listings?ids=1001,1003")
    assert shop.rig.calls.calls[0].listings == ("1001", "1003")


# --- buyers ------------------------------------------------------------------------------------------------


async def test_a_buyer_lowers_the_counter(shop: Shop) -> None:
    answer = await shop.control("POST", "/sell", {"id": "1001", "units": 2})
    assert answer.body == {"id": "1001", "units": 2, "quantity": 3, "withheld": 0}


@pytest.mark.parametrize(
    ("sale", "status", "error"),
    [
        ({"id": "1001", "units": 6}, 409, "not_enough"),
        ({"id": "1002", "units": 1}, 409, "not_on_sale"),
        ({"id": "7777", "units": 1}, 404, "not_found"),
        ({"id": "1001", "units": 0}, 400, "bad_request"),
        ({"id": "1001", "units": 1, "step": "steal"}, 400, "bad_request"),
        ({"id": "1001", "units": 1, "step": "pay"}, 409, "not_withheld"),
    ],
)
async def test_a_buyer_cannot_take_what_is_not_for_sale(
    shop: Shop, sale: dict[str, object], status: int, error: str
) -> None:
    await shop.call("POST", "/listings/1002/delist")
    answer = await shop.control("POST", "/sell", sale)
    assert (answer.status, answer.body["error"]) == (status, error)


async def test_random_buyers_take_what_is_there_and_no_more(shop: Shop) -> None:
    answer = await shop.control("POST", "/sell", {"random": 100})
    left = sum(listing.quantity for listing in shop.rig.state.order)
    assert (len(answer.body["sold"]), left) == (16, 0)
