"""Each fault of the plan, as a caller sees it over real HTTP and as the mock's state shows it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiohttp
import pytest

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


# --- throttle ----------------------------------------------------------------------------------------------


async def test_throttle_answers_429_with_the_wait(shop: Shop) -> None:
    await shop.faults({"kind": "throttle", "retry_after": 3})
    answer = await shop.write(LOWER)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "3")


async def test_throttle_without_a_wait_has_no_header(shop: Shop) -> None:
    await shop.faults({"kind": "throttle"})
    answer = await shop.write(LOWER)
    assert (answer.status, "Retry-After" in answer.headers) == (429, False)


async def test_a_wait_is_rounded_up_to_whole_seconds(shop: Shop) -> None:
    await shop.faults({"kind": "throttle", "retry_after": 0.2})
    assert (await shop.write(LOWER)).headers["Retry-After"] == "1"


async def test_a_throttled_call_applies_nothing(shop: Shop) -> None:
    await shop.faults({"kind": "throttle"})
    await shop.write(LOWER)
    assert counter(shop) == 5


async def test_throttle_of_lines_refuses_only_those(shop: Shop) -> None:
    await shop.faults({"kind": "throttle", "ids": ["1003"]})
    answer = await shop.write(LOWER, OTHER)
    assert [result.get("error") for result in answer.body["results"]] == [None, "throttled"]


async def test_throttle_of_a_number_of_lines_refuses_the_first(shop: Shop) -> None:
    await shop.faults({"kind": "throttle", "lines": 1})
    answer = await shop.write(LOWER, OTHER)
    assert [result.get("error") for result in answer.body["results"]] == ["throttled", None]


# --- server_error ------------------------------------------------------------------------------------------


async def test_server_error_comes_before_anything_is_applied(shop: Shop) -> None:
    await shop.faults({"kind": "server_error", "status": 500})
    answer = await shop.write(LOWER)
    assert (answer.status, counter(shop)) == (500, 5)


async def test_server_error_may_come_after_all_was_applied(shop: Shop) -> None:
    await shop.faults({"kind": "server_error", "applied": True})
    answer = await shop.write(LOWER)
    assert (answer.status, counter(shop)) == (502, 1)


async def test_a_call_may_be_forbidden_as_a_whole(shop: Shop) -> None:
    await shop.faults({"kind": "server_error", "status": 403})
    answer = await shop.write(LOWER)
    assert (answer.status, answer.body) == (403, {"error": "permission"})


async def test_server_error_may_say_when_to_come_again(shop: Shop) -> None:
    await shop.faults({"kind": "server_error", "retry_after": 20})
    answer = await shop.write(LOWER)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "20")


# --- delay -------------------------------------------------------------------------------------------------


async def test_delay_holds_a_call_before_it_is_applied(shop: Shop) -> None:
    await shop.faults({"kind": "delay"})
    call = await held(shop, shop.write(LOWER))
    before = counter(shop)
    await shop.control("POST", "/release")
    await call
    assert (before, counter(shop)) == (5, 1)


async def test_delay_may_hold_the_reply_of_a_call_that_is_applied(shop: Shop) -> None:
    await shop.faults({"kind": "delay", "when": "after"})
    call = await held(shop, shop.write(LOWER))
    assert (counter(shop), call.done()) == (1, False)
    await shop.control("POST", "/release")
    assert (await call).status == 200


async def test_delay_ends_when_the_mocks_clock_reaches_it(shop: Shop) -> None:
    await shop.faults({"kind": "delay", "seconds": 60})
    call = await held(shop, shop.write(LOWER))
    await shop.control("POST", "/time", {"advance": 59})
    early = call.done()
    await shop.control("POST", "/time", {"advance": 1})
    assert (early, (await call).status) == (False, 200)


async def test_a_timed_delay_can_be_released_too(shop: Shop) -> None:
    await shop.faults({"kind": "delay", "seconds": 60})
    call = await held(shop, shop.write(LOWER))
    released = await shop.control("POST", "/release")
    assert (released.body, (await call).status) == ({"released": 1}, 200)


async def test_a_caller_who_gives_up_does_not_stop_a_held_write(shop: Shop) -> None:
    await shop.faults({"kind": "delay"})
    call = await held(shop, shop.write(LOWER))
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await shop.control("POST", "/release")
    await shop.control("GET", "/calls?answered=1")
    assert counter(shop) == 1


# --- connections -------------------------------------------------------------------------------------------


async def test_lost_reply_applies_and_answers_nothing(shop: Shop) -> None:
    await shop.faults({"kind": "lost_reply"})
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await shop.write(LOWER)
    assert counter(shop) == 1


async def test_reset_comes_before_anything_is_applied(shop: Shop) -> None:
    await shop.faults({"kind": "reset"})
    with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
        await shop.write(LOWER)
    assert counter(shop) == 5


async def test_reset_may_come_after_all_was_applied(shop: Shop) -> None:
    await shop.faults({"kind": "reset", "applied": True})
    with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
        await shop.write(LOWER)
    assert counter(shop) == 1


async def test_a_broken_connection_does_not_harm_the_next_call(shop: Shop) -> None:
    await shop.faults({"kind": "reset"})
    with pytest.raises(aiohttp.ClientOSError):
        await shop.write(LOWER)
    assert (await shop.write(LOWER)).status == 200


async def test_cut_body_ends_in_the_middle_of_the_answer(shop: Shop) -> None:
    await shop.faults({"kind": "cut_body"})
    with pytest.raises(aiohttp.ClientPayloadError):
        await shop.write(LOWER)
    assert counter(shop) == 1


async def test_garbage_is_a_200_that_is_not_json(shop: Shop) -> None:
    await shop.faults({"kind": "garbage", "body": "<html>busy</html>"})
    headers = {"Authorization": "Bearer mock-token"}
    async with shop.session.get(f"{shop.url}/listings", headers=headers) as response:
        assert (response.status, await response.text()) == (200, "<html>busy</html>")


# --- lines -------------------------------------------------------------------------------------------------


async def test_partial_refuses_some_lines_with_its_word(shop: Shop) -> None:
    await shop.faults({"kind": "partial", "ids": ["1003"], "error": "permission"})
    answer = await shop.write(LOWER, OTHER)
    assert [result.get("error") for result in answer.body["results"]] == [None, "permission"]


async def test_a_partially_refused_line_is_not_applied(shop: Shop) -> None:
    await shop.faults({"kind": "partial"})
    await shop.write(LOWER, OTHER)
    assert (counter(shop), shop.rig.state.listings["1003"].quantity) == (5, 2)


async def test_partial_without_a_word_leaves_lines_out(shop: Shop) -> None:
    await shop.faults({"kind": "partial", "error": ""})
    answer = await shop.write(LOWER, OTHER)
    assert [result["id"] for result in answer.body["results"]] == ["1003"]


async def test_a_line_left_out_may_be_applied_all_the_same(shop: Shop) -> None:
    await shop.faults({"kind": "partial", "error": "", "applied": True})
    await shop.write(LOWER, OTHER)
    assert counter(shop) == 1


async def test_partial_refuses_a_delisting(shop: Shop) -> None:
    await shop.faults({"kind": "partial", "path": "/listings/*/delist", "error": "permission"})
    answer = await shop.call("POST", "/listings/1001/delist")
    assert (answer.body["error"], shop.rig.state.listings["1001"].on_sale) == ("permission", True)


async def test_partial_without_a_word_answers_a_delisting_with_nothing(shop: Shop) -> None:
    await shop.faults({"kind": "partial", "error": "", "applied": True})
    answer = await shop.call("POST", "/listings/1001/delist")
    assert (answer.body, shop.rig.state.listings["1001"].on_sale) == ({}, False)


async def test_late_apply_accepts_now_and_shows_later(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30})
    answer = await shop.write(LOWER)
    early = counter(shop)
    await shop.control("POST", "/time", {"advance": 30})
    assert (answer.body["results"], early, counter(shop)) == ([{"id": "1001", "ok": True}], 5, 1)


async def test_a_late_write_that_became_impossible_is_dropped(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30})
    await shop.write({"id": "1001", "key": "k1", "delta": -4})
    await shop.control("POST", "/sell", {"id": "1001", "units": 3})
    await shop.control("POST", "/time", {"advance": 30})
    assert (counter(shop), shop.rig.state.dropped) == (2, 1)


async def test_a_late_write_is_applied_once(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30})
    await shop.write({"id": "1001", "key": "k1", "delta": 2})
    for _ in range(2):
        await shop.control("POST", "/time", {"advance": 30})
    assert counter(shop) == 7


async def test_the_key_of_a_late_write_is_known_at_once(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30})
    await shop.write(LOWER)
    answer = await shop.write(LOWER)
    assert answer.body["results"][0]["error"] == "duplicate"


async def test_late_apply_refuses_at_once_what_cannot_be(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30})
    answer = await shop.write({"id": "1001", "key": "k1", "delta": -9})
    assert answer.body["results"][0]["error"] == "rejected"


async def test_late_apply_may_strike_some_lines_only(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30, "ids": ["1003"]})
    await shop.write(LOWER, OTHER)
    assert (counter(shop), shop.rig.state.listings["1003"].quantity) == (1, 8)


async def test_the_log_does_not_call_a_late_write_applied(shop: Shop) -> None:
    await shop.faults({"kind": "late_apply", "seconds": 30})
    await shop.write(LOWER)
    assert shop.rig.calls.calls[0].applied == [False]


async def test_late_writes_are_applied_in_the_order_of_their_times(shop: Shop) -> None:
    await shop.faults(
        {"kind": "late_apply", "seconds": 60}, {"kind": "late_apply", "seconds": 30, "after": 1}
    )
    await shop.write(LOWER)
    await shop.write({"id": "1001", "key": "k2", "quantity": 9})
    await shop.control("POST", "/time", {"advance": 60})
    assert counter(shop) == 1


# --- tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["token_expired", "token_revoked"])
async def test_a_dead_token_is_401_with_its_word(shop: Shop, kind: str) -> None:
    await shop.faults({"kind": kind})
    answer = await shop.write(LOWER)
    assert (answer.status, answer.body, counter(shop)) == (401, {"error": kind}, 5)


async def test_a_dead_token_lives_again_once_cleared(shop: Shop) -> None:
    await shop.faults({"kind": "token_expired", "times": 0})
    dead = [(await shop.write(LOWER)).status for _ in range(2)]
    await shop.control("DELETE", "/faults")
    assert (dead, (await shop.write(LOWER)).status) == ([401, 401], 200)


# --- together ----------------------------------------------------------------------------------------------


async def test_two_faults_strike_one_call_together(shop: Shop) -> None:
    await shop.faults(
        {"kind": "partial", "error": "", "ids": ["1003"]}, {"kind": "server_error", "applied": True}
    )
    answer = await shop.write(LOWER, OTHER)
    applied = [counter(shop), shop.rig.state.listings["1003"].quantity]
    assert (answer.status, applied) == (502, [1, 8])


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "late_apply", "seconds": 1},
        {"kind": "partial"},
    ],
)
async def test_an_erp_refuses_faults_of_written_lines(erp: Erp, fault: dict[str, Any]) -> None:
    answer = await erp.control("POST", "/faults", [fault])
    assert answer.body["message"].endswith("strikes written lines, the mock erp has none")


async def test_faults_strike_an_erp_too(erp: Erp) -> None:
    # This client quietly sends a read again when a used connection closes, so once would not show.
    await erp.faults({"kind": "lost_reply", "times": 0})
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await erp.call("GET", "/stock")
