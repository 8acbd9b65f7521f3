"""How the channel `taobao` walks trades that change while it reads them, without losing one."""

from collections.abc import Callable
from typing import Any

import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.taobao_rig import Gateway
from tests.unit.adapters.taobao_trades_rig import (
    BEGIN,
    CHANGED,
    Shelf,
    after,
    shelved,
    tids,
    told,
    top,
    trade,
)

_MINUTE = 60.0


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def _filled(gateway: Gateway, count: int) -> Shelf:
    """Return a shelf on which a trade changed in each of so many minutes, number 1 first."""
    shelf = shelved(gateway)
    for number in range(1, count + 1):
        shelf.put(number, after(number * _MINUTE))
    return shelf


async def _read(gateway: Gateway, minutes: int = 25, **settings: Any) -> set[int]:  # noqa: ANN401
    channel = gateway.channel(order_page_size=3, **settings)
    return tids(await told(channel, BEGIN, after(minutes * _MINUTE)))


def _pages(gateway: Gateway) -> list[int]:
    return [int(form["page_no"]) for form in gateway.called(CHANGED)]


def _asked(gateway: Gateway) -> list[tuple[str, str]]:
    return [(form["start_modified"][11:], form["end_modified"][11:]) for form in gateway.called(CHANGED)]


# --- windows -----------------------------------------------------------------------------------------------


async def test_a_window_is_asked_for_in_the_time_of_beijing(gateway: Gateway) -> None:
    shelved(gateway)
    await told(gateway.channel(), BEGIN, after(90))
    (form,) = gateway.called(CHANGED)
    shown = (form["start_modified"], form["end_modified"], form["page_size"], form["use_has_next"])
    assert shown == ("2026-11-20 10:00:00", "2026-11-20 10:01:30", "100", "false")


async def test_parts_of_a_second_are_rounded_outwards(gateway: Gateway) -> None:
    shelved(gateway)
    await told(gateway.channel(), after(0.9), after(10.1))
    assert _asked(gateway) == [("10:00:00", "10:00:11")]


async def test_a_long_time_is_read_in_windows_that_meet(gateway: Gateway) -> None:
    shelved(gateway)
    await told(gateway.channel(order_window="10m"), BEGIN, after(25 * _MINUTE))
    assert _asked(gateway) == [("10:00:00", "10:10:00"), ("10:10:00", "10:20:00"), ("10:20:00", "10:25:00")]


async def test_windows_are_half_an_hour_unless_told(gateway: Gateway) -> None:
    shelved(gateway)
    await told(gateway.channel(), BEGIN, after(3600))
    assert _asked(gateway) == [("10:00:00", "10:30:00"), ("10:30:00", "11:00:00")]


async def test_changes_at_both_ends_are_told(gateway: Gateway) -> None:
    shelved(gateway, trade(1, modified=top(BEGIN)), trade(2, modified=top(after(60))))
    assert tids(await told(gateway.channel(), BEGIN, after(60))) == {1, 2}


async def test_a_time_that_ends_before_it_begins_needs_no_call(gateway: Gateway) -> None:
    assert await told(gateway.channel(), after(1), BEGIN) == []
    assert gateway.forms == []


# --- pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(11))
async def test_every_trade_is_read(gateway: Gateway, count: int) -> None:
    _filled(gateway, count)
    assert await _read(gateway) == set(range(1, count + 1))


async def test_pages_are_counted_first_and_read_from_the_last_to_the_first(gateway: Gateway) -> None:
    _filled(gateway, 8)
    await _read(gateway)
    assert _pages(gateway) == [1, 3, 2, 1]


async def test_a_single_page_is_one_call(gateway: Gateway) -> None:
    _filled(gateway, 3)
    await _read(gateway)
    assert _pages(gateway) == [1]


@pytest.mark.parametrize("call", [2, 3, 4])
@pytest.mark.parametrize("changed", range(1, 10))
async def test_a_trade_that_leaves_the_window_hides_no_other(
    gateway: Gateway, call: int, changed: int
) -> None:
    shelf = _filled(gateway, 9)
    shelf.meanwhile[call] = lambda: shelf.put(changed, after(99 * _MINUTE))
    assert await _read(gateway) >= set(range(1, 10)) - {changed}
    assert _pages(gateway) == [1, 3, 2, 1]


@pytest.mark.parametrize("call", [2, 3, 4])
@pytest.mark.parametrize("changed", range(1, 10))
async def test_a_trade_that_moves_to_the_front_hides_no_other(
    gateway: Gateway, call: int, changed: int
) -> None:
    shelf = _filled(gateway, 9)
    shelf.meanwhile[call] = lambda: shelf.put(changed, after(20 * _MINUTE))
    assert await _read(gateway) == set(range(1, 10))


@pytest.mark.parametrize("call", [2, 3, 4])
async def test_a_new_trade_hides_no_other(gateway: Gateway, call: int) -> None:
    shelf = _filled(gateway, 9)
    shelf.meanwhile[call] = lambda: shelf.put(77, after(20 * _MINUTE))
    assert await _read(gateway) == {*range(1, 10), 77}


@pytest.mark.parametrize("call", [2, 3, 4])
@pytest.mark.parametrize("late", range(1, 9))
async def test_a_trade_that_is_listed_late_hides_no_other(gateway: Gateway, call: int, late: int) -> None:
    shelf = _filled(gateway, 9)
    shelf.meanwhile[call] = lambda: shelf.put(77, after(late * _MINUTE + 30))
    assert await _read(gateway) >= set(range(1, 10))


@pytest.mark.parametrize("call", [3, 4])
@pytest.mark.parametrize("gone", [1, 2, 3])
async def test_one_that_leaves_does_not_cover_up_that_another_came(
    gateway: Gateway, call: int, gone: int
) -> None:
    shelf = _filled(gateway, 9)

    def change() -> None:
        shelf.put(gone, after(99 * _MINUTE))
        shelf.put(77, after(20 * _MINUTE))

    shelf.meanwhile[call] = change
    assert await _read(gateway) >= {*range(1, 10), 77} - {gone}


async def test_a_window_that_never_rests_is_read_in_ever_smaller_parts(gateway: Gateway) -> None:
    shelf = shelved(gateway)
    for number in range(40):
        shelf.put(number, after(number * 30))

    def busy(number: int) -> Callable[[], None]:
        return lambda: shelf.put(100 + number, after(20 * _MINUTE + number))

    shelf.meanwhile = {call: busy(call) for call in range(2, 400)}
    channel = gateway.channel(order_page_size=10)
    assert tids(await told(channel, BEGIN, after(25 * _MINUTE))) >= set(range(40))
    assert shelf.calls < 50


async def test_many_trades_changed_in_one_second_are_read_by_pages(gateway: Gateway) -> None:
    shelf = shelved(gateway)
    for number in range(20):
        shelf.put(number, after(60))
    assert await _read(gateway) == set(range(20))
    assert _pages(gateway) == [1, 7, 6, 5, 4, 3, 2, 1]


async def test_a_second_in_which_too_much_happens_is_no_silence(gateway: Gateway) -> None:
    shelf = shelved(gateway)
    for number in range(20):
        shelf.put(number, after(0.0))

    def hide() -> None:
        shelf.put(100 + shelf.calls, after(0.0))

    shelf.meanwhile = dict.fromkeys(range(2, 500), hide)
    with pytest.raises(PortError, match=r"10:00:00 to .*10:00:01\): trades change faster") as caught:
        await _read(gateway)
    assert caught.value.kind is Kind.TRANSIENT


async def test_a_page_that_shows_less_than_the_list_tells_of_is_incomplete(gateway: Gateway) -> None:
    shown = {"total_results": 2, "trades": {"trade": [trade(1)]}}
    gateway.on(CHANGED, shown)
    with pytest.raises(PortError, match="tells of 2 trades but its page 1 shows 1") as caught:
        await told(gateway.channel())
    assert caught.value.kind is Kind.TRANSIENT


async def test_a_gateway_that_heeds_no_page_number_is_not_believed(gateway: Gateway) -> None:
    page = {"total_results": 6, "trades": {"trade": [trade(1), trade(2), trade(3)]}}
    gateway.on(CHANGED, page)
    with pytest.raises(PortError, match="trades change faster"):
        await _read(gateway, minutes=1)


async def test_pages_before_a_failure_stay_true(gateway: Gateway) -> None:
    first = {"total_results": 1, "trades": {"trade": [trade(1)]}}
    gateway.on(CHANGED, [first, {"error_response": {"code": 7, "msg": "App Call Limited"}}])
    pages = gateway.channel(order_window="10m").orders(since=BEGIN, until=after(900))
    assert [line.order for line in await anext(pages)] == ["1"]
    with pytest.raises(PortError):
        await anext(pages)
