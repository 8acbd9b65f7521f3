"""A broker in memory behind the source `mqtt`, a publisher before it, and a state that accepts."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.memory import FakeClock, MemoryStore
from syncd.adapters.mqtt import Broker, Message, SessionError
from syncd.adapters.sources.mqtt import MqttSource, MqttSourceSettings
from syncd.domain.look import Look
from syncd.domain.model import SourceName, WarehouseName
from syncd.domain.topology import SourceRules
from syncd.ports.listening import Ears
from syncd.services.collect import Collected, Collector, SourceJob

PATIENCE = 30.0
ERP = SourceName("erp")
TOPIC, ASK = "s/stock/erp", "s/stock/erp/ask"


class Told:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    def tell(self, name: str, /, **facts: object) -> None:
        self.events.append((name, {key: value for key, value in facts.items() if value not in ("", None)}))

    def of(self, name: str) -> list[dict[str, object]]:
        return [facts for each, facts in self.events if each == name]


class _Session:
    def __init__(self, rig: "Rig", *, is_resumed: bool) -> None:
        self._rig = rig
        self._is_resumed = is_resumed
        self.inbox: asyncio.Queue[Message | SessionError] = asyncio.Queue()

    @property
    def is_resumed(self) -> bool:
        return self._is_resumed

    async def subscribe(self, topic: str) -> None:
        self._rig.subscribed.append(topic)
        self._rig.moved.set()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert not retain
        self._rig.asked.append((topic, json.loads(payload)))
        self._rig.moved.set()

    async def messages(self) -> AsyncIterator[Message]:
        while True:
            found = await self.inbox.get()
            if isinstance(found, SessionError):
                raise found
            yield found
            self._rig.read += 1
            self._rig.moved.set()

    def have(self, message: Message) -> None:
        self._rig.had.append(message.number)


class Rig:
    """The source `erp` of one warehouse `main`, collected into a state by whoever is rung."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - the source's own
        plain = {"host": "broker", "base": "s", "warehouses": ("main",), "password": "planted", "user": "u"}
        self.clock = FakeClock()
        self.told = Told()
        self.store = MemoryStore()
        self.looks: list[Look] = []
        self.subscribed: list[str] = []
        self.asked: list[tuple[str, Any]] = []
        self.had: list[int] = []
        self.read = 0
        self.sent = 0
        self.seq = 0
        self.dialled: list[Broker] = []
        self.failures: list[SessionError] = []
        self.is_resumed = True
        self.moved = asyncio.Event()
        self.leave = asyncio.Event()
        self.session: _Session | None = None
        self.settings = MqttSourceSettings.model_validate(plain | settings)
        self.source = self.fresh()

    def fresh(self) -> MqttSource:
        """Return the source as it is after a restart."""
        self.source = MqttSource(self.settings, ERP, self.dial)
        return self.source

    @asynccontextmanager
    async def dial(self, broker: Broker) -> AsyncIterator[_Session]:
        self.dialled.append(broker)
        if self.failures:
            raise self.failures.pop(0)
        self.session = _Session(self, is_resumed=self.is_resumed)
        self.moved.set()
        yield self.session

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        leave = asyncio.Event()
        ears = Ears(ring=self.looks.append, events=self.told, clock=self.clock)
        task = asyncio.create_task(self.source.listen(ears, leave))
        try:
            await self.until(lambda: self.session is not None and bool(self.subscribed))
            yield
        finally:
            leave.set()
            await asyncio.wait({task})
            self.session = None
            self.subscribed.clear()
            with suppress(asyncio.CancelledError):
                task.result()

    async def until(self, is_so: Any) -> None:  # noqa: ANN401 - a question
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                self.moved.clear()
                await self.moved.wait()

    # --- the publisher -------------------------------------------------------------------------------------

    def document(self, stock: Mapping[str, object], **other: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the next message as a publisher writes it, by default a delta of now."""
        self.seq += "seq" not in other
        plain = {
            "id": f"m{other.get('seq', self.seq)}",
            "publisher": "p",
            "seq": self.seq,
            "as_of": self.clock.now().isoformat(),
            "kind": "delta",
            "lines": [{"sku": sku, "on_hand": units} for sku, units in stock.items()],
        }
        return plain | other

    async def says(self, stock: Mapping[str, object], **other: Any) -> int:  # noqa: ANN401
        """Publish a message and return its number at the broker once it was read."""
        return await self.sends(json.dumps(self.document(stock, **other)).encode())

    async def sends(
        self, payload: bytes, *, retained: bool = False, number: int | None = None, topic: str = TOPIC
    ) -> int:
        assert self.session is not None
        self.sent += number is None
        number = self.sent if number is None else number
        read = self.read
        message = Message(topic=topic, payload=payload, retained=retained, number=number)
        self.session.inbox.put_nowait(message)
        await self.until(lambda: self.read > read)
        return number

    def lose(self) -> None:
        assert self.session is not None
        self.session.inbox.put_nowait(SessionError("gone"))

    # --- the state -----------------------------------------------------------------------------------------

    async def collect(self, *, after: float = 1.0) -> Collected:
        """Collect into the state, some seconds later."""
        self.clock.advance(after)
        rules = SourceRules(name=ERP, warehouses=(WarehouseName("main"),), max_missing_percent=50)
        collector = Collector(
            [SourceJob(rules=rules, source=self.source)],
            store=self.store,
            clock=self.clock,
            events=self.told,
            full_every=timedelta(hours=1),
        )
        collected = await collector.collect(save=True)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return collected

    async def stored(self) -> dict[str, int]:
        return {row.sku: row.on_hand for row in await self.store.stock()}

    async def as_of(self) -> datetime | None:
        return (await self.store.sources())[ERP].as_of

    async def error(self) -> str:
        return (await self.store.sources())[ERP].error


async def begun(rig: Rig) -> None:
    """Let the state know A: 5 and B: 7 by a full reading."""
    await rig.says({"A": 5, "B": 7}, kind="full")
    await rig.collect()
