"""How the channel `aliexpress` writes: the forms byte by byte, the answers product by product."""

import asyncio
import json
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from syncd.domain.batches import fill
from syncd.domain.model import Action, Outcome, Write
from syncd.errors import Kind, PortError
from tests.unit.adapters.aliexpress_rig import (
    OFFLINE,
    ONLINE,
    PRODUCT,
    UPDATE,
    Form,
    Gateway,
    product,
    refused,
    shop,
    switched,
    updated,
)
from tests.unit.adapters.channel_rig import pushed, write


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def _asked(form: Form) -> Any:  # noqa: ANN401 - JSON is anything
    return json.loads(form["mutiple_product_update_list"])


async def _failure(gateway: Gateway, *writes: Write, **settings: object) -> PortError:
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(**settings), *writes)
    return caught.value


def kinds(outcomes: list[Outcome]) -> list[Kind]:
    return [outcome.kind for outcome in outcomes]


# --- forms -------------------------------------------------------------------------------------------------


async def test_a_call_is_a_signed_form(gateway: Gateway) -> None:
    gateway.on(UPDATE, updated([1000005237852]))
    await pushed(gateway.channel(), write("1000005237852:123abc", 99))
    form = {
        "mutiple_product_update_list": '[{"product_id":1000005237852,"multiple_sku_update_list":'
        '[{"sku_code":"123abc","inventory":99}]}]',
        "method": UPDATE,
        "session": "test-session",
        "format": "json",
        "simplify": "false",
        "app_key": "500000",
        "timestamp": "1763604000000",
        "sign_method": "sha256",
    }
    (request,) = gateway.requests
    sent = request.content.decode()
    assert sent.startswith("&".join(f"{key}={quote_plus(value)}" for key, value in form.items()) + "&sign=")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded;charset=utf-8"
    assert str(request.url) == "https://iop.test/sync"


async def test_the_skus_of_a_product_stand_together(gateway: Gateway) -> None:
    gateway.on(UPDATE, updated([1, 2]))
    outcomes = await pushed(gateway.channel(), write("1:A", 3), write("2:茶:1", 0), write("1:B", 4))
    assert kinds(outcomes) == [Kind.DONE] * 3
    assert _asked(gateway.forms[0]) == [
        {
            "product_id": 1,
            "multiple_sku_update_list": [
                {"sku_code": "A", "inventory": 3},
                {"sku_code": "B", "inventory": 4},
            ],
        },
        {"product_id": 2, "multiple_sku_update_list": [{"sku_code": "茶:1", "inventory": 0}]},
    ]


async def test_twenty_products_with_all_their_skus_are_one_call(gateway: Gateway) -> None:
    channel = gateway.channel()
    writes = [write(f"{item}:{sku}", 1) for item in range(1, 22) for sku in range(201)]
    calls = fill(writes, channel.traits)
    gateway.on(UPDATE, lambda form: updated([row["product_id"] for row in _asked(form)]))
    for call in calls:
        assert kinds(await pushed(channel, *call)) == [Kind.DONE] * len(call)
    sizes = [[len(row["multiple_sku_update_list"]) for row in _asked(form)] for form in gateway.forms]
    assert sizes[0] == [200] * 20
    assert max(len(size) for size in sizes) == 20
    assert max(max(size) for size in sizes) == 200


async def test_nothing_to_write_is_no_call(gateway: Gateway) -> None:
    assert await pushed(gateway.channel()) == []
    assert gateway.forms == []


# --- answers -----------------------------------------------------------------------------------------------


async def test_a_product_that_failed_stops_no_other(gateway: Gateway) -> None:
    gateway.on(UPDATE, updated([1, 3], {2: "E7"}))
    outcomes = await pushed(gateway.channel(), write("1:A"), write("2:A"), write("3:A"))
    assert kinds(outcomes) == [Kind.DONE, Kind.UNKNOWN, Kind.DONE]
    assert outcomes[1].message == "code E7: why; if you know it, say in errors what it means"


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND, Kind.THROTTLED, Kind.PERMISSION])
async def test_the_settings_say_what_a_products_error_means(gateway: Gateway, kind: Kind) -> None:
    gateway.on(UPDATE, updated([1], {2: "E7"}))
    channel = gateway.channel(errors={"E7": kind.value})
    assert kinds(await pushed(channel, write("2:A"), write("1:A"))) == [kind, Kind.DONE]


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND])
async def test_no_sku_is_taken_for_gone_where_it_was_refused_with_others(
    gateway: Gateway, kind: Kind
) -> None:
    gateway.on(UPDATE, updated([1], {2: "E7"}))
    channel = gateway.channel(errors={"E7": kind.value})
    outcomes = await pushed(channel, write("2:A"), write("1:A"), write("2:B"))
    assert kinds(outcomes) == [Kind.REJECTED, Kind.DONE, Kind.REJECTED]
    assert outcomes[0].message == "refused with all 2 SKUs of its product in the call: code E7: why"


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ({1: "E7", 2: "E7"}, Kind.REJECTED),
        ({1: "E8", 2: "E8"}, Kind.NOT_FOUND),
        ({1: "E8", 2: "E7"}, Kind.REJECTED),
    ],
)
async def test_a_call_of_which_nothing_was_done_is_refused_whole_so_that_less_is_sent(
    gateway: Gateway, codes: dict[int, str], kind: Kind
) -> None:
    gateway.on(UPDATE, updated([], codes))
    writes = [write("1:A"), write("1:B"), write("2:A")]
    error = await _failure(gateway, *writes, errors={"E7": "rejected", "E8": "not_found"})
    assert (error.kind, error.sent) == (kind, True)
    assert str(error).startswith(f"ali: {UPDATE}: code {codes[1]}: why")


async def test_a_call_is_not_refused_whole_where_something_of_it_may_be_done(gateway: Gateway) -> None:
    writes = [write("1:A"), write("1:B"), write("2:A")]
    channel = gateway.channel(errors={"E7": "rejected"})
    gateway.on(UPDATE, updated([], {1: "E7", 2: "E9"}))
    assert kinds(await pushed(channel, *writes)) == [Kind.REJECTED, Kind.REJECTED, Kind.UNKNOWN]
    gateway.on(UPDATE, updated([], {1: "E7"}))
    assert kinds(await pushed(channel, *writes)) == [Kind.REJECTED, Kind.REJECTED, Kind.UNKNOWN]


async def test_products_with_one_sku_each_are_refused_each_for_itself(gateway: Gateway) -> None:
    gateway.on(UPDATE, updated([], {1: "E7", 2: "E8"}))
    channel = gateway.channel(errors={"E7": "rejected", "E8": "not_found"})
    outcomes = await pushed(channel, write("1:A"), write("2:A"))
    assert kinds(outcomes) == [Kind.REJECTED, Kind.NOT_FOUND]
    assert outcomes[1].message == "code E8: why"


async def test_a_product_that_the_answer_leaves_out_is_unknown(gateway: Gateway) -> None:
    gateway.on(UPDATE, updated([1]))
    outcomes = await pushed(gateway.channel(), write("1:A"), write("2:A"))
    assert kinds(outcomes) == [Kind.DONE, Kind.UNKNOWN]


async def test_success_without_a_name_is_unknown(gateway: Gateway) -> None:
    gateway.on(UPDATE, {"update_success": True})
    assert kinds(await pushed(gateway.channel(), write("1:A"))) == [Kind.UNKNOWN]


async def test_done_and_failed_at_once_is_unknown(gateway: Gateway) -> None:
    gateway.on(UPDATE, updated([1], {1: "E7"}))
    (outcome,) = await pushed(gateway.channel(errors={"E7": "rejected"}), write("1:A"))
    assert outcome == Outcome(kind=Kind.UNKNOWN, message="the answer says both done and failed")


async def test_a_simplified_answer_is_understood_too(gateway: Gateway) -> None:
    rows = [{"product_id": "1"}]
    gateway.on(UPDATE, json.dumps({"update_success": "true", "update_successful_list": rows}).encode())
    assert kinds(await pushed(gateway.channel(), write("1:A"))) == [Kind.DONE]


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"",
        b"{}",
        b'{"listing":{"id":1}}',
        b"<html>",
        b'{"update_success":1}',
        b'{"update_success":null,"update_successful_list":[{"product_id":1}]}',
        b'{"update_success":true,"update_successful_list":5}',
        b'{"update_success":true,"update_successful_list":[{"product_id":1.0}]}',
        b'{"update_success":false,"update_failed_list":[{}]}',
    ],
)
async def test_an_answer_that_is_not_understood_leaves_the_write_unknown(
    gateway: Gateway, answer: bytes
) -> None:
    gateway.on(UPDATE, answer)
    assert (await _failure(gateway, write("1:A"))).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ServiceTimeout", Kind.UNKNOWN),
        ("SomethingNew", Kind.UNKNOWN),
        ("ApiCallLimit", Kind.THROTTLED),
        ("InvalidParameter", Kind.REJECTED),
    ],
)
async def test_a_refused_call_fails_as_a_whole(gateway: Gateway, code: str, kind: Kind) -> None:
    gateway.on(UPDATE, refused(code, "retry after 9 seconds"))
    error = await _failure(gateway, write("1:A"))
    assert (error.kind, error.retry_after) == (kind, 9.0 if kind is Kind.THROTTLED else None)


@pytest.mark.parametrize(
    ("status", "kind"), [(500, Kind.UNKNOWN), (404, Kind.REJECTED), (429, Kind.THROTTLED)]
)
async def test_a_status_that_is_not_fine_has_its_meaning(gateway: Gateway, status: int, kind: Kind) -> None:
    gateway.on(UPDATE, httpx.Response(status, text="<html>"))
    assert (await _failure(gateway, write("1:A"))).kind is kind


async def test_a_refusal_with_a_status_of_its_own_is_believed(gateway: Gateway) -> None:
    gateway.on(UPDATE, httpx.Response(400, json=refused("IllegalAccessToken")))
    assert (await _failure(gateway, write("1:A"))).kind is Kind.AUTH_EXPIRED


async def test_a_write_may_have_been_applied_where_no_answer_comes(gateway: Gateway) -> None:
    def lost(_: Form) -> httpx.Response:
        raise httpx.ReadError("gone")

    gateway.on(UPDATE, lost)
    error = await _failure(gateway, write("1:A"))
    assert (error.kind, error.sent) == (Kind.UNKNOWN, True)


async def test_a_cancelled_call_ends_at_once(gateway: Gateway) -> None:
    entered = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    channel = gateway.channel()
    gateway._router.post("https://iop.test/sync").mock(side_effect=hang)
    task = asyncio.create_task(pushed(channel, write("1:A")))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# --- what is not sent --------------------------------------------------------------------------------------


@pytest.mark.parametrize("listing", ["x", "x:A", "", "²:A"])
async def test_a_listing_of_another_form_is_not_sent(gateway: Gateway, listing: str) -> None:
    (outcome,) = await pushed(gateway.channel(), write(listing))
    assert (outcome.kind, outcome.message) == (
        Kind.REJECTED,
        "not sent: its id is not product_id:sku_code",
    )
    assert gateway.forms == []


async def test_a_sku_without_a_code_is_not_sent(gateway: Gateway) -> None:
    gateway.on(UPDATE, updated([2]))
    outcomes = await pushed(gateway.channel(), write("1:"), write("2:A"))
    assert (kinds(outcomes), "give it one" in outcomes[0].message) == ([Kind.REJECTED, Kind.DONE], True)
    assert [row["product_id"] for row in _asked(gateway.forms[0])] == [2]


@pytest.mark.parametrize(
    "writes",
    [
        [write("1:A", 1, Action.DELTA)],
        [write("1:A", 1, Action.COMPARE_AND_SET)],
        [write("1:A"), write("1:A", 0, Action.DELIST)],
        [write(f"{n}:A") for n in range(21)],
        [write(f"1:{n}") for n in range(201)],
        [write("1:A", 0, Action.DELIST), write("2:A", 0, Action.DELIST)],
    ],
)
async def test_what_the_traits_do_not_offer_is_a_mistake(gateway: Gateway, writes: list[Write]) -> None:
    with pytest.raises(ValueError, match="a call carries"):
        await pushed(gateway.channel(), *writes)
    assert gateway.forms == []


# --- on and off sale ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "method"), [(Action.DELIST, OFFLINE), (Action.RELIST, ONLINE)])
async def test_a_product_goes_on_or_off_sale_once_for_all_its_skus(
    gateway: Gateway, action: Action, method: str
) -> None:
    gateway.on(method, switched())
    outcomes = await pushed(gateway.channel(), write("1:A", 0, action), write("1:B", 0, action))
    assert outcomes == [Outcome(kind=Kind.DONE)] * 2
    assert [form["product_ids"] for form in gateway.called(method)] == ["1"]


@pytest.mark.parametrize(
    ("status", "kind"), [("offline", Kind.DONE), ("onSelling", Kind.UNKNOWN), (None, Kind.UNKNOWN)]
)
async def test_a_switch_that_changed_nothing_is_done_only_if_it_is_so_already(
    gateway: Gateway, status: str | None, kind: Kind
) -> None:
    gateway.on(OFFLINE, switched(0))
    gateway.on(PRODUCT, product(product_status_type=status))
    (outcome,) = await pushed(gateway.channel(), write("1:A", 0, Action.DELIST))
    assert outcome.kind is kind


async def test_a_list_says_too_that_a_switch_was_so_already(gateway: Gateway) -> None:
    gateway.on(ONLINE, switched(0))
    gateway.on(PRODUCT, product())
    shop(gateway, onSelling=[1])
    (outcome,) = await pushed(gateway.channel(), write("1:A", 0, Action.RELIST))
    assert outcome == Outcome(kind=Kind.DONE, message="it is so already")


async def test_a_switch_that_failed_is_unknown_unless_its_error_is_known(gateway: Gateway) -> None:
    gateway.on(ONLINE, switched(0, success=False, error_code="16009999", error_message="system error"))
    gateway.on(PRODUCT, refused("ServiceTimeout"))
    relist = write("1:A", 0, Action.RELIST)
    assert kinds(await pushed(gateway.channel(), relist)) == [Kind.UNKNOWN]
    channel = gateway.channel(errors={"16009999": "rejected"})
    (outcome,) = await pushed(channel, relist)
    assert outcome == Outcome(kind=Kind.REJECTED, message="code 16009999: system error")


async def test_a_refused_switch_is_the_outcome_of_its_product(gateway: Gateway) -> None:
    gateway.on(OFFLINE, refused("InvalidParameter", "bad id"))
    (outcome,) = await pushed(gateway.channel(), write("1:A", 0, Action.DELIST))
    assert outcome == Outcome(kind=Kind.REJECTED, message="code InvalidParameter: bad id")


async def test_a_switch_without_a_token_fails_as_a_whole(gateway: Gateway) -> None:
    gateway.on(OFFLINE, refused("IllegalAccessToken"))
    assert (await _failure(gateway, write("1:A", 0, Action.DELIST))).kind is Kind.AUTH_EXPIRED


async def test_a_switch_of_a_listing_of_another_form_is_not_sent(gateway: Gateway) -> None:
    assert kinds(await pushed(gateway.channel(), write("x", 0, Action.DELIST))) == [Kind.REJECTED]
    assert gateway.forms == []
