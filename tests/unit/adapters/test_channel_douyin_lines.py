"""What the channel `douyin` makes of one order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from syncd.errors import Kind, PortError
from tests.unit.adapters.douyin_rig import NOW, ONE, SECOND, Gateway, order, order_row, refused

MINUTE = timedelta(minutes=1)


async def lines(answer: dict[str, Any], **settings: Any) -> list[OrderLine]:  # noqa: ANN401
    gateway = Gateway()
    gateway.on(ONE, {"code": 10000, "data": answer})
    return list(await gateway.channel(**settings).these_orders(["1"]))


async def line(row: dict[str, Any], settings: dict[str, Any] | None = None, **fields: Any) -> OrderLine:  # noqa: ANN401
    (found,) = await lines(order(1, row, **fields), **settings or {})
    return found


async def test_a_paid_line_says_all_that_a_claim_needs() -> None:
    assert await line(order_row()) == OrderLine(
        order="1",
        line="11",
        listing=ListingId("100:7"),
        code="1-ABC",
        units=2,
        released=0,
        shipped=0,
        stage=Stage.PAID,
        created=NOW,
        paid=NOW + MINUTE,
        sent=None,
        ended=None,
        modified=NOW + MINUTE,
    )


@pytest.mark.parametrize(
    ("status", "stage", "released", "shipped"),
    [
        (1, Stage.UNPAID, 0, 0),
        (105, Stage.PAID, 0, 0),
        (2, Stage.PAID, 0, 0),
        ("2", Stage.PAID, 0, 0),
        (101, Stage.PAID, 0, 0),
        (103, Stage.PAID, 0, 0),
        (3, Stage.SHIPPED, 0, 2),
        (5, Stage.DONE, 0, 2),
        (4, Stage.CLOSED, 2, 0),
        (21, Stage.CLOSED, 2, 0),
        (22, Stage.CLOSED, 0, 2),
        (39, Stage.CLOSED, 0, 2),
    ],
)
async def test_a_status_says_how_far_a_line_has_come(
    status: object, stage: Stage, released: int, shipped: int
) -> None:
    found = await line(order_row(order_status=status))
    assert (found.stage, found.released, found.shipped, found.doubt) == (stage, released, shipped, "")


@pytest.mark.parametrize(
    ("main", "released", "shipped"), [(4, 2, 0), (21, 2, 0), (22, 0, 2), (39, 0, 2), (None, 2, 0)]
)
async def test_the_order_says_whether_what_was_cancelled_had_left(
    main: object, released: int, shipped: int
) -> None:
    found = await line(order_row(order_status=4), main_status=main)
    assert (found.stage, found.released, found.shipped) == (Stage.CLOSED, released, shipped)


async def test_what_was_cancelled_after_it_was_sent_frees_nothing() -> None:
    found = await line(order_row(order_status=4, ship_time=SECOND + 90))
    assert (found.released, found.shipped, found.sent) == (0, 2, NOW + 1.5 * MINUTE)


@pytest.mark.parametrize(
    ("main", "status", "released"), [(3, 3, 0), (101, 101, 0), (5, 5, 0), (2, 101, 0), (2, 2, 2), (105, 2, 2)]
)
async def test_what_was_closed_in_an_order_that_was_sent_may_have_left_with_it(
    main: int, status: int, released: int
) -> None:
    found = await line(order_row(order_status=4), main_status=main, order_status=status)
    assert (found.stage, found.released, found.shipped) == (Stage.CLOSED, released, 2 - released)


async def test_a_line_that_does_not_say_it_goes_by_its_order() -> None:
    statuses = [
        (await line(order_row(order_status=...), main_status=3)).stage,
        (await line(order_row(order_status=None), main_status=..., order_status=5)).stage,
    ]
    assert statuses == [Stage.SHIPPED, Stage.DONE]


@pytest.mark.parametrize("status", [77, "new_status", None, ""])
async def test_an_unknown_status_occupies_as_if_paid_and_says_so(status: object) -> None:
    found = await line(order_row(order_status=status), main_status=..., order_status=...)
    assert (found.stage, found.released, found.shipped) == (Stage.PAID, 0, 0)
    assert "order_statuses" in found.doubt


async def test_a_status_that_cannot_be_shown_is_not() -> None:
    found = await line(order_row(order_status="x y;"))
    assert "(unreadable)" in found.doubt


async def test_settings_say_what_a_status_means() -> None:
    found = await line(order_row(order_status=77), {"order_statuses": {"77": "closed"}})
    assert (found.stage, found.released, found.doubt) == (Stage.CLOSED, 2, "")


async def test_a_deposit_binds_and_is_no_payment() -> None:
    found = await line(order_row(order_status=1), main_status=103)
    assert (found.stage, found.paid) == (Stage.PAID, None)


async def test_an_unpaid_line_has_no_time_of_payment() -> None:
    found = await line(order_row(order_status=1), main_status=1, pay_time=0)
    assert (found.stage, found.paid) == (Stage.UNPAID, None)


# --- refunds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "settings", "released"),
    [
        (2, {}, 0),
        (2, {"refunded": ["3"]}, 2),
        (105, {"refunded": ["1", "3"]}, 2),
        (101, {"refunded": ["3"]}, 0),
        (3, {"refunded": ["3"]}, 0),
        (1, {"refunded": ["3"]}, 0),
        (77, {"refunded": ["3"]}, 0),
        (2, {"refunded": ["4"]}, 0),
    ],
)
async def test_a_refund_frees_units_only_where_settings_know_its_word(
    status: int, settings: dict[str, Any], released: int
) -> None:
    row = order_row(order_status=status, after_sale_info={"after_sale_status": 12, "refund_status": 3})
    assert (await line(row, settings)).released == released


@pytest.mark.parametrize("info", [None, [], {}, {"refund_status": None}, ...])
async def test_a_line_without_a_refund_frees_nothing(info: object) -> None:
    assert (await line(order_row(after_sale_info=info), {"refunded": ["3"]})).released == 0


# --- times, ids, units -------------------------------------------------------------------------------------


async def test_what_left_did_so_at_its_last_change_at_the_latest() -> None:
    plainly = await line(order_row(order_status=3), update_time=SECOND + 600)
    told = await line(order_row(order_status=3), update_time=SECOND + 600, ship_time=SECOND + 120)
    assert (plainly.sent, told.sent) == (NOW + 10 * MINUTE, NOW + 2 * MINUTE)


async def test_what_is_over_ended_when_it_was_finished() -> None:
    done = await line(order_row(order_status=5), finish_time=SECOND + 300)
    closed = await line(order_row(order_status=4))
    assert (done.ended, closed.ended) == (NOW + 5 * MINUTE, NOW + MINUTE)


async def test_times_are_aware_and_may_be_texts() -> None:
    found = await line(order_row(), create_time=str(SECOND))
    assert found.created == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "listing", "code"),
    [
        (
            {"product_id": "9007199254740993", "sku_id": "9007199254740995"},
            "9007199254740993:9007199254740995",
            "1-ABC",
        ),
        ({"sku_id": 0}, "", "1-ABC"),
        ({"product_id": ...}, "", "1-ABC"),
        ({"code": "", "out_sku_id": 5}, "100:7", "5"),
    ],
)
async def test_a_line_says_which_listing_it_is_of(fields: dict[str, Any], listing: str, code: str) -> None:
    found = await line(order_row(**fields))
    assert (found.listing, found.code) == (listing, code)


async def test_all_lines_of_an_order_are_told() -> None:
    found = await lines(order(1, order_row(11, order_status=3), order_row(12, item_num=5), main_status=101))
    assert [(each.line, each.units, each.shipped) for each in found] == [("11", 2, 2), ("12", 5, 0)]


@pytest.mark.parametrize(
    "answer",
    [
        order(1, order_row(item_num=None)),
        order(1, order_row(item_num=-1)),
        order(1, order_row(item_num=1.5)),
        order(1, order_row() | {"order_id": 11.5}),
        order(1, order_row(product_id=1.5)),
        order(1, sku_order_list=[]),
        order(1, sku_order_list=...),
        order(1, sku_order_list={}),
        order(1, update_time=...),
        order(1, update_time=0.5),
        order(1, create_time=True),
        order(1, create_time="2026-11-20 10:00:00"),
        order(1, pay_time=10**12),
        order(2),
        {},
        {"shop_order_detail": []},
        {"shop_order_detail": None},
    ],
)
async def test_an_order_that_cannot_be_read_is_an_error(answer: dict[str, Any]) -> None:
    with pytest.raises(PortError) as caught:
        await lines(answer)
    assert caught.value.kind is Kind.UNKNOWN


# --- named orders ------------------------------------------------------------------------------------------


async def test_an_order_may_stand_under_a_name() -> None:
    assert len(await lines({"shop_order_detail": order(1)})) == 1


async def test_each_order_is_asked_for_once_and_none_that_cannot_be_one() -> None:
    gateway = Gateway()
    gateway.on(ONE, lambda params: order(int(params["shop_order_id"])))
    found = await gateway.channel().these_orders(["1", "x", "2", "1"])
    assert ([each.order for each in found], len(gateway.calls)) == (["1", "2"], 2)
    assert gateway.calls[0] == (ONE, {"shop_order_id": "1"})


async def test_an_order_that_the_platform_denies_is_none_only_where_settings_know_the_error() -> None:
    gateway = Gateway()
    gateway.on(ONE, refused(50002, "isv.order-not-found"))
    with pytest.raises(PortError) as caught:
        await gateway.channel().these_orders(["1"])
    known = gateway.channel(errors={"isv.order-not-found": "not_found"})
    assert (caught.value.kind, await known.these_orders(["1"])) == (Kind.UNKNOWN, [])
