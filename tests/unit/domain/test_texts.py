"""Texts at many places are the texts at each of them, whatever stands behind."""

from collections.abc import Sequence

import pytest

from syncd.domain.texts import Patched, Picked, TextOf, texts_at
from tests.unit.domain.desk import entry

_ROWS = [entry(sku) for sku in ("X", "Y", "Z")]


@pytest.mark.parametrize(
    "texts",
    [
        TextOf(_ROWS, "id"),
        ["X", "Y", "Z"],
        Picked(["Z", "X", "?", "Y"], [1, 3, 0]),
        Patched(["X", "?", "Z"], {1: "Y"}),
        Picked(Patched(TextOf(_ROWS, "id"), {}), [0, 1, 2]),
    ],
)
def test_texts_at_places_are_those_of_each_place(texts: Sequence[str]) -> None:
    assert texts_at(texts, [2, 0, 1, 2]) == ["Z", "X", "Y", "Z"]
