"""How an app comes by tokens of the mock of Pinduoduo."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.mock.pdd_desk import LIST, PddDesk, Said, opened_desk

CREATE, REFRESH = "pdd.pop.auth.token.create", "pdd.pop.auth.token.refresh"


@pytest.fixture
async def pdd() -> AsyncIterator[PddDesk]:
    async with opened_desk() as desk:
        yield desk


async def renew(pdd: PddDesk, old: str = "mock-refresh") -> Said:
    return await pdd.ask(REFRESH, access_token=None, refresh_token=old)


async def read(pdd: PddDesk, token: str) -> int:
    return (await pdd.ask(LIST, access_token=token)).refusal[0]


async def test_a_refresh_brings_both_tokens_and_their_ends(pdd: PddDesk) -> None:
    said = await renew(pdd)
    assert said.name == "pop_auth_token_refresh_response"
    wanted = {
        "access_token": "mock-token-1",
        "refresh_token": "mock-refresh-1",
        "expires_in": 86_400,
        "expires_at": 1767225600 + 86_400,
        "refresh_token_expires_in": 30 * 86_400,
        "w2_expires_in": 86_400,
        "owner_id": "mock-mall",
    }
    assert wanted.items() <= said.holds.items()


async def test_the_new_token_is_let_in_and_the_old_one_is_expired(pdd: PddDesk) -> None:
    await renew(pdd)
    assert [await read(pdd, "mock-token-1"), await read(pdd, "mock-token")] == [0, 10019]


async def test_a_refresh_token_works_once(pdd: PddDesk) -> None:
    await renew(pdd)
    again, next_one = await renew(pdd), await renew(pdd, "mock-refresh-1")
    assert (again.refusal, next_one.refusal) == ((50001, "REFRESH_TOKEN_INVALID"), (0, ""))


async def test_a_refresh_token_may_live_on(pdd: PddDesk) -> None:
    await pdd.set(pdd={"refresh_once": False})
    await renew(pdd)
    said = await renew(pdd)
    assert said.holds["refresh_token"] == "mock-refresh"
    assert "refresh_token_expires_in" not in said.holds


async def test_a_refresh_token_ends_at_its_time(pdd: PddDesk) -> None:
    await pdd.set(pdd={"refresh_until": "2026-01-01T00:00:01Z"})
    await pdd.control("POST", "/time", {"advance": 1})
    assert (await renew(pdd)).refusal == (50001, "REFRESH_TOKEN_EXPIRED")


async def test_an_expired_access_token_is_renewed(pdd: PddDesk) -> None:
    await pdd.set(pdd={"token_until": "2026-01-01T00:00:00Z"})
    before = await read(pdd, "mock-token")
    await renew(pdd)
    assert (before, await read(pdd, "mock-token-1")) == (10019, 0)


async def test_an_authorization_is_exchanged_once_and_ends_the_tokens_before_it(pdd: PddDesk) -> None:
    await pdd.set(pdd={"codes": ["c1"], "spent": ["older"]})
    said = await pdd.ask(CREATE, access_token=None, code="c1")
    again = await pdd.ask(CREATE, access_token=None, code="c1")
    assert (said.name, said.holds["access_token"]) == ("pop_auth_token_create_response", "mock-token-1")
    assert (again.refusal, await read(pdd, "mock-token"), await read(pdd, "older")) == (
        (50001, "CODE_INVALID"),
        20032,
        20032,
    )


async def test_the_interface_of_tokens_checks_the_signature(pdd: PddDesk) -> None:
    said = await pdd.ask(REFRESH, access_token=None, refresh_token="mock-refresh", sign="0" * 32)
    assert (said.refusal[0], pdd.state.settings.token) == (20004, "mock-token")


async def test_the_address_of_tokens_gives_them_without_an_envelope(pdd: PddDesk) -> None:
    said = await pdd.tokens(grant_type="refresh_token", refresh_token="mock-refresh")
    assert said.body["access_token"] == "mock-token-1"


async def test_the_address_of_tokens_exchanges_authorizations_too(pdd: PddDesk) -> None:
    await pdd.set(pdd={"codes": ["c1"]})
    said = await pdd.tokens(grant_type="authorization_code", code="c1", redirect_uri="https://example.com")
    assert said.body["refresh_token"] == "mock-refresh-1"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "mock-refresh", "client_secret": "other"}, 10016),
        ({"grant_type": "refresh_token", "refresh_token": "mock-refresh", "client_id": "other"}, 10016),
        ({"grant_type": "password"}, 21001),
        ({"grant_type": "refresh_token"}, 21002),
        ({"grant_type": "refresh_token", "refresh_token": "other"}, 50001),
    ],
)
async def test_the_address_of_tokens_refuses_what_is_wrong(
    pdd: PddDesk, body: dict[str, str], code: int
) -> None:
    said = await pdd.tokens(**body)
    assert (said.refusal[0], pdd.state.settings.token) == (code, "mock-token")


async def test_the_address_of_tokens_takes_a_post_only(pdd: PddDesk) -> None:
    assert (await pdd.post({}, verb="PUT", path="/oauth/token")).refusal[0] == 10001


async def test_a_refresh_may_take_effect_and_be_refused_all_the_same(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "server_error", "applied": True, "path": REFRESH})
    said = await renew(pdd)
    assert (said.refusal[0], pdd.state.settings.token) == (50000, "mock-token-1")


async def test_a_token_that_is_over_does_not_keep_the_next_one_from_being_bought(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "token_expired", "times": 0})
    await renew(pdd)
    by_hand = await pdd.tokens(grant_type="refresh_token", refresh_token="mock-refresh-1")
    assert (await read(pdd, "mock-token-1"), by_hand.body["access_token"]) == (10019, "mock-token-2")


async def test_a_seller_who_trusts_the_app_no_more_lets_it_buy_none(pdd: PddDesk) -> None:
    await pdd.faults({"kind": "token_revoked", "times": 0})
    assert ((await renew(pdd)).refusal, await read(pdd, "mock-token")) == (
        (50001, "REFRESH_TOKEN_INVALID"),
        20032,
    )
