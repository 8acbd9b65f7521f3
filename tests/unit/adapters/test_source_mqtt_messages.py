"""What is a stock message: the code and the JSON schema that is shipped say the same."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.adapters.events.mqtt.messages import read_look
from syncd.adapters.sources.mqtt.messages import ask_text, read_stock
from tests.unit.adapters.mqtt_schemas import FOLDER, NAMES, check, fits

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "id": "m-1",
    "publisher": "erp@2026-03-02",
    "seq": 1,
    "as_of": "2026-03-02T18:00:00+08:00",
    "kind": "delta",
    "lines": [{"sku": "A", "warehouse": "main", "on_hand": 5, "allocated": None}],
}


def is_read(document: object) -> bool:
    try:
        read_stock(json.dumps(document).encode(), now=NOW)
    except ValueError:
        return False
    return True


GOOD: list[dict[str, Any]] = [
    {},
    {"lines": []},
    {"kind": "full"},
    {"kind": "full", "part": 2, "parts": 3},
    {"as_of": "2026-03-02T10:00:00Z"},
    {"as_of": "2026-03-02T10:00:00.123456+00:00"},
    {"seq": 2**53 - 1},
    {"lines": [{"sku": "茶杯", "on_hand": 0}]},
]
BAD: list[dict[str, Any]] = [
    {"id": ""},
    {"id": "a b"},
    {"id": 7},
    {"publisher": "x" * 101},
    {"seq": 0},
    {"seq": "1"},
    {"seq": True},
    {"seq": 2**53},
    {"as_of": "2026-03-02T10:00:00"},
    {"as_of": 1772445600},
    {"kind": "part"},
    {"kind": ["delta"]},
    {"part": 0},
    {"parts": 2},
    {"kind": "full", "part": 1, "parts": 10_001},
    {"lines": {}},
    {"lines": ["A"]},
    {"lines": [{"sku": "A", "on_hand": 5, "reserved": 1}]},
    {"more": 1},
]


@pytest.mark.parametrize("other", GOOD)
def test_what_fits_the_schema_is_read(other: dict[str, Any]) -> None:
    assert (fits("stock", PLAIN | other), is_read(PLAIN | other)) == (True, True)


@pytest.mark.parametrize("other", BAD)
def test_what_does_not_fit_the_schema_is_refused(other: dict[str, Any]) -> None:
    assert (fits("stock", PLAIN | other), is_read(PLAIN | other)) == (False, False)


@pytest.mark.parametrize("key", PLAIN)
def test_no_key_may_be_missing(key: str) -> None:
    document = {name: value for name, value in PLAIN.items() if name != key}

    assert (fits("stock", document), is_read(document)) == (False, False)


@pytest.mark.parametrize(
    "line", [{"sku": "A"}, {"sku": "A", "on_hand": -1}, {"on_hand": 1}, {"sku": "", "on_hand": 1}]
)
def test_a_figure_that_cannot_be_believed_spoils_its_line_only(line: dict[str, Any]) -> None:
    """The schema is for those who write; of those who wrote wrongly the other lines still count."""
    document = PLAIN | {"lines": [line]}

    assert (fits("stock", document), is_read(document)) == (False, True)


def test_a_part_beyond_the_parts_is_refused() -> None:
    assert not is_read(PLAIN | {"kind": "full", "part": 3, "parts": 2})


@pytest.mark.parametrize("payload", [b"", b"{", b"[1]", b"\xff", b"NaN", b"[" * 100_000])
def test_what_is_no_json_object_is_refused_and_not_quoted(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it is not"):
        read_stock(payload, now=NOW)


def test_times_are_read_in_utc() -> None:
    assert read_stock(json.dumps(PLAIN).encode(), now=NOW).as_of == NOW


def test_a_clock_that_is_a_little_ahead_makes_nothing_younger_than_now() -> None:
    message = read_stock(json.dumps(PLAIN | {"as_of": "2026-03-02T10:04:00Z"}).encode(), now=NOW)

    assert message.as_of == NOW


def test_a_clock_that_is_far_ahead_is_refused() -> None:
    ahead = (NOW + timedelta(minutes=6)).isoformat()
    with pytest.raises(ValueError, match="set the clocks right"):
        read_stock(json.dumps(PLAIN | {"as_of": ahead}).encode(), now=NOW)


def test_a_refusal_quotes_no_value() -> None:
    with pytest.raises(ValueError, match="id is not") as caught:
        read_stock(json.dumps(PLAIN | {"id": "planted secret"}).encode(), now=NOW)

    assert "planted" not in str(caught.value)


def test_what_is_asked_fits_its_schema() -> None:
    asked = json.loads(ask_text("number 3 is missing", publisher="erp", since=2))

    assert (fits("ask", asked), fits("ask", json.loads(ask_text("x", publisher="", since=None)))) == (
        True,
        True,
    )
    assert asked["since"] == 2


@pytest.mark.parametrize(
    ("look", "good"),
    [
        ({}, True),
        ({"skus": ["A"]}, True),
        ({"shop": "tmall", "orders": ["3142"]}, True),
        ({"skus": []}, False),
        ({"skus": "A"}, False),
        ({"shop": "tmall"}, False),
        ({"shop": "T", "orders": ["1"]}, False),
        ({"sku": "A"}, False),
    ],
)
def test_the_schema_of_a_look_says_what_is_read(look: dict[str, Any], *, good: bool) -> None:
    try:
        read_look(json.dumps(look).encode())
        was_read = True
    except ValueError:
        was_read = False

    assert (fits("look", look), was_read) == (good, good)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one(name: str) -> None:
    check(name)


def test_no_schema_is_left_out() -> None:
    assert {file.name.removesuffix(".schema.json") for file in FOLDER.iterdir()} == set(NAMES)
