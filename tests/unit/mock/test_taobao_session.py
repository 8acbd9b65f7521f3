"""The call of the Taobao mock that buys the next session."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.mock.taobao_desk import Said, TaobaoDesk, opened_desk

CALL = "taobao.top.auth.token.refresh"
READ = "taobao.items.onsale.get"


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


async def refresh(taobao: TaobaoDesk, name: str = "mock-refresh") -> Said:
    return await taobao.ask(CALL, session=None, refresh_token=name)


async def read(taobao: TaobaoDesk, session: str) -> Said:
    return await taobao.ask(READ, session=session, fields="num_iid")


def result(said: Said) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said.holds["token_result"])
    return found


async def test_it_grants_a_session_in_a_text_that_holds_json(taobao: TaobaoDesk) -> None:
    found = result(await refresh(taobao))
    assert (found["access_token"], found["refresh_token"], found["expires_in"]) == (
        "mock-token-1",
        "mock-refresh-1",
        86_400,
    )


async def test_the_new_session_is_good_and_the_old_one_is_not(taobao: TaobaoDesk) -> None:
    await refresh(taobao)
    assert (await read(taobao, "mock-token-1")).error == {}
    assert (await read(taobao, "mock-token")).refusal[0] == 27


async def test_a_refresh_token_is_good_for_one_use(taobao: TaobaoDesk) -> None:
    await refresh(taobao)
    assert (await refresh(taobao)).refusal == (41, "isv.invalid-parameter")
    assert (await refresh(taobao, "mock-refresh-1")).error == {}


async def test_it_is_taken_when_the_session_is_over(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"top": {"session_until": "2025-12-31T00:00:00Z"}})
    assert (await read(taobao, "mock-token")).refusal == (27, "session-expired")
    assert (await refresh(taobao)).error == {}
    assert (await read(taobao, "mock-token-1")).error == {}


async def test_the_session_ends_when_it_was_told_to(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"top": {"session_seconds": 300}})
    await refresh(taobao)
    await taobao.control("POST", "/time", {"advance": 300})
    said = await taobao.ask(READ, session="mock-token-1", fields="num_iid", timestamp="2026-01-01 08:05:00")
    assert said.refusal == (27, "session-expired")


async def test_an_app_that_may_not_is_refused(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"top": {"may_refresh": False}})
    assert (await refresh(taobao)).refusal == (11, "isv.permission-api-package-limit")


async def test_a_lost_answer_has_spent_the_token(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "server_error", "path": CALL, "applied": True, "times": 1})
    assert (await refresh(taobao)).refusal == (15, "isp.remote-service-timeout")
    assert (await refresh(taobao)).refusal == (41, "isv.invalid-parameter")


async def test_a_session_that_a_fault_calls_over_can_be_renewed(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "token_expired"})
    assert (await refresh(taobao)).error == {}


async def test_a_seller_who_trusts_the_app_no_more_gets_it_no_session(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "token_revoked"})
    assert (await refresh(taobao)).refusal == (41, "isv.invalid-parameter")


async def test_the_state_keeps_what_was_granted(taobao: TaobaoDesk) -> None:
    await refresh(taobao)
    shown = await taobao.control("GET", "/state")
    assert shown["top"]["refresh_token"] == "mock-refresh-1"
    assert await taobao.control("POST", "/state", {"top": shown["top"]}) == {"ok": True}
