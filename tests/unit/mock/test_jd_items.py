"""What the JD mock shows of wares and SKUs, and how they go on and off sale."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.mock.jd_desk import JdDesk, opened_desk

WARES, SKUS, ONE = (
    "jingdong.ware.read.searchWare4Valid",
    "jingdong.sku.read.searchSkuList",
    "jingdong.sku.read.findSkuById",
)
SWITCH = "jingdong.ware.write.upOrDown"


@pytest.fixture
async def jd() -> AsyncIterator[JdDesk]:
    async with opened_desk() as desk:
        yield desk


async def ids(jd: JdDesk, method: str, **business: object) -> list[int]:
    said = await jd.ask(method, business)
    assert not said.error, said.error
    name = "wareId" if method == WARES else "skuId"
    return [row[name] for row in said.holds["page"]["data"]]


async def status(jd: JdDesk, ware: str) -> int:
    said = await jd.ask(WARES, {"wareId": ware})
    found: int = said.holds["page"]["data"][0]["status"]
    return found


async def test_a_page_of_wares_is_counted_and_shows_whole_ids(jd: JdDesk) -> None:
    said = await jd.ask(WARES, {"pageNo": 2, "pageSize": "2", "field": "title"})
    assert said.holds["page"] == {
        "data": [{"wareId": 9007199254740993, "title": "茶杯"}],
        "pageNo": 2,
        "pageSize": 2,
        "totalItem": 3,
    }


async def test_ids_are_bare_numbers(jd: JdDesk) -> None:
    assert '"skuId":9007199254740995,' in (await jd.ask(SKUS)).text


async def test_pages_of_skus_split_the_whole(jd: JdDesk) -> None:
    pages = [await ids(jd, SKUS, pageNo=page, page_size=3) for page in (1, 2, 3)]
    assert pages == [[801, 802, 901], [9007199254740995], []]


@pytest.mark.parametrize(
    ("method", "business", "found"),
    [
        (SKUS, {"skuId": "802,901"}, [802, 901]),
        (SKUS, {"wareId": 800}, [801, 802]),
        (SKUS, {"skuId": "801", "wareId": "900"}, []),
        (WARES, {"wareId": "900"}, [900]),
        (WARES, {"searchKey": "Lam"}, [900]),
        (WARES, {"searchKey": "A"}, [800]),
    ],
)
async def test_rows_are_found_by_id_and_title(
    jd: JdDesk, method: str, business: dict[str, Any], found: list[int]
) -> None:
    assert await ids(jd, method, **business) == found


async def test_wares_are_found_by_when_they_were_changed(jd: JdDesk) -> None:
    await jd.control("POST", "/time", {"advance": 60})
    await jd.write({901: 1})
    since = await ids(jd, WARES, startModifiedTime="2026-01-01 08:01:00")
    until = await ids(jd, WARES, endModifiedTime="2026-01-01 08:00:59")
    assert (since, until) == ([900], [800, 9007199254740993])


async def test_one_sku_shows_what_was_asked_for(jd: JdDesk) -> None:
    said = await jd.ask(ONE, {"skuId": 802, "field": "outerId,stockNum,status,unknown"})
    assert said.holds["sku"] == {"skuId": 802, "wareId": 800, "outerId": "A-2", "stockNum": 3, "status": 8}


@pytest.mark.parametrize(
    ("method", "business", "code"),
    [
        (ONE, {"skuId": 5}, 71),
        (ONE, {}, 60),
        (WARES, {"pageSize": 51}, 62),
        (WARES, {"pageNo": 0}, 62),
        (WARES, {"pageNo": 2001, "pageSize": 50}, 62),
        (WARES, {"startModifiedTime": "soon"}, 62),
        (SKUS, {"page_size": 101}, 62),
        (SKUS, {"skuId": "A"}, 62),
        (SKUS, {"skuId": [801]}, 62),
        (SWITCH, {"wareId": 5, "opType": 1}, 71),
        (SWITCH, {"wareId": 800, "opType": 3}, 62),
        (SWITCH, {"wareId": 800}, 60),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    jd: JdDesk, method: str, business: dict[str, Any], code: int
) -> None:
    assert (await jd.ask(method, business)).code == code


# --- on and off sale ---------------------------------------------------------------------------------------


async def test_a_ware_goes_off_and_on_sale_with_all_its_skus(jd: JdDesk) -> None:
    off = await jd.ask(SWITCH, {"wareId": 800, "opType": 2})
    seen = await status(jd, "800")
    await jd.ask(SWITCH, {"wareId": "800", "opType": "1"})
    assert (off.holds, seen, await status(jd, "800")) == ({"code": "0", "success": True}, 2, 8)


async def test_a_counter_of_zero_leaves_a_ware_on_sale(jd: JdDesk) -> None:
    await jd.write({901: 0})
    assert await status(jd, "900") == 8


async def test_a_ware_taken_off_for_a_violation_stays_off(jd: JdDesk) -> None:
    await jd.control(
        "POST", "/state", {"listings": [{"id": "801", "on_sale": False, "off_reason": "violation"}]}
    )
    said = await jd.ask(SWITCH, {"wareId": 800, "opType": 1})
    assert (said.holds["success"], await status(jd, "800")) == (False, 4)


async def test_nobody_can_buy_of_a_ware_that_is_off(jd: JdDesk) -> None:
    await jd.ask(SWITCH, {"wareId": 800, "opType": 2})
    assert (await jd.control("POST", "/sell", {"id": "802", "units": 1}))["error"] == "not_on_sale"
