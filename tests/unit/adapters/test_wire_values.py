"""Values in the answers of platforms."""

from typing import Any

import pytest

from syncd.adapters.wire.values import id_text, is_id, object_at, plain, rows, whole


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0, 0),
        ("007", 7),
        (10**9, 10**9),
        (10**9 + 1, None),
        (-1, None),
        (1.0, None),
        (True, None),
        ("", None),
        ("-1", None),
        ("1 ", None),
        ("²", None),
        ("9" * 30, None),
        (None, None),
    ],
)
def test_only_a_plain_quantity_is_one(value: object, read: int | None) -> None:
    assert whole(value) == read


@pytest.mark.parametrize(
    ("value", "text"), [("A 1", "A 1"), (5, "5"), (True, ""), (None, ""), (1.5, ""), ("a\nb", ""), ([], "")]
)
def test_only_a_plain_text_is_one(value: object, text: str) -> None:
    assert plain(value) == text


def test_an_id_keeps_all_its_digits() -> None:
    assert id_text(2**63 + 1) == str(2**63 + 1)
    assert id_text("1005001234567890") == "1005001234567890"


@pytest.mark.parametrize("value", [1.0, True, None, "", "-1", "x", "9" * 21, "①"])
def test_what_may_have_lost_digits_is_no_id(value: object) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        id_text(value)


def test_ids_are_digits() -> None:
    assert (is_id("12"), is_id("1:2")) == (True, False)


@pytest.mark.parametrize(
    "body",
    [{"list": {"row": [{"a": 1}]}}, {"list": [{"a": 1}]}],
)
def test_rows_stand_in_a_wrapping_or_not(body: dict[str, Any]) -> None:
    assert rows(body, "list", "row") == [{"a": 1}]


@pytest.mark.parametrize("body", [{}, {"list": None}, {"list": ""}, {"list": {}}, {"list": {"row": None}}])
def test_a_list_that_is_left_out_is_empty(body: dict[str, Any]) -> None:
    assert rows(body, "list", "row") == []


@pytest.mark.parametrize("body", [{"list": 5}, {"list": {"row": {"a": 1}}}, {"list": [5]}])
def test_what_is_no_list_of_objects_is_not_read(body: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        rows(body, "list", "row")


def test_an_object_must_be_there_and_be_one() -> None:
    assert object_at({"a": {}}, "a") == {}
    with pytest.raises(KeyError):
        object_at({}, "a")
    with pytest.raises(TypeError):
        object_at({"a": []}, "a")
