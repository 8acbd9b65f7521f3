"""Login, sessions and refusals: when Tryton is asked, when it is left alone, and what is never told."""

import asyncio
import base64
import logging
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.tryton import ADAPTER, TrytonSource
from syncd.errors import Kind, PortError
from tests.unit.adapters.tryton_rig import NOW, PASSWORD, SmallTryton, cells, refusal, settings

LOGIN = "common.db.login"
TODAY = "model.ir.date.today"
WRONG = {"password": SecretStr("a-wrong-one")}


@pytest.fixture
def tryton() -> SmallTryton:
    tryton = SmallTryton()
    tryton.stocked("A")
    return tryton


async def failed(source: TrytonSource, *, after: timedelta = timedelta()) -> PortError:
    """Return how a collection fails."""
    with pytest.raises(PortError) as caught:
        await source.collect(now=NOW + after, cursor="")
    return caught.value


# --- sessions ----------------------------------------------------------------------------------------------


async def test_opening_makes_no_call(tryton: SmallTryton) -> None:
    async with ADAPTER.open(settings(), "erp", HttpClient(tryton)):
        assert tryton.calls == []


async def test_it_logs_in_as_the_recorded_client_does(tryton: SmallTryton) -> None:
    await tryton.read()
    assert tryton.calls[0] == (LOGIN, ["syncd", {"password": PASSWORD}, "en"])


async def test_the_session_goes_with_every_other_call(tryton: SmallTryton) -> None:
    await tryton.read()
    sent = {request.headers.get("authorization") for request in tryton.requests[1:]}
    assert sent == {f"Session {base64.b64encode(b'syncd:7:session-key-0').decode()}"}


async def test_the_database_is_in_the_path(tryton: SmallTryton) -> None:
    await tryton.read()
    assert {str(request.url) for request in tryton.requests} == {"https://erp.test:8000/shopdb/rpc/"}


async def test_one_session_serves_many_readings(tryton: SmallTryton) -> None:
    source = tryton.source()
    await source.collect(now=NOW, cursor="")
    await source.collect(now=NOW, cursor="")
    assert len(tryton.asked(LOGIN)) == 1


async def test_readings_at_once_log_in_once(tryton: SmallTryton) -> None:
    source = tryton.source()
    await asyncio.gather(*(source.collect(now=NOW, cursor="") for _ in range(3)))
    assert len(tryton.asked(LOGIN)) == 1


async def test_a_session_that_is_over_is_renewed_and_the_call_repeated(tryton: SmallTryton) -> None:
    source = tryton.source()
    await source.collect(now=NOW, cursor="")
    tryton.sessions.clear()
    assert cells(await source.collect(now=NOW, cursor=""))["A", "main"][0] == 10


async def test_a_session_that_ends_in_the_middle_is_renewed(tryton: SmallTryton) -> None:
    tryton.before_counting(tryton.sessions.clear)
    assert cells(await tryton.read())["A", "main"][0] == 10


async def test_a_session_that_is_refused_at_once_is_not_renewed_again(tryton: SmallTryton) -> None:
    tryton.on(TODAY, httpx.Response(401), httpx.Response(401))
    error = await failed(tryton.source())
    assert (error.kind, len(tryton.asked(LOGIN)), len(tryton.asked(TODAY))) == (Kind.AUTH_EXPIRED, 2, 2)


@pytest.mark.parametrize("answer", [None, 7, [1], {"a": 1}])
async def test_a_login_without_a_session_is_not_understood(tryton: SmallTryton, answer: object) -> None:
    tryton.on(LOGIN, httpx.Response(200, json={"id": 1, "result": answer}))
    error = await failed(tryton.source())
    assert (error.kind, str(error)) == (
        Kind.UNKNOWN,
        "erp: common.db.login: the answer holds no session",
    )


# --- a login that is refused -------------------------------------------------------------------------------


async def test_a_wrong_password_is_revoked_credentials(tryton: SmallTryton) -> None:
    error = await failed(tryton.source(**WRONG))
    assert (error.kind, "`password`" in str(error)) == (Kind.AUTH_REVOKED, True)


async def test_a_wrong_password_is_sent_once(tryton: SmallTryton) -> None:
    source = tryton.source(**WRONG)
    for minutes in (0, 1, 5, 9):
        await failed(source, after=timedelta(minutes=minutes))
    assert len(tryton.calls) == 1


async def test_without_a_call_it_says_when_the_next_is(tryton: SmallTryton) -> None:
    source = tryton.source(**WRONG)
    await failed(source)
    error = await failed(source, after=timedelta(minutes=4))
    assert (error.kind, error.retry_after, error.sent, "14:10:00 UTC" in str(error)) == (
        Kind.AUTH_REVOKED,
        360.0,
        False,
        True,
    )


async def test_after_ten_minutes_it_is_tried_again(tryton: SmallTryton) -> None:
    source = tryton.source(**WRONG)
    await failed(source)
    tryton.password = "a-wrong-one"
    snapshot = await source.collect(now=NOW + timedelta(minutes=10), cursor="")
    assert snapshot.complete


async def test_a_login_that_needs_more_than_a_password_is_revoked_too(tryton: SmallTryton) -> None:
    tryton.on(LOGIN, refusal("LoginException", ["totp", "Enter the code", "char"]))
    source = tryton.source()
    await failed(source)
    error = await failed(source)
    assert (error.kind, len(tryton.calls)) == (Kind.AUTH_REVOKED, 1)


async def test_a_user_who_is_locked_out_is_throttled(tryton: SmallTryton) -> None:
    tryton.on(LOGIN, httpx.Response(429))
    error = await failed(tryton.source())
    assert (error.kind, error.retry_after) == (Kind.THROTTLED, 300.0)


@pytest.mark.parametrize(("minutes", "calls"), [(4, 1), (5, 2)])
async def test_a_lock_is_waited_for_five_minutes(tryton: SmallTryton, minutes: int, calls: int) -> None:
    tryton.on(LOGIN, httpx.Response(429), httpx.Response(429))
    source = tryton.source()
    await failed(source)
    error = await failed(source, after=timedelta(minutes=minutes))
    assert (error.kind, len(tryton.asked(LOGIN))) == (Kind.THROTTLED, calls)


async def test_a_session_that_lives_is_used_while_no_login_is_tried(tryton: SmallTryton) -> None:
    source = tryton.source()
    await source.collect(now=NOW, cursor="")
    tryton.password = "changed"
    assert (await source.collect(now=NOW, cursor="")).complete


async def test_a_server_that_is_down_at_login_shuts_nothing(tryton: SmallTryton) -> None:
    tryton.on(LOGIN, httpx.Response(503))
    source = tryton.source()
    assert (await failed(source)).kind is Kind.TRANSIENT
    assert (await source.collect(now=NOW, cursor="")).complete


async def test_a_database_that_is_not_there_is_not_found(tryton: SmallTryton) -> None:
    tryton.on(LOGIN, httpx.Response(404))
    assert (await failed(tryton.source())).kind is Kind.NOT_FOUND


# --- refusals of other calls -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (
            refusal("UserError", ['You are not allowed to access "Stock Move".', "Within groups: ", None]),
            Kind.REJECTED,
            'UserError: You are not allowed to access "Stock Move". Within groups: ',
        ),
        (
            refusal("UserWarning", ["f00.key", "Are you sure?", ""]),
            Kind.REJECTED,
            "UserWarning: Are you sure?",
        ),
        (refusal("'nope'", ""), Kind.REJECTED, "Tryton refuses: 'nope'"),
        (refusal("boom", "Traceback of secrets"), Kind.REJECTED, "Tryton refuses: boom"),
        (refusal("ConcurrencyException", ["modified"]), Kind.TRANSIENT, "ConcurrencyException: modified"),
        (refusal(), Kind.REJECTED, "without a reason"),
        (httpx.Response(403), Kind.PERMISSION, "the user may not read ir.date"),
        (httpx.Response(429), Kind.THROTTLED, "answered 429"),
        (httpx.Response(500), Kind.TRANSIENT, "answered 500"),
        (httpx.Response(200, json=[]), Kind.UNKNOWN, "none of Tryton's"),
        (httpx.Response(200, json={"id": 1}), Kind.UNKNOWN, "none of Tryton's"),
        (httpx.Response(200, json={"id": 1, "result": {"a": 1}}), Kind.UNKNOWN, "not understood"),
    ],
)
async def test_a_refusal_has_a_kind_and_trytons_words(
    tryton: SmallTryton, answer: httpx.Response, kind: Kind, told: str
) -> None:
    tryton.on(TODAY, answer)
    error = await failed(tryton.source())
    assert (error.kind, str(error).startswith("erp: "), told in str(error)) == (kind, True, True)


async def test_the_trace_of_a_failure_is_not_told(tryton: SmallTryton) -> None:
    tryton.on(TODAY, refusal("boom", "Traceback of secrets"))
    assert "Traceback" not in str(await failed(tryton.source()))


async def test_a_lock_told_by_another_call_shuts_no_login(tryton: SmallTryton) -> None:
    tryton.on(TODAY, httpx.Response(429))
    source = tryton.source()
    await failed(source)
    assert (await source.collect(now=NOW, cursor="")).complete


# --- secrets -----------------------------------------------------------------------------------------------

KEY = "session-key-0"
TOKEN = base64.b64encode(f"syncd:7:{KEY}".encode()).decode()


@pytest.mark.parametrize("secret", [PASSWORD, KEY, TOKEN])
async def test_words_that_repeat_a_secret_are_told_without_it(tryton: SmallTryton, secret: str) -> None:
    tryton.on(TODAY, refusal("UserError", [f"I was told {secret}\n!", "", None]))
    assert str(await failed(tryton.source())).endswith("UserError: I was told *** !")


def _down(tryton: SmallTryton) -> None:
    tryton.on(LOGIN, httpx.Response(401, text=PASSWORD))


def _over(tryton: SmallTryton) -> None:
    tryton.on(TODAY, httpx.Response(401, text=TOKEN), httpx.Response(403, text=KEY))


@pytest.mark.parametrize("trouble", [_down, _over])
async def test_no_secret_is_in_an_error_a_log_or_a_repr(
    tryton: SmallTryton, trouble: Callable[[SmallTryton], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    trouble(tryton)
    source = tryton.source()
    error = await failed(source)
    seen = " ".join(
        [repr(error), str(error), caplog.text, repr(settings()), *map(repr, vars(source).values())]
    )
    seen += " ".join(map(repr, vars(vars(source)["_client"]).values()))
    renewed = base64.b64encode(b"syncd:7:session-key-1").decode()
    assert [secret for secret in (PASSWORD, "session-key", TOKEN, renewed) if secret in seen] == []


async def test_an_error_carries_no_other_that_holds_a_secret(tryton: SmallTryton) -> None:
    error = await failed(tryton.source(**WRONG))
    assert error.__cause__ is None
