"""How the channel `pdd` writes: the forms byte by byte, and what answers mean."""

import asyncio
from urllib.parse import quote_plus

import httpx
import pytest

from syncd.adapters.wire.pdd import sign
from syncd.domain.model import Action, Outcome, Write
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import pushed, write
from tests.unit.adapters.pdd_rig import QUANTITY, SWITCH, URL, Gateway, refused

_DONE = {"is_success": True, "request_id": "r"}
_PLANTED = ("planted-secret", "planted-token")


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def _failure(gateway: Gateway, action: Action = Action.SET) -> PortError:
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(), write("1:2", 7, action))
    return caught.value


# --- forms -------------------------------------------------------------------------------------------------


async def test_a_quantity_is_one_signed_form(gateway: Gateway) -> None:
    gateway.on(QUANTITY, _DONE)
    await pushed(gateway.channel(), write("9007199254740993:9007199254740995", 7))
    form = {
        "goods_id": "9007199254740993",
        "sku_id": "9007199254740995",
        "quantity": "7",
        "update_type": "1",
        "type": QUANTITY,
        "client_id": "app-id",
        "access_token": "planted-token",
        "timestamp": "1795140000",
        "data_type": "JSON",
    }
    form["sign"] = sign(form, "planted-secret")
    (request,) = gateway.requests
    assert request.content == "&".join(f"{k}={quote_plus(v)}" for k, v in form.items()).encode()


async def test_a_call_is_posted_as_a_form_of_utf_8(gateway: Gateway) -> None:
    gateway.on(QUANTITY, _DONE)
    await pushed(gateway.channel(), write("1:2", 7))
    (request,) = gateway.requests
    told = (request.method, str(request.url), request.headers["content-type"])
    assert told == ("POST", URL, "application/x-www-form-urlencoded;charset=utf-8")


@pytest.mark.parametrize(
    ("action", "value", "kind"),
    [(Action.SET, 0, "1"), (Action.DELTA, 4, "2"), (Action.DELTA, -3, "2")],
)
async def test_a_write_says_whether_it_is_absolute(
    gateway: Gateway, action: Action, value: int, kind: str
) -> None:
    gateway.on(QUANTITY, _DONE)
    assert await pushed(gateway.channel(), write("1:2", value, action)) == [Outcome(kind=Kind.DONE)]
    assert (gateway.forms[0]["quantity"], gateway.forms[0]["update_type"]) == (str(value), kind)


@pytest.mark.parametrize(("action", "word"), [(Action.DELIST, "0"), (Action.RELIST, "1")])
async def test_goods_go_on_and_off_sale_whole(gateway: Gateway, action: Action, word: str) -> None:
    gateway.on(SWITCH, _DONE)
    outcomes = await pushed(gateway.channel(), write("1:2", action=action), write("1:3", action=action))
    assert outcomes == [Outcome(kind=Kind.DONE)] * 2
    (form,) = gateway.called(SWITCH)
    assert (form["goods_id"], form["is_onsale"], "sku_id" in form) == ("1", word, False)


async def test_nothing_to_write_is_no_call(gateway: Gateway) -> None:
    assert (await pushed(gateway.channel()), gateway.forms) == ([], [])


@pytest.mark.parametrize("listing", ["", "1", "1:", ":2", "a:b", "1:2:3", "１:２", " 1:2"])
async def test_an_id_of_another_form_is_not_sent(gateway: Gateway, listing: str) -> None:
    (outcome,) = await pushed(gateway.channel(), write(listing, 1))
    assert (outcome.kind, outcome.message, gateway.forms) == (
        Kind.REJECTED,
        "not sent: its id is not goods_id:sku_id",
        [],
    )


@pytest.mark.parametrize(
    "writes",
    [
        (write("1:2", 1), write("1:3", 1)),
        (write("1:2", action=Action.DELIST), write("1:3", action=Action.RELIST)),
        (write("1:2", action=Action.DELIST), write("2:3", action=Action.DELIST)),
    ],
)
async def test_what_is_no_call_is_a_slip_of_the_caller(gateway: Gateway, writes: tuple[Write, ...]) -> None:
    with pytest.raises(ValueError, match="a call carries"):
        await gateway.channel().push(writes)


# --- answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "final"),
    [
        ({"is_success": False}, Kind.UNKNOWN, Kind.REJECTED),
        ({"is_success": None}, Kind.UNKNOWN, Kind.UNKNOWN),
        ({"request_id": "r"}, Kind.UNKNOWN, Kind.UNKNOWN),
        ({"is_success": "yes"}, Kind.UNKNOWN, Kind.UNKNOWN),
    ],
)
async def test_what_is_no_plain_yes_is_not_done(
    gateway: Gateway, answer: dict[str, object], kind: Kind, final: Kind
) -> None:
    gateway.on(QUANTITY, answer)
    outcomes = [
        await pushed(gateway.channel(refusals_are_final=value), write("1:2", 7)) for value in (False, True)
    ]
    assert [outcome.kind for (outcome,) in outcomes] == [kind, final]


async def test_a_refusal_by_the_service_is_unknown_until_it_is_known_to_be_final(gateway: Gateway) -> None:
    gateway.on(QUANTITY, refused(50002, "资源位商品不能减少库存"))
    outcomes = [
        await pushed(gateway.channel(refusals_are_final=value), write("1:2", 7)) for value in (False, True)
    ]
    message = "code 50002: 资源位商品不能减少库存"
    assert outcomes == [
        [Outcome(kind=Kind.UNKNOWN, message=message)],
        [Outcome(kind=Kind.REJECTED, message=message)],
    ]


async def test_a_switch_that_is_refused_is_the_outcome_of_all_its_listings(gateway: Gateway) -> None:
    gateway.on(SWITCH, refused(50002, "资源位商品不能下架"))
    writes = [write(f"1:{n}", action=Action.DELIST) for n in (2, 3)]
    assert [outcome.kind for outcome in await pushed(gateway.channel(), *writes)] == [Kind.UNKNOWN] * 2


@pytest.mark.parametrize("kind", ["not_found", "rejected", "unknown"])
async def test_the_settings_say_what_a_code_means_for_a_line(gateway: Gateway, kind: str) -> None:
    gateway.on(QUANTITY, refused(50002, sub_code="40123"))
    (outcome,) = await pushed(gateway.channel(errors={"40123": kind}), write("1:2", 7))
    assert outcome.kind == kind


@pytest.mark.parametrize("kind", ["throttled", "transient", "permission", "auth_expired", "auth_revoked"])
async def test_the_settings_say_what_a_code_means_for_the_whole_call(gateway: Gateway, kind: str) -> None:
    gateway.on(QUANTITY, refused(50002, sub_code="40123"))
    with pytest.raises(PortError) as caught:
        await pushed(gateway.channel(errors={"40123": kind}), write("1:2", 7))
    assert caught.value.kind == kind


async def test_a_call_that_was_built_wrong_is_the_outcome_of_its_line(gateway: Gateway) -> None:
    gateway.on(QUANTITY, refused(21001, "参数错误"))
    (outcome,) = await pushed(gateway.channel(), write("1:2", 7))
    assert (outcome.kind, outcome.message) == (Kind.REJECTED, "code 21001: 参数错误")


# --- failures of a call ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (10019, Kind.AUTH_EXPIRED, "`access_token`"),
        (20032, Kind.AUTH_REVOKED, "`access_token` and `refresh_token`"),
        (20004, Kind.SIGNATURE, "check client_id, client_secret and the machine's clock"),
        (10016, Kind.SIGNATURE, "check client_id, client_secret"),
        (10001, Kind.SIGNATURE, "the machine's clock"),
        (20031, Kind.PERMISSION, "the console of `client_id`"),
        (52101, Kind.THROTTLED, "code 52101"),
        (52102, Kind.UNKNOWN, "code 52102"),
        (99999, Kind.UNKNOWN, "code 99999"),
    ],
)
async def test_a_failed_call_says_what_to_do_and_repeats_no_secret(
    gateway: Gateway, code: int, kind: Kind, advice: str
) -> None:
    gateway.on(QUANTITY, refused(code, f"{' '.join(_PLANTED)}\nis wrong"))
    error = await _failure(gateway)
    assert (error.kind, error.sent) == (kind, True)
    assert str(error).startswith(f"pin: {QUANTITY}: code {code}: *** *** is wrong")
    assert advice.replace("the console", "console") in str(error)
    assert not any(secret in str(error) for secret in _PLANTED)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(500, json=refused(10019)), Kind.UNKNOWN),
        (httpx.Response(502, content=b"<html>"), Kind.UNKNOWN),
        (httpx.Response(429), Kind.THROTTLED),
        (httpx.Response(404, content=b"<html>"), Kind.REJECTED),
        (httpx.Response(400, json=refused(10019)), Kind.AUTH_EXPIRED),
        (httpx.Response(200, content=b"<html>"), Kind.UNKNOWN),
        (httpx.Response(200, content=b""), Kind.UNKNOWN),
        (httpx.Response(200, json={"a": {}, "b": {}}), Kind.UNKNOWN),
    ],
)
async def test_what_is_no_answer_of_the_platform_fails_the_call(
    gateway: Gateway, response: httpx.Response, kind: Kind
) -> None:
    gateway.on(QUANTITY, response)
    assert (await _failure(gateway)).kind is kind


async def test_a_long_reason_is_cut(gateway: Gateway) -> None:
    gateway.on(QUANTITY, refused(10019, "x" * 5000))
    assert len(str(await _failure(gateway))) < 600


async def test_a_call_that_is_cancelled_ends_at_once(gateway: Gateway) -> None:
    begun = asyncio.Event()
    task: asyncio.Task[object]

    def hang(_: object) -> object:
        begun.set()
        task.cancel()
        return _DONE

    gateway.on(QUANTITY, hang)
    task = asyncio.ensure_future(pushed(gateway.channel(), write("1:2", 7)))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert begun.is_set()
