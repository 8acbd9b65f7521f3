"""How the channel `taobao` walks lists that change while they are read."""

from collections.abc import Callable
from typing import Any

import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import observed
from tests.unit.adapters.taobao_rig import DETAILS, INVENTORY, ONSALE, Form, Gateway, details, item, listed

_NEVER = "2026-11-20 09:50:00"
"""From here on begins the last look, which finds nothing in these tests."""


class Shelf:
    """Items with the time of their last change, listed as TOP would; `heeds` is what it obeys."""

    def __init__(self, gateway: Gateway, times: dict[int, str], heeds: str = "order since") -> None:
        self.times = times
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self._heeds = heeds.split()
        self._calls = 0
        gateway.on(ONSALE, self._list)
        gateway.on(INVENTORY, {"total_results": 0})
        gateway.on(DETAILS, lambda form: details(*(item(int(key)) for key in form["num_iids"].split(","))))

    def _list(self, form: Form) -> dict[str, Any]:
        self._calls += 1
        self.meanwhile.get(self._calls, lambda: None)()
        since = form.get("start_modified", "")
        if since == _NEVER:
            return {"total_results": 0}
        rows = list(self.times.items())
        if "order" in self._heeds:
            rows.sort(key=lambda row: row[1])
        if "since" in self._heeds:
            rows = [row for row in rows if row[1] >= since]
        size = int(form["page_size"])
        first = (int(form["page_no"]) - 1) * size
        return listed(*rows[first : first + size], total=len(rows))


def _minute(number: int) -> str:
    return f"2026-01-01 {number // 60:02}:{number % 60:02}:00"


def _minutes(count: int) -> dict[int, str]:
    return {number: _minute(number) for number in range(count)}


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def _read(gateway: Gateway, **settings: Any) -> list[int]:  # noqa: ANN401
    shown = await observed(gateway.channel(page_size=3, **settings))
    return sorted(int(listing.item) for listing in shown)


async def test_a_page_begins_in_time_where_the_last_one_ended(gateway: Gateway) -> None:
    Shelf(gateway, _minutes(5))
    await _read(gateway)
    asked = [(form.get("start_modified"), form["page_no"]) for form in gateway.called(ONSALE)]
    assert asked == [(None, "1"), (_minute(2), "1"), (_NEVER, "1")]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7, 20])
@pytest.mark.parametrize("heeds", ["order since", "order", "since", ""])
async def test_every_item_is_read_once(gateway: Gateway, count: int, heeds: str) -> None:
    Shelf(gateway, _minutes(count), heeds)
    assert await _read(gateway) == list(range(count))


@pytest.mark.parametrize("heeds", ["order since", "order", "since", ""])
async def test_items_that_changed_in_the_same_second_are_all_read(gateway: Gateway, heeds: str) -> None:
    times = {number: _minute(number // 8) for number in range(20)}
    Shelf(gateway, times, heeds)
    assert await _read(gateway) == list(range(20))


async def test_pages_of_one_second_are_not_read_again_on_the_way_to_the_next(gateway: Gateway) -> None:
    Shelf(gateway, {number: _minute(number // 8) for number in range(20)})
    await _read(gateway)
    asked = [(form.get("start_modified"), form["page_no"]) for form in gateway.called(ONSALE)]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("changed", range(9))
@pytest.mark.parametrize("heeds", ["since", ""])
async def test_a_gateway_without_order_hides_nothing(gateway: Gateway, heeds: str, changed: int) -> None:
    times = dict.fromkeys(range(9), _minute(0)) | {changed: _minute(5)}
    Shelf(gateway, times, heeds)
    assert await _read(gateway) == list(range(9))


@pytest.mark.parametrize("call", range(2, 6))
@pytest.mark.parametrize("gone", range(0, 9, 2))
async def test_an_item_that_leaves_the_list_hides_no_other(gateway: Gateway, call: int, gone: int) -> None:
    shelf = Shelf(gateway, _minutes(9))
    shelf.meanwhile[call] = lambda: shelf.times.pop(gone)
    assert set(await _read(gateway)) >= set(range(9)) - {gone}


@pytest.mark.parametrize("call", range(2, 6))
@pytest.mark.parametrize("changed", range(9))
async def test_an_item_that_changes_meanwhile_hides_none(gateway: Gateway, call: int, changed: int) -> None:
    shelf = Shelf(gateway, _minutes(9))
    shelf.meanwhile[call] = lambda: shelf.times.update({changed: _minute(99)})
    assert await _read(gateway) == list(range(9))


async def test_a_list_without_times_is_read_by_pages(gateway: Gateway) -> None:
    Shelf(gateway, dict.fromkeys(range(8), ""))
    assert await _read(gateway) == list(range(8))


async def test_a_list_that_shows_fewer_items_than_it_tells_of_is_incomplete(gateway: Gateway) -> None:
    Shelf(gateway, {})
    gateway.on(ONSALE, listed((1, _minute(1)), total=2))
    with pytest.raises(PortError) as caught:
        await _read(gateway)
    assert caught.value.kind is Kind.TRANSIENT
    assert "tells of 2 items but its page shows 1" in str(caught.value)


async def test_the_message_names_the_list(gateway: Gateway) -> None:
    Shelf(gateway, {})
    gateway.on(INVENTORY, {"total_results": 2})
    with pytest.raises(PortError, match=r"^tmall: taobao\.items\.inventory\.get \(violation_off_shelf\): "):
        await _read(gateway)


async def test_an_endless_list_is_given_up(gateway: Gateway) -> None:
    Shelf(gateway, {})
    gateway.on(ONSALE, listed(*((number, _minute(1)) for number in range(3)), total=999))
    with pytest.raises(PortError, match="max_pages") as caught:
        await _read(gateway, max_pages=10)
    assert (caught.value.kind, len(gateway.called(ONSALE))) == (Kind.REJECTED, 10)


async def test_a_list_as_long_as_allowed_is_read(gateway: Gateway) -> None:
    Shelf(gateway, dict.fromkeys(range(9), ""))
    assert await _read(gateway, max_pages=3) == list(range(9))
