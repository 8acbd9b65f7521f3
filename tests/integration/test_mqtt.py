"""The bridge against real brokers: look now, events, a broker that is lost, refuses or hangs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import monotonic

import pytest

from syncd.adapters.events.mqtt import Broker
from syncd.adapters.mqtt.keeping import FAREWELL
from syncd.domain.model import Sku
from tests.integration.mqtt_rig import (
    BASE,
    BROKERS,
    USER,
    BrokerUnit,
    broker_unit,
    certificate,
    deaf_broker,
    ear,
    mosquitto,
    side,
    silent_broker,
    where,
)

ALL: frozenset[Sku] = frozenset()
NAMED = b'{"skus": ["A", "B"]}'
MARGIN = 3.0
"""Seconds by which a busy machine may be late."""


@pytest.fixture(params=BROKERS)
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BrokerUnit]:
    async with broker_unit(tmp_path, request.param) as unit:
        yield unit


@pytest.mark.parametrize("payload", [b"", b"{}", b" \n"])
async def test_a_look_now_rings_for_all(broker: BrokerUnit, payload: bytes) -> None:
    async with ear(broker.port) as other, side(where(broker.port)) as ours:
        await other.hear_state(b"online")
        await other.look(payload)

        assert await ours.rung() == ALL


async def test_a_look_now_rings_for_named_skus(broker: BrokerUnit) -> None:
    async with ear(broker.port) as other, side(where(broker.port)) as ours:
        await other.hear_state(b"online")
        await other.look(NAMED)

        assert await ours.rung() == {"A", "B"}


async def test_what_is_no_look_now_is_refused_and_the_next_one_is_heard(broker: BrokerUnit) -> None:
    async with ear(broker.port) as other, side(where(broker.port)) as ours:
        await other.hear_state(b"online")
        await other.look(b'{"sku": "A"}')
        await other.look(NAMED)

        assert await ours.rung() == {"A", "B"}
        assert (await ours.told.told("trigger_refused"))[
            "because"
        ] == "it has other keys than skus, or than shop and orders"


async def test_a_retained_look_now_rings_nobody(broker: BrokerUnit) -> None:
    async with ear(broker.port) as other:
        await other.look(b"", retain=True)
        await other.look(b'{"skus": ["OLD"]}', retain=True)
        async with side(where(broker.port)) as ours:
            await other.hear_state(b"online")
            await other.look(NAMED)

            assert await ours.rung() == {"A", "B"}


async def test_who_comes_later_still_sees_that_it_is_online(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        await ours.told.told("mqtt_connected")
        async with ear(broker.port) as other:
            await other.hear("bridge/state")

    assert other.heard == [("bridge/state", b"online", True)]


async def test_a_clean_stop_leaves_offline_behind(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        await ours.told.told("mqtt_connected")
        await ours.left()
    async with ear(broker.port) as other:
        await other.hear("bridge/state")

    assert other.heard == [("bridge/state", b"offline", True)]


async def test_events_reach_the_broker(broker: BrokerUnit) -> None:
    async with ear(broker.port) as other, side(where(broker.port)) as ours:
        ours.bridge.tell("planned", digest="abc", changes=3, going=2, held=1)
        plan = await other.hear_event("plan")

    assert {key: plan[key] for key in plan if key != "at"} == {
        "event": "planned",
        "digest": "abc",
        "changes": 3,
        "going": 2,
        "held": 1,
    }


async def test_events_are_not_kept_for_who_comes_later(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        async with ear(broker.port) as other:
            ours.bridge.tell("source_failing", source="erp", error="it is down")
            await other.hear_event("outage")
        await ours.left()
    async with ear(broker.port) as late:
        await late.hear("bridge/state")

    assert [topic for topic, _, _ in late.heard] == ["bridge/state"]


async def test_the_last_events_go_out_before_a_clean_stop(broker: BrokerUnit) -> None:
    async with ear(broker.port) as other, side(where(broker.port)) as ours:
        await other.hear_state(b"online")
        for number in range(20):
            ours.bridge.tell("planned", digest=str(number), changes=1)
        await ours.left()
        await other.hear_state(b"offline")

        assert [topic for topic, _, _ in other.heard].count("event/plan") == 20


# --- a broker that is lost ---------------------------------------------------------------------------------


async def test_a_broker_that_was_killed_and_is_back_sees_it_online_again(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        await ours.told.told("mqtt_connected")
        await broker.kill()
        await ours.told.told("mqtt_lost")
        await broker.start()
        async with ear(broker.port) as other:
            await other.hear_state(b"online")
            await ours.told.told("mqtt_connected", times=2)
            assert await ours.rung() == ALL
            await other.look(NAMED)

            assert await ours.rung() == {"A", "B"}


async def test_each_loss_is_told_once_however_often_it_tries(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        await ours.told.told("mqtt_connected")
        await broker.kill()
        await ours.told.told("mqtt_lost")
        await broker.start()
        await ours.told.told("mqtt_connected", times=2)

        assert ours.told.names() == ["mqtt_connected", "mqtt_lost", "mqtt_connected"]


async def test_what_was_dropped_meanwhile_is_counted_on_both_sides(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        await ours.told.told("mqtt_connected")
        await broker.kill()
        await ours.told.told("mqtt_lost")
        for number in range(1005):
            ours.bridge.tell("planned", digest=str(number), changes=1)
        await broker.start()
        async with ear(broker.port) as other:
            back = await other.hear_event("recovery")

    assert (back["lost"], ours.told.events[-1]) == (
        5,
        ("mqtt_connected", {"broker": f"127.0.0.1:{broker.port}", "lost": 5}),
    )


async def test_a_broker_that_comes_late_is_found(broker: BrokerUnit) -> None:
    await broker.kill()
    async with side(where(broker.port)) as ours:
        await ours.told.told("mqtt_lost")
        await broker.start()
        await ours.told.told("mqtt_connected")

        assert await ours.rung() == ALL


@pytest.mark.parametrize(
    ("user", "password"), [(USER, "another-planted-password"), (None, None)], ids=["wrong", "none"]
)
async def test_a_refused_password_is_told_with_what_to_do(
    broker: BrokerUnit, user: str | None, password: str | None
) -> None:
    async with side(where(broker.port, user=user, password=password)) as ours:
        told = await ours.told.told("mqtt_refused")

    assert "mqtt.password" in str(told["hint"])
    assert "planted" not in str(ours.told.events)


@pytest.mark.parametrize("hanging", [silent_broker, deaf_broker])
async def test_a_broker_that_never_answers_delays_no_stop(
    hanging: Callable[[], AbstractAsyncContextManager[int]],
) -> None:
    async with hanging() as port, side(where(port)) as ours:
        await asyncio.sleep(0)
        began = monotonic()
        await ours.left()

    assert monotonic() - began < FAREWELL + MARGIN


async def test_a_broker_that_hangs_later_delays_no_stop(tmp_path: Path) -> None:
    async with broker_unit(tmp_path, BROKERS[0]) as unit, side(where(unit.port)) as ours:
        await ours.told.told("mqtt_connected")
        unit.hang()
        ours.bridge.tell("planned", digest="abc", changes=1)
        began = monotonic()
        await ours.left()

    assert monotonic() - began < FAREWELL + MARGIN


@pytest.mark.parametrize("waits", [True, False], ids=["waited in vain", "told to stop"])
async def test_a_connection_without_an_answer_is_closed(*, waits: bool) -> None:
    came, gone = asyncio.Event(), asyncio.Event()

    async def listen_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()
        gone.set()
        writer.close()

    server = await asyncio.start_server(listen_only, "127.0.0.1", 0)
    async with server, side(where(server.sockets[0].getsockname()[1])) as ours:
        await came.wait()
        await (ours.told.told("mqtt_lost") if waits else ours.left())
        async with asyncio.timeout(MARGIN):
            await gone.wait()


async def test_a_host_that_is_no_name_is_told() -> None:
    async with side(where(1, host="a..b")) as ours:
        assert "mqtt.host" in str((await ours.told.told("mqtt_refused"))["error"])


async def test_a_broker_that_hangs_up_leaves_nothing_open() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, side(where(server.sockets[0].getsockname()[1])) as ours:
        assert (await ours.told.told("mqtt_lost"))["error"]


async def test_a_broker_that_talks_nonsense_is_lost() -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server, side(where(server.sockets[0].getsockname()[1])) as ours:
        assert (await ours.told.told("mqtt_lost"))["error"]


async def test_a_user_who_may_not_listen_is_told_what_to_allow(tmp_path: Path) -> None:
    async with broker_unit(tmp_path, "amqtt", readable="other/#") as unit, side(where(unit.port)) as ours:
        told = await ours.told.told("mqtt_refused")

    assert (told["error"], "access list" in str(told["hint"])) == (
        f"the broker does not let us read {BASE}/erp/stock",
        True,
    )


# --- what the broker keeps ---------------------------------------------------------------------------------


async def test_how_a_shop_is_stays_for_who_comes_later(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        await ours.told.told("mqtt_connected")
        ours.bridge.post("shop/tmall/state", b'{"error": "old"}', retain=True)
        ours.bridge.post("shop/tmall/state", b'{"error": ""}', retain=True)
        async with ear(broker.port) as other:
            while await other.hear("shop/tmall/state") != b'{"error": ""}':
                pass
        async with ear(broker.port) as late:
            await late.hear("shop/tmall/state")

    assert ("shop/tmall/state", b'{"error": ""}', True) in late.heard


async def test_what_is_no_more_is_forgotten_by_the_broker(broker: BrokerUnit) -> None:
    async with ear(broker.port) as other, side(where(broker.port)) as ours:
        ours.bridge.post("shop/tmall/state", b"{}", retain=True)
        await other.hear("shop/tmall/state")
        ours.bridge.post("shop/tmall/state", b"", retain=True)
        await other.hear("shop/tmall/state")
        async with ear(broker.port) as late:
            ours.bridge.post("last", b"word", retain=True)
            await late.hear("last")

    assert "shop/tmall/state" not in [topic for topic, _, _ in late.heard]


async def test_a_broker_that_forgot_everything_is_told_it_again(broker: BrokerUnit) -> None:
    async with side(where(broker.port)) as ours:
        ours.bridge.post("shop/tmall/state", b'{"error": ""}', retain=True)
        await ours.told.told("mqtt_connected")
        await broker.kill()
        await ours.told.told("mqtt_lost")
        await broker.start()
        async with ear(broker.port) as other:
            assert await other.hear("shop/tmall/state") == b'{"error": ""}'


# --- tls ---------------------------------------------------------------------------------------------------

needs_mosquitto = pytest.mark.skipif(mosquitto() is None, reason="needs mosquitto for TLS")


@needs_mosquitto
async def test_it_talks_tls_to_a_broker_that_it_trusts(tmp_path: Path) -> None:
    ca = await certificate(tmp_path)
    async with (
        broker_unit(tmp_path, "mosquitto", tls=True) as unit,
        side(where(unit.port, tls=True, ca=ca)) as ours,
    ):
        await ours.told.told("mqtt_connected")


@needs_mosquitto
async def test_it_tells_nothing_to_a_broker_that_it_does_not_trust(tmp_path: Path) -> None:
    await certificate(tmp_path)
    async with (
        broker_unit(tmp_path, "mosquitto", tls=True) as unit,
        side(where(unit.port, tls=True)) as ours,
    ):
        told = await ours.told.told("mqtt_lost")

    assert "certificate" in str(told["error"]).lower()


@needs_mosquitto
async def test_another_authority_vouches_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    await certificate(tmp_path)
    other = await certificate(tmp_path / "other")
    async with (
        broker_unit(tmp_path, "mosquitto", tls=True) as unit,
        side(where(unit.port, tls=True, ca=other)) as ours,
    ):
        told = await ours.told.told("mqtt_lost")

    assert "certificate" in str(told["error"]).lower()


@needs_mosquitto
async def test_it_shows_a_broker_that_asks_for_it_who_it_is(tmp_path: Path) -> None:
    ca = await certificate(tmp_path)
    async with (
        broker_unit(tmp_path, "mosquitto", tls=True, asks_who=True) as unit,
        side(where(unit.port, tls=True, ca=ca, cert=ca, key=tmp_path / "key.pem")) as ours,
    ):
        await ours.told.told("mqtt_connected")


@needs_mosquitto
async def test_without_a_certificate_a_broker_that_asks_for_one_is_lost(tmp_path: Path) -> None:
    ca = await certificate(tmp_path)
    async with (
        broker_unit(tmp_path, "mosquitto", tls=True, asks_who=True) as unit,
        side(where(unit.port, tls=True, ca=ca)) as ours,
    ):
        await ours.told.told("mqtt_lost")

    assert "mqtt_connected" not in ours.told.names()


async def test_a_certificate_without_its_key_is_told(tmp_path: Path) -> None:
    cert = await certificate(tmp_path)
    (tmp_path / "key.pem").unlink()
    async with side(where(1, tls=True, ca=cert, cert=cert)) as ours:
        told = await ours.told.told("mqtt_refused")

    assert "mqtt.cert" in str(told["error"])


async def test_a_file_of_authorities_that_is_none_is_told(tmp_path: Path) -> None:
    async with side(Broker(host="127.0.0.1", port=1, client_id="x", base="x", tls=True, ca=tmp_path)) as ours:
        assert "mqtt.ca" in str((await ours.told.told("mqtt_refused"))["error"])
