"""The daemon as a process beside a real broker: look now, state, events, and a broker that goes away."""

import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import monotonic

import pytest

from syncd.mock.faults import Fault, FaultKind
from tests.integration.mqtt_rig import (
    BROKERS,
    PASSWORD,
    USER,
    BrokerUnit,
    Ear,
    broker_unit,
    deaf_broker,
    ear,
    silent_broker,
)
from tests.system.cli_rig import Bench, bench, make_stock
from tests.system.service_rig import Unit, unit

# Starting a program takes seconds on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

BASE = "shop/two"
MARGIN = 8.0
"""Seconds by which a busy machine may be late."""


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


@pytest.fixture(params=BROKERS)
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BrokerUnit]:
    async with broker_unit(tmp_path, request.param) as made:
        yield made


def connect(tools: Bench, port: int, password: str = PASSWORD) -> None:
    """Name a broker in the configuration, whose cycles come once in an hour."""
    secret = tools.folder / "password"
    secret.write_text(password, "utf-8")
    secret.chmod(0o600)
    table = (
        f'\n[mqtt]\nhost = "127.0.0.1"\nport = {port}\nbase = "{BASE}"\n'
        f'user = "{USER}"\npassword = "file:{secret}"\n'
    )
    tools.config.write_text(tools.config.read_text("utf-8") + table, "utf-8")


async def first_cycle(daemon: Unit) -> None:
    """Return once the first cycle is over and the broker is there."""
    await daemon.told("mqtt_connected")
    await daemon.notices.hear_of("STATUS=")


async def look(other: Ear, daemon: Unit, payload: bytes = b"") -> None:
    """Say *look now* and return when the cycle that follows is over."""
    daemon.notices.waiting()
    await other.look(payload)
    await daemon.notices.hear_of("STATUS=")


async def test_a_look_now_reaches_the_counters_of_the_shops(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with ear(broker.port, BASE) as other, unit(tools) as daemon:
        await first_cycle(daemon)
        tools.write_stock(make_stock() | {"SKU0": 4})
        await look(other, daemon)

        assert (tools.counters("tmall")["1-SKU0"], tools.counters("jd")["SKU0"]) == (4, 4)


async def test_a_look_now_for_a_sku_writes_that_sku_only(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with ear(broker.port, BASE) as other, unit(tools) as daemon:
        await first_cycle(daemon)
        tools.write_stock(make_stock() | {"SKU0": 4, "SKU1": 5})
        await look(other, daemon, b'{"skus": ["SKU0"]}')

        assert {code: tools.counters("tmall")[code] for code in ("1-SKU0", "1-SKU1")} == {
            "1-SKU0": 4,
            "1-SKU1": 11,
        }


async def test_a_sku_that_nobody_knows_makes_it_look_at_all(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with ear(broker.port, BASE) as other, unit(tools) as daemon:
        await first_cycle(daemon)
        tools.write_stock(make_stock() | {"SKU0": 4})
        await look(other, daemon, b'{"skus": ["NEW"]}')

        assert (await daemon.told("sku_unknown"))["skus"] == "NEW"
        assert tools.counters("jd")["SKU0"] == 4


async def test_after_the_broker_was_killed_a_look_now_is_heard_again(
    tools: Bench, broker: BrokerUnit
) -> None:
    connect(tools, broker.port)
    async with unit(tools) as daemon:
        await first_cycle(daemon)
        await broker.kill()
        await daemon.told("mqtt_lost")
        await broker.start()
        await daemon.told("mqtt_connected")
        # Back again it looks by itself once, because it may have missed something.
        await daemon.notices.hear_of("STATUS=")
        async with ear(broker.port, BASE) as other:
            await other.hear_state(b"online")
            tools.write_stock(make_stock() | {"SKU0": 4})
            await look(other, daemon, b'{"skus": ["SKU0"]}')

        assert (tools.counters("tmall")["1-SKU0"], tools.counters("jd")["SKU0"]) == (4, 4)


async def test_killed_it_leaves_its_last_will(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with ear(broker.port, BASE) as other, unit(tools) as daemon:
        await other.hear_state(b"online")
        daemon.kill(signal.SIGKILL)
        await other.hear_state(b"offline")
        async with ear(broker.port, BASE) as late:
            await late.hear("bridge/state")

    assert late.heard == [("bridge/state", b"offline", True)]


async def test_stopped_it_says_offline(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with ear(broker.port, BASE) as other, unit(tools) as daemon:
        await first_cycle(daemon)
        code = await daemon.stopped()
        await other.hear_state(b"offline")

    assert code == 0


async def test_plans_outages_and_recoveries_are_told(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with ear(broker.port, BASE) as other, unit(tools) as daemon:
        plan = await other.hear_event("plan")
        await first_cycle(daemon)
        tools.shops["jd"].faults.replace([Fault(kind=FaultKind.SERVER_ERROR)])
        await other.look()
        outage = await other.hear_event("outage")
        tools.shops["jd"].faults.replace([])
        await other.look()
        recovery = await other.hear_event("recovery")

    assert (plan["changes"], plan["held"], outage["shop"], recovery["shop"]) == (15, 0, "jd", "jd")
    assert "planted" not in json.dumps([plan, outage, recovery])


async def test_a_reload_goes_to_another_broker(tools: Bench, broker: BrokerUnit, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    connect(tools, broker.port)
    async with broker_unit(tmp_path / "other", broker.kind) as second, unit(tools) as daemon:
        await first_cycle(daemon)
        text = tools.config.read_text("utf-8").replace(f"port = {broker.port}", f"port = {second.port}")
        tools.config.write_text(text, "utf-8")
        async with ear(broker.port, BASE) as old, ear(second.port, BASE) as new:
            daemon.kill(signal.SIGHUP)
            await old.hear_state(b"offline")
            await new.hear_state(b"online")


async def test_a_wrong_password_stops_no_cycle(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port, password="another-planted-secret")
    async with unit(tools) as daemon:
        refused = await daemon.told("mqtt_refused")
        await daemon.notices.hear_of("STATUS=")
        await daemon.stopped()

    assert ("mqtt.password" in refused["hint"], tools.counters("jd")["SKU0"]) == (True, 10)
    assert "planted" not in json.dumps(daemon.log)


@pytest.mark.parametrize("hanging", [silent_broker, deaf_broker])
async def test_a_broker_that_hangs_delays_neither_cycle_nor_stop(
    tools: Bench, hanging: Callable[[], AbstractAsyncContextManager[int]]
) -> None:
    async with hanging() as port:
        connect(tools, port)
        async with unit(tools) as daemon:
            assert await daemon.notices.hear_of("STATUS=") == "STATUS=last cycle: 15 changes done, 0 failures"
            began = monotonic()
            code = await daemon.stopped()

    assert (code, monotonic() - began < MARGIN) == (0, True)
