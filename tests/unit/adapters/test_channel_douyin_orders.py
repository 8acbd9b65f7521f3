"""How the channel `douyin` reads the orders of a window that goes on changing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import lines_told as told
from tests.unit.adapters.douyin_rig import CHANGED, NOW, SECOND, Gateway, Params, order, refused

MINUTE = timedelta(minutes=1)


class Shelf:
    """Orders by id, listed as the platform does: those of a window, the last change first.

    `meanwhile` runs before a call of this number is answered (the first is 1).
    """

    def __init__(self, gateway: Gateway, **times: int) -> None:
        self.times = {int(name[1:]): SECOND + seconds for name, seconds in times.items()}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.calls = 0
        gateway.on(CHANGED, self.page)

    def page(self, params: Params) -> dict[str, Any]:
        self.calls += 1
        self.meanwhile.get(self.calls, lambda: None)()
        begin, end = params["update_time_start"], params["update_time_end"]
        due = sorted(((time, name) for name, time in self.times.items() if begin <= time < end), reverse=True)
        size, first = params["size"], params["page"] * params["size"]
        shown = [order(name, update_time=time) for time, name in due[first : first + size]]
        return {"shop_order_list": shown, "total": len(due), "page": params["page"], "size": size}


async def ids(gateway: Gateway, until: datetime = NOW + 15 * MINUTE, **settings: Any) -> set[int]:  # noqa: ANN401
    found = await told(gateway.channel(**settings), NOW, until)
    return {int(line.order) for line in found}


async def test_a_window_is_asked_for_by_its_last_change_and_from_page_nought() -> None:
    gateway = Gateway()
    Shelf(gateway, o1=60)
    assert await ids(gateway) == {1}
    assert gateway.calls == [
        (
            CHANGED,
            {
                "page": 0,
                "size": 100,
                "order_by": "update_time",
                "order_asc": False,
                "update_time_start": SECOND,
                "update_time_end": SECOND + 901,
            },
        )
    ]


async def test_nothing_of_buyers_is_told() -> None:
    gateway = Gateway()
    shown = order(1, post_tel="13800000000", mask_post_receiver="planted")
    gateway.on(CHANGED, {"shop_order_list": [shown], "total": 1})
    found = await told(gateway.channel(), NOW, NOW + MINUTE)
    assert "planted" not in repr(found)


async def test_both_ends_of_a_window_count() -> None:
    gateway = Gateway()
    Shelf(gateway, o1=0, o2=900, o3=901)
    assert await ids(gateway) == {1, 2}


async def test_a_long_time_is_read_in_windows() -> None:
    gateway = Gateway()
    Shelf(gateway, o1=10, o2=1800, o3=3500)
    assert await ids(gateway, NOW + 60 * MINUTE) == {1, 2, 3}
    assert len(gateway.calls) == 2


async def test_pages_are_read_from_the_last_to_the_first() -> None:
    gateway = Gateway()
    Shelf(gateway, o1=1, o2=2, o3=3, o4=4, o5=5)
    assert await ids(gateway, order_page_size=2) == {1, 2, 3, 4, 5}
    assert [params["page"] for params in gateway.called(CHANGED)] == [0, 2, 1, 0]


async def test_an_order_that_changes_while_pages_are_read_hides_no_other() -> None:
    gateway = Gateway()
    shelf = Shelf(gateway, o1=1, o2=2, o3=3, o4=4, o5=5)
    shelf.meanwhile[3] = lambda: shelf.times.update({1: SECOND + 5000})
    assert await ids(gateway, order_page_size=2) >= {2, 3, 4, 5}


async def test_a_window_that_took_an_order_in_is_read_again_by_halves() -> None:
    gateway = Gateway()
    shelf = Shelf(gateway, o1=1, o2=2, o3=3, o4=4, o5=5)
    shelf.meanwhile[3] = lambda: shelf.times.update({6: SECOND + 6})
    assert await ids(gateway, order_page_size=2) == {1, 2, 3, 4, 5, 6}


async def test_a_window_of_more_than_pages_can_show_is_cut() -> None:
    gateway = Gateway()
    Shelf(gateway, **{f"o{number}": number * 5 for number in range(1, 161)})
    assert len(await ids(gateway, order_page_size=50, deepest_order=100)) == 160
    assert max(params["page"] for params in gateway.called(CHANGED)) == 1


async def test_the_last_page_of_a_window_counts_whole() -> None:
    gateway = Gateway()
    Shelf(gateway, **{f"o{number}": number * 5 for number in range(1, 94)})
    assert len(await ids(gateway, order_page_size=30, deepest_order=100)) == 93
    assert max(params["page"] for params in gateway.called(CHANGED)) == 2


async def test_a_second_that_holds_more_than_pages_can_show_is_an_error() -> None:
    gateway = Gateway()
    Shelf(gateway, **{f"o{number}": 5 for number in range(1, 161)})
    with pytest.raises(PortError) as caught:
        await ids(gateway, order_page_size=50, deepest_order=100)
    assert caught.value.kind is Kind.TRANSIENT


async def test_a_page_that_shows_less_than_it_tells_is_an_error() -> None:
    gateway = Gateway()
    gateway.on(CHANGED, {"shop_order_list": [], "total": 1})
    with pytest.raises(PortError, match="tells of 1 orders but its page 0 shows 0") as caught:
        await ids(gateway)
    assert caught.value.kind is Kind.TRANSIENT


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"shop_order_list": []},
        {"shop_order_list": [], "total": "many"},
        {"shop_order_list": {}, "total": 0},
        {"shop_order_list": [{"order_id": "1"}], "total": 1},
        {"shop_order_list": [{"update_time": 1}], "total": 1},
        [],
        None,
    ],
)
async def test_a_page_of_another_shape_is_not_understood(answer: object) -> None:
    gateway = Gateway()
    gateway.on(CHANGED, {"code": 10000, "data": answer})
    with pytest.raises(PortError) as caught:
        await ids(gateway)
    assert caught.value.kind is Kind.UNKNOWN


@pytest.mark.parametrize("answer", [{"total": 0}, {"total": 0, "shop_order_list": None}])
async def test_a_list_of_none_need_not_be_there(answer: dict[str, Any]) -> None:
    gateway = Gateway()
    gateway.on(CHANGED, {"code": 10000, "data": answer})
    assert await ids(gateway) == set()


async def test_an_order_that_cannot_be_read_is_named() -> None:
    gateway = Gateway()
    gateway.on(CHANGED, {"shop_order_list": [order(5, create_time=None)], "total": 1})
    with pytest.raises(PortError, match="order 5"):
        await ids(gateway)


async def test_an_app_without_the_package_is_told_which_setting_helps() -> None:
    gateway = Gateway()
    gateway.on(CHANGED, refused(30001, "isv.app-permissions-insufficient"))
    with pytest.raises(PortError, match=r"orders = false in \[shops.dou\]") as caught:
        await ids(gateway)
    assert caught.value.kind is Kind.PERMISSION


async def test_a_throttled_feed_says_so() -> None:
    gateway = Gateway()
    gateway.on(CHANGED, refused(60000))
    with pytest.raises(PortError) as caught:
        await ids(gateway)
    assert caught.value.kind is Kind.THROTTLED


async def test_a_time_that_ends_before_it_begins_has_no_orders() -> None:
    gateway = Gateway()
    assert (await ids(gateway, NOW - MINUTE), gateway.calls) == (set(), [])
