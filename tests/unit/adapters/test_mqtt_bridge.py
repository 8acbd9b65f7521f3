"""The bridge: what is published and heard, losses and refusals told once, waits, and leaving."""

import asyncio

import pytest

from syncd.adapters.events.mqtt import SessionError
from syncd.adapters.events.mqtt.outbox import MOST_TRIES
from syncd.adapters.mqtt.hush import QUIET
from syncd.domain.look import Look
from syncd.domain.model import ShopName
from tests.unit.adapters.mqtt_desk import WHERE, Desk

LOST = SessionError("refused by nobody")
REFUSED = SessionError("the broker refuses user u", refused=True, hint="correct mqtt.password")


# --- telling -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("planned", "plan"),
        ("source_failing", "outage"),
        ("shop_failing", "outage"),
        ("orders_failing", "outage"),
        ("source_recovered", "recovery"),
        ("shop_recovered", "recovery"),
        ("orders_recovered", "recovery"),
    ],
)
async def test_an_event_goes_to_the_topic_of_its_kind(name: str, kind: str) -> None:
    desk = Desk()
    async with desk.running():
        desk.bridge.tell(name, shop="tmall")

        at = desk.clock.now().isoformat()
        assert await desk.events(kind) == [{"at": at, "event": name, "shop": "tmall"}]


async def test_an_event_that_is_none_of_theirs_stays_here() -> None:
    desk = Desk()
    async with desk.running():
        desk.bridge.tell("changed", shop="tmall")
        desk.bridge.tell("planned", digest="abc")
        await desk.events("plan")

    assert [topic for topic, _, _ in desk.taken if "event" in topic] == ["s/event/plan"]


async def test_only_the_state_is_retained() -> None:
    desk = Desk()
    async with desk.running():
        desk.bridge.tell("planned", digest="abc")
        await desk.events("plan")

    assert {(topic, retain) for topic, _, retain in desk.taken} == {
        ("s/bridge/state", True),
        ("s/event/plan", False),
    }


async def test_it_listens_before_it_says_that_it_is_online() -> None:
    desk = Desk()
    desk.may_take.clear()
    async with desk.running():
        await desk.tries("s/bridge/state")
        heard = list(desk.subscribed)
        desk.may_take.set()

    assert heard == ["s/erp/stock"]


async def test_an_event_under_way_when_the_broker_was_lost_is_sent_again() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()
        desk.may_take.clear()
        desk.bridge.tell("planned", digest="abc")
        await desk.tries("s/event/plan")
        desk.drop()
        await desk.clock.until_asleep()
        desk.may_take.set()
        await desk.waits()

        assert [plan["digest"] for plan in await desk.events("plan")] == ["abc"]


async def test_an_event_at_which_the_broker_hangs_up_keeps_the_others_back_for_a_while_only() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()
        desk.bridge.tell("planned", digest="too large")
        desk.bridge.tell("source_failing", source="erp")
        desk.hung_up_at = "s/event/plan"
        for _ in range(MOST_TRIES):
            await desk.clock.until_asleep()
            await desk.waits()

        assert [outage["source"] for outage in await desk.events("outage")] == ["erp"]
        desk.drop()
        await desk.waits()
        assert (await desk.events("recovery", MOST_TRIES + 1))[-1]["lost"] == 1


async def test_the_newest_thousand_events_are_kept_and_the_rest_counted() -> None:
    desk = Desk()
    desk.failures = [LOST]
    async with desk.running():
        await desk.clock.until_asleep()
        for number in range(1003):
            desk.bridge.tell("planned", digest=str(number))
        await desk.waits()
        back = await desk.events("recovery")

    assert ("mqtt_connected", {"broker": "broker:1883", "lost": 3}) in desk.told.events
    assert back[0]["lost"] == 3


async def test_a_loss_is_counted_once_only() -> None:
    desk = Desk()
    desk.failures = [LOST]
    async with desk.running():
        await desk.clock.until_asleep()
        for number in range(1003):
            desk.bridge.tell("planned", digest=str(number))
        await desk.waits()
        await desk.events("recovery")
        desk.drop()
        await desk.waits()

        assert [back["lost"] for back in await desk.events("recovery", 2)] == [3, 0]


# --- hearing -----------------------------------------------------------------------------------------------


async def test_at_the_first_connection_nobody_rings() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()

    assert desk.rings == []


async def test_back_again_it_rings_for_all_because_it_may_have_missed_one() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()
        desk.drop()
        await desk.waits()
        await desk.online(2)

        assert await desk.rung() == [frozenset()]


async def test_a_retained_message_is_neither_heard_nor_refused() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()
        desk.say(b"{}", retained=True)
        desk.say(b"nonsense", retained=True)
        desk.say(b'{"skus": ["A"]}')

        assert (await desk.rung(), desk.told.names()) == ([frozenset({"A"})], ["mqtt_connected"])


async def test_named_orders_are_passed_on_with_their_shop() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()
        desk.say(b'{"shop": "a", "orders": ["1"]}')
        await desk.rung()

    assert desk.looks == [Look(shop=ShopName("a"), orders=frozenset({"1"}))]


async def test_a_look_that_is_refused_behind_the_bridge_is_told() -> None:
    desk = Desk()
    desk.refusal = "there is no shop b; ours are a"
    async with desk.running():
        await desk.online()
        desk.say(b'{"shop": "b", "orders": ["1"]}')
        await desk.told.named("trigger_refused")

    assert ("trigger_refused", {"topic": "s/erp/stock", "because": desk.refusal}) in desk.told.events


async def test_a_flood_of_refused_messages_is_told_once_and_counted() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()
        for _ in range(100):
            desk.say(b"nonsense")
        desk.say()
        await desk.rung()
        desk.clock.advance(QUIET)
        desk.say(b"nonsense")
        desk.say()
        await desk.rung(2)

    facts = {"topic": "s/erp/stock", "because": "it is not JSON"}
    assert desk.told.events[1:] == [
        ("trigger_refused", facts),
        ("trigger_refused", facts | {"passed_over": 99}),
    ]


# --- losing and coming back --------------------------------------------------------------------------------


async def test_the_waits_double_up_to_a_minute() -> None:
    desk = Desk()
    desk.failures = [LOST] * 9
    async with desk.running():
        waits = [round(await desk.waits()) for _ in range(9)]

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_no_wait_is_below_a_second() -> None:
    desk = Desk()
    desk.bridge._keeper._jitter = lambda: 0.0
    desk.failures = [LOST] * 9
    async with desk.running():
        waits = [await desk.waits() for _ in range(9)]

    assert waits == [1.0] * 9


async def test_a_refused_login_waits_a_minute_at_once() -> None:
    desk = Desk()
    desk.failures = [REFUSED] * 2
    async with desk.running():
        waits = [await desk.waits() for _ in range(2)]

    assert waits == [60.0, 60.0]


async def test_who_is_thrown_out_again_and_again_waits_longer_and_longer() -> None:
    desk = Desk()
    waits = []
    async with desk.running():
        for number in range(1, 5):
            await desk.online(number)
            desk.drop()
            waits.append(round(await desk.waits()))

    assert waits == [1, 2, 4, 8]


async def test_after_a_minute_of_peace_the_waits_begin_anew() -> None:
    desk = Desk()
    desk.failures = [LOST] * 5
    async with desk.running():
        for _ in range(5):
            await desk.waits()
        await desk.online()
        desk.clock.advance(60.5)
        desk.drop()

        assert round(await desk.waits()) == 1


async def test_a_loss_is_told_once_and_so_is_the_return() -> None:
    desk = Desk()
    async with desk.running():
        await desk.online()
        desk.failures = [LOST] * 3
        desk.drop()
        for _ in range(4):
            await desk.waits()
        await desk.online(2)

    assert desk.told.names() == ["mqtt_connected", "mqtt_lost", "mqtt_connected"]


async def test_a_refused_login_is_told_once_with_what_to_do() -> None:
    desk = Desk()
    desk.failures = [REFUSED] * 3
    async with desk.running():
        for _ in range(3):
            await desk.waits()
        await desk.online()

    told = {"broker": "broker:1883", "error": "the broker refuses user u", "hint": "correct mqtt.password"}
    assert desk.told.events == [("mqtt_refused", told), ("mqtt_connected", {"broker": "broker:1883"})]


async def test_a_loss_that_becomes_a_refusal_is_told_as_such() -> None:
    desk = Desk()
    desk.failures = [LOST, REFUSED]
    async with desk.running():
        await desk.waits()
        await desk.waits()

    assert desk.told.names()[:2] == ["mqtt_lost", "mqtt_refused"]


def test_the_password_is_in_no_repr() -> None:
    assert "planted" not in repr(WHERE)


# --- leaving -----------------------------------------------------------------------------------------------


async def test_a_clean_leave_sends_the_rest_and_says_offline_last() -> None:
    desk = Desk()
    async with desk.running() as task:
        await desk.online()
        for number in range(5):
            desk.bridge.tell("planned", digest=str(number))
        desk.leave.set()
        await task

    assert [topic for topic, _, _ in desk.taken[1:]] == ["s/event/plan"] * 5 + ["s/bridge/state"]
    assert (desk.taken[-1][1], desk.broken_off) == (b"offline", 0)


async def test_a_broker_that_takes_nothing_more_gets_the_last_will() -> None:
    desk = Desk()
    async with desk.running() as task:
        await desk.online()
        desk.may_take.clear()
        desk.leave.set()
        async with asyncio.timeout(10):
            await asyncio.wait({task})

    assert (desk.broken_off, b"offline" in [text for _, text, _ in desk.taken]) == (1, False)


async def test_while_it_connects_it_leaves_at_once() -> None:
    desk = Desk()
    desk.hangs = True
    async with desk.running() as task:
        await asyncio.sleep(0)
        desk.leave.set()
        async with asyncio.timeout(1):
            await asyncio.wait({task})

    assert desk.taken == []


async def test_after_a_loss_it_leaves_at_once() -> None:
    desk = Desk()
    async with desk.running() as task:
        await desk.online()
        desk.drop()
        await desk.clock.until_asleep()
        desk.leave.set()
        async with asyncio.timeout(1):
            await asyncio.wait({task})

    assert b"offline" not in [text for _, text, _ in desk.taken]


async def test_while_it_waits_it_leaves_at_once() -> None:
    desk = Desk()
    desk.failures = [REFUSED]
    async with desk.running() as task:
        await desk.clock.until_asleep()
        desk.leave.set()
        async with asyncio.timeout(1):
            await asyncio.wait({task})

    assert desk.dials == 1
