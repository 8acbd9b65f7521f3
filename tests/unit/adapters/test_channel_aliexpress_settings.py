"""The settings of the channel `aliexpress`, its credentials, and what the traits then promise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from syncd.adapters.channels.aliexpress import ADAPTER, AliexpressSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ListingId
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits, Counter, DeductsAt, Unlists
from syncd.ports.orders import OrderFeed
from syncd.ports.tokens import Renewing, Tokens
from tests.unit.adapters.aliexpress_rig import (
    ACCOUNT,
    NOW,
    PRODUCT,
    REFRESH,
    UPDATE,
    URL,
    Gateway,
    product,
    refused,
    updated,
)
from tests.unit.adapters.channel_rig import observed, pushed, write

_WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another scheme": ({"url": "ftp://s3cret"}, "is not a URL"),
    "credentials in the url": ({"url": "https://me:s3cret@iop.test"}, "has credentials"),
    "a line break in a secret": ({"app_secret": "s3cret\n"}, "no key of a platform has"),
    "Chinese in a secret": ({"access_token": "s3cret中"}, "no key of a platform has"),
    "no access token": ({"access_token": ""}, "at least 1"),
    "an empty refresh token": ({"refresh_token": ""}, "at least 1"),
    "an unknown key": ({"session": "s3cret"}, "not permitted"),
    "too many products in a page": ({"page_size": 100}, "less than or equal to 99"),
    "too many products in a call": ({"products_per_call": 21}, "less than or equal to 20"),
    "too many orders in a page": ({"order_page_size": 51}, "less than or equal to 50"),
    "orders of more than a day at once": ({"order_window": "25h"}, "less than or equal to 86400"),
    "an unknown list": ({"statuses": ["s3cret"]}, "Input should be"),
    "no list": ({"statuses": []}, "at least 1"),
    "an unknown zone": ({"order_timezone": "s3cret/x"}, "is no time zone of this machine"),
    "an error that is done": ({"errors": {"E1": "done"}}, "takes an error for done"),
    "an error that was done before": ({"errors": {"E1": "duplicate"}}, "takes an error for done"),
    "a status that means nothing": ({"order_statuses": {"NEW": "s3cret"}}, "Input should be"),
}


@pytest.mark.parametrize(("settings", "message"), _WRONG.values(), ids=_WRONG.keys())
def test_what_is_wrong_is_refused_without_quoting_it(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AliexpressSettings.model_validate(ACCOUNT | settings)
    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_account_is_enough() -> None:
    assert AliexpressSettings.model_validate(ACCOUNT).url == "https://api-sg.aliexpress.com"


@pytest.mark.parametrize("key", ACCOUNT)
def test_an_account_is_needed_whole(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        AliexpressSettings.model_validate({name: value for name, value in ACCOUNT.items() if name != key})


def test_no_secret_is_shown() -> None:
    settings = AliexpressSettings.model_validate(ACCOUNT | {"refresh_token": "test-refresh"})
    channel = Gateway().channel(refresh_token="test-refresh")
    shown = f"{settings!r}{channel!r}{vars(channel)!r}{channel.tokens!r}"
    for secret in ("testsecret", "test-session", "test-refresh"):
        assert secret not in shown


# --- traits ------------------------------------------------------------------------------------------------


def _traits(**settings: Any) -> ChannelTraits:  # noqa: ANN401
    return Gateway().channel(**settings).traits


def test_by_default_the_traits_are_those_of_the_call_for_twenty_products() -> None:
    assert _traits() == ChannelTraits(
        max_batch=4000,
        max_batch_listing=1000,
        max_items=20,
        max_items_listing=1,
        max_per_item=200,
        write_modes=(Action.SET,),
        counter=Counter.NET,
        deducts_at=DeductsAt.UNKNOWN,
        can_unlist=True,
        unlists=Unlists.ITEM,
        max_quantity=999_999,
        observes_some=True,
        order_feed=True,
    )


def test_no_key_makes_a_write_count_once() -> None:
    assert not any(_traits().knows_keys_of(action) for action in Action)


def test_what_the_documents_leave_open_can_be_set() -> None:
    traits = _traits(
        products_per_call=1, zero_allowed=False, orders=False, deducts_at="payment", max_quantity=9
    )
    assert (traits.max_batch, traits.max_items, traits.zero_allowed, traits.order_feed) == (
        200,
        1,
        False,
        False,
    )
    assert (traits.deducts_at, traits.max_quantity) == (DeductsAt.PAYMENT, 9)


def test_it_offers_what_the_ports_ask_for() -> None:
    channel = Gateway().channel()
    assert isinstance(channel, OrderFeed)
    assert isinstance(channel, Renewing)


# --- bad credentials ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        ("IllegalAccessToken", Kind.AUTH_EXPIRED, "a new `access_token`"),
        ("InvalidSignature", Kind.SIGNATURE, "check app_key, app_secret and the machine's clock"),
        ("InvalidAppKey", Kind.SIGNATURE, "check app_key, app_secret"),
        ("InsufficientPermission", Kind.PERMISSION, "apply for it"),
        ("TokenRevoked", Kind.AUTH_REVOKED, "a new `access_token` and `refresh_token`"),
    ],
)
async def test_refused_credentials_say_what_to_look_at(
    gateway: Gateway, code: str, kind: Kind, advice: str
) -> None:
    words = "the key testsecret of test-session is bad"
    gateway.on(PRODUCT, refused(code, words))
    gateway.on(UPDATE, refused(code, words))
    channel = gateway.channel(errors={"TokenRevoked": "auth_revoked"})
    with pytest.raises(PortError) as reading:
        await observed(channel, ["1:A"])
    with pytest.raises(PortError) as writing:
        await pushed(channel, write("1:A"))
    for caught in (reading, writing):
        assert caught.value.kind is kind
        assert advice in str(caught.value)
        assert str(caught.value).startswith("ali: aliexpress.")
        assert "testsecret" not in str(caught.value)
        assert "test-session" not in str(caught.value)


async def test_a_long_or_odd_text_is_told_on_one_line(gateway: Gateway) -> None:
    gateway.on(PRODUCT, refused("IllegalAccessToken", "a\nb" + "x" * 999))
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel(), ["1:A"])
    assert "a b" in str(caught.value)
    assert len(str(caught.value)) < 500


# --- tokens ------------------------------------------------------------------------------------------------


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def _bought(**fields: object) -> dict[str, Any]:
    answer = {"code": "0", "access_token": "second", "refresh_token": "third", "expires_in": 60}
    return answer | {"refresh_expires_in": "3600"} | fields


async def test_a_refresh_token_buys_the_next_tokens(gateway: Gateway) -> None:
    gateway.on(REFRESH, _bought())
    channel = gateway.channel(refresh_token="first-refresh")
    tokens = await channel.renew(channel.tokens)
    assert (tokens.access, tokens.refresh) == ("second", "third")
    assert tokens.access_expires == NOW + timedelta(seconds=60)
    assert tokens.refresh_expires == NOW + timedelta(hours=1)
    (form,) = gateway.forms
    assert (form["refresh_token"], "session" in form) == ("first-refresh", False)
    assert str(gateway.requests[0].url) == f"{URL}/rest{REFRESH}"


async def test_renewing_uses_nothing_until_it_is_told_to(gateway: Gateway) -> None:
    gateway.on(REFRESH, _bought())
    gateway.on(UPDATE, updated([1]))
    channel = gateway.channel(refresh_token="first-refresh")
    tokens = await channel.renew(channel.tokens)
    await pushed(channel, write("1:A"))
    channel.use(tokens)
    await pushed(channel, write("1:A"))
    assert [form["session"] for form in gateway.called(UPDATE)] == ["test-session", "second"]
    assert channel.tokens == tokens


async def test_a_refresh_token_that_is_not_told_again_stays(gateway: Gateway) -> None:
    gateway.on(REFRESH, _bought(refresh_token=None, refresh_expires_in=0, expires_in="soon"))
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    spent = Tokens(access="a", refresh="kept", refresh_expires=ends)
    tokens = await gateway.channel().renew(spent)
    assert (tokens.refresh, tokens.refresh_expires, tokens.access_expires) == ("kept", ends, None)


async def test_without_a_refresh_token_nothing_is_sent(gateway: Gateway) -> None:
    channel = gateway.channel()
    with pytest.raises(PortError) as caught:
        await channel.renew(channel.tokens)
    assert (caught.value.kind, caught.value.sent) == (Kind.AUTH_REVOKED, False)
    assert gateway.forms == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("IllegalRefreshToken", Kind.AUTH_REVOKED),
        ("IllegalAccessToken", Kind.AUTH_REVOKED),
        ("InvalidParameter", Kind.AUTH_REVOKED),
        ("InvalidSignature", Kind.SIGNATURE),
        ("ApiCallLimit", Kind.THROTTLED),
        ("ServiceTimeout", Kind.UNKNOWN),
        ("SomethingNew", Kind.UNKNOWN),
    ],
)
async def test_a_refused_renewal_has_its_meaning(gateway: Gateway, code: str, kind: Kind) -> None:
    gateway.on(REFRESH, refused(code, "first-refresh is bad"))
    channel = gateway.channel(refresh_token="first-refresh")
    with pytest.raises(PortError) as caught:
        await channel.renew(channel.tokens)
    assert caught.value.kind is kind
    assert "first-refresh" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b'{"code":"0"}', b'{"access_token":5}', b'{"access_token":""}']
)
async def test_an_answer_without_tokens_may_have_spent_the_refresh_token(
    gateway: Gateway, answer: bytes
) -> None:
    gateway.on(REFRESH, answer)
    channel = gateway.channel(refresh_token="first-refresh")
    with pytest.raises(PortError) as caught:
        await channel.renew(channel.tokens)
    assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)


def test_the_settings_that_tokens_came_from_are_named(gateway: Gateway) -> None:
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    plain = gateway.channel()
    channel = gateway.channel(refresh_token="r", access_expires=ends)
    assert plain.token_settings == ("access_token",)
    assert channel.token_settings == ("access_token", "refresh_token")
    assert (channel.tokens.access_expires, channel.renew_ahead) == (ends, timedelta(hours=12))


# --- opening -----------------------------------------------------------------------------------------------


async def test_an_opened_channel_dates_its_calls_by_the_machine() -> None:
    dates = []

    def answer(request: httpx.Request) -> httpx.Response:
        form = httpx.QueryParams(request.content.decode())
        dates.append(datetime.fromtimestamp(int(form["timestamp"]) / 1000, UTC))
        return httpx.Response(
            200,
            json={f"{form['method'].replace('.', '_')}_response": product(product_status_type="onSelling")},
        )

    settings = AliexpressSettings.model_validate(ACCOUNT | {"url": URL})
    async with ADAPTER.open(settings, "ali", HttpClient(httpx.MockTransport(answer))) as channel:
        shown = [page async for page in channel.observe([ListingId("1:A")])]
    assert len(shown) == 1
    assert abs((datetime.now(UTC) - dates[0]).total_seconds()) < 60
