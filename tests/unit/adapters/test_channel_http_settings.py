"""The settings of the channel `http`: what they refuse, and what they promise."""

from typing import Any

import pytest
from pydantic import ValidationError

from syncd.adapters.channels.http import ADAPTER, HttpSettings
from syncd.domain.model import Action
from syncd.ports.channel import ChannelTraits, Counter

_BARE = {"url": "https://shop.test/api"}
_PUT = {
    "method": "PUT",
    "path": "/variants/{id}",
    "line": {"stock": "{value}"},
    "lines_at": "",
    "results": "",
}


async def _traits(**settings: Any) -> ChannelTraits:  # noqa: ANN401
    async with ADAPTER.open(HttpSettings.model_validate(_BARE | settings), "small", None) as channel:
        return channel.traits


_WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no url": ({"url": ""}, "is not a URL"),
    "another scheme": ({"url": "ftp://shop.test"}, "is not a URL"),
    "no host": ({"url": "https:///api"}, "is not a URL"),
    "a bad port": ({"url": "https://shop.test:s3cret/"}, "is not a URL"),
    "a bracket": ({"url": "https://[s3cret/"}, "is not a URL"),
    "credentials in the url": ({"url": "https://me:s3cret@shop.test"}, "has credentials"),
    "a query in the url": ({"url": "https://shop.test?key=s3cret"}, "has credentials"),
    "a line break in a header": ({"headers": {"A": "s3cret\n"}}, "no header can carry"),
    "Chinese in a header": ({"headers": {"A": "s3cret中"}}, "no header can carry"),
    "a blank in a header's name": ({"headers": {"a b": "s3cret"}}, "pattern"),
    "an unknown key": ({"lst": {}}, "not permitted"),
    "an expression that is none": ({"list": {"items": "s3cret[["}}, "not a JMESPath expression (column"),
    "an expression with a bad token": ({"list": {"items": "s3cret ~"}}, "not a JMESPath expression"),
    "an unknown function": ({"list": {"total": "s3cret(@)"}}, "unknown function"),
    "a needed expression left empty": ({"list": {"items": ""}}, "must not be empty"),
    "a needed field left empty": ({"list": {"fields": {"quantity": ""}}}, "must not be empty"),
    "a path without slash": ({"list": {"path": "s3cret"}}, "must begin with /"),
    "a list of one": ({"list": {"path": "/s3cret/{id}"}}, "no placeholder"),
    "an unknown placeholder": ({"set": {"line": {"s3cret": "{amount}"}}}, "placeholder that is not known"),
    "a line without value": ({"set": {"line": {"id": "{id}"}}}, "has no {value}"),
    "a line without id": ({"set": {"line": {"q": "{value}"}}}, "set names no listing"),
    "no base to compare": ({"compare_and_set": {"line": {"id": "{id}", "q": "{value}"}}}, "no {base}"),
    "no key to repeat": (
        {"idempotent": True, "set": {"line": {"id": "{id}", "q": "{value}"}}},
        "set.line has no placeholder for the key",
    ),
    "an id in the path of a batch": ({"set": _PUT | {"lines_at": "rows", "results": "x"}}, "one line"),
    "a status for a batch": ({"set": _PUT | {"lines_at": "rows"}}, "status cannot speak"),
    "one line but a batch": ({"set": _PUT, "write_modes": ["set"]}, "must be 1"),
    "a body around one line": ({"set": _PUT | {"body": {"a": 1}}}, "body needs a key"),
    "one way only": ({"delist": {"path": ""}}, "need each other"),
    "a delisting of nothing": ({"delist": {"path": "/delist"}}, "names the listing"),
    "an unknown kind": ({"call": {"errors": {"s3cret": "gone"}}}, "Input should be"),
    "no write mode": ({"write_modes": []}, "at least 1 item"),
    "a bare duration": ({"max_apply_delay": 5}, "duration without a unit"),
}


@pytest.mark.parametrize(("settings", "message"), _WRONG.values(), ids=_WRONG.keys())
def test_what_is_wrong_is_refused_without_quoting_it(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HttpSettings.model_validate(_BARE | settings)
    told = str(caught.value)
    assert message in told
    assert "s3cret" not in told.replace("errors.s3cret", "")


def test_a_url_is_enough() -> None:
    assert HttpSettings.model_validate(_BARE).write_modes == ("compare_and_set", "delta", "set")


def test_no_secret_is_shown() -> None:
    settings = HttpSettings.model_validate(_BARE | {"headers": {"Authorization": "Bearer hush"}})
    assert "hush" not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize("timeout", ["30s", 30.0, 30])
def test_a_timeout_may_have_been_read_by_the_core(timeout: object) -> None:
    assert HttpSettings.model_validate(_BARE | {"timeout": timeout}).timeout == 30


async def test_a_shop_as_the_defaults_describe_it_is_idempotent() -> None:
    assert (await _traits()).idempotent


async def test_a_shop_described_anew_is_not_taken_for_idempotent() -> None:
    line = {"id": "{id}", "key": "{key}", "stock": "{value}"}
    assert not (await _traits(set={"line": line})).idempotent


async def test_idempotence_may_be_claimed_and_denied() -> None:
    line = {"id": "{id}", "key": "{key}", "stock": "{value}"}
    claimed, denied = await _traits(idempotent=True, set={"line": line}), await _traits(idempotent=False)
    assert (claimed.idempotent, denied.idempotent) == (True, False)


async def test_the_traits_are_as_the_settings_say() -> None:
    found = await _traits(
        write_modes=["set"],
        set=_PUT,
        max_batch=1,
        counter="gross",
        delta_clips=True,
        zero_allowed=False,
        max_quantity=999,
        max_apply_delay="2m",
        auto_delists_at_zero=True,
        unlists="item",
        delist={"path": ""},
        relist={"path": ""},
        list={"ids_param": "", "fields": {"withheld": "", "location": "loc"}},
    )
    assert found == ChannelTraits(
        write_modes=(Action.SET,),
        counter=Counter.GROSS,
        delta_clips=True,
        zero_allowed=False,
        max_quantity=999,
        max_apply_delay=120.0,
        auto_delists_at_zero=True,
        unlists="item",  # type: ignore[arg-type]
        has_locations=True,
    )


def test_every_setting_is_described() -> None:
    schema = HttpSettings.model_json_schema()
    tables = [schema, *schema["$defs"].values()]
    found = [
        (table["title"], name)
        for table in tables
        for name, value in table.get("properties", {}).items()
        if "description" not in value
    ]
    assert found == []
