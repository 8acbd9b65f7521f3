"""Durations, names and dates."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from syncd.config.scalars import OneOrMore, SomeSeconds, Text, Until, duration_text, seconds


def refused(kind: Any, value: object) -> str:  # noqa: ANN401 - any annotation
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500ms", 0.5), ("10s", 10), ("15m", 900), ("2h", 7200), ("1d", 86400), ("0s", 0), ("3650d", 315360000)],
)
def test_a_duration_is_read_as_seconds(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "value", ["", "s", "1.5h", "-1s", "1 h", "1H", "1h30m", "١s", None, [], "1w", "1s\n"]
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    assert refused(SomeSeconds, value) == "is not a duration"


@pytest.mark.parametrize("value", [15, 1.5, "15", True])
def test_a_bare_number_is_refused_as_lacking_a_unit(value: object) -> None:
    assert refused(SomeSeconds, value) == "is a duration without a unit"


def test_a_duration_has_an_end() -> None:
    assert refused(SomeSeconds, "3651d") == "is longer than ten years"


def test_some_time_is_more_than_none() -> None:
    assert refused(SomeSeconds, "0s") == "must be more than no time at all"


@pytest.mark.parametrize("text", ["500ms", "0s", "10s", "90m", "2h", "1d", "1500ms"])
def test_a_duration_is_written_as_it_was_read(text: str) -> None:
    assert duration_text(seconds(text)) == text


@pytest.mark.parametrize("value", [" a", "a ", "a\x00", "a\n", "a\u200b"])
def test_text_with_invisible_characters_is_refused(value: str) -> None:
    assert "cannot be seen" in refused(Text, value)


def test_one_text_counts_as_a_list_of_it() -> None:
    assert TypeAdapter(OneOrMore).validate_python("ABC") == ("ABC",)


def test_a_list_may_not_name_a_thing_twice() -> None:
    assert refused(OneOrMore, ["a", "b", "a"]) == "names the same thing twice"


def test_a_date_holds_to_its_end_in_utc() -> None:
    assert TypeAdapter(Until).validate_python(date(2026, 12, 31)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_moment_is_kept_as_utc() -> None:
    moment = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert TypeAdapter(Until).validate_python(moment) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_moment_without_time_zone_is_refused() -> None:
    assert refused(Until, datetime(2026, 1, 1)) == "has no time zone"  # noqa: DTZ001 - the point


@pytest.mark.parametrize("value", [time(7), "2026-01-01", 5, date.max])
def test_what_is_no_date_is_refused(value: object) -> None:
    assert refused(Until, value) == "is not a date"
