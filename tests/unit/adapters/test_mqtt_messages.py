"""What a *look now* may say, and what an event looks like."""

import json
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.events.mqtt.messages import LARGEST, event_text, read_look
from syncd.domain.look import Look
from syncd.domain.model import ShopName

_NO_ORDER = "of orders is not a text of 1 to 64 plain characters"


@pytest.mark.parametrize("payload", [b"", b"  \n", b"{}", b" { } "])
def test_nothing_named_means_all(payload: bytes) -> None:
    assert read_look(payload) == Look()


def test_named_skus_are_taken_as_they_are() -> None:
    assert read_look('{"skus": ["A", "茶杯", " x", "A"]}'.encode()).skus == {"A", "茶杯", " x"}


def test_named_orders_are_taken_with_their_shop() -> None:
    look = read_look(b'{"shop": "tmall_1", "orders": ["9007199254740993", "2"]}')

    assert look == Look(shop=ShopName("tmall_1"), orders=frozenset({"9007199254740993", "2"}))


@pytest.mark.parametrize(
    ("payload", "because"),
    [
        (b"look", "it is not JSON"),
        (b'{"skus": ["A"', "it is not JSON"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        (b"[" * 30_000, "it is not JSON"),
        (b"1" * 5000, "it is not JSON"),
        (
            b"null",
            'it is not a JSON object such as {"skus": ["A", "B"]} or {"shop": "NAME", "orders": ["1"]}',
        ),
        (
            b'["A"]',
            'it is not a JSON object such as {"skus": ["A", "B"]} or {"shop": "NAME", "orders": ["1"]}',
        ),
        (b'{"sku": "A"}', "it has other keys than skus, or than shop and orders"),
        (b'{"skus": ["A"], "quantity": 3}', "it has other keys than skus, or than shop and orders"),
        (b'{"skus": "A"}', "skus is not a list"),
        (b'{"skus": null}', "skus is not a list"),
        (b'{"skus": []}', "skus is empty; send {} for all"),
        (b'{"skus": ["A", 7]}', "number 2 of skus is not a text of 1 to 200 characters"),
        (b'{"skus": [" "]}', "number 1 of skus is not a text of 1 to 200 characters"),
        (
            b'{"skus": ["' + b"x" * 201 + b'"]}',
            "number 1 of skus is not a text of 1 to 200 characters",
        ),
        (b'{"shop": "a"}', "it has other keys than skus, or than shop and orders"),
        (b'{"orders": ["1"]}', "it has other keys than skus, or than shop and orders"),
        (
            b'{"shop": "a", "orders": ["1"], "skus": []}',
            "it has other keys than skus, or than shop and orders",
        ),
        (b'{"shop": "A b", "orders": ["1"]}', "shop is not the name of a shop"),
        (b'{"shop": null, "orders": ["1"]}', "shop is not the name of a shop"),
        (b'{"shop": "a", "orders": []}', "orders is not a list of 1 to 100"),
        (b'{"shop": "a", "orders": "1"}', "orders is not a list of 1 to 100"),
        (b'{"shop": "a", "orders": [' + b'"1",' * 100 + b'"1"]}', "orders is not a list of 1 to 100"),
        (b'{"shop": "a", "orders": ["1", 2]}', f"number 2 {_NO_ORDER}"),
        (b'{"shop": "a", "orders": [""]}', f"number 1 {_NO_ORDER}"),
        (b'{"shop": "a", "orders": ["1 2"]}', f"number 1 {_NO_ORDER}"),
        (b'{"shop": "a", "orders": ["' + b"1" * 65 + b'"]}', f"number 1 {_NO_ORDER}"),
        (b" " * (LARGEST + 1), f"it has {LARGEST + 1} bytes, more than {LARGEST}"),
    ],
    ids=range(28),
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
    assert json.loads(event_text("planned", {"shop": "tmall", "held": 0}, at=now)) == {
        "at": "2026-03-02T10:00:00+00:00",
        "event": "planned",
        "shop": "tmall",
        "held": 0,
    }


def test_a_long_text_is_cut(now: datetime) -> None:
    assert json.loads(event_text("planned", {"error": "茶" * 1000}, at=now))["error"] == "茶" * 499 + "…"


def test_a_fact_that_json_does_not_know_is_written_as_text(now: datetime) -> None:
    assert json.loads(event_text("planned", {"when": now}, at=now))["when"] == str(now)


def test_half_a_character_stops_no_event(now: datetime) -> None:
    text = event_text("planned", {"digest": "茶\ud83d"}, at=now)

    assert json.loads(text.decode("utf-8"))["digest"] == "茶\ud83d"


def test_empty_facts_are_left_out(now: datetime) -> None:
    assert list(json.loads(event_text("planned", {"hint": "", "lost": None}, at=now))) == ["at", "event"]
