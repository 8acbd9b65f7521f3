"""Alerts are made of events and of the state, kept, and sent once."""

import asyncio
from datetime import timedelta

import pytest

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import Filter
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.model import ListingId, ShopName, SourceName
from syncd.domain.records import PendingRow, ShopState, SourceState
from syncd.errors import StateError
from syncd.ports.store import Measured
from tests.contract.store_contract_rows import listing_row
from tests.unit.services.alert_world import AlertWorld

ERP, WEB = SourceName("erp"), ShopName("web")
DOWN, UP = "Warning: shop web cannot be read", "Over: shop web cannot be read"


async def test_an_outage_and_its_end_are_told_once_each() -> None:
    world = AlertWorld()
    async with world.running():
        world.shop_fails()
        await world.wait(65)
        world.shop_fails()
        world.shop_is_well()
        await world.wait(65)
    assert (world.phone.titles, world.mail.titles) == ([DOWN, UP], [DOWN, UP])


async def test_programs_hear_of_an_alert_when_it_begins_and_ends() -> None:
    world = AlertWorld()
    async with world.running():
        world.shop_fails()
        await world.wait(2)
        world.shop_is_well()
        await world.wait(2)
    assert [(facts["kind"], facts["open"]) for facts in world.told.named("alert")] == [
        ("shop_failing", True),
        ("shop_failing", False),
    ]


async def test_a_target_gets_only_what_it_wants() -> None:
    filters = {"phone": Filter(min_level=Level.CRITICAL), "mail": Filter(shops=frozenset({"jd"}))}
    world = AlertWorld(filters=filters)
    async with world.running():
        world.shop_fails()
        world.shop_fails("jd")
        world.inbox.tell("oversold", pool="main", sku="A", units=2)
        await world.wait(65)
    assert world.phone.titles == ["Critical: A is oversold in pool main"]
    assert sorted(world.mail.titles) == [
        "Critical: A is oversold in pool main",
        "Warning: shop jd cannot be read",
    ]


# --- the state -----------------------------------------------------------------------------------------


async def test_figures_that_grow_old_are_told_and_so_is_their_end() -> None:
    world = AlertWorld(AlertRules(max_ages={ERP: 120.0}))
    await world.store.save_source(SourceState(name=ERP, as_of=world.clock.now()))
    async with world.running():
        await world.wait(200)
        await world.store.save_source(SourceState(name=ERP, as_of=world.clock.now()))
        await world.wait(70)
    begin, end = world.phone.titles
    assert begin.startswith("Critical: the figures of source erp are ")
    assert end.startswith("Over: ")


async def test_a_decrease_that_waits_too_long_is_told() -> None:
    world = AlertWorld(AlertRules(oldest_decrease=timedelta(minutes=1)))
    row = PendingRow(WEB, ListingId("1"), world.clock.now(), None, held=False)
    await world.store.save_measures(Measured(pending=[row]))
    async with world.running():
        await world.wait(130)
    assert world.phone.titles == ["Critical: shop web took no decrease for 2 minutes"]


async def test_a_clock_that_is_set_back_does_not_stop_the_looks() -> None:
    world = AlertWorld(AlertRules(max_ages={ERP: 120.0}))
    async with world.running():
        world.clock.jump(-86_400)
        old = world.clock.now() - timedelta(hours=1)
        await world.store.save_source(SourceState(name=ERP, as_of=old))
        await world.wait(70)
    assert len(world.phone.titles) == 1


async def test_who_acknowledged_an_alert_is_not_reminded() -> None:
    world = AlertWorld(AlertRules(remind_after=timedelta(minutes=3)))
    async with world.running():
        world.inbox.tell("oversold", pool="main", sku="A", units=2)
        await world.wait(10)
        await world.store.acknowledge(1, at=world.clock.now(), by="ann")
        await world.wait(300)
    assert len(world.phone.sent) == 1
    assert (await world.store.alerts())[0].acked_by == "ann"


async def test_a_state_that_breaks_ends_it() -> None:
    world = AlertWorld()

    async def broken(*_: object, **__: object) -> None:
        raise StateError("the disk is gone")

    world.store.save_alerts = broken  # type: ignore[method-assign]
    world.shop_fails()
    with pytest.raises(StateError):
        await world.alerting().run(asyncio.Event())


async def test_a_delisting_that_a_person_undid_is_over() -> None:
    world = AlertWorld()
    await world.store.save_listings([listing_row()._replace(on_sale=False)])
    async with world.running():
        facts = {"shop": "tmall", "listing": listing_row().id, "sku": "A", "cause": "snapshot"}
        world.inbox.tell("changed", kind="off", **facts)
        await world.wait(70)
        await world.store.save_listings([listing_row()._replace(on_sale=True)])
        await world.wait(130)
    begin, end = world.phone.titles
    assert (begin.startswith("Info: listing"), end.startswith("Over: listing")) == (True, True)


async def test_thousands_at_once_are_one_message() -> None:
    world = AlertWorld()
    async with world.running():
        for at in range(2000):
            world.inbox.tell("low_stock", pool="main", sku=f"S{at}", units=at)
        await world.until(lambda: bool(world.phone.sent))
    assert world.phone.titles == ["Warning: low stock of 2000 SKUs in pool main"]


# --- restarts ------------------------------------------------------------------------------------------


async def test_after_a_restart_nothing_is_told_twice_and_the_end_is_told() -> None:
    world = AlertWorld()
    async with world.running():
        world.shop_fails()
        await world.wait(65)
    async with world.running():
        world.shop_fails()
        await world.wait(65)
        world.shop_is_well()
        await world.wait(65)
    assert world.phone.titles == [DOWN, UP]


async def test_programs_do_not_hear_of_an_open_alert_again_after_a_restart() -> None:
    world = AlertWorld()
    await world.store.save_shop(ShopState(name=WEB, error="down"))
    async with world.running():
        world.shop_fails()
        await world.wait(65)
    async with world.running():
        await world.wait(5)
    assert len(world.told.named("alert")) == 1


async def test_what_happened_just_before_the_end_is_told_after_the_next_start() -> None:
    world = AlertWorld()
    async with world.running():
        world.shop_fails()
    async with world.running():
        await world.wait(65)
    assert world.phone.titles == [DOWN]


async def test_an_outage_that_ended_between_two_starts_is_over() -> None:
    world = AlertWorld()
    async with world.running():
        world.shop_fails()
        await world.wait(65)
    async with world.running():
        await world.wait(5)
        await world.store.save_shop(ShopState(name=WEB, observed_at=world.clock.now()))
        await world.wait(130)
    assert world.phone.titles == [DOWN, UP]


async def test_what_a_target_did_not_get_before_a_restart_it_gets_after_it_alone() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        world.shop_fails()
        await world.wait(65)
    world.phone.refuses = ""
    async with world.running():
        await world.wait(3)
    assert world.phone.titles == ["Alerts that could not be sent before: 1"]
    assert world.mail.titles[0] == DOWN
    assert [row.owed for row in await world.store.alerts() if row.kind is AlertKind.SHOP_FAILING] == [""]


async def test_a_target_that_was_taken_out_is_owed_nothing() -> None:
    world = AlertWorld()
    world.phone.refuses = "no line"
    async with world.running():
        world.shop_fails()
        await world.wait(65)
    world.filters = {"mail": Filter()}
    async with world.running():
        await world.wait(3)
    assert {row.owed for row in await world.store.alerts()} == {""}


async def test_it_can_be_left_before_it_did_anything() -> None:
    world = AlertWorld()
    leave = asyncio.Event()
    leave.set()
    await world.alerting().run(leave)
    assert list(await world.store.alerts()) == []


# --- trying it out -------------------------------------------------------------------------------------


async def test_a_test_message_says_at_whom_it_arrived() -> None:
    world = AlertWorld()
    world.mail.refuses = "no such box"
    assert await world.alerting().test() == {"phone": "", "mail": "no such box"}
    assert world.phone.titles == ["Test: alerts of syncd arrive here"]
