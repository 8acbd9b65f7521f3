"""A dead target delays nothing and loses nothing that matters."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.messages import MOST_KEPT, Phase
from syncd.services.alerting.courier import send_notice, trial_notice
from tests.unit.services.alert_world import AlertWorld, FakeSink


def phases(sink: FakeSink) -> list[Phase]:
    return [notice.message.phase for notice in sink.sent if notice.message is not None]


def is_named(sink: FakeSink, word: str) -> Callable[[], bool]:
    """Return what says whether a title had that word."""
    return lambda: any(word in title for title in sink.titles)


async def test_a_dead_target_keeps_nobody_waiting() -> None:
    world = AlertWorld()
    world.phone.line.clear()
    async with world.running():
        world.shop_fails()
        await world.wait(65)
        assert len(world.mail.sent) == 1
        world.phone.line.set()
    assert len(world.phone.sent) == 1


async def test_a_dead_target_is_told_once_to_the_others() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        for shop in ("web", "jd", "tmall"):
            world.shop_fails(shop)
            await world.wait(100)
    titles = [title for title in world.mail.titles if "sent to phone" in title]
    assert titles == ["Warning: alerts cannot be sent to phone"]


async def test_a_target_that_is_back_gets_one_message_with_the_newest_of_each() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        for shop in ("web", "jd"):
            world.shop_fails(shop)
            await world.wait(65)
        world.shop_is_well()
        await world.wait(65)
        world.phone.refuses = ""
        await world.wait(700)
    (message,) = [notice.message for notice in world.phone.sent if notice.message is not None]
    rows = {row.place: row.is_open for row in message.rows}
    assert (message.phase, rows) == (Phase.MISSED, {"jd": True, "web": False})
    assert [row.owed for row in await world.store.alerts()] == [""] * 3


async def test_the_recovery_of_a_target_is_told_to_the_others() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        world.shop_fails()
        await world.wait(150)
        world.phone.refuses = ""
        await world.wait(700)
    assert world.mail.titles[-1] == "Over: alerts cannot be sent to phone"


async def test_a_single_message_that_is_late_stays_what_it_was() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        world.shop_fails()
        await world.wait(61)
        world.phone.refuses = ""
        await world.wait(10)
    assert phases(world.phone) == [Phase.BEGIN]


async def test_a_dead_target_is_asked_less_and_less_often() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        world.shop_fails()
        await world.wait(3600)
    assert 8 <= world.phone.tries <= 14


async def test_a_message_that_takes_too_long_counts_as_not_arrived() -> None:
    world = AlertWorld()
    world.phone.line.clear()
    target = replace(world.alerting().targets[0], within=0.0)
    assert await send_notice(target, trial_notice(target.style)) == "no answer within 0 s"


async def test_a_courier_that_breaks_ends_alerting_at_once() -> None:
    world = AlertWorld()
    world.phone.bug = True
    world.inbox.tell("oversold", pool="main", sku="A", units=1)
    task = asyncio.create_task(world.alerting().run(asyncio.Event()))
    await world.turns()
    await world.wait(10)
    with pytest.raises(ZeroDivisionError):
        await task


async def test_what_waits_is_bounded_by_the_number_of_alerts() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        for _ in range(3):
            world.shop_fails()
            await world.wait(65)
            world.shop_is_well()
            await world.wait(65)
        world.phone.refuses = ""
        await world.wait(700)
    (notice,) = world.phone.sent
    assert notice.message is not None
    assert [row.kind for row in notice.message.rows] == [AlertKind.SHOP_FAILING] * 3


async def test_a_target_that_is_back_after_a_restart_is_told_to_the_others() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        world.shop_fails()
        await world.wait(150)
    world.phone.refuses = ""
    async with world.running():
        await world.wait(70)
    assert world.mail.titles[-1] == "Over: alerts cannot be sent to phone"


async def test_what_was_too_much_to_be_named_is_not_told_again_after_a_restart() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        for shop in ("web", "jd"):
            for at in range(MOST_KEPT):
                world.inbox.tell("put_back", shop=shop, listing=f"{at}", because="by hand")
            await world.until(is_named(world.mail, shop))
        world.phone.refuses = ""
        await world.until(lambda: bool(world.phone.sent))
        await world.wait(2)
    (notice,) = world.phone.sent
    assert notice.message is not None
    assert (len(notice.message.rows), notice.message.left_out) == (MOST_KEPT, MOST_KEPT)
    assert [row for row in await world.store.live_alerts() if row.owed] == []
