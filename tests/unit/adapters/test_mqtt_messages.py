"""What a *look now* may say, and what an event looks like."""

import json
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.events.mqtt.messages import LARGEST, event_text, read_look


@pytest.mark.parametrize("payload", [b"", b"  \n", b"{}", b" { } "])
def test_nothing_named_means_all(payload: bytes) -> None:
    assert read_look(payload) == frozenset()


def test_named_skus_are_taken_as_they_are() -> None:
    assert read_look('{"skus": ["A", "茶杯", " x", "A"]}'.encode()) == {"A", "茶杯", " x"}


@pytest.mark.parametrize(
    ("payload", "because"),
    [
        (b"look", "it is not JSON"),
        (b'{"skus": ["A"', "it is not JSON"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        (b"[" * 30_000, "it is not JSON"),
        (b"1" * 5000, "it is not JSON"),
        (b"null", 'it is not a JSON object such as {"skus": ["A", "B"]}'),
        (b'["A"]', 'it is not a JSON object such as {"skus": ["A", "B"]}'),
        (b'{"sku": "A"}', "it has other keys than skus"),
        (b'{"skus": ["A"], "quantity": 3}', "it has other keys than skus"),
        (b'{"skus": "A"}', "skus is not a list"),
        (b'{"skus": null}', "skus is not a list"),
        (b'{"skus": []}', "skus is empty; send {} for all"),
        (b'{"skus": ["A", 7]}', "number 2 of skus is not a text of 1 to 200 characters"),
        (b'{"skus": [" "]}', "number 1 of skus is not a text of 1 to 200 characters"),
        (
            b'{"skus": ["' + b"x" * 201 + b'"]}',
            "number 1 of skus is not a text of 1 to 200 characters",
        ),
        (b" " * (LARGEST + 1), f"it has {LARGEST + 1} bytes, more than {LARGEST}"),
    ],
    ids=range(16),
)
def test_anything_else_is_refused_in_words(payload: bytes, because: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(because)}$"):
        read_look(payload)


@given(
    st.one_of(st.binary(max_size=300), st.recursive(st.none() | st.text(), st.lists).map(str).map(str.encode))
)
def test_no_message_raises_anything_but_a_short_refusal(payload: bytes) -> None:
    try:
        read_look(payload)
    except ValueError as refusal:
        assert len(str(refusal)) < 100  # noqa: PT017 - not every message is refused


def test_an_event_is_json_with_its_time(now: datetime) -> None:
    assert json.loads(event_text({"shop": "tmall", "held": 0}, at=now)) == {
        "at": "2026-03-02T10:00:00+00:00",
        "shop": "tmall",
        "held": 0,
    }


def test_a_long_text_is_cut(now: datetime) -> None:
    assert json.loads(event_text({"error": "茶" * 1000}, at=now))["error"] == "茶" * 499 + "…"


def test_a_fact_that_json_does_not_know_is_written_as_text(now: datetime) -> None:
    assert json.loads(event_text({"when": now}, at=now))["when"] == str(now)


def test_empty_facts_are_left_out(now: datetime) -> None:
    assert list(json.loads(event_text({"hint": "", "lost": None}, at=now))) == ["at"]
