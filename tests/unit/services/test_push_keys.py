"""Keys of intents never repeat, whatever the clock does, and grow with it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from syncd.services.push.keys import Keys

times = st.lists(st.datetimes(datetime(1970, 1, 2), timezones=st.just(UTC)), min_size=2)  # noqa: DTZ001


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _keys(moments: Iterable[datetime]) -> list[str]:
    readings = list(moments)
    left = iter(readings)
    keys = Keys(lambda: next(left))
    return [keys() for _ in readings]


@given(times)
def test_no_key_repeats_whatever_the_clock_does(moments: list[datetime]) -> None:
    assert len(set(_keys(moments))) == len(moments)


def test_a_later_key_is_greater() -> None:
    keys = _keys([at(5), at(7), at(300)])
    assert keys == sorted(keys)


def test_two_programs_never_have_one_key_at_one_time() -> None:
    assert _keys([at(7)])[0] != _keys([at(7)])[0]


def test_a_key_has_32_hexadecimal_digits() -> None:
    assert re.fullmatch("[0-9a-f]{32}", _keys([at(7)])[0])
