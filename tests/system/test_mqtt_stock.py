"""The daemon as a process whose stock comes over a real broker, and what the broker keeps of it."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.integration.mqtt_rig import BROKERS, PASSWORD, USER, BrokerUnit, Ear, broker_unit, ear
from tests.integration.mqtt_stock_rig import Publisher, publisher
from tests.system.cli_rig import Bench, bench
from tests.system.service_rig import Unit, unit
from tests.unit.adapters.mqtt_schemas import fits

# Starting a program takes seconds on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

BASE = "shop/two"
STOCK = {f"SKU{number}": 10 + number for number in range(12)}


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as made:
        yield made


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[BrokerUnit]:
    async with broker_unit(tmp_path, BROKERS[0]) as made:
        yield made


def connect(tools: Bench, port: int) -> None:
    """Let the stock come over the broker, which hears of everything, too."""
    secret = tools.folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    secret.chmod(0o600)
    where = f'host = "127.0.0.1"\nport = {port}\nbase = "{BASE}"\nuser = "{USER}"\n'
    login = f'{where}password = "file:{secret}"\n'
    text = tools.config.read_text("utf-8")
    csv = f'type = "csv"\nwarehouses = ["main"]\nwarehouse = "main"\npath = "{tools.folder / "stock.csv"}"\n'
    assert csv in text
    text = text.replace(csv, f'type = "mqtt"\nwarehouses = ["main"]\n{login}')
    tools.config.write_text(f"{text}\n[mqtt]\n{login}", "utf-8")


async def filled(erp: Publisher, daemon: Unit) -> None:
    """Answer the question for all that there is, and return when it is in the shops."""
    await erp.asked()
    await erp.says(STOCK, kind="full")
    await daemon.told("pushed")
    await daemon.told("pushed")


async def shows(tools: Bench, daemon: Unit, quantity: int) -> None:
    """Return once a shop shows so many of SKU0."""
    while tools.counters("tmall")["1-SKU0"] != quantity:
        await daemon.told("pushed")


async def kept(other: Ear, topic: str, is_it: Any) -> Any:  # noqa: ANN401 - any JSON, and a question
    """Return the first document on a topic of which a thing is true; each must fit its schema."""
    while True:
        document = json.loads(await other.hear(topic))
        assert fits(topic.partition("/")[0], document)
        if is_it(document):
            return document


async def test_stock_over_the_broker_reaches_the_shops_and_a_decrease_at_once(
    tools: Bench, broker: BrokerUnit
) -> None:
    connect(tools, broker.port)
    async with publisher(broker.port, base=BASE) as erp, unit(tools) as daemon:
        await filled(erp, daemon)
        first = (tools.counters("tmall")["1-SKU0"], tools.counters("jd")["SKU0"])
        began = monotonic()
        await erp.says({"SKU0": 4})
        await shows(tools, daemon, 4)
        took = monotonic() - began

    print(f"from the message to the counter it took {took:.2f} s")
    assert first == (10, 10)
    # Cycles come once in an hour here.
    assert took < 30


async def test_what_was_published_while_it_was_killed_counts_when_it_is_back(
    tools: Bench, broker: BrokerUnit
) -> None:
    connect(tools, broker.port)
    async with publisher(broker.port, base=BASE) as erp:
        async with unit(tools) as daemon:
            await filled(erp, daemon)
            daemon.kill(signal.SIGKILL)
            await daemon.ended()
        await erp.says({"SKU0": 4})
        async with unit(tools) as daemon:
            await shows(tools, daemon, 4)


async def test_the_broker_keeps_how_shops_and_sources_are(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with publisher(broker.port, base=BASE) as erp, unit(tools) as daemon:
        await filled(erp, daemon)
        async with ear(broker.port, BASE) as other:
            source = await kept(other, "source/erp/state", lambda found: found["seq"])
        async with ear(broker.port, BASE) as other:
            shop = await kept(other, "shop/jd/state", lambda found: found["last_push"])
        paused = await tools.run("shops", "pause", "jd")
        async with ear(broker.port, BASE) as other:
            await kept(other, "shop/jd/state", lambda found: found["status"] == "paused")

    assert (paused.code, source["kind"], shop["last_push"]["done"], shop["held"]) == (0, "full", 1, 0)


async def test_a_broker_that_hangs_delays_no_cycle(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with publisher(broker.port, base=BASE) as erp, unit(tools) as daemon:
        await filled(erp, daemon)
        before = await cycle(tools)
        broker.hang()
        after = [await cycle(tools) for _ in range(3)]

    print(
        f"a cycle took {before:.2f} s, with a broker that hangs {', '.join(f'{one:.2f}' for one in after)} s"
    )
    assert max(after) < before + 5


async def cycle(tools: Bench) -> float:
    """Return how many seconds a cycle takes that was asked for."""
    began = monotonic()
    done = await tools.run("sync")
    assert done.code == 0, done.err
    return monotonic() - began


async def test_without_a_daemon_it_says_that_only_the_daemon_hears(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    done = await tools.run("plan")

    assert (done.code, "start `syncd run`" in done.err + done.out) == (1, True)


async def test_check_online_knocks_and_throws_nobody_out(tools: Bench, broker: BrokerUnit) -> None:
    connect(tools, broker.port)
    async with publisher(broker.port, base=BASE) as erp, unit(tools) as daemon:
        await filled(erp, daemon)
        done = await tools.run("check", "--online", "--format", "json")
        await erp.says({"SKU0": 4})
        await shows(tools, daemon, 4)

    assert done.json["online"]["sources"]["erp"] == {"rows": None, "problems": None, "error": ""}
    assert "mqtt_lost" not in json.dumps(daemon.log)
