"""Times of sources are read without a guess."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from syncd.adapters.sources.times import MOST_AHEAD, moment, not_ahead, zone
from syncd.domain.figures import Unbelievable
from syncd.errors import PortError

_EAST = timezone(timedelta(hours=8))
_TIME = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2026-03-02T10:00:00Z", ""),
        ("2026-03-02T10:00:00+00:00", ""),
        (" 2026-03-02 18:00 ", ""),
        ("20260302T180000", ""),
        ("20260302180000", ""),
        ("02/03/2026 18:00", "%d/%m/%Y %H:%M"),
        ("02/03/2026 10:00+0000", "%d/%m/%Y %H:%M%z"),
        (1772445600, ""),
        (1772445600000, ""),
        (1772445600.0, ""),
        ("1772445600", ""),
        ("1772445600000", ""),
    ],
)
def test_one_moment_is_read_in_every_spelling(value: object, form: str) -> None:
    assert moment(value, local=_EAST, form=form) == _TIME


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "is empty"),
        (" ", "is empty"),
        ("yesterday", "is 'yesterday', not a time"),
        ("2026-13-01", "is '2026-13-01', not a time"),
        ("99999999999999", "is '99999999999999', not a time"),
        (True, "is true, not a time"),
        ([2026], "is a list, not a time"),
        (float("nan"), "is nan, not a time"),
        (1e300, "is 1e+300, not a time"),
        ("0001-01-01T00:00:00+14:00", "is '0001-01-01T00:00:00+14:00', not a time"),
    ],
)
def test_what_is_no_time_says_why(value: object, message: str) -> None:
    with pytest.raises(Unbelievable) as caught:
        moment(value, local=_EAST)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "hours"), [("UTC", 0), ("+08:00", 8), ("-03:30", -3.5), ("Asia/Shanghai", 8)]
)
def test_a_zone_is_an_offset_or_a_name(name: str, hours: float) -> None:
    assert zone(name).utcoffset(_TIME.replace(tzinfo=None)) == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["", "+8", "Mars/Base", "../UTC", "+99:00"])
def test_another_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"zone|strictly between"):
        zone(name)


def test_a_time_before_now_stays() -> None:
    earlier = _TIME - timedelta(days=9)
    assert not_ahead(earlier, now=_TIME, place="erp") == earlier


def test_a_clock_that_is_a_little_ahead_says_now() -> None:
    assert not_ahead(_TIME + MOST_AHEAD, now=_TIME, place="erp") == _TIME


def test_a_time_further_ahead_is_an_error() -> None:
    with pytest.raises(PortError) as caught:
        not_ahead(_TIME + timedelta(hours=8), now=_TIME, place="erp: stock.csv")
    assert str(caught.value) == (
        "erp: stock.csv: as_of is 480 minutes ahead of this machine's clock; check `timezone`"
    )
