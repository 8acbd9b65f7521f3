"""What can go wrong with the feed of orders of the Taobao mock."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from syncd.mock.clock import START
from syncd.mock.core import ShopState
from tests.unit.mock.desk import Desk
from tests.unit.mock.taobao_desk import Said, TaobaoDesk, opened_desk

CHANGED, ONE = "taobao.trades.sold.increment.get", "taobao.trade.fullinfo.get"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    """A shop of which the first of three orders was paid just now."""
    async with opened_desk() as desk:
        book = desk.state.orders
        for n in range(3):
            book.place(START + n * SECOND, [("701", n + 1)])
        book.pay(START + 60 * SECOND, next(iter(book.orders)))
        desk.rig.clock.move_to(START + 70 * SECOND)
        yield desk


async def feed(taobao: TaobaoDesk, page: str = "1") -> Said:
    return await taobao.ask(
        CHANGED,
        fields="tid,status,modified,orders.num",
        start_modified="2026-01-01 08:00:00",
        end_modified="2026-01-01 09:00:00",
        page_no=page,
    )


def rows(said: Said) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said.holds.get("trades", {"trade": []})["trade"]
    return found


def units(said: Said) -> list[Any]:
    return [line["num"] for row in rows(said) for line in row["orders"]["order"]]


async def test_the_newest_orders_appear_late(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "late_orders", "seconds": 30, "times": 0})
    before = units(await feed(taobao))
    taobao.rig.clock.move_to(START + 90 * SECOND)
    assert (before, units(await feed(taobao))) == ([3, 2], [1, 3, 2])


async def test_late_orders_are_not_counted(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "late_orders", "seconds": 30})
    assert (await feed(taobao)).holds["total_results"] == 2


async def test_an_older_version_comes_after_a_newer_one(taobao: TaobaoDesk) -> None:
    newer = rows(await feed(taobao))[0]
    await taobao.faults({"kind": "old_orders"})
    older = rows(await feed(taobao))[0]
    assert [newer["status"], older["status"], older["modified"]] == [
        "WAIT_SELLER_SEND_GOODS",
        "WAIT_BUYER_PAY",
        "2026-01-01 08:00:00",
    ]


async def test_an_older_version_of_one_trade_may_be_told(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "old_orders", "path": ONE})
    said = await taobao.ask(ONE, tid=next(iter(taobao.state.orders.orders)), fields="status")
    assert said.holds["trade"] == {"status": "WAIT_BUYER_PAY"}


async def test_orders_come_twice(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "duplicate_rows", "lines": 2})
    assert units(await feed(taobao)) == [1, 3, 2, 1, 3]


async def test_a_figure_may_be_no_number(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "bad_numbers"})
    assert units(await feed(taobao)) == ["NaN", 3, 2]


async def test_a_page_may_be_empty(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "empty"})
    said = await feed(taobao)
    assert (said.holds["total_results"], rows(said)) == (0, [])


async def test_half_a_page_may_come(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "half_page"})
    said = await feed(taobao)
    assert (said.holds["total_results"], units(said)) == (3, [1])


async def test_orders_may_be_missing(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "drop_skus", "share": 1})
    assert (await feed(taobao)).holds["total_results"] == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "throttle"}, 7),
        ({"kind": "server_error"}, 10),
        ({"kind": "token_expired"}, 27),
        ({"kind": "server_error", "page": 2, "status": 403}, 11),
    ],
)
async def test_a_page_may_be_refused(taobao: TaobaoDesk, fault: dict[str, Any], code: int) -> None:
    await taobao.faults(fault | {"path": CHANGED})
    refusals = [(await feed(taobao, page)).refusal[0] for page in ("1", "2")]
    assert sorted(refusals) == [0, code]


async def test_an_answer_may_never_arrive(taobao: TaobaoDesk) -> None:
    await taobao.faults({"kind": "lost_reply"})
    with pytest.raises(aiohttp.ClientError):
        await feed(taobao)


async def test_how_far_the_feed_is_behind_must_be_said(taobao: TaobaoDesk) -> None:
    shown = await taobao.control("POST", "/faults", [{"kind": "late_orders"}])
    assert shown["message"] == "faults[0].seconds: is missing, write how many seconds the feed is behind"


@pytest.mark.parametrize("fault", [{"kind": "late_orders", "seconds": 9}, {"kind": "old_orders"}])
async def test_a_shop_that_tells_no_orders_refuses_faults_of_them(
    shop: Desk[ShopState], fault: dict[str, Any]
) -> None:
    answer = await shop.control("POST", "/faults", [fault])
    wanted = f"faults: {fault['kind']} strikes the feed of orders, the mock shop has none"
    assert (answer.status, answer.body["message"]) == (400, wanted)
