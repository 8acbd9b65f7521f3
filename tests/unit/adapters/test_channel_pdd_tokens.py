"""How the channel `pdd` renews its tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens
from tests.unit.adapters.channel_rig import observed
from tests.unit.adapters.pdd_rig import DETAIL, NOW, Gateway, detail, refused, sku

REFRESH = "pdd.pop.auth.token.refresh"
_OLD = Tokens(access="planted-token", refresh="planted-refresh")


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def _bought(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    shown = {"access_token": "new-token", "refresh_token": "new-refresh", "expires_in": 86_400}
    return {name: value for name, value in (shown | fields).items() if value is not None}


async def _renewed(gateway: Gateway, **fields: Any) -> Tokens:  # noqa: ANN401
    gateway.on(REFRESH, _bought(**fields))
    return await gateway.channel().renew(_OLD)


async def _failure(gateway: Gateway, tokens: Tokens = _OLD, **settings: Any) -> PortError:  # noqa: ANN401
    with pytest.raises(PortError) as caught:
        await gateway.channel(**settings).renew(tokens)
    return caught.value


def test_the_first_tokens_are_those_of_the_settings(gateway: Gateway) -> None:
    channel = gateway.channel(
        refresh_token="planted-refresh", access_expires=datetime(2026, 12, 1, tzinfo=UTC)
    )
    ends = datetime(2026, 12, 1, tzinfo=UTC)
    assert channel.tokens == Tokens(access="planted-token", refresh="planted-refresh", access_expires=ends)
    assert channel.token_settings == ("access_token", "refresh_token")
    assert channel.renew_ahead == timedelta(hours=1)


async def test_a_renewal_is_one_signed_call_without_the_old_token(gateway: Gateway) -> None:
    tokens = await _renewed(gateway)
    (form,) = gateway.forms
    assert (form["refresh_token"], "access_token" in form, form["timestamp"]) == (
        "planted-refresh",
        False,
        "1795140000",
    )
    assert tokens == Tokens(access="new-token", refresh="new-refresh", access_expires=NOW + timedelta(days=1))


async def test_what_was_bought_is_used_only_once_that_is_said(gateway: Gateway) -> None:
    gateway.on(REFRESH, _bought())
    gateway.on(DETAIL, detail(1, sku(1)))
    channel = gateway.channel()
    tokens = await channel.renew(_OLD)
    await observed(channel, ["1:1"])
    channel.use(tokens)
    await observed(channel, ["1:1"])
    assert [form["access_token"] for form in gateway.called(DETAIL)] == ["planted-token", "new-token"]
    assert channel.tokens == tokens


async def test_a_refresh_token_that_is_not_replaced_stays(gateway: Gateway) -> None:
    assert (await _renewed(gateway, refresh_token=None)).refresh == "planted-refresh"


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"expires_in": 60}, 60),
        ({"expires_in": "60"}, 60),
        ({"expires_in": None, "expires_at": 1_795_140_600}, 600),
        ({"expires_in": 60, "expires_at": 1_795_140_600}, 60),
        ({"expires_in": 60, "w1_expires_in": 30}, 30),
        ({"expires_in": 60, "w1_expires_in": 30, "w2_expires_in": 50}, 50),
        ({"expires_in": 60, "w2_expires_at": 1_795_140_010}, 10),
        ({"expires_in": 60, "w2_expires_in": 90}, 60),
    ],
)
async def test_a_token_ends_with_its_right_to_write(
    gateway: Gateway, fields: dict[str, Any], seconds: int
) -> None:
    assert (await _renewed(gateway, **fields)).access_expires == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [None, 0, -1, "x", 10**14, 1.5, []])
async def test_an_end_that_is_not_plain_is_not_known(gateway: Gateway, value: object) -> None:
    tokens = await _renewed(gateway, expires_in=value, expires_at=value, refresh_token_expires_at=value)
    assert (tokens.access_expires, tokens.refresh_expires) == (None, None)


async def test_the_refresh_token_has_an_end_of_its_own(gateway: Gateway) -> None:
    tokens = await _renewed(gateway, refresh_token_expires_in=100)
    assert tokens.refresh_expires == NOW + timedelta(seconds=100)


async def test_without_a_refresh_token_nothing_is_sent(gateway: Gateway) -> None:
    error = await _failure(gateway, Tokens(access="planted-token"))
    assert (error.kind, error.sent, gateway.forms) == (Kind.AUTH_REVOKED, False, [])
    assert "refresh_token" in str(error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (10019, Kind.AUTH_REVOKED),
        (20032, Kind.AUTH_REVOKED),
        (21001, Kind.AUTH_REVOKED),
        (20004, Kind.SIGNATURE),
        (30000, Kind.PERMISSION),
        (52101, Kind.THROTTLED),
        (52102, Kind.UNKNOWN),
        (50001, Kind.AUTH_REVOKED),
    ],
)
async def test_a_refused_renewal_says_who_must_act_and_no_secret(
    gateway: Gateway, code: int, kind: Kind
) -> None:
    gateway.on(REFRESH, refused(code, "planted-refresh of planted-token by planted-secret"))
    error = await _failure(gateway)
    assert (error.kind, "planted" in str(error)) == (kind, False)
    assert ("refresh_token was not accepted" in str(error)) is (kind is Kind.AUTH_REVOKED)


async def test_what_the_service_refuses_without_a_reason_may_have_spent_the_refresh_token(
    gateway: Gateway,
) -> None:
    for reason in ("", "no"):
        gateway.on(REFRESH, refused(50001, reason))
        assert (await _failure(gateway)).kind is Kind.UNKNOWN


async def test_a_code_may_be_known_to_refuse_the_refresh_token(gateway: Gateway) -> None:
    gateway.on(REFRESH, refused(50001))
    assert (await _failure(gateway, errors={"50001": "auth_revoked"})).kind is Kind.AUTH_REVOKED


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", {"refresh_token": "x"}, {"access_token": "新"}, {"access_token": None}],
)
async def test_an_answer_without_a_token_may_have_spent_the_old_one(
    gateway: Gateway, answer: bytes | dict[str, Any]
) -> None:
    gateway.on(REFRESH, answer)
    error = await _failure(gateway)
    assert (error.kind, error.sent) == (Kind.UNKNOWN, True)


async def test_a_gateway_that_fails_may_have_spent_the_old_one(gateway: Gateway) -> None:
    gateway.on(REFRESH, httpx.Response(502))
    assert (await _failure(gateway)).kind is Kind.UNKNOWN


async def test_old_tokens_are_hidden_after_new_ones_are_used(gateway: Gateway) -> None:
    gateway.on(DETAIL, refused(10019, "planted-token and new-token"))
    channel = gateway.channel()
    channel.use(Tokens(access="new-token", refresh="new-refresh"))
    with pytest.raises(PortError, match=r"\*\*\* and \*\*\*"):
        await observed(channel, ["1:1"])
