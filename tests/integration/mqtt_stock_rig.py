"""A publisher of stock at a real broker, and the source `mqtt` with a state behind it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiomqtt

from syncd.adapters.clock import SystemClock
from syncd.adapters.memory import MemoryStore
from syncd.adapters.mqtt import Broker, Session
from syncd.adapters.mqtt.link import dial
from syncd.adapters.sources.mqtt import MqttSource, MqttSourceSettings
from syncd.domain.look import Look
from syncd.domain.model import SourceName, WarehouseName
from syncd.domain.topology import SourceRules
from syncd.ports.listening import Ears
from syncd.services.collect import Collector, SourceJob
from tests.integration.mqtt_rig import BASE, PASSWORD, PATIENCE, USER, Told

ERP = SourceName("erp")


@dataclass(slots=True, kw_only=True)
class Publisher:
    """An ERP at the broker that counts its messages, and hears what it is asked."""

    client: aiomqtt.Client
    base: str = BASE
    seq: int = 0
    sent: dict[int, bytes] = field(default_factory=dict)

    def message(self, stock: Mapping[str, int], **other: Any) -> bytes:  # noqa: ANN401 - the message's own
        """Return the next message, by default a delta of now."""
        self.seq += 1
        plain = {
            "id": f"m{self.seq}",
            "publisher": "p",
            "seq": self.seq,
            "as_of": datetime.now(UTC).isoformat(),
            "kind": "delta",
            "lines": [{"sku": sku, "on_hand": units} for sku, units in stock.items()],
        }
        self.sent[self.seq] = json.dumps(plain | other).encode()
        return self.sent[self.seq]

    async def says(self, stock: Mapping[str, int], **other: Any) -> None:  # noqa: ANN401
        await self.publish(self.message(stock, **other))

    async def publish(self, payload: bytes, *, source: str = ERP, qos: int = 1, retain: bool = False) -> None:
        await self.client.publish(f"{self.base}/stock/{source}", payload, qos=qos, retain=retain)

    async def asked(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the next question."""
        async with asyncio.timeout(PATIENCE):
            async for message in self.client.messages:
                assert isinstance(message.payload, bytes)
                return json.loads(message.payload)
        raise AssertionError


@asynccontextmanager
async def publisher(port: int, *, seq: int = 0, base: str = BASE) -> AsyncIterator[Publisher]:
    async with aiomqtt.Client(
        "127.0.0.1", port, username=USER, password=PASSWORD, protocol=aiomqtt.ProtocolVersion.V311
    ) as client:
        await client.subscribe(f"{base}/stock/+/ask", qos=1)
        yield Publisher(client=client, base=base, seq=seq)


class Side:
    """The source, collected into a state whenever it rings, as the daemon does.

    It connects only while it `may_dial`: a question that nobody hears is not asked again within a test.
    """

    def __init__(self, port: int, store: MemoryStore | None = None, **other: Any) -> None:  # noqa: ANN401
        plain = {
            "host": "127.0.0.1",
            "port": port,
            "base": BASE,
            "user": USER,
            "password": PASSWORD,
            "warehouses": ("main",),
        }
        self.store = store or MemoryStore()
        self.told = Told()
        self.source = MqttSource(MqttSourceSettings.model_validate(plain | other), ERP, self._dial)
        self.may_dial = asyncio.Event()
        self.may_dial.set()
        self.rings: asyncio.Queue[Look] = asyncio.Queue()
        self.collects = True
        rules = SourceRules(name=ERP, warehouses=(WarehouseName("main"),), max_missing_percent=100)
        self._collector = Collector(
            [SourceJob(rules=rules, source=self.source)],
            store=self.store,
            clock=SystemClock(),
            events=self.told,
        )
        self._changed = asyncio.Event()

    async def collect(self) -> None:
        await self._collector.collect(save=True)
        self._changed.set()

    async def has(self, stock: Mapping[str, int]) -> None:
        """Return once the state has exactly this."""
        async with asyncio.timeout(PATIENCE):
            while {row.sku: row.on_hand for row in await self.store.stock()} != dict(stock):
                self._changed.clear()
                await self._changed.wait()

    async def rung(self) -> Look:
        async with asyncio.timeout(PATIENCE):
            return await self.rings.get()

    @asynccontextmanager
    async def listening(self, *, collects: bool = True) -> AsyncIterator["Side"]:
        """Listen until the block ends; without `collects` what comes stays where it is."""
        leave = asyncio.Event()
        ears = Ears(ring=self.rings.put_nowait, events=self.told, clock=SystemClock())
        tasks = [asyncio.create_task(self.source.listen(ears, leave))]
        if collects:
            tasks.append(asyncio.create_task(self._collect_when_rung()))
        try:
            yield self
        finally:
            leave.set()
            await asyncio.wait(tasks[:1])
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    @asynccontextmanager
    async def _dial(self, broker: Broker) -> AsyncIterator[Session]:
        await self.may_dial.wait()
        async with dial(broker) as session:
            yield session

    async def _collect_when_rung(self) -> None:
        await self.collect()
        while True:
            await self.rings.get()
            await self.collect()
