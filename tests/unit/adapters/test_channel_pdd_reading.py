"""What the channel `pdd` makes of goods and SKUs."""

from typing import Any

import pytest

from syncd.domain.model import ItemId, ListingId, ObservedListing, OffReason
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import observed
from tests.unit.adapters.pdd_rig import DETAIL, LIST, Form, Gateway, detail, goods, listed, refused, sku

_BIG = 9_007_199_254_740_993


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def _one(gateway: Gateway, row: dict[str, Any], **fields: Any) -> ObservedListing:  # noqa: ANN401
    gateway.on(LIST, listed(goods(100, row, **fields)))
    (listing,) = await observed(gateway.channel())
    return listing


async def _failure(gateway: Gateway, ids: list[str] | None = None, **settings: Any) -> PortError:  # noqa: ANN401
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel(**settings), ids)
    return caught.value


# --- rows --------------------------------------------------------------------------------------------------


async def test_a_sku_is_a_listing_of_its_goods(gateway: Gateway) -> None:
    row = sku(_BIG + 2, sku_quantity=7, reserve_quantity=2, outer_id="1-ABC")
    gateway.on(LIST, listed(goods(_BIG, row)))
    assert await observed(gateway.channel()) == [
        ObservedListing(
            id=ListingId(f"{_BIG}:{_BIG + 2}"),
            code="1-ABC",
            item=ItemId(str(_BIG)),
            quantity=7,
            on_sale=True,
            withheld=2,
            title="Tea",
        )
    ]


@pytest.mark.parametrize("figure", [None, "", "x", -1, 1.5, True, "1e3", "٣", 10**10, [], {}])
async def test_a_figure_that_is_not_plain_is_unknown_and_never_zero(gateway: Gateway, figure: object) -> None:
    assert (await _one(gateway, sku(1, sku_quantity=figure))).quantity is None
    row = await _one(gateway, sku(1, reserve_quantity=figure))
    assert (row.quantity, row.withheld) == (None, 0)


@pytest.mark.parametrize("name", ["sku_quantity", "reserve_quantity"])
async def test_a_figure_that_is_left_out_is_unknown(gateway: Gateway, name: str) -> None:
    row = sku(1)
    del row[name]
    assert (await _one(gateway, row)).quantity is None


@pytest.mark.parametrize("figure", [7, "7"])
async def test_a_figure_may_be_written_as_a_text(gateway: Gateway, figure: object) -> None:
    assert (await _one(gateway, sku(1, sku_quantity=figure))).quantity == 7


@pytest.mark.parametrize(
    ("of_goods", "of_sku", "on_sale", "reason"),
    [
        (1, 1, True, None),
        (1, 0, False, OffReason.PERSON),
        (0, 1, False, None),
        (0, 0, False, None),
        (0, None, False, None),
        (None, 0, False, None),
        (1, None, None, None),
        (None, 1, None, None),
        (2, 1, None, None),
        (True, "1", True, None),
    ],
)
async def test_what_is_on_sale_is_so_as_goods_and_as_a_sku(
    gateway: Gateway, of_goods: object, of_sku: object, on_sale: object, reason: OffReason | None
) -> None:
    row = await _one(gateway, sku(1, is_sku_onsale=of_sku), is_onsale=of_goods)
    assert (row.on_sale, row.off_reason) == (on_sale, reason)


@pytest.mark.parametrize("code", [None, 1.5, "a\nb", []])
async def test_a_code_that_is_no_plain_text_is_none(gateway: Gateway, code: object) -> None:
    assert (await _one(gateway, sku(1, outer_id=code))).code == ""


@pytest.mark.parametrize(
    "row",
    [
        goods(100, sku(1) | {"sku_id": 1.0}),
        goods(100, {"sku_quantity": 1}),
        goods(100, sku(1)) | {"goods_id": 1.5},
        goods(100, sku_list={}),
        goods(100, sku_list=[1]),
        {"goods_name": "Tea"},
    ],
)
async def test_a_page_with_an_id_that_cannot_be_read_fails(gateway: Gateway, row: dict[str, Any]) -> None:
    gateway.on(LIST, listed(row))
    assert (await _failure(gateway)).kind is Kind.UNKNOWN


# --- the whole shop ----------------------------------------------------------------------------------------


def _pages(*rows: dict[str, Any], total: int | None = None) -> Any:  # noqa: ANN401
    def answer(form: Form) -> dict[str, Any]:
        size = int(form["page_size"])
        first = (int(form["page"]) - 1) * size
        return listed(*rows[first : first + size], total=len(rows) if total is None else total)

    return answer


async def test_a_shop_is_read_page_by_page(gateway: Gateway) -> None:
    gateway.on(LIST, _pages(*(goods(n, sku(n)) for n in range(1, 6))))
    shown = await observed(gateway.channel(page_size=2))
    assert [row.id for row in shown] == [f"{n}:{n}" for n in range(1, 6)]
    assert [(form["page"], form["page_size"]) for form in gateway.called(LIST)] == [
        ("1", "2"),
        ("2", "2"),
        ("3", "2"),
    ]


async def test_an_empty_shop_is_one_call(gateway: Gateway) -> None:
    gateway.on(LIST, {"total_count": 0})
    assert (await observed(gateway.channel()), len(gateway.forms)) == ([], 1)


@pytest.mark.parametrize(
    "pages",
    [
        [listed(goods(1, sku(1)), total=3)],
        [listed(goods(1, sku(1)), goods(2, sku(2)), total=3), listed(goods(2, sku(2)), total=3)],
        [listed(goods(1, sku(1)), goods(2, sku(2)), total=3), listed(goods(3, sku(3)), total=4)],
        [listed(goods(1, sku(1)), goods(2, sku(2)), total=3), listed(total=3)],
    ],
)
async def test_a_list_that_changes_while_it_is_read_proves_nothing(
    gateway: Gateway, pages: list[dict[str, Any]]
) -> None:
    gateway.on(LIST, pages)
    error = await _failure(gateway, page_size=2)
    assert (error.kind, "changed while it was read" in str(error)) == (Kind.TRANSIENT, True)


async def test_a_list_without_an_end_is_given_up(gateway: Gateway) -> None:
    gateway.on(LIST, _pages(*(goods(n, sku(n)) for n in range(1, 6))))
    error = await _failure(gateway, page_size=1, max_pages=3)
    assert (error.kind, len(gateway.forms)) == (Kind.TRANSIENT, 3)


@pytest.mark.parametrize("body", [{}, {"total_count": "x"}, {"total_count": 1, "goods_list": {}}])
async def test_a_list_of_another_shape_is_not_understood(gateway: Gateway, body: dict[str, Any]) -> None:
    gateway.on(LIST, body)
    assert (await _failure(gateway)).kind is Kind.UNKNOWN


async def test_goods_whose_skus_the_list_does_not_show_are_asked_for(gateway: Gateway) -> None:
    gateway.on(LIST, listed(goods(1), goods(2, sku(2))))
    gateway.on(DETAIL, detail(1, sku(1)))
    assert [row.id for row in await observed(gateway.channel())] == ["1:1", "2:2"]


async def test_goods_without_any_sku_are_no_listing(gateway: Gateway) -> None:
    gateway.on(LIST, listed(goods(1)))
    gateway.on(DETAIL, detail(1))
    assert await observed(gateway.channel()) == []


async def test_goods_of_a_list_that_cannot_be_asked_for_fail_the_reading(gateway: Gateway) -> None:
    gateway.on(LIST, listed(goods(1)))
    gateway.on(DETAIL, refused(50001, "商品不存在"))
    assert (await _failure(gateway)).kind is Kind.REJECTED


async def test_goods_that_the_service_fails_at_without_a_reason_fail_the_reading(gateway: Gateway) -> None:
    gateway.on(DETAIL, refused(50000, "no"))
    with pytest.raises(PortError) as caught:
        await observed(gateway.channel(), ["1:1"])
    assert caught.value.kind is Kind.UNKNOWN


# --- some listings -----------------------------------------------------------------------------------------


async def test_listings_are_read_by_the_details_of_their_goods(gateway: Gateway) -> None:
    gateway.on(DETAIL, lambda form: detail(int(form["goods_id"]), sku(1, sku_quantity=3, reserve_quantity=1)))
    shown = await observed(gateway.channel(), ["5:1", "6:1", "5:2", "no id"])
    assert [(row.id, row.quantity, row.withheld, row.code) for row in shown] == [
        ("5:1", 3, 1, "C1"),
        ("6:1", 3, 1, "C1"),
    ]
    assert [form["goods_id"] for form in gateway.called(DETAIL)] == ["5", "6"]


@pytest.mark.parametrize(
    ("status", "on_sale", "reason"),
    [(1, True, None), (2, False, None), (3, False, OffReason.SOLD_OUT), (9, None, None), (None, None, None)],
)
async def test_details_say_whether_goods_are_on_sale(
    gateway: Gateway, status: object, on_sale: object, reason: OffReason | None
) -> None:
    gateway.on(DETAIL, detail(1, sku(1), status=status))
    (row,) = await observed(gateway.channel(), ["1:1"])
    assert (row.on_sale, row.off_reason) == (on_sale, reason)


async def test_goods_that_are_deleted_are_left_out(gateway: Gateway) -> None:
    gateway.on(DETAIL, detail(1, sku(1), status=4))
    assert await observed(gateway.channel(), ["1:1"]) == []


async def test_goods_that_show_no_sku_say_nothing_of_those_that_they_had(gateway: Gateway) -> None:
    gateway.on(DETAIL, detail(1))
    (row,) = await observed(gateway.channel(), ["1:1"])
    assert (row.id, row.quantity, row.on_sale) == ("1:1", None, None)


async def test_goods_that_the_service_refuses_to_show_keep_their_place_and_stop_no_others(
    gateway: Gateway,
) -> None:
    gateway.on(DETAIL, [refused(50001, "商品不存在"), detail(2, sku(1))])
    shown = await observed(gateway.channel(), ["1:1", "1:2", "2:1"])
    assert [(row.id, row.quantity) for row in shown] == [("1:1", None), ("1:2", None), ("2:1", 5)]


async def test_a_code_may_be_known_to_mean_that_goods_are_gone(gateway: Gateway) -> None:
    gateway.on(DETAIL, refused(50001, "商品不存在"))
    assert await observed(gateway.channel(errors={"50001": "not_found"}), ["1:1"]) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [(10019, Kind.AUTH_EXPIRED), (52101, Kind.THROTTLED), (52103, Kind.TRANSIENT), (21001, Kind.REJECTED)],
)
async def test_any_other_refusal_fails_the_reading(gateway: Gateway, code: int, kind: Kind) -> None:
    gateway.on(DETAIL, refused(code))
    assert (await _failure(gateway, ["1:1"])).kind is kind


async def test_details_need_not_repeat_whose_they_are(gateway: Gateway) -> None:
    shown = detail(1, sku(1))
    del shown["goods_id"]
    gateway.on(DETAIL, shown)
    assert [row.id for row in await observed(gateway.channel(), ["1:1"])] == ["1:1"]


async def test_details_of_other_goods_are_not_believed(gateway: Gateway) -> None:
    gateway.on(DETAIL, detail(2, sku(1)))
    assert (await _failure(gateway, ["1:1"])).kind is Kind.UNKNOWN


async def test_no_listing_is_no_call(gateway: Gateway) -> None:
    assert (await observed(gateway.channel(), []), gateway.forms) == ([], [])
