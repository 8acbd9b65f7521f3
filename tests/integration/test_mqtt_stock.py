"""The source `mqtt` against real brokers: nothing is lost, taken twice or believed without need."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from syncd.domain.model import Sku
from tests.integration.mqtt_rig import BROKERS, BrokerUnit, broker_unit, mosquitto
from tests.integration.mqtt_stock_rig import ERP, Publisher, Side, publisher

needs_mosquitto = pytest.mark.skipif(mosquitto() is None, reason="needs mosquitto, which amqtt is not")


@pytest.fixture(params=BROKERS)
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BrokerUnit]:
    async with broker_unit(tmp_path, request.param) as unit:
        yield unit


async def begin(erp: Publisher, side: Side) -> None:
    """Let the state know A: 5 and B: 7, as it was asked for."""
    await erp.asked()
    await erp.says({"A": 5, "B": 7}, kind="full")
    await side.has({"A": 5, "B": 7})


async def test_what_is_published_reaches_the_state(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        await erp.says({"A": 3})

        await side.has({"A": 3, "B": 7})


@needs_mosquitto
async def test_what_comes_while_it_is_away_waits_for_it(tmp_path: Path) -> None:
    """Amqtt loses what comes before it has noticed that we went: the next number shows it."""
    async with broker_unit(tmp_path, "mosquitto") as unit, publisher(unit.port) as erp:
        async with Side(unit.port).listening() as side:
            await begin(erp, side)
        for units in (4, 3, 2):
            await erp.says({"A": units})
        async with Side(unit.port, side.store).listening() as again:
            await again.has({"A": 2, "B": 7})

    assert "stock_missing" not in again.told.names()


@needs_mosquitto
async def test_what_the_state_had_not_got_at_a_crash_comes_again(tmp_path: Path) -> None:
    async with broker_unit(tmp_path, "mosquitto") as unit, publisher(unit.port) as erp:
        async with Side(unit.port).listening() as side:
            await begin(erp, side)
        await crash_with(erp, side, unit)
        async with Side(unit.port, side.store).listening() as again:
            await again.has({"A": 1, "B": 7})


async def crash_with(erp: Publisher, side: Side, unit: BrokerUnit) -> None:
    """Let a message come to one that ends before the state has it."""
    async with Side(unit.port, side.store).listening(collects=False) as crashing:
        await crashing.told.told("mqtt_connected")
        await erp.says({"A": 1})
        assert (await crashing.rung()).skus == {Sku("A")}


async def test_a_message_that_comes_twice_counts_once(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        await erp.says({"A": 3})
        await erp.says({"A": 2})
        await side.has({"A": 2, "B": 7})
        await erp.publish(erp.sent[2])
        await erp.says({"B": 1})

        await side.has({"A": 2, "B": 1})


async def test_messages_out_of_order_never_go_back_in_time(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        early = erp.message({"A": 99, "B": 3})
        await erp.says({"A": 2})
        await side.has({"A": 2, "B": 7})
        await erp.publish(early)

        await side.has({"A": 2, "B": 3})


async def test_a_gap_is_asked_about_and_closed_by_a_full_reading(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        erp.message({"B": 99})  # is never sent
        await erp.says({"A": 2})
        asked = await erp.asked()
        await erp.says({"A": 2, "B": 1}, kind="full")
        await side.has({"A": 2, "B": 1})
        await side.told.told("stock_whole")

    assert (asked["since"], asked["because"]) == (1, "number 2 of p is missing, and 3 is here")


async def test_hundreds_at_once_are_all_taken(broker: BrokerUnit) -> None:
    """More than a broker sends before it hears that we have the first ones."""
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        for number in range(300):
            await erp.says({"A": number, f"S{number % 3}": number})

        await side.has({"A": 299, "B": 7, "S0": 297, "S1": 298, "S2": 299})


async def test_a_full_reading_in_many_parts_is_taken_as_one(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await erp.asked()
        for part in range(1, 41):
            await erp.says({f"S{part}": part}, kind="full", part=part, parts=40)

        await side.has({f"S{part}": part for part in range(1, 41)})


async def test_a_retained_message_counts_for_nothing(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp:
        await erp.publish(erp.message({"A": 99}, kind="full"), retain=True)
        async with Side(broker.port).listening() as side:
            told = await side.told.told("stock_refused")
            await erp.asked()
            await erp.says({"A": 1}, kind="full")
            await side.has({"A": 1})
        await erp.publish(b"", retain=True)

    assert "retained" in str(told["because"])


async def test_what_is_no_message_is_refused_and_the_next_one_heard(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        await erp.publish(b'{"sku": "A", "on_hand": 0}')
        await side.told.told("stock_refused")
        asked = await erp.asked()
        await erp.says({"A": 3})
        await side.has({"A": 3, "B": 7})

    assert asked["because"] == "a message could not be read"


async def test_figures_of_a_source_that_we_have_not_are_none_of_ours(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        await erp.publish(erp.message({"A": 99}, seq=2, kind="full"), source="other")
        erp.seq -= 1
        await erp.says({"B": 3})

        await side.has({"A": 5, "B": 3})


async def test_a_message_that_nobody_waits_for_to_arrive_is_taken_too(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        await erp.publish(erp.message({"A": 3}), qos=0)
        await side.has({"A": 3, "B": 7})
        await erp.says({"A": 2})
        await side.has({"A": 2, "B": 7})

    assert side.told.names().count("mqtt_connected") == 1


# --- the broker goes away ----------------------------------------------------------------------------------


async def test_a_broker_that_forgot_us_is_answered_by_a_full_reading(broker: BrokerUnit) -> None:
    side = Side(broker.port)
    side.may_dial.clear()
    async with side.listening():
        async with publisher(broker.port) as erp:
            side.may_dial.set()
            await begin(erp, side)
        side.may_dial.clear()
        await broker.kill()
        await side.told.told("mqtt_lost")
        await broker.start()
        async with publisher(broker.port, seq=erp.seq) as erp:
            side.may_dial.set()
            asked = await erp.asked()
            await erp.says({"A": 1, "B": 1}, kind="full")
            await side.has({"A": 1, "B": 1})

    assert asked["because"] == "the broker kept nothing for us while we were away"


@needs_mosquitto
async def test_a_broker_that_was_restarted_and_kept_all_is_gone_on_with(tmp_path: Path) -> None:
    async with broker_unit(tmp_path, "mosquitto", keeps=True) as unit:
        async with publisher(unit.port) as erp:
            async with Side(unit.port).listening() as side:
                await begin(erp, side)
            await erp.says({"A": 2})
        await unit.restart()
        async with Side(unit.port, side.store).listening() as again:
            await again.has({"A": 2, "B": 7})

    assert "stock_missing" not in again.told.names()


async def test_a_broker_that_is_gone_delays_no_collect(broker: BrokerUnit) -> None:
    async with publisher(broker.port) as erp, Side(broker.port).listening() as side:
        await begin(erp, side)
        await broker.kill()
        await side.told.told("mqtt_lost")
        async with asyncio.timeout(1.0):
            await side.collect()
        error = (await side.store.sources())[ERP].error

    assert error == ""


@pytest.mark.parametrize(("user", "password"), [("syncd", "another-planted-password"), ("other", "x")])
async def test_a_refused_login_names_the_settings_of_the_source(
    broker: BrokerUnit, user: str, password: str
) -> None:
    async with Side(broker.port, user=user, password=password).listening() as side:
        told = await side.told.told("mqtt_refused")

    assert ("sources.erp.password" in str(told["hint"]), told["source"]) == (True, ERP)
    assert "planted" not in str(side.told.events)
