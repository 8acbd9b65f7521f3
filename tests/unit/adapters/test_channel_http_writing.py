"""How the channel `http` writes: bodies from templates, and the shop's word on each line."""

import json
from typing import Any

import httpx
import pytest
import respx

from syncd.adapters.channels.http import HttpChannel, HttpSettings
from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ItemId, ListingId, Outcome, Write
from syncd.errors import Kind, PortError

_SITE = "https://shop.test/api"
_STOCK = f"{_SITE}/stock"


@pytest.fixture
def router() -> respx.MockRouter:
    return respx.MockRouter(assert_all_called=False)


def _channel(router: respx.MockRouter, **settings: Any) -> HttpChannel:  # noqa: ANN401
    options = HttpSettings.model_validate({"url": _SITE} | settings)
    return HttpChannel(options, "small", HttpClient(httpx.MockTransport(router.async_handler)))


def _write(key: str = "1", value: int = 7, *, action: Action = Action.SET, base: int | None = 5) -> Write:
    return Write(
        listing=ListingId(key),
        item=ItemId("9"),
        action=action,
        value=value,
        base=base,
        key=f"k-{key}",
        code="ABC",
        location="north",
    )


def _sent(router: respx.MockRouter) -> Any:  # noqa: ANN401 - JSON is anything
    return json.loads(router.calls.last.request.content)


async def _outcome(router: respx.MockRouter, line: object, **settings: Any) -> Outcome:  # noqa: ANN401
    """Return the outcome of writing listing 1 where the shop answers with `line`."""
    router.post(_STOCK).respond(json={"results": [line]})
    (outcome,) = await _channel(router, **settings).push([_write()])
    return outcome


# --- what goes out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (Action.SET, {"id": "1", "key": "k-1", "quantity": 7}),
        (Action.DELTA, {"id": "1", "key": "k-1", "delta": 7}),
        (Action.COMPARE_AND_SET, {"id": "1", "key": "k-1", "quantity": 7, "if_quantity": 5}),
    ],
)
async def test_without_settings_a_line_is_as_the_wire_says(
    router: respx.MockRouter, action: Action, line: dict[str, Any]
) -> None:
    router.post(_STOCK).respond(json={"results": []})
    await _channel(router).push([_write(action=action)])
    assert _sent(router) == {"changes": [line]}


async def test_a_placeholder_alone_keeps_its_type_and_within_text_is_text(router: respx.MockRouter) -> None:
    line = {
        "id": "{id}",
        "n": ["{value}", "={value}"],
        "at": {"{id}": "{item}/{code}@{location}"},
        "fix": [1, None],
    }
    router.post(_STOCK).respond(json={"results": []})
    await _channel(router, set={"line": line}).push([_write()])
    (sent,) = _sent(router)["changes"]
    assert sent == {"id": "1", "n": [7, "=7"], "at": {"{id}": "9/ABC@north"}, "fix": [1, None]}


async def test_a_value_that_looks_like_a_placeholder_is_not_filled_again(router: respx.MockRouter) -> None:
    router.post(_STOCK).respond(json={"results": []})
    await _channel(router).push([_write("{key}")])
    assert _sent(router)["changes"][0]["id"] == "{key}"


async def test_lines_stand_beside_the_fixed_keys_of_the_body(router: respx.MockRouter) -> None:
    router.post(_STOCK).respond(json={"results": []})
    options = {"line": {"id": "{id}", "q": "{value}"}, "lines_at": "rows", "body": {"mode": "full"}}
    await _channel(router, set=options).push([_write()])
    assert _sent(router) == {"mode": "full", "rows": [{"id": "1", "q": 7}]}


async def test_the_body_may_be_the_list_of_lines(router: respx.MockRouter) -> None:
    router.post(_STOCK).respond(json={"results": []})
    await _channel(router, set={"line": {"id": "{id}", "q": "{value}"}, "lines_at": "@"}).push([_write()])
    assert _sent(router) == [{"id": "1", "q": 7}]


_PUT = {
    "method": "PUT",
    "path": "/items/{item}/variants/{id}",
    "line": {"stock": "{value}"},
    "lines_at": "",
    "results": "",
}


async def test_one_line_may_be_the_body_and_its_id_the_path(router: respx.MockRouter) -> None:
    router.put(url__startswith=_SITE).respond(json={"quantity": 7})
    channel = _channel(router, set=_PUT, write_modes=["set"], max_batch=1)
    assert await channel.push([_write("a/b?c")]) == [Outcome(kind=Kind.DONE, counter=7)]
    assert router.calls.last.request.url.raw_path == b"/api/items/9/variants/a%2Fb%3Fc"
    assert _sent(router) == {"stock": 7}


async def test_a_status_that_says_it_all_needs_no_body(router: respx.MockRouter) -> None:
    router.put(url__startswith=_SITE).respond(204)
    channel = _channel(router, set=_PUT, write_modes=["set"], max_batch=1)
    assert await channel.push([_write()]) == [Outcome(kind=Kind.DONE)]


@pytest.mark.parametrize("key", [".", "..", ""])
async def test_an_id_that_would_lead_elsewhere_is_not_sent(router: respx.MockRouter, key: str) -> None:
    channel = _channel(router, set=_PUT, write_modes=["set"], max_batch=1)
    (outcome,) = await channel.push([_write(key)])
    assert (outcome.kind, router.calls.call_count) == (Kind.REJECTED, 0)


async def test_a_comparison_with_an_unknown_counter_is_not_sent(router: respx.MockRouter) -> None:
    router.post(_STOCK).respond(json={"results": [{"id": "2", "ok": True}]})
    writes = [_write(key, action=Action.COMPARE_AND_SET, base=base) for key, base in (("1", None), ("2", 5))]
    outcomes = await _channel(router).push(writes)
    assert [outcome.kind for outcome in outcomes] == [Kind.REJECTED, Kind.DONE]
    assert [line["id"] for line in _sent(router)["changes"]] == ["2"]


@pytest.mark.parametrize(
    "writes",
    [
        [_write("1"), _write("2", action=Action.DELTA)],
        [_write(str(number)) for number in range(51)],
        [_write("1", action=Action.DELIST), _write("2", action=Action.DELIST)],
    ],
    ids=["two actions", "too many lines", "two delistings"],
)
async def test_a_call_against_the_rules_is_a_bug_and_not_sent(
    router: respx.MockRouter, writes: list[Write]
) -> None:
    with pytest.raises(ValueError, match="one action"):
        await _channel(router).push(writes)
    assert router.calls.call_count == 0


async def test_an_action_that_the_shop_does_not_have_is_a_bug(router: respx.MockRouter) -> None:
    with pytest.raises(ValueError, match="one action"):
        await _channel(router, write_modes=["set"]).push([_write(action=Action.DELTA)])


# --- the shop's word on a line ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("not_found", Kind.NOT_FOUND),
        ("rejected", Kind.REJECTED),
        ("conflict", Kind.REJECTED),
        ("duplicate", Kind.DUPLICATE),
        ("throttled", Kind.THROTTLED),
        ("permission", Kind.PERMISSION),
        ("something new", Kind.UNKNOWN),
    ],
)
async def test_a_refused_line_has_the_kind_of_its_word(
    router: respx.MockRouter, word: str, kind: Kind
) -> None:
    line = {"id": "1", "ok": False, "error": word, "message": "why", "quantity": 5}
    assert await _outcome(router, line) == Outcome(kind=kind, message=f"{word}: why", counter=5)


async def test_the_shops_own_words_may_be_mapped(router: respx.MockRouter) -> None:
    names = {"ok": "state == 'fine'", "error": "code", "errors": {"E17": "not_found"}}
    line = {"id": "1", "state": "bad", "code": "E17"}
    assert (await _outcome(router, line, result=names)).kind is Kind.NOT_FOUND


@pytest.mark.parametrize(
    "line",
    [
        {"id": "1"},
        {"id": "1", "ok": None},
        {"id": "1", "ok": 1},
        {"id": "1", "ok": "true"},
        {"id": "1", "ok": True, "error": "rejected"},
        {"id": "1", "ok": False},
        {"id": "1", "error": "not_found"},
        {"id": 1.0, "ok": True},
        {"id": "2", "ok": True},
        {"ok": True},
        None,
        7,
        [],
    ],
)
async def test_a_line_that_is_not_plain_is_unknown(router: respx.MockRouter, line: object) -> None:
    outcome = await _outcome(router, line)
    assert outcome.kind is Kind.UNKNOWN
    assert outcome.message


async def test_the_counter_that_the_shop_returns_is_told(router: respx.MockRouter) -> None:
    line = {"id": 1, "ok": True, "quantity": "6"}
    assert await _outcome(router, line) == Outcome(kind=Kind.DONE, counter=6)


@pytest.mark.parametrize("quantity", [None, -1, "x", 1.5, True])
async def test_a_counter_that_is_not_plain_is_unknown(router: respx.MockRouter, quantity: object) -> None:
    assert (await _outcome(router, {"id": "1", "ok": True, "quantity": quantity})).counter is None


@pytest.mark.parametrize(("said", "wait"), [(3, 3.0), (0.5, 0.5), (10**400, 3600.0), (-1, None), ("3", None)])
async def test_a_throttled_line_may_say_how_long(
    router: respx.MockRouter, said: object, wait: float | None
) -> None:
    line = {"id": "1", "ok": False, "error": "throttled", "retry_after": said}
    assert (await _outcome(router, line)).retry_after == wait


async def test_outcomes_are_in_the_order_of_the_writes(router: respx.MockRouter) -> None:
    results = [{"id": key, "ok": True, "quantity": int(key)} for key in ("3", "1", "2")]
    router.post(_STOCK).respond(json={"results": results})
    outcomes = await _channel(router).push([_write(key) for key in ("1", "2", "3")])
    assert [outcome.counter for outcome in outcomes] == [1, 2, 3]


async def test_the_same_result_twice_counts_once(router: respx.MockRouter) -> None:
    router.post(_STOCK).respond(json={"results": [{"id": "1", "ok": True}] * 2})
    assert [outcome.kind for outcome in await _channel(router).push([_write()])] == [Kind.DONE]


async def test_two_results_that_differ_are_unknown(router: respx.MockRouter) -> None:
    results = [
        {"id": "1", "ok": False, "error": "rejected"},
        {"id": "1", "ok": True},
        {"id": "1", "ok": True},
    ]
    router.post(_STOCK).respond(json={"results": results})
    assert [outcome.kind for outcome in await _channel(router).push([_write()])] == [Kind.UNKNOWN]


async def test_two_writes_to_one_listing_cannot_be_told_apart(router: respx.MockRouter) -> None:
    router.post(_STOCK).respond(json={"results": [{"id": "1", "ok": True}] * 2})
    outcomes = await _channel(router).push([_write(), _write(value=8)])
    assert [outcome.kind for outcome in outcomes] == [Kind.UNKNOWN] * 2


async def test_a_message_is_short_plain_and_without_our_token(router: respx.MockRouter) -> None:
    message = "token hush-hush\nis bad" + "!" * 1000
    line = {"id": "1", "ok": False, "error": "rejected", "message": message}
    outcome = await _outcome(router, line, headers={"Authorization": "Bearer hush-hush"})
    assert outcome.message.startswith("rejected: token *** is bad!!")
    assert len(outcome.message) == 300


# --- whole calls --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [None, [], 7, {}, {"results": None}, {"results": "x"}])
async def test_an_answer_without_results_is_unknown(router: respx.MockRouter, body: object) -> None:
    router.post(_STOCK).respond(json=body)
    with pytest.raises(PortError) as caught:
        await _channel(router).push([_write()])
    assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (400, "too_many", Kind.REJECTED),
        (400, "signature", Kind.SIGNATURE),
        (401, "token_revoked", Kind.AUTH_REVOKED),
        (403, "permission", Kind.PERMISSION),
        (200, "token_revoked", Kind.AUTH_REVOKED),
        (502, "permission", Kind.UNKNOWN),
    ],
)
async def test_a_refused_call_has_the_kind_of_its_word(
    router: respx.MockRouter, status: int, word: str, kind: Kind
) -> None:
    router.post(_STOCK).respond(status, json={"error": word})
    with pytest.raises(PortError) as caught:
        await _channel(router).push([_write()])
    assert caught.value.kind is kind


@pytest.mark.parametrize("error", [{"a": 1}, ["x"], 7, None])
async def test_a_word_that_is_no_text_leaves_it_to_the_status(
    router: respx.MockRouter, error: object
) -> None:
    router.post(_STOCK).respond(403, json={"error": error})
    with pytest.raises(PortError) as caught:
        await _channel(router).push([_write()])
    assert caught.value.kind is Kind.PERMISSION


# --- off sale and back --------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [Action.DELIST, Action.RELIST])
async def test_a_listing_is_switched_by_its_own_path(router: respx.MockRouter, action: Action) -> None:
    route = router.post(f"{_SITE}/listings/1/{action}").respond(json={"id": "1", "ok": True})
    (outcome,) = await _channel(router).push([_write(value=0, action=action)])
    assert (outcome.kind, route.calls.last.request.content) == (Kind.DONE, b"")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"ok": True}, Kind.DONE),
        ({"ok": False, "error": "not_found"}, Kind.NOT_FOUND),
        ({"id": "2", "ok": True}, Kind.UNKNOWN),
        ({}, Kind.UNKNOWN),
        ([], Kind.UNKNOWN),
    ],
)
async def test_the_answer_of_a_switch_is_one_line(router: respx.MockRouter, body: object, kind: Kind) -> None:
    router.post(f"{_SITE}/listings/1/delist").respond(json=body)
    (outcome,) = await _channel(router).push([_write(action=Action.DELIST)])
    assert outcome.kind is kind


async def test_a_switch_may_have_a_body(router: respx.MockRouter) -> None:
    router.put(f"{_SITE}/items/9").respond(204)
    delist = {"method": "PUT", "path": "/items/{item}", "body": {"on": False, "id": "{id}"}, "results": ""}
    (outcome,) = await _channel(router, delist=delist).push([_write(action=Action.DELIST)])
    assert (outcome.kind, _sent(router)) == (Kind.DONE, {"on": False, "id": "1"})


async def test_an_id_that_leads_elsewhere_is_not_switched(router: respx.MockRouter) -> None:
    (outcome,) = await _channel(router).push([_write("..", action=Action.DELIST)])
    assert (outcome.kind, router.calls.call_count) == (Kind.REJECTED, 0)
