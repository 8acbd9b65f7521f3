"""How the channel `taobao` writes: the forms byte by byte, the answers line by line."""

from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from syncd.domain.model import Action, Outcome
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import pushed, write
from tests.unit.adapters.taobao_rig import DETAILS, Gateway, details, item, refused

MANY = "taobao.skus.quantity.update"
ONE = "taobao.item.quantity.update"
LISTING = "taobao.item.update.listing"
DELISTING = "taobao.item.update.delisting"


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def _counted(num_iid: int, **counters: int) -> dict[str, Any]:
    """Return the answer to a write; `sku_7=3` is the counter of SKU 7, `num` that of the item."""
    skus = [{"sku_id": int(k[4:]), "quantity": v} for k, v in counters.items() if k.startswith("sku_")]
    shown = {"num_iid": num_iid, "modified": "2026-01-01 00:00:00", "num": counters.get("num", 99)}
    return {"item": shown | ({"skus": {"sku": skus}} if skus else {})}


async def _failure(gateway: Gateway, *keys: str, action: Action = Action.SET, **settings: Any) -> PortError:  # noqa: ANN401
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(**settings), *(write(key, 7, action) for key in keys))
    return caught.value


# --- forms -------------------------------------------------------------------------------------------------


async def test_a_call_is_the_signed_form_of_the_vector(gateway: Gateway) -> None:
    gateway.on(MANY, _counted(3838293428, sku_1230005=7, sku_1230006=0))
    await pushed(gateway.channel(), write("3838293428:1230005", 7), write("3838293428:1230006", 0))
    signed = "16E2374A77B45236C3B71DC4FBE30F75D07EC1656252C90E73245E90E82D1E2D"
    form = {
        "num_iid": "3838293428",
        "type": "1",
        "skuid_quantities": "1230005:7;1230006:0",
        "method": MANY,
        "app_key": "12345678",
        "session": "test-session",
        "timestamp": "2026-11-20 10:00:00",
        "format": "json",
        "v": "2.0",
        "sign_method": "hmac-sha256",
        "sign": signed,
    }
    body = "&".join(f"{key}={quote_plus(value)}" for key, value in form.items())
    (request,) = gateway.requests
    assert request.content == body.encode()


async def test_a_call_is_posted_as_a_form_of_utf_8(gateway: Gateway) -> None:
    gateway.on(MANY, _counted(1, sku_2=7))
    await pushed(gateway.channel(), write("1:2", 7))
    (request,) = gateway.requests
    told = (request.method, str(request.url), request.headers["content-type"])
    assert told == (
        "POST",
        "https://top.test/router/rest",
        "application/x-www-form-urlencoded;charset=utf-8",
    )


@pytest.mark.parametrize(("action", "kind"), [(Action.SET, "1"), (Action.DELTA, "2")])
async def test_a_write_says_whether_it_is_absolute(gateway: Gateway, action: Action, kind: str) -> None:
    gateway.on(MANY, _counted(1, sku_2=7))
    await pushed(gateway.channel(), write("1:2", 7, action))
    assert gateway.forms[0]["type"] == kind


async def test_a_difference_keeps_its_sign(gateway: Gateway) -> None:
    gateway.on(MANY, _counted(1, sku_2=2, sku_3=9))
    await pushed(gateway.channel(), write("1:2", -3, Action.DELTA), write("1:3", 4, Action.DELTA))
    assert gateway.forms[0]["skuid_quantities"] == "2:-3;3:4"


async def test_an_item_without_skus_has_the_single_call(gateway: Gateway) -> None:
    gateway.on(ONE, _counted(1, num=7))
    assert await pushed(gateway.channel(), write("1:", 7)) == [Outcome(kind=Kind.DONE, counter=7)]
    form = gateway.forms[0]
    assert (form["num_iid"], form["quantity"], "sku_id" in form) == ("1", "7", False)


async def test_single_calls_name_their_sku(gateway: Gateway) -> None:
    gateway.on(ONE, _counted(1, sku_2=7))
    outcomes = await pushed(gateway.channel(single_calls=True), write("1:2", 7))
    form = gateway.forms[0]
    assert outcomes == [Outcome(kind=Kind.DONE, counter=7)]
    assert (form["num_iid"], form["sku_id"], form["quantity"]) == ("1", "2", "7")


@pytest.mark.parametrize(
    ("listing", "action", "method"),
    [
        ("1:2", Action.SET, MANY),
        ("1:", Action.SET, ONE),
        ("1:2", Action.DELIST, DELISTING),
        ("1:2", Action.RELIST, LISTING),
    ],
)
async def test_apps_of_tmall_have_calls_of_their_own(
    gateway: Gateway, listing: str, action: Action, method: str
) -> None:
    gateway.on(f"{method}.tmall", _counted(1, sku_2=7, num=7))
    (outcome,) = await pushed(gateway.channel(tmall_calls=True), write(listing, 7, action))
    assert outcome.kind is Kind.DONE


# --- answers -----------------------------------------------------------------------------------------------


async def test_the_counters_of_the_answer_are_told_in_the_order_of_the_writes(gateway: Gateway) -> None:
    gateway.on(MANY, _counted(1, sku_3=8, sku_2=7))
    outcomes = await pushed(gateway.channel(), write("1:2", 7), write("1:3", 8))
    assert outcomes == [Outcome(kind=Kind.DONE, counter=7), Outcome(kind=Kind.DONE, counter=8)]


async def test_a_counter_that_is_not_what_was_written_is_told(gateway: Gateway) -> None:
    gateway.on(MANY, _counted(1, sku_2=6))
    (outcome,) = await pushed(gateway.channel(), write("1:2", 7))
    assert (outcome.kind, outcome.counter, outcome.message) == (
        Kind.DONE,
        6,
        "it reads 6 though 7 was written",
    )


async def test_a_difference_that_was_cut_to_zero_is_done_and_reads_zero(gateway: Gateway) -> None:
    gateway.on(MANY, _counted(1, sku_2=0))
    outcomes = await pushed(gateway.channel(), write("1:2", -9, Action.DELTA))
    assert outcomes == [Outcome(kind=Kind.DONE, counter=0)]


@pytest.mark.parametrize("counter", [None, "many", -1, 1.5])
async def test_a_sku_whose_counter_is_not_told_is_unknown(gateway: Gateway, counter: object) -> None:
    gateway.on(MANY, {"item": {"num_iid": 1, "skus": {"sku": [{"sku_id": 2, "quantity": counter}]}}})
    (outcome,) = await pushed(gateway.channel(), write("1:2", 7))
    assert outcome.kind is Kind.UNKNOWN


async def test_a_sku_that_the_answer_leaves_out_is_unknown(gateway: Gateway) -> None:
    gateway.on(MANY, _counted(1, sku_2=7))
    outcomes = await pushed(gateway.channel(), write("1:2", 7), write("1:3", 7))
    assert [outcome.kind for outcome in outcomes] == [Kind.DONE, Kind.UNKNOWN]


@pytest.mark.parametrize(
    "answer", [{}, {"item": 7}, {"item": {"num_iid": 2}}, {"item": {"num_iid": 1.0}}, b"{}", b"x"]
)
@pytest.mark.parametrize("action", [Action.SET, Action.DELIST])
async def test_an_answer_of_another_shape_leaves_the_write_unknown(
    gateway: Gateway,
    answer: Any,  # noqa: ANN401
    action: Action,
) -> None:
    gateway.on(MANY, answer)
    gateway.on(DELISTING, answer)
    assert (await _failure(gateway, "1:2", action=action)).kind is Kind.UNKNOWN


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sub_code", "kind"),
    [
        ("isv.item-quantity-service-error:TOO_LOW", Kind.REJECTED),
        ("isv.item-is-delete:invalid", Kind.NOT_FOUND),
    ],
)
async def test_a_refused_call_with_one_line_is_its_outcome(
    gateway: Gateway, sub_code: str, kind: Kind
) -> None:
    gateway.on(MANY, refused(15, sub_code, "库存不足"))
    outcomes = await pushed(gateway.channel(), write("1:2", 7))
    assert outcomes == [Outcome(kind=kind, message=f"code 15 {sub_code}: 库存不足")]


async def test_a_refused_call_with_several_lines_fails_whole_so_that_it_is_split(gateway: Gateway) -> None:
    gateway.on(MANY, refused(15, "isv.invalid-parameter", "no"))
    error = await _failure(gateway, "1:2", "1:3")
    assert (error.kind, str(error)) == (Kind.REJECTED, f"tmall: {MANY}: code 15 isv.invalid-parameter: no")


@pytest.mark.parametrize("code", [26, 27, 53])
async def test_a_session_that_is_over_fails_the_call_and_says_what_to_do(gateway: Gateway, code: int) -> None:
    gateway.on(MANY, refused(code))
    error = await _failure(gateway, "1:2")
    assert error.kind is Kind.AUTH_EXPIRED
    assert "the owner must authorize the app again, for a new `session`" in str(error)


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        (25, "", Kind.SIGNATURE),
        (31, "", Kind.SIGNATURE),
        (11, "", Kind.PERMISSION),
        (7, "", Kind.THROTTLED),
        (15, "isp.remote-service-timeout", Kind.UNKNOWN),
        (15, "something-new", Kind.UNKNOWN),
    ],
)
async def test_any_other_refusal_fails_the_call(
    gateway: Gateway, code: int, sub_code: str, kind: Kind
) -> None:
    gateway.on(MANY, refused(code, sub_code))
    assert (await _failure(gateway, "1:2")).kind is kind


@pytest.mark.parametrize(("told", "wait"), [("37", 37.0), ("86400", 3600.0)])
async def test_a_ban_is_waited_for_up_to_an_hour(gateway: Gateway, told: str, wait: float) -> None:
    gateway.on(MANY, refused(7, "", f"This ban will last for {told} more seconds"))
    assert (await _failure(gateway, "1:2")).retry_after == wait


async def test_settings_say_what_an_unknown_word_means(gateway: Gateway) -> None:
    gateway.on(MANY, refused(15, "isv.withheld"))
    error = await _failure(gateway, "1:2", errors={"isv.withheld": "throttled"})
    assert error.kind is Kind.THROTTLED


async def test_a_refusal_that_repeats_our_secrets_does_not_show_them(gateway: Gateway) -> None:
    gateway.on(MANY, refused(15, "isv.x", "test-session and helloworld\nare wrong"))
    (outcome,) = await pushed(gateway.channel(), write("1:2", 7))
    assert outcome.message == "code 15 isv.x: *** and *** are wrong"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {}, Kind.REJECTED),
        (410, {}, Kind.REJECTED),
        (401, {}, Kind.AUTH_EXPIRED),
        (429, {}, Kind.THROTTLED),
        (400, refused(25), Kind.SIGNATURE),
        (502, refused(25), Kind.UNKNOWN),
    ],
)
async def test_a_status_that_is_not_200_has_a_kind_that_hides_no_listing(
    gateway: Gateway,
    status: int,
    body: Any,  # noqa: ANN401
    kind: Kind,
) -> None:
    gateway.on(MANY, httpx.Response(status, json=body))
    assert (await _failure(gateway, "1:2")).kind is kind


# --- on and off sale ---------------------------------------------------------------------------------------


async def test_all_skus_of_an_item_go_off_sale_by_one_call(gateway: Gateway) -> None:
    gateway.on(DELISTING, _counted(1))
    outcomes = await pushed(gateway.channel(), *(write(f"1:{n}", 0, Action.DELIST) for n in range(2, 32)))
    assert outcomes == [Outcome(kind=Kind.DONE)] * 30
    assert [form["num_iid"] for form in gateway.forms] == ["1"]


async def test_an_item_with_skus_is_listed_without_a_look_at_its_counter(gateway: Gateway) -> None:
    gateway.on(LISTING, _counted(1))
    assert await pushed(gateway.channel(), write("1:2", 0, Action.RELIST)) == [Outcome(kind=Kind.DONE)]
    assert [(form["method"], form.get("num")) for form in gateway.forms] == [(LISTING, "1")]


async def test_an_item_without_skus_is_listed_with_the_counter_that_it_has(gateway: Gateway) -> None:
    gateway.on(DETAILS, details(item(1, num=6)))
    gateway.on(LISTING, _counted(1))
    assert await pushed(gateway.channel(), write("1:", 0, Action.RELIST)) == [Outcome(kind=Kind.DONE)]
    assert gateway.called(LISTING)[0]["num"] == "6"


@pytest.mark.parametrize("shown", [[item(1, num=0)], [item(1, num=None)], [], [item(1, {"sku_id": 2})]])
async def test_an_item_whose_counter_is_0_or_unknown_is_not_listed(
    gateway: Gateway, shown: list[Any]
) -> None:
    gateway.on(DETAILS, details(*shown))
    (outcome,) = await pushed(gateway.channel(), write("1:", 0, Action.RELIST))
    assert (outcome.kind, gateway.called(LISTING)) == (Kind.REJECTED, [])


async def test_a_counter_that_cannot_be_read_proves_that_nothing_was_listed(gateway: Gateway) -> None:
    gateway.on(DETAILS, refused(7, "", "This ban will last for 7 more seconds"))
    error = await _failure(gateway, "1:", action=Action.RELIST)
    assert (error.kind, error.sent, error.retry_after) == (Kind.THROTTLED, False, 7.0)


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        (Action.DELIST, "instock", Kind.DONE),
        (Action.DELIST, "onsale", Kind.REJECTED),
        (Action.DELIST, "odd", Kind.REJECTED),
        (Action.RELIST, "onsale", Kind.DONE),
        (Action.RELIST, "instock", Kind.REJECTED),
    ],
)
async def test_a_refused_switch_is_done_only_if_the_item_is_so_already(
    gateway: Gateway, action: Action, status: str, kind: Kind
) -> None:
    gateway.on(LISTING, refused(15, "isv.item-listing-service-error:X"))
    gateway.on(DELISTING, refused(15, "isv.item-delisting-service-error:X"))
    gateway.on(DETAILS, details(item(1, approve_status=status)))
    (outcome,) = await pushed(gateway.channel(), write("1:2", 0, action))
    assert outcome.kind is kind


@pytest.mark.parametrize("answer", [refused(7), {}, b"x"])
async def test_a_refused_switch_stays_refused_where_nobody_can_look(gateway: Gateway, answer: Any) -> None:  # noqa: ANN401
    gateway.on(DELISTING, refused(15, "isv.item-delisting-service-error:X"))
    gateway.on(DETAILS, answer)
    outcomes = await pushed(gateway.channel(), write("1:2", 0, Action.DELIST), write("1:3", 0, Action.DELIST))
    assert [outcome.kind for outcome in outcomes] == [Kind.REJECTED] * 2


async def test_an_item_that_is_gone_is_not_looked_for(gateway: Gateway) -> None:
    gateway.on(DELISTING, refused(15, "isv.item-is-delete:X"))
    (outcome,) = await pushed(gateway.channel(), write("1:2", 0, Action.DELIST))
    assert (outcome.kind, len(gateway.forms)) == (Kind.NOT_FOUND, 1)


async def test_a_switch_that_is_not_allowed_fails_the_call(gateway: Gateway) -> None:
    gateway.on(DELISTING, refused(12))
    assert (await _failure(gateway, "1:2", action=Action.DELIST)).kind is Kind.PERMISSION


# --- what is no call ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("listing", ["", "1", ":2", "1:x", "1:2;3"])
async def test_an_id_of_another_form_is_refused_without_a_call(gateway: Gateway, listing: str) -> None:
    (outcome,) = await pushed(gateway.channel(), write(listing, 7))
    assert (outcome.kind, gateway.forms) == (Kind.REJECTED, [])


async def test_an_item_that_got_skus_meanwhile_has_its_writes_split(gateway: Gateway) -> None:
    error = await _failure(gateway, "1:", "1:2")
    assert (error.kind, error.sent, gateway.forms) == (Kind.REJECTED, False, [])


@pytest.mark.parametrize(
    "writes",
    [
        [write("1:2", 7), write("2:3", 7)],
        [write("1:2", 7), write("1:3", 7, Action.DELTA)],
        [write(f"1:{number}", 7) for number in range(21)],
    ],
    ids=["two items", "two actions", "too many"],
)
async def test_what_the_traits_forbid_is_a_mistake_of_the_caller(gateway: Gateway, writes: list[Any]) -> None:
    with pytest.raises(ValueError, match="a call carries"):
        await pushed(gateway.channel(), *writes)
