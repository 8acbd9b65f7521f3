"""The settings of the channel `taobao`: what they refuse, and what the traits then promise."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from syncd.adapters.channels.taobao import ADAPTER, TaobaoSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ListingId
from syncd.domain.ordering import Restores
from syncd.ports.channel import ChannelTraits, Counter, DeductsAt, Unlists
from tests.unit.adapters.taobao_rig import ACCOUNT, URL, Gateway

_WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another scheme": ({"url": "ftp://s3cret"}, "is not a URL"),
    "no host": ({"url": "https:///router"}, "is not a URL"),
    "a bad port": ({"url": "https://top.test:s3cret/"}, "is not a URL"),
    "a blank": ({"url": "https://top.test/s3cret x"}, "is not a URL"),
    "credentials in the url": ({"url": "https://me:s3cret@top.test"}, "has credentials"),
    "a query in the url": ({"url": "https://top.test?key=s3cret"}, "has credentials"),
    "a line break in a secret": ({"app_secret": "s3cret\n"}, "no key of a platform has"),
    "Chinese in a secret": ({"session": "s3cret中"}, "no key of a platform has"),
    "no session": ({"session": ""}, "at least 1"),
    "an unknown way to sign": ({"sign_method": "s3cret"}, "Input should be"),
    "an unknown key": ({"app_keys": "x"}, "not permitted"),
    "too many items in a page": ({"page_size": 201}, "less than or equal to 200"),
    "too many items in a call": ({"items_per_call": 21}, "less than or equal to 20"),
    "too many orders in a page": ({"order_page_size": 101}, "less than or equal to 100"),
    "orders of more than a day at once": ({"order_window": "25h"}, "less than or equal to 86400"),
    "a window that no time of the platform fits in": ({"order_window": "999ms"}, "than or equal to 1"),
    "no type of order": ({"order_types": []}, "at least 1 item"),
    "a status that means nothing": ({"order_statuses": {"NEW": "s3cret"}}, "Input should be"),
    "an unknown list": ({"banners": ["s3cret"]}, "Input should be"),
    "a bare duration": ({"timeout": 5}, "duration without a unit"),
    "no way to zero": ({"write_modes": ["delta"]}, "lacks set"),
    "no write mode": ({"write_modes": []}, "at least 1 item"),
    "a write mode twice": ({"write_modes": ["set", "set"]}, "twice"),
    "an error that is done": ({"errors": {"isv.x": "done"}}, "takes an error for done"),
    "an error that was done before": ({"errors": {"isv.x": "duplicate"}}, "takes an error for done"),
    "an error that is done though calls have keys": (
        {"errors": {"isv.x": "done"}, "keyed_calls": True},
        "takes an error for done",
    ),
    "calls of two kinds": ({"single_calls": True, "keyed_calls": True}, "both single_calls and keyed_calls"),
    "an unknown kind": ({"errors": {"isv.x": "gone"}}, "Input should be"),
}


@pytest.mark.parametrize(("settings", "message"), _WRONG.values(), ids=_WRONG.keys())
def test_what_is_wrong_is_refused_without_quoting_it(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TaobaoSettings.model_validate(ACCOUNT | settings)
    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_account_is_enough() -> None:
    assert TaobaoSettings.model_validate(ACCOUNT).url == "https://gw.api.taobao.com/router/rest"


@pytest.mark.parametrize("key", ACCOUNT)
def test_an_account_is_needed_whole(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        TaobaoSettings.model_validate({name: value for name, value in ACCOUNT.items() if name != key})


def test_no_secret_is_shown() -> None:
    settings = TaobaoSettings.model_validate(ACCOUNT)
    shown = f"{settings!r}{Gateway().channel()!r}{vars(Gateway().channel())!r}"
    assert "helloworld" not in shown
    assert "test-session" not in shown


def _traits(**settings: Any) -> ChannelTraits:  # noqa: ANN401
    return Gateway().channel(**settings).traits


def test_by_default_the_traits_are_those_of_the_call_for_twenty_skus() -> None:
    assert _traits() == ChannelTraits(
        max_batch=20,
        max_batch_listing=1000,
        one_item_per_call=True,
        write_modes=(Action.DELTA, Action.SET),
        keyed_sets=False,
        delta_clips=True,
        counter=Counter.NET,
        deducts_at=DeductsAt.UNKNOWN,
        withholds=True,
        can_unlist=True,
        unlists=Unlists.ITEM,
        max_quantity=900_000_000,
        observes_some=True,
        order_feed=True,
    )


def test_an_app_without_the_package_for_orders_goes_on_without_them() -> None:
    assert not _traits(orders=False).order_feed


def test_single_calls_refuse_where_the_others_cut() -> None:
    traits = _traits(single_calls=True)
    assert (traits.max_batch, traits.delta_clips) == (1, False)


def test_what_comes_back_into_a_counter_is_unknown_unless_told() -> None:
    assert (_traits().restores_unpaid, _traits().restores_paid) == (Restores.UNKNOWN, Restores.UNKNOWN)


def test_what_comes_back_into_a_counter_can_be_told_by_cause() -> None:
    traits = _traits(restores_unpaid="yes", restores_paid="no")
    assert (traits.restores_unpaid, traits.restores_paid) == (Restores.YES, Restores.NO)


def test_what_the_documents_leave_open_can_be_set() -> None:
    traits = _traits(
        write_modes=["set"],
        deducts_at="payment",
        counter="gross",
        auto_delists_at_zero=True,
        max_apply_delay="5s",
        max_quantity=999,
    )
    told = (traits.write_modes, traits.deducts_at, traits.counter, traits.auto_delists_at_zero)
    assert told == ((Action.SET,), DeductsAt.PAYMENT, Counter.GROSS, True)
    assert (traits.max_apply_delay, traits.max_quantity) == (5.0, 999)


async def test_an_opened_channel_dates_its_calls_by_the_machine() -> None:
    dates = []

    def answer(request: httpx.Request) -> httpx.Response:
        form = httpx.QueryParams(request.content.decode())
        dates.append(datetime.fromisoformat(f"{form['timestamp']}+08:00"))
        return httpx.Response(200, json={f"{form['method'][7:].replace('.', '_')}_response": {}})

    settings = TaobaoSettings.model_validate(ACCOUNT | {"url": URL})
    async with ADAPTER.open(settings, "tmall", HttpClient(httpx.MockTransport(answer))) as channel:
        assert [page async for page in channel.observe([ListingId("1:")])] == [[]]
    assert abs((datetime.now(UTC) - dates[0]).total_seconds()) < 60
