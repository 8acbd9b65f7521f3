"""How the channel `pdd` reads lists of orders that go on changing."""

from datetime import timedelta

import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.pdd_orders_rig import BEGIN, CHANGED, Shelf, after, order, shelved, told, unix
from tests.unit.adapters.pdd_rig import Gateway


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def _shelf(gateway: Gateway, count: int) -> Shelf:
    return shelved(gateway, *(order(n, updated_at=unix(after(n))) for n in range(1, count + 1)))


async def _numbers(gateway: Gateway, minutes: float = 15, size: int = 2) -> list[int]:
    lines = await told(gateway.channel(order_page_size=size), minutes)
    return sorted({int(line.order.partition("-")[2]) for line in lines})


async def test_a_window_is_asked_for_in_seconds_and_with_every_status(gateway: Gateway) -> None:
    shelved(gateway)
    await told(gateway.channel())
    (form,) = gateway.called(CHANGED)
    wanted = {
        "start_updated_at": str(unix(BEGIN)),
        "end_updated_at": str(unix(BEGIN) + 900),
        "order_status": "5",
        "refund_status": "5",
        "is_lucky_flag": "0",
        "page": "1",
        "page_size": "100",
        "use_has_next": "false",
    }
    assert {name: form.get(name) for name in wanted} == wanted


async def test_no_window_is_longer_than_half_an_hour(gateway: Gateway) -> None:
    shelved(gateway)
    await told(gateway.channel(), minutes=75)
    spans = [(int(form["start_updated_at"]), int(form["end_updated_at"])) for form in gateway.forms]
    begin = unix(BEGIN)
    assert spans == [(begin, begin + 1800), (begin + 1800, begin + 3600), (begin + 3600, begin + 4500)]


async def test_a_window_may_be_shorter(gateway: Gateway) -> None:
    shelved(gateway)
    await told(gateway.channel(order_window="10m"))
    assert len(gateway.forms) == 2


async def test_no_time_is_no_call(gateway: Gateway) -> None:
    channel = gateway.channel()
    pages = [page async for page in channel.orders(since=BEGIN, until=BEGIN - timedelta(seconds=1))]
    assert (pages, gateway.forms) == ([], [])


async def test_pages_are_read_from_the_last_to_the_first(gateway: Gateway) -> None:
    _shelf(gateway, 5)
    assert await _numbers(gateway) == [1, 2, 3, 4, 5]
    assert [form["page"] for form in gateway.called(CHANGED)] == ["1", "3", "2", "1"]


async def test_an_order_that_leaves_the_window_hides_no_other(gateway: Gateway) -> None:
    shelf = _shelf(gateway, 6)
    shelf.meanwhile[3] = lambda: shelf.put(1, after(5000))
    assert await _numbers(gateway) == [1, 2, 3, 4, 5, 6]


async def test_a_window_that_takes_orders_in_is_read_again_by_halves(gateway: Gateway) -> None:
    shelf = _shelf(gateway, 5)
    shelf.meanwhile[3] = lambda: shelf.put(6, after(899))
    assert await _numbers(gateway) == [1, 2, 3, 4, 5, 6]


async def test_orders_that_come_in_without_an_end_fail_the_feed(gateway: Gateway) -> None:
    shelf = shelved(gateway, *(order(n, updated_at=unix(BEGIN)) for n in range(1, 4)))
    numbers = iter(range(10, 10_000))

    def come() -> None:
        shelf.put(next(numbers), BEGIN)

    shelf.meanwhile = dict.fromkeys(range(1, 500), come)
    with pytest.raises(PortError) as caught:
        await _numbers(gateway, minutes=1 / 60)
    assert caught.value.kind is Kind.TRANSIENT


async def test_a_page_that_shows_too_few_is_read_again_later(gateway: Gateway) -> None:
    gateway.on(CHANGED, {"total_count": 2, "order_sn_list": [order(1)]})
    with pytest.raises(PortError, match="tells of 2 orders but its page 1 shows 1") as caught:
        await told(gateway.channel())
    assert caught.value.kind is Kind.TRANSIENT


@pytest.mark.parametrize("body", [{}, {"total_count": -1}, {"total_count": 1, "order_sn_list": "x"}])
async def test_a_list_of_another_shape_is_not_understood(gateway: Gateway, body: dict[str, object]) -> None:
    gateway.on(CHANGED, body)
    with pytest.raises(PortError) as caught:
        await told(gateway.channel())
    assert caught.value.kind is Kind.UNKNOWN
