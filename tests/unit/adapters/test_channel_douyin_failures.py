"""Calls of the channel `douyin` that fail as a whole, and the renewing of its tokens."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.domain.model import Action
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens
from tests.unit.adapters.channel_rig import observed, pushed, write
from tests.unit.adapters.douyin_rig import (
    ACCOUNT,
    LIST,
    NOW,
    REFRESH,
    ROWS,
    SKU,
    URL,
    Gateway,
    listed,
    refused,
)

_TELLING = " ".join(value for key, value in ACCOUNT.items() if key != "app_key")


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def failed_write(gateway: Gateway, answer: Any, **settings: Any) -> PortError:  # noqa: ANN401
    gateway.on(ROWS, answer)
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(**settings), write("100:7", 1), write("100:8", 1))
    return caught.value


async def failed_read(gateway: Gateway, answer: Any) -> PortError:  # noqa: ANN401
    gateway.on(LIST, answer)
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel())
    return caught.value


# --- credentials -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "sub_code", "kind", "advice"),
    [
        (40003, "isv.access-token-expired", Kind.AUTH_EXPIRED, "access_token is over"),
        (40003, "isv.access-token-no-existed", Kind.AUTH_EXPIRED, "refresh_token"),
        (30001, "dop.authorization-closed", Kind.AUTH_REVOKED, "must authorize the app again"),
        (40003, "isv.authorization-type-invalid", Kind.AUTH_REVOKED, "new access_token"),
        (40003, "isv.signature-invalid", Kind.SIGNATURE, "app_secret, sign_method and the machine's clock"),
        (40003, "isv.app-id-invalid", Kind.SIGNATURE, "check app_key"),
        (40003, "isv.timestamp-invalid", Kind.SIGNATURE, "clock"),
        (30001, "isv.app-permissions-insufficient", Kind.PERMISSION, "API packages"),
        (30002, "", Kind.PERMISSION, "list of addresses"),
    ],
)
async def test_bad_credentials_name_the_setting_and_are_never_shown(
    gateway: Gateway, code: int, sub_code: str, kind: Kind, advice: str
) -> None:
    for fail in (failed_read, failed_write):
        error = await fail(gateway, refused(code, sub_code, f"no good: {_TELLING}"))
        assert (error.kind, advice in str(error)) == (kind, True)
        assert "no good: *** *** ***" in str(error)
        assert not any(secret in f"{error!r}{error.__cause__!r}" for secret in _TELLING.split())


async def test_what_the_platform_says_is_short_and_on_one_line(gateway: Gateway) -> None:
    error = await failed_read(gateway, refused(50002, "isv.x", "a\n\x1b[31m" + "b" * 1000))
    assert str(error).isprintable()
    assert len(str(error)) < 400


# --- whole calls -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "read", "written"),
    [
        (refused(60000), Kind.THROTTLED, Kind.THROTTLED),
        (refused(20000, "isp.service-error"), Kind.TRANSIENT, Kind.UNKNOWN),
        (refused(20001), Kind.TRANSIENT, Kind.UNKNOWN),
        (refused(90000), Kind.TRANSIENT, Kind.UNKNOWN),
        (refused(80000), Kind.UNKNOWN, Kind.UNKNOWN),
        (refused(70000, "isp.api-service-off"), Kind.PERMISSION, Kind.PERMISSION),
        (refused(50002, "isv.business-failed:-77"), Kind.UNKNOWN, Kind.UNKNOWN),
        ({"err_no": 5, "message": "no", "data": None}, Kind.UNKNOWN, Kind.UNKNOWN),
        (httpx.Response(502, text="<html>"), Kind.TRANSIENT, Kind.UNKNOWN),
        (httpx.Response(404, text="<html>"), Kind.REJECTED, Kind.REJECTED),
        (httpx.Response(403, json={"code": 60000, "data": None}), Kind.THROTTLED, Kind.THROTTLED),
        (httpx.Response(403, text="<html>"), Kind.PERMISSION, Kind.PERMISSION),
        (b"<html>", Kind.TRANSIENT, Kind.UNKNOWN),
        (b'{"code":10000,"data":', Kind.TRANSIENT, Kind.UNKNOWN),
    ],
)
async def test_a_call_that_fails_has_a_kind(
    gateway: Gateway,
    answer: Any,  # noqa: ANN401
    read: Kind,
    written: Kind,
) -> None:
    kinds = [(await failed_read(gateway, answer)).kind, (await failed_write(gateway, answer)).kind]
    assert kinds == [read, written]


@pytest.mark.parametrize("status", [200, 429])
async def test_a_throttled_call_says_when_to_come_again(gateway: Gateway, status: int) -> None:
    answer = httpx.Response(status, headers={"retry-after": "7"}, json=refused(60000))
    for fail in (failed_read, failed_write):
        error = await fail(gateway, answer)
        assert (error.kind, error.retry_after) == (Kind.THROTTLED, 7.0)


async def test_settings_say_what_an_error_means(gateway: Gateway) -> None:
    error = await failed_write(gateway, refused(80000), errors={"80000": "throttled"})
    assert error.kind is Kind.THROTTLED


async def test_a_message_names_the_shop_and_the_call(gateway: Gateway) -> None:
    error = await failed_write(gateway, refused(60000))
    assert str(error).startswith("dou: /sku/syncStockBatchMultiProducts: code 60000")


async def test_a_failed_call_is_not_repeated(gateway: Gateway) -> None:
    await failed_write(gateway, refused(20000))
    assert len(gateway.calls) == 1


@pytest.mark.parametrize("error", [httpx.ReadTimeout("late"), httpx.RemoteProtocolError("gone")])
async def test_a_lost_reply_to_a_write_is_unknown(gateway: Gateway, error: Exception) -> None:
    def lose(_: object) -> None:
        raise error

    caught = await failed_write(gateway, lose)
    assert (caught.kind, caught.sent) == (Kind.UNKNOWN, True)


async def test_a_connection_that_was_never_made_wrote_nothing(gateway: Gateway) -> None:
    def refuse(_: object) -> None:
        raise httpx.ConnectError("refused")

    assert not (await failed_write(gateway, refuse)).sent


async def test_a_cancelled_call_ends_at_once(gateway: Gateway) -> None:
    arrived = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    gateway._router.routes.clear()
    gateway._router.post(url__startswith=URL).mock(side_effect=hang)
    call = asyncio.create_task(pushed(gateway.channel(), write("100:7", 1)))
    await arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


# --- tokens ------------------------------------------------------------------------------------------------

_NEW = {
    "access_token": "new-access",
    "refresh_token": "new-refresh",
    "expires_in": 604800,
    "shop_id": 1,
    "scope": "x",
}


async def test_a_refresh_token_buys_new_tokens(gateway: Gateway) -> None:
    gateway.on(REFRESH, _NEW)
    channel = gateway.channel()
    new = await channel.renew(channel.tokens)
    assert gateway.calls == [(REFRESH, {"grant_type": "refresh_token", "refresh_token": "test-refresh"})]
    assert new == Tokens(access="new-access", refresh="new-refresh", access_expires=NOW + timedelta(days=7))
    assert channel.tokens.access == "test-token"


async def test_a_renewal_has_its_body_in_the_query_and_no_token(gateway: Gateway) -> None:
    gateway.on(REFRESH, _NEW)
    channel = gateway.channel()
    await channel.renew(channel.tokens)
    query = gateway.requests[0].url.params
    assert query["param_json"] == gateway.requests[0].content.decode()
    assert (query["method"], "access_token" in query) == ("token.refresh", False)


async def test_an_answer_without_a_refresh_token_leaves_the_one_that_was_sent(gateway: Gateway) -> None:
    gateway.on(REFRESH, {key: value for key, value in _NEW.items() if key != "refresh_token"})
    channel = gateway.channel()
    assert (await channel.renew(channel.tokens)).refresh == "test-refresh"


async def test_calls_are_made_with_the_tokens_in_use(gateway: Gateway) -> None:
    gateway.on(LIST, listed())
    channel = gateway.channel()
    channel.use(Tokens(access="new-access"))
    await observed(channel)
    assert gateway.requests[0].url.params["access_token"] == "new-access"


async def test_without_a_refresh_token_nothing_is_asked(gateway: Gateway) -> None:
    with pytest.raises(PortError, match="there is no refresh_token") as caught:
        await gateway.channel().renew(Tokens(access="a"))
    assert (caught.value.kind, caught.value.sent, gateway.calls) == (Kind.AUTH_REVOKED, False, [])


@pytest.mark.parametrize("word", ["token-expired", "token-invalid", "no-authorization", "code-expired"])
async def test_a_refused_refresh_token_needs_the_owner(gateway: Gateway, word: str) -> None:
    gateway.on(REFRESH, refused(50001, f"dop.token-generate-failed:{word}", "test-refresh"))
    channel = gateway.channel()
    with pytest.raises(PortError, match="must authorize the app again") as caught:
        await channel.renew(channel.tokens)
    assert caught.value.kind is Kind.AUTH_REVOKED
    assert "test-refresh" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        _NEW | {"access_token": ""},
        _NEW | {"access_token": 5},
        _NEW | {"refresh_token": 5},
        _NEW | {"expires_in": "soon"},
        _NEW | {"expires_in": 0},
        _NEW | {"expires_in": True},
    ],
)
async def test_tokens_that_cannot_be_read_are_none(gateway: Gateway, answer: object) -> None:
    gateway.on(REFRESH, {"code": 10000, "data": answer})
    channel = gateway.channel()
    with pytest.raises(PortError) as caught:
        await channel.renew(channel.tokens)
    assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)
    assert "new-" not in str(caught.value)


async def test_new_tokens_are_not_shown_either(gateway: Gateway) -> None:
    channel = gateway.channel(calls="sku")
    channel.use(Tokens(access="new-access", refresh="new-refresh"))
    gateway.on(SKU, refused(60000, "x", "new-access new-refresh"))
    with pytest.raises(PortError) as caught:
        await pushed(channel, write("100:7", 1, Action.DELTA))
    assert "new-" not in f"{caught.value!r}{channel!r}{vars(channel._client)!r}"
