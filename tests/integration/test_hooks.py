"""Hooks over HTTP: what is signed is taken, and whoever is refused learns nothing and costs little."""

import ast
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.adapters.memory.clock import FakeClock
from syncd.config.hooks import HooksTable
from syncd.console.access import needed_by
from syncd.console.hooks import ADDRESSES, HookDoor, Turnstile, _address, routes
from syncd.domain.look import Look
from syncd.domain.model import ShopName
from syncd.ports.hooks import Pairs
from syncd.services.hooks import REFUSAL, Hooks
from tests.integration.hooks_rig import Porch, porch
from tests.unit.adapters.hooks_rig import BY_RULE, SECRET, post, standard

SIGNERS = sorted(
    path
    for folder in ("adapters/hooks", "console", "services")
    for path in (Path(__file__).parents[2] / "syncd" / folder).glob("*.py")
    if "hook" in f"{path.parent.name}/{path.name}"
)
every_rule = pytest.mark.parametrize("rule", BY_RULE)


def _head(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


# --- what is signed ----------------------------------------------------------------------------------------


@every_rule
async def test_what_a_platform_signed_is_taken_once(rule: str) -> None:
    async with porch() as here:
        first = await here.send(rule, BY_RULE[rule].request())
        second = await here.send(rule, BY_RULE[rule].request())
        assert first.status in {200, 204}
        assert (second.status, second.body) == (first.status, first.body)
        assert here.looks == [Look(shop=ShopName(rule), orders=BY_RULE[rule].orders)]
        assert here.hooks.counts == {(rule, "taken"): 1, (rule, "replayed"): 1}


@every_rule
async def test_what_another_shop_signed_is_refused(rule: str) -> None:
    async with porch() as here:
        answer = await here.send(rule, BY_RULE[rule].request(secret="another"))
        assert (answer.status, answer.body) == (401, REFUSAL.body)
        assert here.looks == []


async def test_what_is_meant_for_a_shop_counts_for_no_other() -> None:
    async with porch() as here:
        answer = await here.send("neighbour", standard(b"x", SECRET))
        assert answer.status == 401


async def test_a_signed_time_that_is_over_is_refused() -> None:
    async with porch() as here:
        here.clock.advance(301)
        answer = await here.send("hmac", standard(b"x", SECRET))
        assert (answer.status, here.hooks.counts) == (401, {("hmac", "stale"): 1})


async def test_a_body_in_chunks_is_the_same_body() -> None:
    async with porch() as here:
        request = standard(b"one two", SECRET)
        headers = [f"{name}: {text}" for name, text in request.headers.rows]
        head = _head("/hooks/hmac", "Transfer-Encoding: chunked", "Connection: close", *headers)
        answer = await here.raw(head, b"4\r\none \r\n", b"3\r\ntwo\r\n0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 204")


async def test_an_encoded_query_is_read_as_it_was_signed() -> None:
    async with porch() as here:
        request = BY_RULE["top"].make(b"{}", SECRET)
        assert "2026-11-23 18:00:00" in request.query.one("timestamp")
        assert (await here.send("top", request)).status == 200


async def test_ebays_challenge_is_answered() -> None:
    async with porch() as here:
        challenge = replace(post(b"", {}), method="GET", query=Pairs((("challenge_code", "abc"),)))
        answer = await here.send("ebay", challenge)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
        assert here.looks == []


# --- who is refused learns nothing -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("shop", [*BY_RULE, "nobody", "%00", "..%2f..%2fetc", "%E4%B8%AD", "x" * 2000])
async def test_all_shops_look_alike_to_whoever_has_no_key(method: str, shop: str) -> None:
    async with porch() as here:
        head = f"{method} /hooks/{shop} HTTP/1.1\r\nHost: l\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        answer = await here.raw(head.encode() + b"{}")
        status, body = answer.split(b"\r\n", 1)[0], answer.split(b"\r\n\r\n", 1)[1]
        assert (status, body) == (b"HTTP/1.1 401 Unauthorized", REFUSAL.body)


async def test_no_body_and_no_secret_is_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with porch() as here:
        for shop in BY_RULE:
            await here.send(shop, BY_RULE[shop].make(b"planted-body", "planted-secret"))
            await here.send(shop, BY_RULE[shop].request())
        seen = f"{caplog.text}{here.told}{here.hooks.counts}"
        assert not [word for word in ("planted", SECRET, "4800") if word in seen]


def test_anyone_may_knock() -> None:
    clock = FakeClock()
    hooks = Hooks({}, ring=lambda _: None, clock=clock, events=_Deaf())
    door = HookDoor(hooks=hooks, limits=HooksTable(), clock=clock)
    for route in routes(door):
        assert needed_by(route.handler) is None


# --- what is too much --------------------------------------------------------------------------------------


async def test_a_length_that_is_too_large_is_refused_unread() -> None:
    async with porch(body_limit=1024) as here:
        answer = await here.raw(_head("/hooks/hmac", "Content-Length: 1025"))
        assert answer.startswith(b"HTTP/1.1 413")
        assert here.hooks.counts == {("hmac", "too_large"): 1}


async def test_chunks_are_counted_as_they_come() -> None:
    async with porch(body_limit=1024) as here:
        chunk = b"200\r\n" + b"x" * 512 + b"\r\n"
        answer = await here.raw(_head("/hooks/hmac", "Transfer-Encoding: chunked"), chunk, chunk, chunk)
        assert answer.startswith(b"HTTP/1.1 413")


async def test_a_body_of_the_largest_size_is_read() -> None:
    async with porch(body_limit=1024) as here:
        assert (await here.send("hmac", standard(b"x" * 1024, SECRET))).status == 204


async def test_a_packed_body_is_refused() -> None:
    async with porch() as here:
        request = standard(b"x", SECRET)
        packed = Pairs.of_headers([*request.headers.rows, ("Content-Encoding", "deflate")])
        assert (await here.send("hmac", replace(request, headers=packed))).status == 415


async def test_who_sends_too_slowly_is_not_waited_for() -> None:
    async with porch(read_timeout="50ms") as here:
        answer = await here.raw(_head("/hooks/hmac", "Content-Length: 10"), b"x")
        assert answer.startswith(b"HTTP/1.1 408")
        assert here.hooks.counts == {("hmac", "too_slow"): 1}


async def test_who_was_refused_often_has_to_wait_for_the_next_minute() -> None:
    async with porch(refused_per_minute=3) as here:
        forged = standard(b"x", "another")
        assert [(await here.send("hmac", forged)).status for _ in range(4)] == [401, 401, 401, 429]
        assert (await here.send("hmac", standard(b"x", SECRET))).status == 429
        here.clock.advance(60)
        assert (await here.send("hmac", standard(b"y", SECRET))).status == 204


async def test_refused_and_unknown_shops_wait_alike() -> None:
    async with porch(refused_per_minute=1) as here:
        await here.send("nobody", standard(b"x", SECRET))
        assert [(await here.send(shop, post(b"", {}))).status for shop in ("nobody", "hmac")] == [429, 429]


def test_addresses_that_were_refused_fill_no_memory() -> None:
    gate = Turnstile(2)
    for number in range(ADDRESSES + 10):
        gate.note(str(number), 0.0)
        gate.note("always", 0.0)
    assert len(gate._refused) == ADDRESSES
    assert (gate.is_shut("always", 1.0), gate.is_shut("0", 1.0)) == (True, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::1", True),
        ("", "no address", True),
    ],
)
def test_whoever_has_a_whole_network_is_one_caller(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (_address(one) == _address(other)) is same


# --- what is broken ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"zz\r\nx\r\n", b"5\r\nx", b"-1\r\n\r\n", b"5\r\nxxxxxyy", b"ffffffffffffffffff\r\n"]
)
async def test_broken_chunks_are_no_error_of_ours(body: bytes) -> None:
    async with porch(read_timeout="50ms") as here:
        answer = await here.raw(_head("/hooks/hmac", "Transfer-Encoding: chunked"), body)
        assert answer.split(b" ")[1:2] in ([b"400"], [b"408"], [b"413"])


async def test_a_body_that_ends_early_takes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with porch() as here:
        await here.raw(_head("/hooks/hmac", "Content-Length: 10"), b"x", ends=True)
        assert here.looks == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def _status(here: Porch, rule: str, rows: list[tuple[str, str]], body: bytes) -> int:
    request = replace(BY_RULE[rule].make(body, SECRET), received_at=here.clock.now())
    mixed = Pairs.of_headers([*request.headers.rows, *rows])
    return (await here.send(rule, replace(request, headers=mixed))).status


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rule=st.sampled_from(sorted(BY_RULE)),
    names=st.lists(st.sampled_from(["app-id", "webhook-id", "Content-Type", "X-Shopify-Topic"])),
    text=st.text(st.characters(min_codepoint=33, max_codepoint=126)),
    body=st.binary(max_size=300) | st.sampled_from([b"[[]]", b'[{"tag":100,"data":1}]', b"null", b"{}"]),
)
async def test_whatever_comes_is_answered_and_never_an_error(
    rule: str, names: list[str], text: str, body: bytes
) -> None:
    async with porch(refused_per_minute=100_000) as here:
        assert await _status(here, rule, [(name, text) for name in names], body) in {200, 204, 400, 401}


# --- in constant time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SIGNERS, ids=lambda path: path.name)
def test_nothing_that_signs_is_compared_but_in_constant_time(path: Path) -> None:
    telling = {"given", "wanted", "sign", "signature", "secret", "expected", "token", "code"}
    found = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and any(isinstance(one, ast.Eq | ast.NotEq | ast.In) for one in node.ops)
        and any(isinstance(side, ast.Name) and side.id in telling for side in (node.left, *node.comparators))
    ]
    assert found == []


class _Deaf:
    def tell(self, name: str, /, **facts: object) -> None:
        pass
