"""What the adapter's traits say of its calls, held against the Taobao mock's own code over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from syncd.adapters.channels.taobao import ADAPTER
from syncd.adapters.http import open_http
from syncd.domain.model import Action, Outcome
from syncd.errors import Kind
from syncd.mock import Listing, Rig, running
from syncd.mock.clock import RealClock
from syncd.mock.taobao import Item, TaobaoState, taobao_app
from syncd.ports.channel import Channel
from tests.unit.adapters.channel_rig import write

MODES = {"batch": {}, "single": {"single_calls": True}, "keyed": {"keyed_calls": True}}


@asynccontextmanager
async def opened(options: dict[str, Any]) -> AsyncIterator[tuple[Channel, TaobaoState]]:
    """Yield a shop's channel and the shop: 100:7 is a SKU, 200: an item without SKUs, both read 5."""
    clock = RealClock()
    state = TaobaoState(
        items=[Item(id="100"), Item(id="200")],
        listings=[
            Listing(id="7", item="100", code="A", quantity=5),
            Listing(id="200", item="200", code="B", quantity=5),
        ],
        now=clock.now,
    )
    mock = Rig(name="tb", clock=clock, state=state)
    async with running(taobao_app(mock)) as url, open_http() as http:
        account = {"app_key": "mock-app", "app_secret": "mock-secret", "session": "mock-token"}
        settings = ADAPTER.settings.model_validate(account | {"url": f"{url}/router/rest"} | options)
        async with ADAPTER.open(settings, "tb", http) as channel:
            yield channel, state


async def move(channel: Channel, listing: str, by: int, key: str = "ab") -> Outcome:
    (outcome,) = await channel.push([write(listing, by, Action.DELTA, key)])
    return outcome


@pytest.mark.parametrize("mode", MODES)
async def test_a_difference_below_zero_is_cut_exactly_where_the_traits_say_so(mode: str) -> None:
    async with opened(MODES[mode]) as (channel, state):
        outcome = await move(channel, "100:7", -6)

        was_cut = (outcome.kind, state.listings["7"].quantity) == (Kind.DONE, 0)
        assert was_cut is channel.traits.delta_clips


async def test_a_difference_that_is_refused_leaves_the_counter() -> None:
    async with opened(MODES["single"]) as (channel, state):
        outcome = await move(channel, "100:7", -6)

        assert (outcome.kind, state.listings["7"].quantity) == (Kind.REJECTED, 5)


async def test_a_cut_difference_tells_a_zero_that_proves_nothing() -> None:
    async with opened(MODES["batch"]) as (channel, _):
        assert (await move(channel, "100:7", -6)).counter == 0


async def test_an_item_without_skus_has_its_differences_refused_and_not_cut_though_the_traits_say_worse() -> (
    None
):
    async with opened(MODES["batch"]) as (channel, state):
        outcome = await move(channel, "200:", -6)

        assert (outcome.kind, state.listings["200"].quantity) == (Kind.REJECTED, 5)


@pytest.mark.parametrize("mode", MODES)
async def test_a_difference_that_is_sent_twice_counts_once_exactly_where_the_traits_say_so(mode: str) -> None:
    async with opened(MODES[mode]) as (channel, state):
        await move(channel, "100:7", 2)
        await move(channel, "100:7", 2)

        counted_once = state.listings["7"].quantity == 7
        assert counted_once is channel.traits.knows_keys_of(Action.DELTA)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("listing", ["100:7", "200:"])
async def test_every_mode_sets_and_moves_every_listing(mode: str, listing: str) -> None:
    async with opened(MODES[mode]) as (channel, state):
        await channel.push([write(listing, 8)])
        await move(channel, listing, -1, "cd")

        assert state.listings[listing.partition(":")[2] or "200"].quantity == 7


TMALL = {"batch": {"tmall_calls": True}, "single": {"tmall_calls": True, "single_calls": True}}


@pytest.mark.parametrize("mode", TMALL)
async def test_apps_of_tmall_set_move_list_and_delist_by_calls_of_their_own(mode: str) -> None:
    async with opened(TMALL[mode]) as (channel, state):
        kinds = []
        for action, value in ((Action.SET, 9), (Action.DELTA, -2), (Action.DELIST, 0), (Action.RELIST, 0)):
            (outcome,) = await channel.push([write("100:7", value, action, "ab")])
            kinds.append(outcome.kind)

        assert (set(kinds), state.listings["7"].quantity, state.on_sale("100")) == ({Kind.DONE}, 7, True)
