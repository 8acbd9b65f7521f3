"""What the mock of Pinduoduo tells of goods and SKUs, and its state as a person sets it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from syncd.mock.clock import VirtualClock
from syncd.mock.fields import Fields, MockError
from syncd.mock.pdd import PddState, build_pdd
from syncd.mock.rig import Rig
from syncd.mock.server import running
from tests.unit.mock.pdd_desk import DETAIL, LIST, SKU, SWITCH, PddDesk, make_state, opened_desk


@pytest.fixture
async def pdd() -> AsyncIterator[PddDesk]:
    async with opened_desk() as desk:
        yield desk


async def listed(pdd: PddDesk, **params: str | None) -> list[int]:
    said = await pdd.ask(LIST, **params)
    return [row["goods_id"] for row in said.holds["goods_list"]]


# --- rows --------------------------------------------------------------------------------------------------


async def test_goods_are_listed_with_their_skus(pdd: PddDesk) -> None:
    await pdd.sell("701", 2, "hold")
    said = await pdd.ask(LIST, goods_name="茶")
    assert said.body["goods_list_get_response"] == {
        "total_count": 1,
        "goods_list": [
            {
                "goods_id": 700,
                "goods_name": "茶杯 & 茶",
                "goods_quantity": 8,
                "goods_reserve_quantity": 2,
                "is_onsale": 1,
                "is_more_sku": 0,
                "sku_list": [
                    {
                        "sku_id": 701,
                        "sku_quantity": 8,
                        "reserve_quantity": 2,
                        "outer_id": "茶杯",
                        "outer_goods_id": "",
                        "is_sku_onsale": 1,
                        "spec": "颜色:茶杯",
                    }
                ],
            }
        ],
        "request_id": "mock000000000001",
    }


async def test_ids_beyond_what_a_float_holds_are_bare_numbers(pdd: PddDesk) -> None:
    big = "500000000000009007"
    await pdd.set(listings=[{"id": big, "item": big}])
    assert f'"goods_id":{big},' in (await pdd.ask(LIST, page="4", page_size="1")).text


async def test_pages_split_the_whole(pdd: PddDesk) -> None:
    pages = [await listed(pdd, page=str(page), page_size="2") for page in (1, 2, 3)]
    assert pages == [[500, 600], [700], []]


@pytest.mark.parametrize("params", [{"page": "0"}, {"page_size": "0"}, {"page_size": "101"}, {"page": "x"}])
async def test_a_page_that_cannot_be_is_refused(pdd: PddDesk, params: dict[str, str]) -> None:
    assert (await pdd.ask(LIST, **params)).refusal[0] == 21001


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"is_onsale": "1"}, [500, 700]),
        ({"is_onsale": "0"}, [600]),
        ({"outer_id": "A-2"}, [500]),
        ({"goods_name": "Lamp"}, [600]),
        ({"is_onsale": "1", "outer_id": "B", "goods_name": "Lamp"}, [500, 700]),
        ({"outer_id": "B", "goods_name": "Mug"}, [600]),
        ({"outer_goods_id": "A,B"}, [500, 600]),
        ({"outer_goods_id": "A,B", "is_onsale": "1"}, [500]),
    ],
)
async def test_goods_are_asked_for_by_the_first_wish(
    pdd: PddDesk, params: dict[str, str], found: list[int]
) -> None:
    await pdd.ask(SWITCH, goods_id="600", is_onsale="0")
    assert await listed(pdd, **params) == found


@pytest.mark.parametrize("params", [{"is_onsale": "2"}, {"outer_goods_id": "a,b,c,d,e,f,g,h,i,j,k"}])
async def test_a_wish_that_cannot_be_is_refused(pdd: PddDesk, params: dict[str, str]) -> None:
    assert (await pdd.ask(LIST, **params)).refusal[0] == 21001


async def test_a_sku_that_is_off_says_so_though_its_goods_are_on(pdd: PddDesk) -> None:
    await pdd.set(goods=[{"id": "500", "off": ["502"]}])
    row = (await pdd.ask(LIST)).holds["goods_list"][0]
    assert (row["is_onsale"], [sku["is_sku_onsale"] for sku in row["sku_list"]]) == (1, [1, 0, 1])


async def test_one_article_is_told_in_detail(pdd: PddDesk) -> None:
    said = await pdd.ask(DETAIL, goods_id="600")
    assert said.body["goods_detail_get_response"] == {
        "goods_id": 600,
        "goods_name": "Lamp",
        "outer_goods_id": "B",
        "status": 1,
        "sku_list": [
            {"sku_id": 601, "quantity": 4, "reserve_quantity": 0, "out_sku_sn": "B", "is_onsale": 1}
        ],
        "request_id": "mock000000000001",
    }


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"goods": [{"id": "600", "on_sale": False}]}, 2),
        ({"listings": [{"id": "601", "quantity": 0}]}, 3),
        ({"goods": [{"id": "600", "deleted": True}]}, 4),
    ],
)
async def test_the_status_says_how_goods_stand(pdd: PddDesk, document: dict[str, Any], status: int) -> None:
    await pdd.set(**document)
    assert (await pdd.ask(DETAIL, goods_id="600")).holds["status"] == status


async def test_deleted_goods_are_not_listed_and_have_no_skus(pdd: PddDesk) -> None:
    await pdd.set(goods=[{"id": "600", "deleted": True}])
    said = await pdd.ask(SKU, goods_id="600", sku_id="601")
    assert (await listed(pdd), said.refusal) == ([500, 700], (50001, "SKU_NOT_FOUND"))


async def test_one_sku_is_told_under_a_name_of_its_own(pdd: PddDesk) -> None:
    said = await pdd.ask(SKU, goods_id="500", sku_id="502")
    assert (said.name, said.holds["quantity"], said.holds["out_sku_sn"]) == (
        "goods_sku_get_response",
        3,
        "A-2",
    )


@pytest.mark.parametrize(
    ("kind", "params", "word"),
    [
        (DETAIL, {"goods_id": "404"}, "GOODS_NOT_FOUND"),
        (SKU, {"goods_id": "404", "sku_id": "501"}, "GOODS_NOT_FOUND"),
        (SKU, {"goods_id": "500", "sku_id": "601"}, "SKU_NOT_FOUND"),
    ],
)
async def test_what_is_not_there_is_refused(
    pdd: PddDesk, kind: str, params: dict[str, str], word: str
) -> None:
    assert (await pdd.ask(kind, **params)).refusal == (50001, word)


# --- the state ---------------------------------------------------------------------------------------------


async def test_a_state_that_was_shown_can_be_set(pdd: PddDesk) -> None:
    await pdd.write("501", 1)
    await pdd.sell("502", 1, "hold")
    await pdd.set(
        pdd={"token_until": "2027-01-01T00:00:00Z", "codes": ["c"], "denied": [LIST]},
        goods=[{"id": "500", "off": ["503"], "promoted": True}, {"id": "600", "on_sale": False}],
    )
    shown = await pdd.control("GET", "/state")
    other = Rig(name="pdd", state=PddState())
    other.merge(json.loads(json.dumps(shown)))
    assert other.as_json() == shown


async def test_who_takes_one_sku_off_by_hand_takes_its_goods_off(pdd: PddDesk) -> None:
    await pdd.set(listings=[{"id": "501", "on_sale": False}])
    assert (pdd.state.goods["500"].on_sale, pdd.state.listings["503"].on_sale) == (False, False)


async def test_goods_that_are_new_by_hand_are_on_sale_as_their_listing_is(pdd: PddDesk) -> None:
    await pdd.set(listings=[{"id": "9", "on_sale": False}, {"id": "8"}], remove=["601"])
    goods = {one: pdd.state.goods[one].on_sale for one in ("8", "9")}
    assert (goods, "600" in pdd.state.goods) == ({"8": True, "9": False}, False)


async def test_replacing_forgets_goods_and_orders(pdd: PddDesk) -> None:
    await pdd.set(goods=[{"id": "500", "promoted": True}])
    await pdd.sell("501", 1, "hold")
    await pdd.set(replace=True, listings=[{"id": "501", "item": "500"}])
    assert (pdd.state.goods["500"].promoted, pdd.state.orders.orders) == (False, {})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"goods": [{"id": "500", "color": 1}]}, "goods[0].color: is not known here"),
        ({"pdd": {"client_secrets": "x"}}, "client_secrets: is not known here"),
        ({"pdd": {"token_until": "soon"}}, "pdd.token_until: must be a time"),
        ({"listings": [{"id": "x1"}]}, "listings[0].id: must be digits"),
        ({"listings": [{"id": "1", "item": "x"}]}, "listings[0].item: must be digits"),
        ({"pdd": {"client_id": "k"}, "settings": {"rate": "fast"}}, "settings.rate: must be a number"),
    ],
)
def test_a_wrong_state_names_its_key_and_changes_nothing(document: dict[str, object], message: str) -> None:
    state = make_state()
    before = state.as_json()
    with pytest.raises(MockError) as caught:
        state.merge(Fields(document, ""))
    assert message in str(caught.value)
    assert state.as_json() == before


async def test_a_shop_of_a_seed_is_always_the_same_and_its_ids_are_no_floats() -> None:
    shown = []
    for _ in range(2):
        async with (
            running(build_pdd(3, VirtualClock())) as url,
            ClientSession() as session,
            session.get(f"{url}/_mock/state") as response,
        ):
            shown.append(await response.json())
    assert shown[0] == shown[1]
    assert len(shown[0]["goods"]) > 10
    assert all(int(goods["id"]) > 2**53 for goods in shown[0]["goods"])


async def test_a_shop_is_made_of_a_state(pdd: PddDesk) -> None:
    document = await pdd.control("GET", "/state")
    async with (
        running(build_pdd(3, VirtualClock(), document)) as url,
        ClientSession() as session,
        session.get(f"{url}/_mock/state") as response,
    ):
        assert await response.json() == document
