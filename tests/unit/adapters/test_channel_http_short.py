"""The short ways of the channel `http` find and fill exactly what the long ones do."""

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.channels.http.expressions import finder
from syncd.adapters.channels.http.templates import Unfillable, filled, filler
from syncd.domain.model import Action, ItemId, ListingId, Write

_KEYS = st.sampled_from(["a", "b", "_c1", "results"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)
_WORDS = st.sampled_from(["{id}", "{item}", "{code}", "{location}", "{value}", "{base}", "{key}"])


@given(_JSON, st.lists(_KEYS, min_size=1, max_size=3))
def test_a_path_of_keys_finds_what_the_interpreter_finds(body: Any, keys: list[str]) -> None:  # noqa: ANN401
    path = ".".join(keys)
    assert finder(path)(body) == jmespath.search(path, body)


@given(
    st.dictionaries(_KEYS, _WORDS, max_size=4) | st.dictionaries(_KEYS, _WORDS | st.integers(), max_size=4)
)
def test_a_template_taken_apart_is_filled_alike(template: dict[str, object]) -> None:
    assert filler(template)(_write(5)) == filled(template, _write(5))


@given(st.dictionaries(_KEYS, st.sampled_from(["{id}", "x {id}", "fixed"]) | st.lists(_WORDS), max_size=3))
def test_a_template_with_more_in_it_is_filled_alike(template: dict[str, object]) -> None:
    assert filler(template)(_write(5)) == filled(template, _write(5))


def test_a_template_taken_apart_refuses_what_is_not_known() -> None:
    with pytest.raises(Unfillable):
        filler({"id": "{id}", "if_quantity": "{base}"})(_write(None))


def _write(base: int | None) -> Write:
    return Write(
        listing=ListingId("7"),
        item=ItemId("70"),
        action=Action.SET,
        value=9,
        base=base,
        key="k",
        code="c-7",
        location="L",
    )
