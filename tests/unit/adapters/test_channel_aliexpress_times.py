"""Local times of the platform, an hour of which comes twice in autumn and one never in spring."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.channels.aliexpress.times import first_text, last_text, read_optional_time, read_time

PACIFIC = ZoneInfo("America/Los_Angeles")
FIRST = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
"""Half past one by the clock of Los Angeles, with summer time; an hour later it is half past one again."""

SECOND = FIRST + timedelta(hours=1)
LATER = FIRST + timedelta(days=30)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 7, 1, 19, 0, tzinfo=UTC), "2026-07-01 12:00:00"),
        (datetime(2026, 12, 1, 20, 0, tzinfo=UTC), "2026-12-01 12:00:00"),
        (datetime(2026, 11, 1, 7, 59, 59, tzinfo=UTC), "2026-11-01 00:59:59"),
        (datetime(2026, 11, 1, 10, 0, tzinfo=UTC), "2026-11-01 02:00:00"),
        (datetime(2026, 3, 8, 9, 59, 59, tzinfo=UTC), "2026-03-08 01:59:59"),
        (datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "2026-03-08 03:00:00"),
    ],
)
def test_a_time_that_comes_once_is_written_as_it_is(moment: datetime, text: str) -> None:
    assert (first_text(moment, PACIFIC), last_text(moment, PACIFIC)) == (text, text)


@pytest.mark.parametrize("moment", [FIRST, SECOND, FIRST - timedelta(minutes=30)])
def test_a_time_that_comes_twice_is_written_as_what_surely_lies_around_it(moment: datetime) -> None:
    shown = (first_text(moment, PACIFIC), last_text(moment, PACIFIC))
    assert shown == ("2026-11-01 00:59:59", "2026-11-01 02:00:00")


def test_parts_of_a_second_are_rounded_outwards() -> None:
    moment = datetime(2026, 12, 1, 20, 0, 0, 1, tzinfo=UTC)
    assert first_text(moment, PACIFIC) == "2026-12-01 12:00:00"
    assert last_text(moment, PACIFIC) == "2026-12-01 12:00:01"


def test_an_end_within_a_second_of_the_hour_that_never_comes_is_written_after_it() -> None:
    moment = datetime(2026, 3, 8, 9, 59, 59, 1, tzinfo=UTC)
    assert last_text(moment, PACIFIC) == "2026-03-08 03:00:00"


_moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    _moments,
    st.sampled_from(["America/Los_Angeles", "Asia/Shanghai", "Australia/Lord_Howe", "Antarctica/Troll"]),
)
def test_both_readings_of_a_text_lie_around_the_moment(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    begin = datetime.fromisoformat(first_text(moment, zone)).replace(tzinfo=zone)
    end = datetime.fromisoformat(last_text(moment, zone)).replace(tzinfo=zone)
    for fold in (0, 1):
        assert begin.replace(fold=fold).astimezone(UTC) <= moment <= end.replace(fold=fold).astimezone(UTC)
    assert moment - begin.astimezone(UTC) <= timedelta(hours=4, seconds=1)
    assert end.astimezone(UTC) - moment <= timedelta(hours=4, seconds=1)


def test_two_hours_may_come_twice() -> None:
    troll = ZoneInfo("Antarctica/Troll")
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    shown = (first_text(moment, troll), last_text(moment, troll))
    assert shown == ("2026-10-25 00:59:59", "2026-10-25 03:00:00")


# --- reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01 12:00:00", datetime(2026, 7, 1, 19, 0, tzinfo=UTC)),
        ("2026-12-01 12:00:00", datetime(2026, 12, 1, 20, 0, tzinfo=UTC)),
        ("1763604000000", datetime(2025, 11, 20, 2, 0, tzinfo=UTC)),
        (1763604000500, datetime(2025, 11, 20, 2, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_a_time_is_local_or_in_milliseconds(text: object, moment: datetime) -> None:
    assert read_time(text, PACIFIC, now=LATER) == moment


@pytest.mark.parametrize(("now", "moment"), [(FIRST, FIRST), (SECOND, SECOND), (LATER, SECOND)])
def test_of_a_time_that_comes_twice_it_is_the_later_one_that_has_come(
    now: datetime, moment: datetime
) -> None:
    assert read_time("2026-11-01 01:30:00", PACIFIC, now=now) == moment


def test_what_is_newer_is_never_taken_for_older() -> None:
    before = read_time("2026-11-01 01:50:00", PACIFIC, now=FIRST + timedelta(minutes=25))
    after = read_time("2026-11-01 01:10:00", PACIFIC, now=FIRST + timedelta(minutes=45))
    assert before < after


def test_a_time_that_is_still_to_come_is_read_as_it_is() -> None:
    assert read_time("2026-12-01 12:00:00", PACIFIC, now=FIRST) == datetime(2026, 12, 1, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["", "soon", None, True, 5, "2026-13-01 00:00:00", "2026-12-01T12:00:00", "176360400000"]
)
def test_what_is_no_time_is_not_read(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_time(value, PACIFIC, now=LATER)


@pytest.mark.parametrize("value", [None, ""])
def test_a_time_may_be_missing(value: object) -> None:
    assert read_optional_time(value, PACIFIC, now=LATER) is None
