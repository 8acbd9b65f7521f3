"""How the token of the JD mock is renewed."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.unit.mock.jd_desk import JdDesk, opened_desk

SHOP = "jingdong.vender.shop.query"
DAY = 86_400


@pytest.fixture
async def jd() -> AsyncIterator[JdDesk]:
    """A shop whose token ends within the day."""
    async with opened_desk() as desk:
        await desk.settings(token_until="2026-01-01T12:00:00Z", window=100 * DAY)
        yield desk


async def test_a_token_is_renewed_within_its_last_day(jd: JdDesk) -> None:
    body = await jd.refresh()
    assert body == {
        "code": 0,
        "access_token": "mock-token-1",
        "refresh_token": "mock-refresh",
        "expires_in": 30 * DAY,
        "scope": "snsapi_base",
        "uid": "80001",
        "xid": "o*mock",
        "time": 1767225600000,
        "token_type": "bearer",
    }


async def test_the_new_token_is_let_in_and_the_old_one_no_more(jd: JdDesk) -> None:
    new = (await jd.refresh())["access_token"]
    assert [(await jd.ask(SHOP, access_token=token)).code for token in (new, "mock-token")] == [0, 19]


async def test_the_new_token_lasts_as_long_as_was_told(jd: JdDesk) -> None:
    await jd.refresh()
    codes = []
    for seconds in (30 * DAY - 1, 1):
        await jd.control("POST", "/time", {"advance": seconds})
        codes.append((await jd.ask(SHOP)).code)
    assert codes == [0, 19]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"app_key": "other"}, 101),
        ({"app_secret": "other"}, 101),
        ({"grant_type": "authorization_code"}, 102),
        ({"refresh_token": "other"}, 103),
    ],
)
async def test_what_is_wrong_is_refused(jd: JdDesk, params: dict[str, str], code: int) -> None:
    body = await jd.refresh(**params)
    assert (body["code"], sorted(body)) == (code, ["code", "msg", "requestId"])


@pytest.mark.parametrize(("until", "code"), [("2026-01-03T00:00:00Z", 104), (None, 104)])
async def test_a_token_cannot_be_renewed_before_its_last_day(
    jd: JdDesk, until: str | None, code: int
) -> None:
    await jd.settings(token_until=until)
    assert (await jd.refresh())["code"] == code


async def test_a_token_cannot_be_renewed_after_its_end(jd: JdDesk) -> None:
    await jd.control("POST", "/time", {"advance": 12 * 3600})
    assert (await jd.refresh())["code"] == 105


async def test_renewals_of_a_month_may_be_counted(jd: JdDesk) -> None:
    await jd.settings(refresh_cap=1, token_seconds=3600)
    assert [(await jd.refresh())["code"] for _ in range(2)] == [0, 106]


async def test_a_refresh_token_may_serve_once(jd: JdDesk) -> None:
    await jd.settings(refresh_once=True, token_seconds=3600)
    first = await jd.refresh()
    again = await jd.refresh()
    second = await jd.refresh(refresh_token=first["refresh_token"])
    assert (again["code"], second["access_token"]) == (103, "mock-token-2")


async def test_the_answer_to_a_renewal_may_be_lost(jd: JdDesk) -> None:
    # The client itself asks once more where a connection that it had before was closed.
    await jd.faults({"kind": "lost_reply", "path": "oauth2/*", "times": 0})
    with pytest.raises(aiohttp.ClientError):
        await jd.refresh()
    assert jd.state.settings.token == "mock-token-1"


async def test_a_renewal_may_be_refused_by_a_fault(jd: JdDesk) -> None:
    await jd.faults({"kind": "throttle"})
    assert (await jd.refresh())["code"] == 2
