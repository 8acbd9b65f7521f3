"""What was bought is saved before it is used, survives a crash, and is shared by the processes."""

import asyncio
import json
from pathlib import Path

import pytest

from syncd.adapters.memory import MemoryVault
from syncd.adapters.state import FileVault
from syncd.domain.model import ShopName
from syncd.errors import Kind, PortError, StateError, StateUnavailable
from syncd.ports.channel import Channel
from syncd.ports.tokens import Kept, Tokens
from syncd.services.renewal import Renewal
from syncd.services.renewed import renewed
from tests.unit.services.renewal_rig import LIFE, OTHER_SEED, SEED, TMALL, Shop, World


async def read(channel: Channel) -> int:
    return len([page async for page in channel.observe()])


async def failing(channel: Channel) -> PortError:
    with pytest.raises(PortError) as failed:
        await read(channel)
    return failed.value


def process(world: World, seed: Tokens = SEED) -> tuple[Channel, Shop, Renewal]:
    shop, renewal = world.process(seed)
    return renewed(shop, renewal), shop, renewal


class WatchedVault(MemoryVault):
    """A vault that tells what it is asked for, and fails as often as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[Kept] = []
        self.in_use: list[Tokens] = []
        self._shop: Shop | None = None
        self.fails = 0
        self.from_save = 0

    def watches(self, shop: Shop) -> None:
        self._shop = shop

    async def save(self, shop: ShopName, kept: Kept) -> None:
        if self._shop is not None:
            self.in_use.append(self._shop.tokens)
        if len(self.saved) >= self.from_save and self.fails:
            self.fails -= 1
            raise StateUnavailable("the disk is full")
        self.saved.append(kept)
        await super().save(shop, kept)


class SlowVault(MemoryVault):
    """A vault whose first reading tells what it saw only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.read = asyncio.Event()

    async def load(self, shop: ShopName) -> Kept | None:
        kept = await super().load(shop)
        if not self.read.is_set():
            self.read.set()
            await self.go.wait()
        return kept


async def test_a_slow_reading_of_the_vault_does_not_bring_old_tokens_back() -> None:
    vault = SlowVault()
    world = World(vault=vault)
    old = Tokens(access="planted-old", refresh="planted-old-refresh")
    await vault.save(TMALL, Kept(tokens=old, seed=SEED.fingerprint, saved=world.clock.now()))
    world.clock.advance(3600)
    _, shop, renewal = process(world)
    slow = asyncio.create_task(renewal.load())
    await vault.read.wait()
    await renewal.load()
    world.platform.grant(old)
    world.platform.end_sessions()
    await renewal.expired(old, PortError(Kind.AUTH_EXPIRED, "over"))
    vault.go.set()
    await slow
    assert shop.tokens.access == "planted-access-1"


async def test_a_call_with_a_session_of_before_waits_for_nobody() -> None:
    world = World()
    channel, _, renewal = process(world)
    world.platform.end_sessions()
    await read(channel)
    async with world.vault.held(TMALL), asyncio.timeout(5):
        await renewal.expired(SEED, PortError(Kind.AUTH_EXPIRED, "late"))
    assert (world.clock.sleepers, world.platform.renewals) == (0, 1)


async def test_new_tokens_are_saved_before_they_are_used() -> None:
    vault = WatchedVault()
    world = World(vault=vault)
    channel, shop, _ = process(world)
    world.platform.end_sessions()
    vault.watches(shop)
    await read(channel)
    assert vault.in_use == [SEED, SEED]
    assert vault.saved[1].tokens == shop.tokens != SEED


async def test_nothing_is_bought_that_could_not_be_saved() -> None:
    vault = WatchedVault()
    vault.fails = 1
    world = World(vault=vault)
    channel, _, _ = process(world)
    world.platform.end_sessions()
    with pytest.raises(StateError):
        await read(channel)
    assert world.platform.renewals == 0


async def test_a_disk_that_fails_for_a_moment_does_not_cost_what_was_bought() -> None:
    vault = WatchedVault()
    vault.fails, vault.from_save = 2, 1
    world = World(vault=vault, auto=True)
    channel, shop, _ = process(world)
    world.platform.end_sessions()
    assert await read(channel) == 1
    assert vault.saved[-1].tokens == shop.tokens


async def test_what_cannot_be_saved_is_not_used() -> None:
    vault = WatchedVault()
    vault.fails, vault.from_save = 3, 1
    world = World(vault=vault, auto=True)
    channel, shop, _ = process(world)
    world.platform.end_sessions()
    with pytest.raises(StateError):
        await read(channel)
    assert shop.used == ["planted-access-0"]


async def test_the_next_process_goes_on_with_what_was_saved() -> None:
    world = World()
    channel, _, _ = process(world)
    world.platform.end_sessions()
    await read(channel)
    after, shop, _ = process(world)
    await read(after)
    assert (shop.used, world.platform.renewals) == (["planted-access-1"], 1)


async def test_a_session_that_was_pasted_into_the_configuration_wins_over_the_vault() -> None:
    world = World()
    channel, _, _ = process(world)
    world.platform.end_sessions()
    await read(channel)
    world.platform.grant(OTHER_SEED)
    after, shop, _ = process(world, OTHER_SEED)
    await read(after)
    assert shop.used == [OTHER_SEED.access]


async def test_the_pasted_session_is_renewed_and_kept_as_its_own() -> None:
    world = World()
    channel, _, _ = process(world)
    world.platform.end_sessions()
    await read(channel)
    world.platform.grant(OTHER_SEED)
    world.platform.end_sessions()
    await read(process(world, OTHER_SEED)[0])
    kept = await world.vault.load(TMALL)
    assert kept is not None
    assert (kept.seed, kept.tokens.access) == (OTHER_SEED.fingerprint, "planted-access-2")


# --- crashes -----------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_asked_for_again_and_then_explained() -> None:
    world = World()
    channel, _, _ = process(world)
    world.platform.end_sessions()
    world.platform.loses_answers = True
    assert (await failing(channel)).kind is Kind.TRANSIENT
    world.platform.loses_answers = False
    after, _, _ = process(world)
    world.platform.end_sessions()
    error = await failing(after)
    assert error.kind is Kind.AUTH_REVOKED
    assert "the answer to a renewal of 2026-03-02 10:00 UTC was lost" in str(error)


async def test_a_crash_between_renewal_and_saving_is_explained(tmp_path: Path) -> None:
    world = World(vault=FileVault(tmp_path))
    _, _, renewal = process(world)
    world.platform.end_sessions()
    world.platform.go.clear()
    call = asyncio.create_task(renewal.expired(SEED, PortError(Kind.AUTH_EXPIRED, "over")))
    await world.platform.asked.wait()
    # All that a killed process leaves is what is on the disk: the renewal was begun, and it was spent.
    call.cancel()
    crashed = renewal._running
    assert crashed is not None
    crashed.cancel()
    await asyncio.wait([call, crashed])
    world.platform.go.set()
    world.platform.unspent.clear()
    error = await failing(process(world)[0])
    assert "was lost, which may have spent it" in str(error)


async def test_a_renewal_that_is_refused_leaves_no_mark_behind() -> None:
    world = World()
    channel, _, _ = process(world)
    world.platform.end_sessions()
    world.platform.fails = [PortError(Kind.THROTTLED, "slowly")]
    await failing(channel)
    kept = await world.vault.load(TMALL)
    assert kept is not None
    assert kept.begun is None


async def test_a_call_that_is_broken_off_does_not_break_off_the_renewal() -> None:
    world = World()
    channel, shop, renewal = process(world)
    world.platform.end_sessions()
    world.platform.go.clear()
    call = asyncio.create_task(read(channel))
    await world.platform.asked.wait()
    call.cancel()
    await asyncio.wait([call])
    world.platform.go.set()
    await renewal.close()
    kept = await world.vault.load(TMALL)
    assert kept is not None
    assert kept.tokens.access == shop.tokens.access == "planted-access-1"


async def test_closing_does_not_wait_for_another_process() -> None:
    world = World()
    channel, _, renewal = process(world)
    world.platform.end_sessions()
    async with world.vault.held(TMALL):
        call = asyncio.create_task(read(channel))
        await world.clock.until_asleep()
        await renewal.close()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert world.platform.renewals == 0


# --- two processes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_disk", [False, True])
async def test_two_processes_spend_one_refresh_token_once(tmp_path: Path, *, on_disk: bool) -> None:
    vault = FileVault(tmp_path) if on_disk else MemoryVault()
    world = World(vault=vault, auto=True)
    processes = [process(world) for _ in range(3)]
    world.platform.end_sessions()
    await asyncio.gather(*(read(channel) for channel, _, _ in processes for _ in range(5)))
    assert world.platform.renewals == 1
    assert {shop.tokens.access for _, shop, _ in processes} == {"planted-access-1"}


async def test_a_process_that_slept_uses_what_the_other_one_saved() -> None:
    world = World()
    daemon, shop, _ = process(world)
    await read(daemon)
    world.platform.end_sessions()
    await read(process(world)[0])
    await read(daemon)
    assert (shop.used, world.platform.renewals) == (["planted-access-0"] * 2 + ["planted-access-1"], 1)


async def test_a_shop_that_was_stopped_goes_on_with_what_another_process_saved() -> None:
    world = World()
    channel, _, _ = process(world)
    world.platform.end_sessions()
    world.platform.unspent.clear()
    await failing(channel)
    good = Tokens(access="planted-by-hand", refresh="planted-by-hand-refresh")
    world.platform.grant(good)
    await world.vault.save(TMALL, Kept(tokens=good, seed=SEED.fingerprint, saved=world.clock.now()))
    assert await read(channel) == 1


# --- what people are told ----------------------------------------------------------------------------------


async def test_people_are_told_once_a_day_that_a_session_ends_soon() -> None:
    world = World()
    seed = Tokens(access=SEED.access, access_expires=world.clock.now() + 8 * LIFE)
    channel, _, _ = process(world, seed)
    for _ in range(30):
        await read(channel)
        world.clock.advance(6 * 3600)
    days = [facts["days"] for name, facts in world.told.events if name == "tokens_expiring"]
    assert days == [6, 5, 4, 3, 2, 1, 0]
    assert "shops.tmall.session" in str(world.told.events[0][1]["hint"])


async def test_tokens_are_in_no_event_error_or_repr() -> None:
    world = World()
    channel, _, renewal = process(world)
    world.platform.end_sessions()
    await read(channel)
    world.platform.end_sessions()
    world.platform.unspent.clear()
    error = await failing(channel)
    kept = await world.vault.load(TMALL)
    told = json.dumps(world.told.events)
    assert world.told.names == ["tokens_renewed", "tokens_failing"]
    assert "planted" not in f"{told}{error!r}{kept!r}{renewal.tokens!r}{renewal!r}"
