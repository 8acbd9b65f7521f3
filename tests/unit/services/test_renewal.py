"""However many calls find a shop's tokens over, one renewal is made, and nothing it bought is lost."""

import asyncio
from datetime import datetime, timedelta

import pytest

from syncd.adapters.memory import MemoryVault
from syncd.domain.model import ShopName
from syncd.errors import Kind, PortError, StateError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.orders import OrderFeed
from syncd.ports.tokens import Kept, Tokens
from syncd.services.renewal import Renewal
from syncd.services.renewed import renewed
from tests.unit.services.renewal_rig import SEED, Shop, World, write

HOUR = 3600.0


class BrokenVault(MemoryVault):
    """A vault on a disk that fails."""

    async def load(self, shop: ShopName) -> Kept | None:
        raise StateError(f"no vault for {shop}")


class Silent:
    """The same shop without orders."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.observe = shop.observe
        self.push = shop.push

    @property
    def traits(self) -> ChannelTraits:
        return self._shop.traits


async def read(channel: Channel) -> int:
    return len([page async for page in channel.observe()])


def wrapped(world: World, seed: Tokens = SEED) -> tuple[Channel, Shop, Renewal]:
    shop, renewal = world.process(seed)
    return renewed(shop, renewal), shop, renewal


async def failing(channel: Channel) -> PortError:
    with pytest.raises(PortError) as failed:
        await read(channel)
    return failed.value


# --- one renewal -------------------------------------------------------------------------------------------


async def test_many_calls_that_find_the_session_over_make_one_renewal() -> None:
    world = World()
    channel, _, _ = wrapped(world)
    world.platform.end_sessions()
    await asyncio.gather(*(read(channel) for _ in range(50)))
    assert world.platform.renewals == 1


async def test_a_call_that_began_before_the_renewal_makes_no_second_one() -> None:
    world = World()
    channel, shop, renewal = wrapped(world)
    world.platform.end_sessions()
    await read(channel)
    await renewal.expired(SEED, PortError(Kind.AUTH_EXPIRED, "late"))
    assert (world.platform.renewals, shop.tokens.access) == (1, "planted-access-1")


async def test_a_reading_begins_again_with_the_new_session() -> None:
    world = World()
    channel, shop, _ = wrapped(world)
    world.platform.end_sessions()
    assert await read(channel) == 1
    assert shop.used == ["planted-access-0", "planted-access-1"]


async def test_a_reading_that_has_begun_is_not_begun_again() -> None:
    world = World()
    channel, shop, _ = wrapped(world)
    shop.pages, shop.ends_after = 3, 2
    error = await failing(channel)
    assert (error.kind, error.sent, world.platform.renewals) == (Kind.TRANSIENT, False, 1)
    assert await read(channel) == 3


async def test_a_push_is_not_repeated_but_fails_as_not_sent() -> None:
    world = World()
    channel, shop, _ = wrapped(world)
    world.platform.end_sessions()
    with pytest.raises(PortError) as failed:
        await channel.push([write("1", 5)])
    assert (failed.value.kind, failed.value.sent, shop.pushed) == (Kind.TRANSIENT, False, [])
    assert (await channel.push([write("1", 5)]))[0].kind is Kind.DONE


async def test_a_line_that_finds_the_session_over_is_reported_and_renews_it() -> None:
    world = World()
    channel, shop, _ = wrapped(world)
    shop.line_kinds = [Kind.DONE, Kind.AUTH_EXPIRED]
    outcomes = await channel.push([write("1", 5), write("2", 5)])
    assert [outcome.kind for outcome in outcomes] == [Kind.DONE, Kind.AUTH_EXPIRED]
    assert world.platform.renewals == 1


async def test_orders_are_read_with_the_new_session_too() -> None:
    world = World()
    channel, shop, _ = wrapped(world)
    assert isinstance(channel, OrderFeed)
    world.platform.end_sessions()
    assert [page async for page in channel.orders(since=world.clock.now(), until=world.clock.now())] == [[]]
    world.platform.end_sessions()
    assert await channel.these_orders(["1"]) == []
    assert shop.used[-1] == "planted-access-2"


async def test_other_failures_renew_nothing() -> None:
    world = World()
    channel, _, _ = wrapped(world)
    world.platform.good.clear()
    world.platform.fails = [PortError(Kind.PERMISSION, "no")]
    assert (await failing(channel)).kind is Kind.AUTH_EXPIRED
    assert world.platform.renewals == 1


async def test_without_a_refresh_token_the_refusal_stands_and_no_vault_is_looked_at() -> None:
    world = World(vault=BrokenVault())
    channel, _, _ = wrapped(world, Tokens(access="old"))
    error = await failing(channel)
    assert (error.kind, str(error), world.platform.renewals) == (
        Kind.AUTH_EXPIRED,
        "tmall: code 27: invalid session",
        0,
    )


@pytest.mark.parametrize("kind", [Kind.PERMISSION, Kind.TRANSIENT, Kind.AUTH_REVOKED])
async def test_what_is_no_matter_of_the_session_passes_as_it_is(kind: Kind) -> None:
    world = World()
    channel, shop, renewal = wrapped(world)
    shop.refuses = PortError(kind, "as it is")
    assert isinstance(channel, OrderFeed)
    calls = (read(channel), channel.push([write("1", 5)]), channel.these_orders(["1"]))
    errors = await asyncio.gather(*calls, return_exceptions=True)
    await renewal.close()
    assert {str(error) for error in errors} == {"as it is"}
    assert world.platform.renewals == 0


def test_a_shop_that_tells_no_orders_is_wrapped_as_one() -> None:
    world = World()
    shop, renewal = world.process()
    channel = renewed(Silent(shop), renewal)
    assert not isinstance(channel, OrderFeed)
    assert channel.traits == shop.traits


def test_a_token_expires_at_a_time_with_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Tokens(access="a", access_expires=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


# --- ahead -------------------------------------------------------------------------------------------------


async def test_tokens_are_renewed_before_they_run_out() -> None:
    world = World()
    channel, shop, _ = wrapped(world)
    world.platform.end_sessions()
    await read(channel)
    world.clock.advance(23 * HOUR - 1)
    await read(channel)
    before = world.platform.renewals
    world.clock.advance(1)
    await asyncio.gather(*(read(channel) for _ in range(20)))
    assert (before, world.platform.renewals, shop.used[-1]) == (1, 2, "planted-access-2")


async def test_tokens_that_live_for_minutes_are_used_for_half_of_their_life() -> None:
    world = World()
    channel, _, _ = wrapped(world)
    world.platform.life = timedelta(minutes=4)
    world.platform.end_sessions()
    for _ in range(12):
        await read(channel)
        world.clock.advance(20)
    assert world.platform.renewals == 2


async def test_a_shop_that_begins_with_a_refresh_token_only_is_renewed_first() -> None:
    world = World()
    channel, shop, _ = wrapped(world, Tokens(access="", refresh=SEED.refresh))
    await read(channel)
    assert shop.used == ["planted-access-1"]


async def test_a_renewal_ahead_that_fails_does_not_stop_the_shop_before_the_session_ends() -> None:
    world = World()
    seed = Tokens(
        access=SEED.access, refresh=SEED.refresh, access_expires=world.clock.now() + timedelta(hours=1)
    )
    channel, _, _ = wrapped(world, seed)
    world.platform.unspent.clear()
    assert await read(channel) == 1
    assert await read(channel) == 1
    world.clock.advance(HOUR)
    error = await failing(channel)
    assert (error.kind, world.platform.renewals) == (Kind.AUTH_REVOKED, 1)


async def test_a_renewal_ahead_that_hangs_keeps_no_call_waiting() -> None:
    world = World()
    seed = Tokens(
        access=SEED.access, refresh=SEED.refresh, access_expires=world.clock.now() + timedelta(hours=1)
    )
    channel, shop, renewal = wrapped(world, seed)
    world.platform.go.clear()
    call = asyncio.create_task(read(channel))
    await world.platform.asked.wait()
    world.clock.advance(5)
    assert [await read(channel) for _ in range(3)] == [1, 1, 1]
    call.cancel()
    await asyncio.wait([call])
    world.platform.go.set()
    await renewal.close()
    assert (shop.tokens.access, world.platform.renewals) == ("planted-access-1", 1)


# --- when it fails -----------------------------------------------------------------------------------------


async def test_a_refused_refresh_token_stops_the_shop_and_names_the_settings() -> None:
    world = World()
    channel, shop, _ = wrapped(world)
    world.platform.end_sessions()
    world.platform.unspent.clear()
    error = await failing(channel)
    calls = len(shop.used)
    again = await failing(channel)
    assert error.kind is again.kind is Kind.AUTH_REVOKED
    assert "shops.tmall.session and shops.tmall.refresh_token" in str(error)
    assert (world.platform.renewals, len(shop.used)) == (1, calls)
    assert world.told.names == ["tokens_failing"]


async def test_a_renewal_that_fails_is_tried_again_later_and_not_by_every_call() -> None:
    world = World()
    channel, _, _ = wrapped(world)
    world.platform.end_sessions()
    world.platform.fails = [PortError(Kind.TRANSIENT, "busy")] * 2
    kinds = {(await failing(channel)).kind for _ in range(5)}
    assert (kinds, world.platform.renewals) == ({Kind.TRANSIENT}, 1)
    world.clock.advance(30)
    await failing(channel)
    world.clock.advance(59)
    await failing(channel)
    assert world.platform.renewals == 2
    world.clock.advance(1)
    assert await read(channel) == 1
    assert world.told.names == ["tokens_failing", "tokens_renewed"]


async def test_the_wait_that_a_platform_asks_for_is_kept() -> None:
    world = World()
    channel, _, _ = wrapped(world)
    world.platform.end_sessions()
    world.platform.fails = [PortError(Kind.THROTTLED, "slowly", retry_after=900.0)]
    await failing(channel)
    world.clock.advance(899)
    assert ((await failing(channel)).kind, world.platform.renewals) == (Kind.TRANSIENT, 1)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Kind.UNKNOWN, Kind.TRANSIENT),
        (Kind.THROTTLED, Kind.TRANSIENT),
        (Kind.SIGNATURE, Kind.SIGNATURE),
        (Kind.PERMISSION, Kind.AUTH_EXPIRED),
        (Kind.REJECTED, Kind.AUTH_EXPIRED),
        (Kind.NOT_FOUND, Kind.AUTH_EXPIRED),
    ],
)
async def test_a_write_is_never_in_doubt_because_a_renewal_failed(kind: Kind, told: Kind) -> None:
    world = World()
    channel, _, _ = wrapped(world)
    world.platform.end_sessions()
    world.platform.fails = [PortError(kind, "no")]
    with pytest.raises(PortError) as failed:
        await channel.push([write("1", 5)])
    assert (failed.value.kind, failed.value.sent) == (told, False)


async def test_new_tokens_that_are_refused_at_once_are_not_renewed_again_and_again() -> None:
    world = World()
    channel, _, _ = wrapped(world)
    world.platform.end_sessions()
    await read(channel)
    # Another process has not seen that they were good for a while.
    other, _, _ = wrapped(world)
    world.platform.end_sessions()
    errors = [await failing(other) for _ in range(3)]
    assert ({error.kind for error in errors}, world.platform.renewals) == ({Kind.AUTH_EXPIRED}, 1)
    world.clock.advance(600)
    assert await read(other) == 1
