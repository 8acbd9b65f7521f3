"""What renewing tokens owes: one renewal however many calls need it, and an end where none is to be had."""

import asyncio
from dataclasses import dataclass

import pytest

from syncd.adapters.memory import FakeClock, MemoryVault
from syncd.conformance.rig import Ability, Bench, Gate, Stock
from syncd.conformance.words import gate_of, quantities, raising, shown_of
from syncd.domain.model import ShopName
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel
from syncd.ports.tokens import Renewing
from syncd.services.renewal import Renewal
from syncd.services.renewed import renewed

_CALLS = 5


class _Deaf:
    """Events that nobody listens to."""

    def tell(self, name: str, /, **facts: object) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shop:
    """The channel as the daemon uses it: with tokens that are kept good."""

    gate: Gate
    renewing: Renewing
    channel: Channel


def _shop(bench: Bench) -> _Shop:
    gate = gate_of(bench, Ability.RENEWAL)
    assert bench.renewing is not None, "a channel with the ability RENEWAL is Renewing (syncd.ports.tokens)"
    renewal = Renewal(
        shop=ShopName("kit"),
        channel=bench.renewing,
        vault=MemoryVault(),
        clock=FakeClock(bench.begins, auto=True),
        events=_Deaf(),
    )
    return _Shop(gate=gate, renewing=bench.renewing, channel=renewed(bench.channel, renewal))


class Renewals:
    """Tokens that run out while the shop is called."""

    async def test_a_token_that_is_over_is_renewed_once_however_many_calls_meet_it(
        self, bench: Bench
    ) -> None:
        shop = _shop(bench)
        listing = bench.rig.put(Stock(key="1"))
        shop.gate.expire_token()
        read = await asyncio.gather(*(quantities(shop.channel) for _ in range(_CALLS)))
        assert read == [{listing: 5}] * _CALLS
        assert shop.gate.renewals() == 1

    async def test_a_write_with_a_token_that_is_over_can_be_sent_again(self, bench: Bench) -> None:
        shop = _shop(bench)
        listing = bench.rig.put(Stock(key="1"))
        again = raising(bench, listing)
        shop.gate.expire_token()
        with pytest.raises(PortError) as caught:
            await shop.channel.push([again])
        assert (caught.value.kind, caught.value.sent, bench.rig.counter(listing)) == (
            Kind.TRANSIENT,
            False,
            5,
        )
        (outcome,) = await shop.channel.push([again])
        assert (outcome.kind, bench.rig.counter(listing)) == (Kind.DONE, 7)
        assert shop.gate.renewals() == 1

    async def test_a_renewed_token_is_used_until_it_is_over_too(self, bench: Bench) -> None:
        shop = _shop(bench)
        listing = bench.rig.put(Stock(key="1"))
        for renewals in (1, 2):
            shop.gate.expire_token()
            for _ in range(2):
                assert await quantities(shop.channel) == {listing: 5}
            assert shop.gate.renewals() == renewals

    async def test_a_token_that_cannot_be_renewed_is_revoked(self, bench: Bench) -> None:
        shop = _shop(bench)
        bench.rig.put(Stock(key="1"))
        shop.gate.revoke_token()
        with pytest.raises(PortError) as caught:
            await quantities(shop.channel)
        assert caught.value.kind is Kind.AUTH_REVOKED
        told = str(caught.value)
        assert all(setting in told for setting in shop.renewing.token_settings)
        assert [number for number, secret in enumerate(bench.secrets) if secret in told] == []

    async def test_a_revoked_token_is_not_asked_for_again(self, bench: Bench) -> None:
        shop = _shop(bench)
        shop.gate.revoke_token()
        with pytest.raises(PortError):
            await quantities(shop.channel)
        before = bench.rig.calls()
        with pytest.raises(PortError) as caught:
            await quantities(shop.channel)
        assert (caught.value.kind, bench.rig.calls()) == (Kind.AUTH_REVOKED, before)

    # --- the translation alone -----------------------------------------------------------------------------

    async def test_opening_renews_nothing_and_tells_the_configured_tokens(self, bench: Bench) -> None:
        shop = _shop(bench)
        assert (bench.rig.calls(), shop.gate.renewals()) == (0, 0)
        assert shop.renewing.tokens.access
        assert shop.renewing.token_settings

    async def test_renewing_alone_uses_nothing(self, bench: Bench) -> None:
        shop = _shop(bench)
        before = shop.renewing.tokens
        after = await shop.renewing.renew(before)
        assert after.access not in {"", before.access}
        assert shop.renewing.tokens == before
        shop.renewing.use(after)
        assert shop.renewing.tokens == after
        assert await quantities(bench.channel) == {}

    async def test_a_refused_renewal_is_revoked_and_shows_no_secret(self, bench: Bench) -> None:
        shop = _shop(bench)
        shop.gate.revoke_token()
        with pytest.raises(PortError) as caught:
            await shop.renewing.renew(shop.renewing.tokens)
        assert caught.value.kind is Kind.AUTH_REVOKED
        text = shown_of(caught.value) + repr(shop.renewing.tokens)
        assert [number for number, secret in enumerate(bench.secrets) if secret in text] == []
