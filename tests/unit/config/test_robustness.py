"""Whatever is written, it loads or is refused with places; it never crashes, and never repeats a secret."""

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.config.schema import describe
from syncd.errors import Problem
from tests.unit.config.stand import VALID, problems_of
from tests.unit.config.writing import quoted, written

PLANTED = "pl@nted value"
KEYS = sorted(
    {part.rstrip("[]") for row in describe() for part in row.key.split(".")} | {"url", "token", "A"}
)
TEXTS = st.sampled_from(["", "main", "tmall", "east", "15m", "split", "stall", "file", "env:T", "A*"])
SCALARS = st.one_of(
    TEXTS,
    st.just(PLANTED),
    st.integers(-2, 2),
    st.booleans(),
    st.sampled_from([10**9, 10**30]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner.filter(lambda item: item != PLANTED), max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)


def problems(text: str, environ: dict[str, str] | None = None) -> list[Problem]:
    with TemporaryDirectory() as folder:
        return problems_of(Path(folder), text, environ)


def text_of(document: dict[str, Any]) -> str:
    return "".join(f"{quoted(key)} = {written(value)}\n" for key, value in document.items())


@given(DOCUMENTS)
def test_any_document_is_refused_with_places_and_without_its_secrets(document: dict[str, Any]) -> None:
    text = text_of(document)
    tomllib.loads(text)
    found = problems(text)
    assert found
    assert all(row.key and row.message for row in found)
    assert PLANTED not in "\n".join(map(str, found))


@given(st.sampled_from([key for key in KEYS if key not in {"type", "url"}]), VALUES)
def test_any_value_for_a_shops_key_is_accepted_or_told_at_that_key(key: str, value: object) -> None:
    found = problems(VALID + f"{quoted(key)} = {written(value)}\n", {"T": "x"})
    assert all(row.key.startswith(f"shops.tmall.{key}") and row.line >= 15 for row in found)


@pytest.mark.parametrize("cut", range(0, len(VALID.rstrip()), 7))
def test_a_file_cut_anywhere_never_loads_as_if_it_were_whole(cut: int) -> None:
    assert problems(VALID[:cut])
