"""The settings of the channel `pdd`: what they refuse, and what the traits then promise."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from syncd.adapters.channels.pdd import ADAPTER, PddSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ListingId
from syncd.domain.ordering import Restores
from syncd.ports.channel import ChannelTraits, Counter, DeductsAt, Unlists
from syncd.ports.orders import OrderFeed
from syncd.ports.tokens import Renewing
from tests.unit.adapters.pdd_rig import ACCOUNT, URL, Gateway

_WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no host": ({"url": "https:///router"}, "is not a URL"),
    "credentials in the url": ({"url": "https://me:s3cret@pdd.test"}, "has credentials"),
    "a line break in a secret": ({"client_secret": "s3cret\n"}, "no key of a platform has"),
    "Chinese in a secret": ({"access_token": "s3cret中"}, "no key of a platform has"),
    "a blank in a secret": ({"refresh_token": "s3cret x"}, "no key of a platform has"),
    "no token": ({"access_token": ""}, "at least 1"),
    "an unknown key": ({"client_ids": "x"}, "not permitted"),
    "too many goods in a page": ({"page_size": 101}, "less than or equal to 100"),
    "too many orders in a page": ({"order_page_size": 101}, "less than or equal to 100"),
    "orders of more than half an hour at once": ({"order_window": "31m"}, "less than or equal to 1800"),
    "a window that no time of the platform fits in": ({"order_window": "999ms"}, "than or equal to 1"),
    "a status that means nothing": ({"order_statuses": {"1": "s3cret"}}, "Input should be"),
    "no way to zero": ({"write_modes": ["delta"]}, "lacks set"),
    "an error that is done": ({"errors": {"50001": "done"}}, "takes an error for done"),
    "an error that was done before": ({"errors": {"50001": "duplicate"}}, "takes an error for done"),
    "an unknown kind": ({"errors": {"50001": "gone"}}, "Input should be"),
}


@pytest.mark.parametrize(("settings", "message"), _WRONG.values(), ids=_WRONG.keys())
def test_what_is_wrong_is_refused_without_quoting_it(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PddSettings.model_validate(ACCOUNT | settings)
    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_account_is_enough() -> None:
    assert PddSettings.model_validate(ACCOUNT).url == "https://gw-api.pinduoduo.com/api/router"


@pytest.mark.parametrize("key", ACCOUNT)
def test_an_account_is_needed_whole(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        PddSettings.model_validate({name: value for name, value in ACCOUNT.items() if name != key})


def test_no_secret_is_shown() -> None:
    channel = Gateway().channel(refresh_token="planted-refresh")
    settings = PddSettings.model_validate(ACCOUNT | {"refresh_token": "planted-refresh"})
    assert "planted" not in f"{settings!r}{channel!r}{vars(channel)!r}{channel.tokens!r}"


def _traits(**settings: Any) -> ChannelTraits:  # noqa: ANN401
    return Gateway().channel(**settings).traits


def test_the_traits_are_those_of_one_sku_a_call() -> None:
    assert _traits() == ChannelTraits(
        max_batch=1,
        max_batch_listing=1000,
        one_item_per_call=True,
        write_modes=(Action.DELTA, Action.SET),
        counter=Counter.NET,
        deducts_at=DeductsAt.UNKNOWN,
        withholds=True,
        can_unlist=True,
        unlists=Unlists.ITEM,
        max_quantity=900_000_000,
        observes_some=True,
        order_feed=True,
    )


def test_no_write_has_a_key_and_none_is_cut() -> None:
    traits = _traits()
    assert (traits.idempotent, traits.delta_clips) == (False, False)


def test_what_the_documents_leave_open_can_be_set() -> None:
    traits = _traits(
        write_modes=["set"],
        deducts_at="payment",
        counter="gross",
        auto_delists_at_zero=True,
        max_apply_delay="5s",
        max_quantity=999,
        restores_unpaid="yes",
        restores_paid="no",
        orders=False,
    )
    told = (traits.write_modes, traits.deducts_at, traits.counter, traits.auto_delists_at_zero)
    assert told == ((Action.SET,), DeductsAt.PAYMENT, Counter.GROSS, True)
    assert (traits.max_apply_delay, traits.max_quantity, traits.order_feed) == (5.0, 999, False)
    assert (traits.restores_unpaid, traits.restores_paid) == (Restores.YES, Restores.NO)


def test_a_channel_tells_orders_and_renews_its_tokens() -> None:
    channel = Gateway().channel()
    assert isinstance(channel, OrderFeed)
    assert isinstance(channel, Renewing)


async def test_an_opened_channel_dates_its_calls_by_the_machine() -> None:
    dates = []

    def answer(request: httpx.Request) -> httpx.Response:
        form = httpx.QueryParams(request.content.decode())
        dates.append(int(form["timestamp"]))
        return httpx.Response(200, json={"goods_detail_get_response": {"goods_id": 1, "status": 4}})

    settings = PddSettings.model_validate(ACCOUNT | {"url": URL})
    async with ADAPTER.open(settings, "pin", HttpClient(httpx.MockTransport(answer))) as channel:
        assert [page async for page in channel.observe([ListingId("1:2")])] == [[]]
    assert abs(datetime.now(UTC).timestamp() - dates[0]) < 60
