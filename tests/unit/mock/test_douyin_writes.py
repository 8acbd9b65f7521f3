"""How the Douyin mock writes counters, and puts products on and off sale."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ServerDisconnectedError

from syncd.mock.clock import START
from tests.unit.mock.douyin_desk import ONE, PRODUCT, SEVERAL, DouyinDesk, Said, opened_desk

BUSINESS = "isv.business-failed:"
WRONG = (40004, "isv.parameter-invalid:2010013")


@pytest.fixture
async def douyin() -> AsyncIterator[DouyinDesk]:
    async with opened_desk() as desk:
        yield desk


def told(said: Said) -> list[tuple[int, int, int]]:
    """Return each row of the call for several products: SKU, status and stock."""
    return [(row["sku_id"], row["status_code"], row["stock_num"]) for row in said.data["results"]]


# --- one SKU -----------------------------------------------------------------------------------------------


async def test_one_sku_is_set_by_its_id_or_by_its_code(douyin: DouyinDesk) -> None:
    by_id = await douyin.set("801", 9)
    by_code = await douyin.ask(ONE, {"product_id": "800", "code": "A-2", "stock_num": 0})
    assert (by_id.refusal, by_id.body["data"], by_code.refusal[0]) == ((10000, ""), {}, 10000)
    assert (douyin.counter("801"), douyin.counter("802")) == (9, 0)


async def test_a_difference_needs_a_key_and_is_applied_once(douyin: DouyinDesk) -> None:
    bare = await douyin.set("801", -2, incremental=True)
    said = [(await douyin.set("801", -2, incremental=True, idempotent_id="k")).refusal for _ in range(2)]
    assert (bare.refusal[0], said) == (40002, [(10000, ""), (40004, f"{BUSINESS}40010")])
    assert douyin.counter("801") == 3


async def test_a_refused_difference_leaves_its_key_free(douyin: DouyinDesk) -> None:
    first = await douyin.set("801", -6, incremental=True, idempotent_id="k")
    await douyin.set("801", 6)
    again = await douyin.set("801", -6, incremental=True, idempotent_id="k")
    assert (first.refusal[1], again.refusal[0], douyin.counter("801")) == (f"{BUSINESS}2010012", 10000, 0)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"sku_id": 5, "stock_num": 1}, (40004, f"{BUSINESS}5")),
        ({"sku_id": 801, "product_id": 900, "stock_num": 1}, (40004, f"{BUSINESS}5")),
        ({"product_id": 800, "code": "X", "stock_num": 1}, (40004, f"{BUSINESS}5")),
        ({"sku_id": 801, "stock_num": -1}, WRONG),
        ({"sku_id": 801, "stock_num": "x"}, WRONG),
        ({"sku_id": 801, "stock_num": True}, WRONG),
        ({"sku_id": "x", "stock_num": 1}, WRONG),
        ({"sku_id": 801, "stock_num": 1, "incremental": 1}, WRONG),
        ({"code": 5, "product_id": 800, "stock_num": 1}, WRONG),
        ({"sku_id": 801}, (40002, "isv.parameter-missing:stock_num")),
        ({"stock_num": 1}, (40002, "isv.parameter-missing:code")),
        ({"stock_num": 1, "code": "A-1"}, (40002, "isv.parameter-missing:product_id")),
        ({"sku_id": 801, "stock_num": 10**10}, (50002, f"{BUSINESS}2010013")),
        ({"sku_id": 803, "stock_num": 1}, (50002, f"{BUSINESS}2010045")),
    ],
)
async def test_a_write_of_one_sku_may_be_refused(
    douyin: DouyinDesk, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert (await douyin.ask(ONE, body)).refusal == refusal
    assert (douyin.counter("801"), douyin.counter("803")) == (5, 7)


# --- one product -------------------------------------------------------------------------------------------


async def test_the_skus_of_a_product_are_set_together(douyin: DouyinDesk) -> None:
    said = await douyin.set_product({"801": 1, "802": 0})
    assert (said.refusal, douyin.counter("801"), douyin.counter("802")) == ((10000, ""), 1, 0)


async def test_one_refused_sku_keeps_the_whole_product(douyin: DouyinDesk) -> None:
    said = await douyin.set_product({"801": 1, "803": 1})
    assert (said.refusal, douyin.counter("801")) == ((50002, f"{BUSINESS}2010045"), 5)


async def test_a_key_of_a_product_is_known_afterwards(douyin: DouyinDesk) -> None:
    said = [
        (await douyin.set_product({"801": 1}, incremental=True, idempotent_id="k")).refusal for _ in range(2)
    ]
    assert (said, douyin.counter("801")) == ([(10000, ""), (50002, f"{BUSINESS}2010021")], 6)


@pytest.mark.parametrize(
    ("product", "number"),
    [
        ({"deleted": True}, 2010042),
        ({"check_status": 5}, 2010043),
        ({"check_status": 2}, 2010041),
        ({"regional": True}, 2010330),
    ],
)
async def test_what_a_product_is_may_forbid_a_write(
    douyin: DouyinDesk, product: dict[str, Any], number: int
) -> None:
    await douyin.control("POST", "/state", {"products": [{"id": "800"} | product]})
    assert (await douyin.set_product({"801": 1})).refusal == (50002, f"{BUSINESS}{number}")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"incremental": None}, 40002),
        ({"sku_sync_list": None}, 40002),
        ({"sku_sync_list": []}, 40004),
        ({"sku_sync_list": [5]}, 40004),
        ({"sku_sync_list": [{"sku_id": 801, "sku_type": 0, "stock_num": n} for n in (1, 2)]}, 40004),
        ({"sku_sync_list": [{"sku_id": 801, "sku_type": 1, "stock_num": 1}]}, 50002),
        ({"product_id": 900}, 50002),
    ],
)
async def test_a_write_of_a_product_may_be_wrong_in_itself(
    douyin: DouyinDesk, body: dict[str, Any], code: int
) -> None:
    rows = [{"sku_id": 801, "sku_type": 0, "stock_num": 1}]
    whole = {"product_id": 800, "incremental": False, "sku_sync_list": rows} | body
    said = await douyin.ask(PRODUCT, {name: value for name, value in whole.items() if value is not None})
    assert (said.refusal[0], douyin.counter("801")) == (code, 5)


async def test_units_of_unpaid_orders_cannot_be_written_away(douyin: DouyinDesk) -> None:
    await douyin.sell("701", 3, "hold")
    refused = await douyin.set_product({"701": 2}, product_id=700)
    done = await douyin.set_product({"701": 3}, product_id=700)
    assert (refused.refusal[1], done.refusal[0]) == (f"{BUSINESS}2010012", 10000)


async def test_a_platform_may_let_units_of_unpaid_orders_be_written_away(douyin: DouyinDesk) -> None:
    await douyin.settings(refuses_below_withheld=False)
    await douyin.sell("701", 3, "hold")
    assert (await douyin.set("701", 2)).refusal == (10000, "")


# --- several products --------------------------------------------------------------------------------------


async def test_rows_of_several_products_are_judged_apart(douyin: DouyinDesk) -> None:
    said = await douyin.set_rows((800, 801, 9), (800, 803, 1), (900, 900, 0), (900, 5, 1))
    assert (said.refusal, told(said)) == (
        (10000, ""),
        [(801, 0, 9), (803, -20008, 7), (900, 0, 0), (5, -40003, 0)],
    )


async def test_a_failed_row_may_be_told_above_the_rows(douyin: DouyinDesk) -> None:
    await douyin.settings(partial_code=10001)
    said = [(await douyin.set_rows((800, 801, n), key=f"k{n}")).refusal[0] for n in (1, 0)]
    failed = await douyin.set_rows((800, 801, 2), (800, 803, 0), key="k")
    assert (said, failed.refusal[0], told(failed)[0]) == ([10000, 10000], 10001, (801, 0, 2))


async def test_rows_are_found_by_their_own_word(douyin: DouyinDesk) -> None:
    items = [{"product_id": 800, "outer_sku_id": "A-1", "stock_num": 1, "uniq_id": "x"}]
    said = await douyin.ask(SEVERAL, {"items": items, "idempotent_id": "k", "incremental": True})
    row = said.data["results"][0]
    assert (row["uniq_id"], row["sku_id"], row["stock_num"], row["change_num"]) == ("x", 801, 6, 1)


async def test_a_repeated_key_is_refused_for_the_rows_that_took_effect(douyin: DouyinDesk) -> None:
    await douyin.set_rows((800, 801, 1), (900, 900, -5), incremental=True)
    said = await douyin.set_rows((800, 801, 1), (900, 900, -5), incremental=True)
    assert told(said) == [(801, -20002, 6), (900, -20001, 4)]


async def test_a_repeated_key_may_be_refused_as_a_whole(douyin: DouyinDesk) -> None:
    await douyin.settings(keys_by_row=False)
    await douyin.set_rows((800, 801, 1), incremental=True)
    said = await douyin.set_rows((800, 801, 1), incremental=True)
    assert (said.refusal, douyin.counter("801")) == ((50002, f"{BUSINESS}-20002"), 6)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"idempotent_id": ""}, 40002),
        ({"items": []}, 40004),
        ({"items": [{"product_id": 800, "sku_id": 801, "stock_num": 1}] * 51}, 40004),
        ({"items": [{"product_id": 800, "stock_num": 1}]}, 40002),
        ({"items": [{"product_id": 800, "sku_id": 801, "stock_num": -1}]}, 40004),
    ],
)
async def test_a_write_of_several_products_may_be_wrong_in_itself(
    douyin: DouyinDesk, body: dict[str, Any], code: int
) -> None:
    rows = [{"product_id": 800, "sku_id": 801, "stock_num": 1}]
    said = await douyin.ask(SEVERAL, {"items": rows, "idempotent_id": "k", "incremental": False} | body)
    assert (said.refusal[0], douyin.counter("801")) == (code, 5)


# --- faults ------------------------------------------------------------------------------------------------


async def test_a_lost_reply_has_taken_effect(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "lost_reply", "path": "/sku/*"})
    with pytest.raises(ServerDisconnectedError):
        await douyin.set("801", 1, idempotent_id="k")
    again = await douyin.set("801", 1, idempotent_id="k")
    assert (douyin.counter("801"), again.refusal[1]) == (1, f"{BUSINESS}40010")


@pytest.mark.parametrize(
    ("fault", "rows"),
    [
        ({"lines": 1}, [(801, -20008, 5), (802, 0, 0)]),
        ({"ids": ["802"], "error": "transient"}, [(801, 0, 0), (802, -5000, 3)]),
        ({"ids": ["802"], "error": "not_found"}, [(801, 0, 0), (802, -40003, 3)]),
        ({"ids": ["802"], "error": "duplicate", "applied": True}, [(801, 0, 0), (802, -20002, 0)]),
        ({"ids": ["801"], "error": ""}, [(802, 0, 0)]),
    ],
)
async def test_some_rows_may_fail_or_be_left_out(
    douyin: DouyinDesk, fault: dict[str, Any], rows: list[tuple[int, int, int]]
) -> None:
    await douyin.faults({"kind": "partial"} | fault)
    assert told(await douyin.set_rows((800, 801, 0), (800, 802, 0))) == rows


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("rejected", (50002, f"{BUSINESS}2010045")),
        ("not_found", (40004, f"{BUSINESS}5")),
        ("throttled", (60000, "isp.call-limited")),
        ("permission", (30001, "isv.app-permissions-insufficient")),
        ("", (0, "")),
    ],
)
async def test_a_call_for_one_sku_fails_as_a_whole(
    douyin: DouyinDesk, error: str, refusal: tuple[int, str]
) -> None:
    await douyin.faults({"kind": "partial", "error": error})
    assert ((await douyin.set("801", 1)).refusal, douyin.counter("801")) == (refusal, 5)


async def test_a_write_may_take_effect_though_it_is_refused(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "partial", "applied": True})
    assert ((await douyin.set("801", 1)).refusal[0], douyin.counter("801")) == (50002, 1)


async def test_an_accepted_write_may_take_effect_later(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "late_apply", "seconds": 60, "times": 0})
    await douyin.set("801", 1)
    await douyin.set_rows((800, 802, 1))
    before = [douyin.counter("801"), douyin.counter("802")]
    douyin.rig.clock.move_to(START + timedelta(seconds=60))
    douyin.state.settle(douyin.rig.clock.now())
    assert (before, douyin.counter("801"), douyin.counter("802")) == ([5, 3], 1, 1)


@pytest.mark.parametrize(
    ("fault", "refusal", "counter"),
    [
        ({"kind": "throttle"}, (60000, "isp.call-limited"), 5),
        ({"kind": "throttle", "ids": ["801"]}, (60000, "isp.call-limited"), 5),
        ({"kind": "server_error"}, (20000, "isp.service-error:busy"), 5),
        ({"kind": "server_error", "applied": True}, (20001, "isp.service-timeout"), 1),
        ({"kind": "server_error", "status": 403}, (30001, "isv.app-permissions-insufficient"), 5),
        ({"kind": "token_expired"}, (40003, "isv.access-token-expired"), 5),
        ({"kind": "token_revoked"}, (30001, "dop.authorization-closed"), 5),
    ],
)
async def test_a_call_may_fail_as_a_whole(
    douyin: DouyinDesk, fault: dict[str, Any], refusal: tuple[int, str], counter: int
) -> None:
    await douyin.faults(fault)
    assert ((await douyin.set("801", 1)).refusal, douyin.counter("801")) == (refusal, counter)


async def test_a_proxy_answers_with_a_page(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "server_error", "status": 502, "retry_after": 3})
    said = await douyin.set("801", 1)
    assert (said.status, said.headers["Retry-After"], "<html>" in said.text) == (502, "3", True)


@pytest.mark.parametrize(("wait", "header"), [(None, None), (0.5, "1"), (7, "7")])
async def test_a_limit_says_how_long_only_where_it_is_told_to(
    douyin: DouyinDesk, wait: float | None, header: str | None
) -> None:
    fault = {"kind": "throttle"} | ({} if wait is None else {"retry_after": wait})
    await douyin.faults(fault)
    assert (await douyin.set("801", 1)).headers.get("Retry-After") == header


async def test_one_row_may_be_too_much(douyin: DouyinDesk) -> None:
    await douyin.faults({"kind": "throttle", "ids": ["802"]})
    assert told(await douyin.set_rows((800, 801, 0), (800, 802, 0))) == [(801, 0, 0), (802, -5000, 3)]


# --- on and off sale ---------------------------------------------------------------------------------------


async def test_a_product_goes_off_and_on_sale_with_its_skus(douyin: DouyinDesk) -> None:
    shown = []
    for path in ("/product/setOffline", "/product/setOffline", "/product/setOnline"):
        said = await douyin.ask(path, {"product_id": 800})
        shown.append((said.refusal[0], douyin.state.on_sale("800"), douyin.state.listings["802"].on_sale))
    assert shown == [(10000, False, False), (10000, False, False), (10000, True, True)]


async def test_a_sold_out_product_stays_on_sale(douyin: DouyinDesk) -> None:
    await douyin.sell("900", 4)
    assert (douyin.counter("900"), douyin.state.on_sale("900")) == (0, True)


@pytest.mark.parametrize(
    ("document", "number"),
    [
        ({"products": [{"id": "800", "deleted": True}]}, 2010042),
        ({"products": [{"id": "800", "check_status": 5}]}, 2010043),
        ({"listings": [{"id": "801", "on_sale": False, "off_reason": "violation"}]}, 2010043),
        ({"remove": ["801", "802", "803"]}, 2010058),
    ],
)
async def test_a_product_may_be_refused_to_be_put_on_sale(
    douyin: DouyinDesk, document: dict[str, Any], number: int
) -> None:
    await douyin.control("POST", "/state", document)
    said = await douyin.ask("/product/setOnline", {"product_id": 800})
    assert said.refusal == (50002, f"{BUSINESS}{number}")


async def test_several_products_go_off_sale_one_by_one(douyin: DouyinDesk) -> None:
    said = await douyin.ask("/product/batchOfflineProducts", {"product_ids": [800, 5, "900"]})
    rows = [(row["product_id"], row["code"]) for row in said.data["resp_list"]]
    assert rows == [(800, "0"), (5, "2010058"), (900, "0")]
    assert not douyin.state.on_sale("800")


async def test_a_list_of_products_must_be_of_numbers(douyin: DouyinDesk) -> None:
    said = await douyin.ask("/product/batchOfflineProducts", {"product_ids": ["x"]})
    assert said.refusal == WRONG


@pytest.mark.parametrize(
    ("error", "rows"), [("", [(900, "0")]), ("rejected", [(800, "2010045"), (900, "0")])]
)
async def test_a_product_may_be_left_out_or_fail_among_others(
    douyin: DouyinDesk, error: str, rows: list[tuple[int, str]]
) -> None:
    await douyin.faults({"kind": "partial", "error": error})
    said = await douyin.ask("/product/batchOfflineProducts", {"product_ids": [800, 900]})
    assert [(row["product_id"], row["code"]) for row in said.data["resp_list"]] == rows
    assert douyin.state.on_sale("800")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "partial"}, 50002),
        ({"kind": "partial", "error": ""}, 0),
        ({"kind": "throttle", "ids": ["800"]}, 60000),
    ],
)
async def test_a_switch_may_be_refused_or_not_answered(
    douyin: DouyinDesk, fault: dict[str, Any], code: int
) -> None:
    await douyin.faults(fault)
    said = await douyin.ask("/product/setOffline", {"product_id": 800})
    assert (said.refusal[0], douyin.state.on_sale("800")) == (code, True)


async def test_the_log_says_what_was_written_and_what_took_effect(douyin: DouyinDesk) -> None:
    await douyin.set_rows((800, 801, 9), (800, 803, 1), key="k7")
    call = (await douyin.control("GET", "/calls"))["calls"][0]
    assert (call["path"], call["listings"], call["quantities"]) == (SEVERAL, ["801", "803"], [9, 1])
    assert (call["keys"], call["applied"]) == (["k7", "k7"], [True, False])
