"""Windows of time, and how their pages are walked while orders move."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.wire.countdown import Countdown, Row, Window, backwards, windows
from syncd.errors import Kind, PortError

BEGIN = datetime(2026, 11, 20, 2, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


@given(begin=st.integers(0, 10**6), length=st.integers(0, 10**6), longest=st.integers(1, 86_400))
def test_windows_leave_no_moment_out(begin: int, length: int, longest: int) -> None:
    since = BEGIN + timedelta(milliseconds=begin)
    until = since + timedelta(seconds=length / 7)
    found = list(windows(since, until, timedelta(seconds=longest)))
    assert found[0].begin <= since
    assert found[-1].end >= until
    assert all(one.end == other.begin for one, other in pairwise(found))
    assert all(one.end - one.begin <= timedelta(seconds=longest) for one in found)


@given(st.integers(0, 100_000))
def test_halves_meet_and_end_in_windows_that_cannot_be_cut(length: int) -> None:
    whole = Window(BEGIN, after(length))
    halves = whole.halves()
    assert (halves is None) == (length <= 1)
    if halves is not None:
        one, other = halves
        assert (one.begin, one.end, other.end) == (whole.begin, other.begin, whole.end)
        assert max(one.end - one.begin, other.end - other.begin) < whole.end - whole.begin


# --- pages -------------------------------------------------------------------------------------------------


class Desk:
    """A list of orders, the newest change first; `moves` change it before the call of that number."""

    def __init__(self, orders: list[Row], *, size: int, moves: dict[int, list[Row]]) -> None:
        self._orders = {row.id: row for row in orders}
        self._size = size
        self._moves = moves
        self.pages: list[int] = []

    async def read(self, window: Window, pages: Countdown) -> list[str]:
        for row in self._moves.get(len(self.pages), []):
            self._orders[row.id] = row
        self.pages.append(pages.page)
        ends = [str(int((end - BEGIN).total_seconds())).zfill(5) for end in window]
        found = [row for row in self._orders.values() if ends[0] <= row.modified <= ends[1]]
        found.sort(key=lambda row: row.modified, reverse=True)
        shown = found[pages.page * self._size :][: self._size]
        pages.take(shown, len(found))
        return [row.id for row in shown]


def _row(number: int, at: int) -> Row:
    return Row(str(number), str(at).zfill(5))


async def _walked(desk: Desk, size: int, end: int = 99) -> set[str]:
    read = backwards(
        [Window(BEGIN, after(end))],
        countdown=lambda _: Countdown("shop", page_size=size, first_page=0),
        read=desk.read,
    )
    return {key async for page in read for key in page}


@given(
    st.integers(0, 12),
    st.integers(1, 4),
    st.dictionaries(
        st.integers(1, 5), st.lists(st.tuples(st.integers(0, 11), st.integers(50, 200)), max_size=3)
    ),
)
async def test_an_order_that_stays_in_the_window_is_never_missed(
    count: int, size: int, moved: dict[int, list[tuple[int, int]]]
) -> None:
    moves = {
        call: [_row(number, at) for number, at in each if number < count] for call, each in moved.items()
    }
    desk = Desk([_row(number, number) for number in range(count)], size=size, moves=moves)
    touched = {row.id for each in moves.values() for row in each}
    with suppress(PortError):
        found = await _walked(desk, size)
        assert {str(number) for number in range(count)} - touched <= found


async def test_the_first_page_is_read_for_the_count_and_again_at_the_end() -> None:
    desk = Desk([_row(number, number) for number in range(7)], size=3, moves={})
    await _walked(desk, 3)
    assert desk.pages == [0, 2, 1, 0]


async def test_a_single_page_is_read_once() -> None:
    desk = Desk([_row(1, 1)], size=3, moves={})
    assert (await _walked(desk, 3), desk.pages) == ({"1"}, [0])


async def test_a_window_that_took_an_order_in_is_read_again_by_halves() -> None:
    desk = Desk([_row(number, number) for number in range(4)], size=2, moves={2: [_row(9, 90)]})
    assert await _walked(desk, 2) == {"0", "1", "2", "3", "9"}
    assert len(desk.pages) > 3


async def test_one_second_that_never_rests_is_an_error_that_passes() -> None:
    moves = {call: [_row(100 + call, 0)] for call in range(1, 20)}
    desk = Desk([_row(number, 0) for number in range(4)], size=2, moves=moves)
    with pytest.raises(PortError, match="change faster") as caught:
        await _walked(desk, 2, end=0)
    assert caught.value.kind is Kind.TRANSIENT


def test_a_page_that_shows_fewer_orders_than_it_should_is_an_error_that_passes() -> None:
    pages = Countdown("shop", page_size=5)
    with pytest.raises(PortError, match="shop: the list tells of 2 orders but its page 1 shows 1") as caught:
        pages.take([_row(1, 1)], 2)
    assert caught.value.kind is Kind.TRANSIENT
