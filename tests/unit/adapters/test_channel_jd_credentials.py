"""Credentials of a shop on JD: what is said of bad ones, how a token is renewed, and what is never shown."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from syncd.adapters.channels.jd import ADAPTER, JdChannel, JdSettings
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Renewing, Tokens
from tests.unit.adapters.channel_rig import observed, pushed
from tests.unit.adapters.jd_rig import (
    ACCOUNT,
    NOW,
    SET,
    SKUS,
    WARES,
    Gateway,
    done,
    page,
    refused,
    write,
    wrote,
)

SPENT = Tokens(access="planted-token", refresh="planted-refresh")
DAY = 86_400


def granted(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    result = {
        "access_token": "planted-next-token",
        "refresh_token": "planted-next-refresh",
        "expires_in": 30 * DAY,
        "scope": "snsapi_base",
        "code": 0,
    }
    return result | fields


def opened(answer: Any = None, **settings: Any) -> tuple[Gateway, JdChannel]:  # noqa: ANN401
    gateway = Gateway()
    gateway.renewal = granted() if answer is None else answer
    return gateway, gateway.channel(**{"refresh_token": "planted-refresh"} | settings)


async def failed(answer: object, **settings: Any) -> PortError:  # noqa: ANN401
    _, channel = opened(answer, **settings)
    with pytest.raises(PortError) as error:
        await channel.renew(SPENT)
    assert "planted" not in f"{error.value!r}{error.value.__cause__!r}"
    return error.value


# --- bad credentials ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "settings"),
    [
        ("18", Kind.AUTH_EXPIRED, ("access_token",)),
        ("19", Kind.AUTH_EXPIRED, ("access_token",)),
        ("22", Kind.AUTH_REVOKED, ("access_token", "authorize")),
        ("12", Kind.SIGNATURE, ("app_key", "app_secret", "clock")),
        ("8", Kind.SIGNATURE, ("app_key", "app_secret", "clock")),
        ("21", Kind.SIGNATURE, ("app_key", "app_secret")),
        ("25", Kind.SIGNATURE, ("online",)),
        ("24", Kind.PERMISSION, ("app_key", "云鼎")),
        ("73", Kind.PERMISSION, ("云鼎",)),
    ],
)
async def test_bad_credentials_name_the_setting_and_show_no_secret(
    code: str, kind: Kind, settings: tuple[str, ...]
) -> None:
    gateway, channel = opened()
    echo = refused(code, "planted-secret planted-token planted-refresh")
    gateway.on(WARES, echo)
    gateway.on(SET, echo)
    for call in (observed(channel), pushed(channel, write("7", 1))):
        with pytest.raises(PortError) as caught:
            await call
        assert caught.value.kind is kind
        assert all(word in str(caught.value) for word in settings)
        assert "*** *** ***" in str(caught.value)
        assert "planted" not in f"{caught.value!r}{caught.value.__cause__!r}"


async def test_a_broken_connection_shows_no_token_of_the_query() -> None:
    gateway, channel = opened()
    gateway.on(WARES, httpx.Response(500, content=b"planted"))
    with pytest.raises(PortError) as caught:
        await observed(channel)
    assert "planted" not in str(caught.value)


async def test_what_an_error_means_can_be_set() -> None:
    gateway, channel = opened(errors={"19": Kind.AUTH_REVOKED})
    gateway.on(WARES, refused("19"))
    with pytest.raises(PortError) as caught:
        await observed(channel)
    assert caught.value.kind is Kind.AUTH_REVOKED


# --- renewing ----------------------------------------------------------------------------------------------


async def test_a_renewal_sends_the_app_and_the_refresh_token() -> None:
    gateway, channel = opened()
    await channel.renew(SPENT)
    assert gateway.renewals == [
        {
            "app_key": "jd-key",
            "app_secret": "planted-secret",
            "grant_type": "refresh_token",
            "refresh_token": "planted-refresh",
        }
    ]


async def test_its_answer_holds_the_next_tokens_which_end_together() -> None:
    _, channel = opened()
    ends = NOW + timedelta(days=30)
    assert await channel.renew(SPENT) == Tokens(
        access="planted-next-token",
        refresh="planted-next-refresh",
        access_expires=ends,
        refresh_expires=ends,
    )


@pytest.mark.parametrize(
    ("life", "seconds"),
    [("7200", 7200), (0, None), (None, None), (-5, None), (True, None), ("soon", None), ("9" * 99, None)],
)
async def test_an_end_that_is_not_plain_is_not_known(life: object, seconds: int | None) -> None:
    _, channel = opened(granted(expires_in=life))
    ends = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert (await channel.renew(SPENT)).access_expires == ends


async def test_a_refresh_token_that_is_not_told_anew_stays() -> None:
    _, channel = opened(granted(refresh_token=None, code="0"))
    assert (await channel.renew(SPENT)).refresh == "planted-refresh"


async def test_nothing_is_used_before_it_is_told_to() -> None:
    gateway, channel = opened()
    gateway.on(SET, wrote(done(7)))
    new = await channel.renew(SPENT)
    await pushed(channel, write("7", 1))
    channel.use(new)
    await pushed(channel, write("7", 1))
    used = [request.url.params["access_token"] for request in gateway.requests]
    assert (used, channel.tokens) == (["planted-token", "planted-next-token"], new)


async def test_old_and_new_tokens_are_masked_in_what_the_platform_says() -> None:
    gateway, channel = opened()
    channel.use(Tokens(access="planted-two", refresh="planted-two-refresh"))
    gateway.on(WARES, refused("19", "planted-token planted-two planted-two-refresh planted-refresh"))
    with pytest.raises(PortError) as caught:
        await observed(channel)
    assert "*** *** *** ***" in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"code": 403, "msg": "planted-refresh is over", "requestId": "r"},
        {"code": "1", "msg": 5},
        {"code": 7, "access_token": "planted-x"},
        httpx.Response(400, json={"code": 400, "msg": "planted-refresh"}),
    ],
)
async def test_a_refused_renewal_is_one_of_the_refresh_token(answer: object) -> None:
    error = await failed(answer)
    assert error.kind is Kind.AUTH_REVOKED


async def test_a_refused_renewal_says_what_to_look_at() -> None:
    error = await failed({"code": 403, "msg": "too early"})
    assert "code 403: too early" in str(error)
    words = ("refresh_token", "app_secret", "last 24 hours", "token_expires", "authorize")
    assert [word for word in words if word not in str(error)] == []


async def test_what_a_refused_renewal_means_can_be_set() -> None:
    error = await failed({"code": 403, "msg": "x"}, errors={"403": Kind.THROTTLED})
    assert error.kind is Kind.THROTTLED


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"code": 0},
        granted(access_token=""),
        granted(access_token=7),
        granted(refresh_token=7),
        b"planted",
        b"[]",
        httpx.Response(500, content=b"planted"),
    ],
)
async def test_a_renewal_that_is_not_understood_may_have_spent_the_token(answer: object) -> None:
    error = await failed(answer)
    assert (error.kind, error.sent) == (Kind.UNKNOWN, True)


async def test_an_address_that_is_not_there_is_a_wrong_setting() -> None:
    assert (await failed(httpx.Response(404, content=b"no"))).kind is Kind.REJECTED


async def test_without_a_refresh_token_nothing_is_sent() -> None:
    gateway, channel = opened()
    with pytest.raises(PortError) as error:
        await channel.renew(Tokens(access="a"))
    assert (error.value.kind, error.value.sent, gateway.renewals) == (Kind.AUTH_REVOKED, False, [])


# --- what the channel says of itself -----------------------------------------------------------------------


def test_the_channel_is_one_whose_tokens_run_out_and_are_renewed_on_their_last_day() -> None:
    gateway, channel = opened(token_expires=date(2026, 12, 1))
    assert isinstance(channel, Renewing)
    assert channel.token_settings == ("access_token", "refresh_token")
    assert channel.tokens.access_expires == datetime(2026, 12, 2, tzinfo=UTC)
    assert timedelta(0) < channel.renew_ahead < timedelta(hours=24)
    assert gateway.channel().token_settings == ("access_token",)


def test_no_repr_shows_a_secret() -> None:
    _, channel = opened()
    settings = JdSettings.model_validate(ACCOUNT | {"refresh_token": SecretStr("planted-refresh")})
    assert "planted" not in f"{settings!r}{channel!r}{channel.tokens!r}{channel._client!r}"


async def test_the_adapter_opens_a_channel_without_a_call() -> None:
    gateway = Gateway()
    gateway.on(SKUS, page())
    settings = JdSettings.model_validate(ACCOUNT)
    async with ADAPTER.open(settings, "jd_shop", object()) as channel:
        assert isinstance(channel, JdChannel)
    assert gateway.calls == []
