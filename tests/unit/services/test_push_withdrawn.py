"""Two pushes of one shop at one time, and listings that are taken back from one of them."""

import asyncio

import pytest

from syncd.domain.model import Change, ChangeKind, ListingId
from syncd.services.push import Pusher, PushReport
from syncd.services.push.ordering import FEW
from tests.unit.services.push_world import World, change

RAISE, LOWER = ChangeKind.RAISE, ChangeKind.LOWER


class Held:
    """A shop that takes a listing a call, and that answers a call only when it may `go`."""

    def __init__(self) -> None:
        self.world = World(max_batch=1, max_batch_listing=1)
        self.pusher: Pusher = self.world.pusher(in_flight=1)
        self.began, self.go = asyncio.Event(), asyncio.Event()
        self.world.shop.hook = self._hook

    async def _hook(self) -> None:
        self.began.set()
        await self.go.wait()

    async def push(self, *changes: Change) -> "asyncio.Task[PushReport]":
        """Return a push of which the first call is in the air."""
        task = asyncio.create_task(self.pusher.push(list(changes)))
        await self.began.wait()
        return task


async def test_a_listing_is_pushed_by_one_at_a_time() -> None:
    held = Held()
    first = await held.push(change("a", RAISE, 9))

    with pytest.raises(RuntimeError, match="tmall is being pushed already"):
        await held.pusher.push([change("a", LOWER, 1)])

    held.go.set()
    await first


async def test_different_listings_are_pushed_at_once() -> None:
    held = Held()
    first = await held.push(change("a", RAISE, 9))
    second = asyncio.create_task(held.pusher.push([change("b", LOWER, 1)]))
    held.go.set()

    done = [one.listing for report in (await first, await second) for one in report.done]

    assert done == ["a", "b"]


async def test_what_is_withdrawn_before_it_was_sent_is_not_tried() -> None:
    held = Held()
    push = await held.push(change("a", RAISE, 8), change("b", RAISE, 9))
    await held.pusher.withdraw([ListingId("b")])
    held.go.set()

    report = await push

    assert [one.listing for one in report.done] == ["a"]
    assert [remark.change.listing for remark in report.not_tried] == ["b"]


async def test_who_withdraws_waits_for_what_is_in_the_air() -> None:
    held = Held()
    push = await held.push(change("a", RAISE, 9))
    withdrawn = asyncio.create_task(held.pusher.withdraw([ListingId("a")]))
    await asyncio.wait({withdrawn}, timeout=0)
    assert not withdrawn.done()
    held.go.set()

    await withdrawn

    assert [one.listing for one in (await push).done] == ["a"]


async def test_what_is_withdrawn_may_be_pushed_by_another() -> None:
    held = Held()
    push = await held.push(change("a", RAISE, 8), change("b", RAISE, 9))
    await held.pusher.withdraw([ListingId("b")])
    second = asyncio.create_task(held.pusher.push([change("b", LOWER, 1)]))
    held.go.set()

    assert [one.new for one in (await second).done] == [1]
    await push


async def test_to_withdraw_all_waits_for_all() -> None:
    held = Held()
    push = await held.push(change("a", RAISE, 8), change("b", RAISE, 9))
    withdrawn = asyncio.create_task(held.pusher.withdraw())
    await asyncio.wait({withdrawn}, timeout=0)
    held.go.set()

    await withdrawn

    assert [one.listing for one in (await push).done] == ["a"]


async def test_a_long_push_can_be_withdrawn_from_before_its_first_call() -> None:
    world = World()
    pusher = world.pusher()
    push = asyncio.create_task(pusher.push([change(f"l{at}", RAISE, 9) for at in range(FEW + 1)]))
    await asyncio.sleep(0)

    await pusher.withdraw([ListingId("l7")])

    assert [remark.change.listing for remark in (await push).not_tried] == ["l7"]


async def test_what_may_still_be_written_is_told() -> None:
    held = Held()
    push = await held.push(change("a", RAISE, 7), change("b", RAISE, 8), change("c", RAISE, 9))
    await held.pusher.withdraw([ListingId("b")])
    waiting = held.pusher.under_way
    withdrawn = asyncio.create_task(held.pusher.withdraw())
    await asyncio.wait({withdrawn}, timeout=0)
    in_the_air = held.pusher.under_way
    held.go.set()
    await asyncio.gather(push, withdrawn)

    assert [sorted(one) for one in (waiting, in_the_air, held.pusher.under_way)] == [["a", "c"], ["a"], []]
