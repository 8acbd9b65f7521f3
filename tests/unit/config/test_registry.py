"""Adapters by short words."""

from importlib.metadata import EntryPoint

import pytest

from syncd.config.registry import CHANNELS_GROUP, SOURCES_GROUP, Refusal, Registry
from syncd.ports.plugin import Adapter
from tests.unit.config import stand
from tests.unit.config.stand import FILE, REGISTRY, SHOP


def point(value: str) -> EntryPoint:
    return EntryPoint(name="x", value=value, group=CHANNELS_GROUP)


def refusal_of(*values: str) -> Refusal:
    points = tuple(map(point, values))
    found = Registry(channels={"x": points}, sources={}).channel("x")
    assert isinstance(found, Refusal)
    return found


def test_a_known_word_is_its_adapter() -> None:
    assert (REGISTRY.channel("stall"), REGISTRY.source("file")) == (SHOP, FILE)


def test_an_unknown_word_is_refused_with_the_likeliest() -> None:
    assert REGISTRY.channel("stal") == Refusal("is no type that is installed", "did you mean `stall`?")


def test_a_word_far_from_all_is_refused_with_the_list() -> None:
    assert REGISTRY.source("erp") == Refusal("is no type that is installed", "known source types: file")


def test_a_source_is_no_channel() -> None:
    assert isinstance(REGISTRY.channel("file"), Refusal)


def test_an_entry_point_is_loaded_when_it_is_asked_for() -> None:
    registry = Registry(channels={"x": point(f"{stand.__name__}:SHOP")}, sources={})
    assert registry.channel("x") is SHOP


def test_a_plug_in_that_cannot_be_imported_names_its_package() -> None:
    refused = refusal_of("syncd_no_such_package:ADAPTER")
    assert refused == Refusal(
        "names a plug-in that cannot be loaded: ModuleNotFoundError: No module named 'syncd_no_such_package'",
        "install or repair the package syncd_no_such_package",
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("os:sep", "names a plug-in that is no adapter: os:sep"),
        ("os:no_such", "names a plug-in that cannot be loaded: AttributeError"),
        (f"{__name__}:PLAIN", f"names a plug-in whose settings are no pydantic model: {__name__}:PLAIN"),
    ],
)
def test_a_plug_in_that_is_no_adapter_is_refused(value: str, message: str) -> None:
    assert refusal_of(value).message.startswith(message)


def test_a_word_of_two_packages_is_refused_and_both_are_named() -> None:
    assert refusal_of("b:X", "a:X").message == "is offered by several packages: a, b"


def test_the_installed_words_are_those_of_the_entry_points() -> None:
    registry = Registry.installed()
    assert {"http"} <= set(registry.channel_types)
    assert {"csv", "http_json"} <= set(registry.source_types)


def test_the_groups_carry_the_revision_of_the_interface() -> None:
    assert (CHANNELS_GROUP, SOURCES_GROUP) == ("syncd.channels.v1", "syncd.sources.v1")


PLAIN: Adapter[object] = Adapter(settings=dict, open=SHOP.open, summary="no settings")
