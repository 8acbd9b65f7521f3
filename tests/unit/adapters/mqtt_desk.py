"""A broker in memory behind the bridge's `Dial`, and a bridge whose clock only moves by hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from syncd.adapters.events.mqtt import Broker, Message, MqttBridge, SessionError
from syncd.adapters.memory import FakeClock
from syncd.domain.look import Look
from syncd.domain.model import Sku

PATIENCE = 30.0
WHERE = Broker(host="broker", port=1883, client_id="us", base="s", user="u", password="planted-secret")


class Told:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.moved = asyncio.Event()

    def tell(self, name: str, /, **facts: object) -> None:
        self.events.append((name, {key: value for key, value in facts.items() if value not in ("", None)}))
        self.moved.set()

    async def named(self, name: str) -> None:
        """Return once an event of that name was told."""
        async with asyncio.timeout(PATIENCE):
            while name not in self.names():
                self.moved.clear()
                await self.moved.wait()

    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    def of(self, name: str) -> list[dict[str, object]]:
        return [facts for each, facts in self.events if each == name]


class _Session:
    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self.inbox: asyncio.Queue[Message | SessionError] = asyncio.Queue()

    @property
    def is_resumed(self) -> bool:
        return False

    def have(self, message: Message) -> None:  # noqa: ARG002
        raise AssertionError("this broker queues nothing")

    async def subscribe(self, topic: str) -> None:
        self._desk.subscribed.append(topic)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._desk.tried.append(topic)
        self._desk.moved.set()
        await self._desk.may_take.wait()
        if topic == self._desk.hung_up_at:
            raise SessionError("the broker hung up")
        self._desk.taken.append((topic, payload, retain))
        self._desk.moved.set()

    async def messages(self) -> AsyncIterator[Message]:
        while True:
            found = await self.inbox.get()
            if isinstance(found, SessionError):
                raise found
            yield found


class Desk:
    """What the broker has taken, what it answers to the next connects, and the bridge before it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.told = Told()
        self.looks: list[Look] = []
        self.refusal = ""
        self.failures: list[SessionError] = []
        self.dials = 0
        self.hangs = False
        self.hung_up_at = ""
        self.broken_off = 0
        self.subscribed: list[str] = []
        self.tried: list[str] = []
        self.taken: list[tuple[str, bytes, bool]] = []
        self.may_take = asyncio.Event()
        self.may_take.set()
        self.moved = asyncio.Event()
        self.leave = asyncio.Event()
        self.session: _Session | None = None
        self.bridge = MqttBridge(
            WHERE, self.dial, ring=self._ring, events=self.told, clock=self.clock, jitter=lambda: 0.999999
        )

    @property
    def rings(self) -> list[frozenset[Sku]]:
        return [look.skus for look in self.looks]

    def _ring(self, look: Look) -> None:
        if self.refusal:
            raise ValueError(self.refusal)
        self.looks.append(look)
        self.moved.set()

    @asynccontextmanager
    async def dial(self, broker: Broker) -> AsyncIterator[_Session]:
        assert broker is WHERE
        self.dials += 1
        self.moved.set()
        if self.hangs:
            await asyncio.Event().wait()
        if self.failures:
            raise self.failures.pop(0)
        self.session = _Session(self)
        try:
            yield self.session
        except BaseException:
            self.broken_off += 1
            raise

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(self.bridge.run(self.leave))
        try:
            yield task
        finally:
            self.leave.set()
            await asyncio.wait({task})
            with suppress(asyncio.CancelledError):
                task.result()

    # --- what the broker does ------------------------------------------------------------------------------

    def say(self, payload: bytes = b"", *, retained: bool = False) -> None:
        assert self.session is not None
        self.session.inbox.put_nowait(Message(topic="s/erp/stock", payload=payload, retained=retained))

    def drop(self) -> None:
        """Lose the connection."""
        assert self.session is not None
        self.session.inbox.put_nowait(SessionError("gone"))

    async def takes(self, topic: str, times: int = 1) -> list[bytes]:
        """Return all payloads of a topic once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(found := [text for name, text, _ in self.taken if name == topic]) < times:
                self.moved.clear()
                await self.moved.wait()
        return found

    async def tries(self, topic: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while topic not in self.tried:
                self.moved.clear()
                await self.moved.wait()

    async def rung(self, times: int = 1) -> list[frozenset[Sku]]:
        async with asyncio.timeout(PATIENCE):
            while len(self.rings) < times:
                self.moved.clear()
                await self.moved.wait()
        return self.rings

    async def online(self, times: int = 1) -> None:
        """Return once it has said that it is online so often."""
        async with asyncio.timeout(PATIENCE):
            while [text for _, text, _ in self.taken].count(b"online") < times:
                self.moved.clear()
                await self.moved.wait()

    async def waits(self) -> float:
        """Return the seconds until the next attempt, and let them pass."""
        async with asyncio.timeout(PATIENCE):
            await self.clock.until_asleep()
        (sleeper,) = self.clock._sleepers
        seconds = sleeper.due - self.clock.monotonic()
        self.clock.advance(seconds)
        await asyncio.sleep(0)
        return seconds

    async def online_again(self) -> None:
        """Let the time pass until the next attempt, and return when it is online once more."""
        times = [text for _, text, _ in self.taken].count(b"online")
        async with asyncio.timeout(PATIENCE):
            while [text for _, text, _ in self.taken].count(b"online") == times:
                await self.clock.until_asleep()
                self.clock.advance(60)
                await asyncio.sleep(0)

    async def events(self, kind: str, times: int = 1) -> list[Any]:
        return [json.loads(text) for text in await self.takes(f"s/event/{kind}", times)]
