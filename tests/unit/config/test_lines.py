"""The lines of keys: right, or not told."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.config.lines import KeyPath, key_lines
from tests.unit.config.writing import quoted, written


def lines_of(text: str) -> dict[KeyPath, int]:
    return key_lines(text, tomllib.loads(text))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1", ("a",), 1),
        ("\n# note [x]\n\na = 1", ("a",), 4),
        ("[t]\na = 1\n[u]\na = 2", ("u", "a"), 4),
        ("[t.u]\na = 1\n[t]\nb = 2", ("t",), 3),
        ("[t.u]\na = 1", ("t",), 1),
        ("[[t]]\na = 1\n[[t]]\na = 2", ("t", 1, "a"), 4),
        ("[[t]]\n[t.u]\na = 1\n[[t]]\n[t.u]\na = 2", ("t", 1, "u", "a"), 6),
        ("[[t]]\n[[t.u]]\n[[t.u]]\na = 1", ("t", 0, "u", 1, "a"), 4),
        ("a.b.c = 1\na.b.d = 2", ("a", "b", "d"), 2),
        ('"x.y" . z = 1', ("x.y", "z"), 1),
        ('"\\u00e9" = 1', ("é",), 1),
        ("'q' = 1\nb = 2", ("b",), 2),
        ('a = """\n[b]\nb = 1\n"""\nb = 2', ("b",), 5),
        ('a = """x \\""" y\n"""""\nb = 2', ("b",), 3),
        ("a = '''\nb = 1\\'''\nb = 2", ("b",), 3),
        ('a = "# no [x] \\" b = 1"\nb = 2', ("b",), 2),
        ("a = [\n 1, # one, ]\n 2,\n]\nb = 3", ("a", 1), 3),
        ("a = [\n 1, # one, ]\n 2,\n]\nb = 3", ("b",), 5),
        ("a = [[1],\n[2, 3]]", ("a", 1, 1), 2),
        ("a = [{b = 1},\n {b = 2, c.d = 3}]", ("a", 1, "c", "d"), 2),
        ("a = {}\nb = []\nc = 1979-05-27 07:32:00 # x\nd = 1", ("d",), 4),
        ("a = 1\r\n\r\nb = 2\r\n", ("b",), 3),
    ],
)
def test_the_line_of_a_key_is_where_it_begins(text: str, path: KeyPath, line: int) -> None:
    assert lines_of(text)[path] == line


def test_a_text_that_does_not_fit_its_document_has_no_lines() -> None:
    assert key_lines("a = 1\nb = 2", {"a": 1, "c": 2}) == {}


def test_a_text_that_cannot_be_followed_has_no_lines() -> None:
    assert key_lines("a ? 1", {"a": 1}) == {}


SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), st.text(st.characters(codec="utf-8"), max_size=8))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
TABLES = st.dictionaries(
    st.text(max_size=5), st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=4
)


@given(TABLES)
def test_every_key_of_any_document_has_the_line_on_which_it_is_written(tables: dict[str, Any]) -> None:
    rows: list[str] = []
    expected: dict[KeyPath, int] = {}
    for name, table in tables.items():
        rows.append(f"[{quoted(name)}]")
        expected[(name,)] = len(rows)
        for key, value in table.items():
            expected[(name, key)] = len(rows) + 1
            rows += f"{quoted(key)} = {written(value)}".split("\n")
    found = lines_of("\n".join(rows))
    assert {path: found.get(path) for path in expected} == expected
