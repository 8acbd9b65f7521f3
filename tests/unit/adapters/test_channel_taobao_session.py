"""The session of a shop on Taobao: what the renewing call sends, and what is made of its answer."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from syncd.adapters.channels.taobao import TaobaoChannel, TaobaoSettings
from syncd.domain.model import ListingId
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Renewing, Tokens
from tests.unit.adapters.channel_rig import observed
from tests.unit.adapters.taobao_rig import ACCOUNT, DETAILS, NOW, Gateway, details, item, refused

CALL = "taobao.top.auth.token.refresh"
SPENT = Tokens(access="test-session", refresh="planted-refresh")
DAY = 86_400


def granted(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    result = {
        "access_token": "planted-next-session",
        "token_type": "Bearer",
        "expires_in": 10 * DAY,
        "refresh_token": "planted-next-refresh",
        "re_expires_in": 30 * DAY,
    }
    return {"token_result": json.dumps(result | fields), "request_id": "r"}


def opened(answer: Any = None, **settings: Any) -> tuple[Gateway, TaobaoChannel]:  # noqa: ANN401
    gateway = Gateway()
    gateway.on(CALL, granted() if answer is None else answer)
    return gateway, gateway.channel(**{"refresh_token": "planted-refresh"} | settings)


async def failed(answer: object, **settings: Any) -> PortError:  # noqa: ANN401
    _, channel = opened(answer, **settings)
    with pytest.raises(PortError) as error:
        await channel.renew(SPENT)
    assert "planted" not in f"{error.value!r}{error.value.__cause__!r}"
    return error.value


# --- the call ----------------------------------------------------------------------------------------------


async def test_it_is_signed_and_sends_the_refresh_token_but_no_session() -> None:
    gateway, channel = opened()
    await channel.renew(SPENT)
    (form,) = gateway.called(CALL)
    assert form["refresh_token"] == "planted-refresh"
    assert "session" not in form
    assert len(form["sign"]) == 64


async def test_its_answer_holds_the_next_tokens_and_when_they_end() -> None:
    _, channel = opened()
    assert await channel.renew(SPENT) == Tokens(
        access="planted-next-session",
        refresh="planted-next-refresh",
        access_expires=NOW + timedelta(days=10),
        refresh_expires=NOW + timedelta(days=30),
    )


async def test_nothing_is_used_before_it_is_told_to() -> None:
    gateway, channel = opened()
    gateway.on(DETAILS, details(item(100)))
    new = await channel.renew(SPENT)
    await observed(channel, ["100:"])
    channel.use(new)
    await observed(channel, ["100:"])
    assert [form["session"] for form in gateway.called(DETAILS)] == ["test-session", "planted-next-session"]
    assert channel.tokens == new


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"w1_expires_in": 300, "w2_expires_in": 0}, 300),
        ({"w1_expires_in": 300, "w2_expires_in": 600}, 600),
        ({"w1_expires_in": 20 * DAY, "w2_expires_in": 20 * DAY}, 10 * DAY),
        ({"w1_expires_in": 0, "w2_expires_in": 0}, 10 * DAY),
        ({"expires_in": "7200"}, 7200),
        ({"expires_in": 0}, None),
        ({"expires_in": None}, None),
        ({"expires_in": -5}, None),
        ({"expires_in": True}, None),
        ({"expires_in": 10**30}, None),
        ({"expires_in": "9" * 400}, None),
        ({"expires_in": "soon"}, None),
    ],
)
async def test_a_session_is_over_when_it_or_its_right_to_write_ends(
    fields: dict[str, Any], seconds: int | None
) -> None:
    _, channel = opened(granted(**fields))
    ends = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert (await channel.renew(SPENT)).access_expires == ends


async def test_a_refresh_token_that_is_not_told_anew_stays() -> None:
    _, channel = opened(granted(refresh_token="", re_expires_in=0))
    ends = NOW + timedelta(days=3)
    new = await channel.renew(Tokens(access="a", refresh="planted-refresh", refresh_expires=ends))
    assert (new.refresh, new.refresh_expires) == ("planted-refresh", ends)


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        (15, "isv.invalid-parameter:refresh_token", Kind.AUTH_REVOKED),
        (41, "", Kind.AUTH_REVOKED),
        (27, "", Kind.AUTH_REVOKED),
        (15, "isv.trade-not-exist", Kind.AUTH_REVOKED),
        (11, "isv.permission-api-package-limit", Kind.PERMISSION),
        (25, "", Kind.SIGNATURE),
        (7, "accesscontrol.limited-by-app-access-count", Kind.THROTTLED),
        (10, "", Kind.UNKNOWN),
        (15, "isp.remote-service-timeout", Kind.UNKNOWN),
        (15, "", Kind.UNKNOWN),
    ],
)
async def test_a_refusal_is_of_the_refresh_token_where_nothing_else_can_be_meant(
    code: int, sub_code: str, kind: Kind
) -> None:
    assert (await failed(refused(code, sub_code, "planted-refresh is wrong"))).kind is kind


async def test_an_app_that_may_not_refresh_is_told_what_to_configure() -> None:
    error = await failed(refused(11, "isv.permission-api-package-limit"))
    assert "leave refresh_token out and write session_expires" in str(error)


async def test_what_a_refusal_means_can_be_set() -> None:
    error = await failed(refused(15, "isv.odd"), errors={"isv.odd": Kind.TRANSIENT})
    assert error.kind is Kind.TRANSIENT


@pytest.mark.parametrize(
    "answer",
    [
        {"token_result": "planted"},
        {"token_result": "[]"},
        {"token_result": "{}"},
        {"token_result": {"access_token": "planted"}},
        {"token_result": '{"access_token": ""}'},
        {"token_result": '{"access_token": 7}'},
        {"token_result": '{"access_token": "a", "refresh_token": 7}'},
        {"token_result": "[" * 100_000},
        {},
        b"planted",
        httpx.Response(500, content=b"planted"),
    ],
)
async def test_an_answer_that_is_not_understood_may_have_spent_the_token(answer: object) -> None:
    error = await failed(answer)
    assert (error.kind, error.sent) == (Kind.UNKNOWN, True)


async def test_without_a_refresh_token_nothing_is_sent() -> None:
    gateway, channel = opened()
    with pytest.raises(PortError) as error:
        await channel.renew(Tokens(access="a"))
    assert (error.value.kind, error.value.sent, gateway.forms) == (Kind.AUTH_REVOKED, False, [])


# --- what the channel says of itself -----------------------------------------------------------------------


def test_the_channel_is_one_whose_tokens_run_out() -> None:
    gateway, channel = opened(session_expires=date(2026, 12, 1))
    assert isinstance(channel, Renewing)
    assert channel.token_settings == ("session", "refresh_token")
    assert channel.tokens.access_expires == datetime(2026, 12, 2, tzinfo=UTC)
    assert gateway.channel().token_settings == ("session",)


async def test_old_and_new_tokens_are_masked_in_what_the_platform_says() -> None:
    gateway, channel = opened()
    channel.use(Tokens(access="planted-two", refresh="planted-two-refresh"))
    words = "test-session planted-two planted-two-refresh planted-refresh helloworld"
    gateway.on(DETAILS, refused(27, "isv.odd", words))
    with pytest.raises(PortError) as error:
        await observed(channel, [ListingId("100:")])
    assert "*** *** *** *** ***" in str(error.value)


def test_no_repr_shows_a_token() -> None:
    _, channel = opened()
    settings = TaobaoSettings.model_validate(ACCOUNT | {"refresh_token": SecretStr("planted-refresh")})
    assert "planted" not in f"{settings!r}{channel!r}{channel.tokens!r}{channel._client!r}"
