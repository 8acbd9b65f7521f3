"""The settings of the channel `douyin`: what they refuse, and what the traits then promise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from syncd.adapters.channels.douyin import ADAPTER, DouyinSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action
from syncd.ports.channel import ChannelTraits, Counter, DeductsAt, Unlists
from syncd.ports.orders import OrderFeed
from syncd.ports.tokens import Renewing
from tests.unit.adapters.douyin_rig import ACCOUNT, URL, Gateway

_WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another scheme": ({"url": "ftp://s3cret"}, "is not a URL"),
    "credentials in the url": ({"url": "https://me:s3cret@shop.test"}, "has credentials"),
    "a line break in a secret": ({"app_secret": "s3cret\n"}, "no key of a platform has"),
    "Chinese in a token": ({"access_token": "s3cret中"}, "no key of a platform has"),
    "a blank in a refresh token": ({"refresh_token": "s3cret x"}, "no key of a platform has"),
    "no token": ({"access_token": ""}, "at least 1"),
    "an unknown way to sign": ({"sign_method": "s3cret"}, "Input should be"),
    "an unknown key": ({"session": "x"}, "not permitted"),
    "too many products in a page": ({"page_size": 101}, "less than or equal to 100"),
    "too many orders in a page": ({"order_page_size": 101}, "less than or equal to 100"),
    "a ceiling below a page": ({"deepest_order": 99}, "greater than or equal to 100"),
    "orders of more than a day at once": ({"order_window": "25h"}, "less than or equal to 86400"),
    "an unknown call": ({"calls": "s3cret"}, "Input should be"),
    "no way to zero": ({"write_modes": ["delta"]}, "lacks set"),
    "an error that is done": ({"errors": {"50002": "done"}}, "takes an error for done"),
    "a status that means nothing": ({"order_statuses": {"9": "s3cret"}}, "Input should be"),
    "an empty word of refunds": ({"refunded": [""]}, "at least 1"),
}


@pytest.mark.parametrize(("settings", "message"), _WRONG.values(), ids=_WRONG.keys())
def test_what_is_wrong_is_refused_without_quoting_it(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DouyinSettings.model_validate(ACCOUNT | settings)
    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_account_is_enough() -> None:
    assert DouyinSettings.model_validate(ACCOUNT).url == "https://openapi-fxg.jinritemai.com"


@pytest.mark.parametrize("key", ["app_key", "app_secret", "access_token"])
def test_an_account_is_needed_whole(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        DouyinSettings.model_validate({name: value for name, value in ACCOUNT.items() if name != key})


def test_a_refresh_token_need_not_be_there() -> None:
    settings = {name: value for name, value in ACCOUNT.items() if name != "refresh_token"}
    assert DouyinSettings.model_validate(settings).refresh_text == ""


def test_an_error_may_say_that_a_write_was_done_before() -> None:
    assert DouyinSettings.model_validate(ACCOUNT | {"errors": {"50002": "duplicate"}}).errors


def test_no_secret_is_shown() -> None:
    settings = DouyinSettings.model_validate(ACCOUNT)
    channel = Gateway().channel()
    shown = f"{settings!r}{channel!r}{vars(channel)!r}{vars(channel._client)!r}{channel.tokens!r}"
    for secret in ("test-app-secret", "test-token", "test-refresh"):
        assert secret not in shown


def _traits(**settings: Any) -> ChannelTraits:  # noqa: ANN401
    return Gateway().channel(**settings).traits


def test_by_default_rows_of_any_products_go_out_together_without_keys() -> None:
    traits = _traits()
    assert (traits.max_batch, traits.one_item_per_call, traits.max_batch_listing, traits.idempotent) == (
        50,
        False,
        1,
        False,
    )


def test_a_call_may_be_of_one_product() -> None:
    traits = _traits(calls="product", skus_per_call=7)
    assert (traits.max_batch, traits.one_item_per_call, traits.max_batch_listing, traits.idempotent) == (
        7,
        True,
        1000,
        False,
    )


def test_only_a_call_of_one_sku_knows_keys_and_only_of_differences() -> None:
    traits = _traits(calls="sku")
    assert traits.max_batch == 1
    assert [traits.knows_keys_of(action) for action in (Action.DELTA, Action.SET)] == [True, False]


def test_the_other_traits_are_those_of_the_platform() -> None:
    traits = _traits()
    assert traits.write_modes == (Action.DELTA, Action.SET)
    assert (traits.withholds, traits.can_unlist, traits.unlists) == (True, True, Unlists.ITEM)
    assert (traits.observes_some, traits.order_feed, traits.delta_clips) == (True, True, False)
    assert (traits.counter, traits.deducts_at) == (Counter.NET, DeductsAt.UNKNOWN)


def test_settings_decide_what_the_document_leaves_open() -> None:
    traits = _traits(
        counter="gross",
        deducts_at="payment",
        write_modes=["set"],
        orders=False,
        max_quantity=9,
        max_apply_delay="5s",
        auto_delists_at_zero=True,
    )
    assert (traits.counter, traits.deducts_at, traits.write_modes) == (
        Counter.GROSS,
        DeductsAt.PAYMENT,
        (Action.SET,),
    )
    assert (traits.order_feed, traits.max_quantity, traits.max_apply_delay) == (False, 9, 5.0)
    assert traits.auto_delists_at_zero


def test_the_channel_tells_orders_and_renews_tokens() -> None:
    channel = Gateway().channel(renew_ahead="10m")
    assert isinstance(channel, OrderFeed)
    assert isinstance(channel, Renewing)
    assert channel.token_settings == ("access_token", "refresh_token")
    assert channel.renew_ahead == timedelta(minutes=10)


def test_without_a_refresh_token_only_the_other_can_be_corrected() -> None:
    assert Gateway().channel(refresh_token=None).token_settings == ("access_token",)


def test_settings_may_say_when_a_token_ends() -> None:
    end = datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert Gateway().channel(access_expires=end).tokens.access_expires == end


async def test_opening_makes_no_call() -> None:
    gateway = Gateway()
    http = HttpClient(httpx.MockTransport(gateway._router.async_handler))
    async with ADAPTER.open(DouyinSettings.model_validate(ACCOUNT | {"url": URL}), "dou", http) as channel:
        assert channel.traits.max_batch == 50
    assert gateway.calls == []
