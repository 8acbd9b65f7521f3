"""The bridge between the program and a broker: listens, and tells what happens and how everything is."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from syncd.adapters.events.mqtt.messages import (
    alert_topic,
    document_text,
    event_kind,
    event_text,
    read_look,
    stirs,
)
from syncd.adapters.events.mqtt.outbox import Letter, Outbox
from syncd.adapters.mqtt import Broker, Dial, Hush, Keeper, Session, first
from syncd.domain.look import Look
from syncd.errors import StateError
from syncd.ports.clock import Clock
from syncd.ports.events import Events

CALM = 2.0
"""Seconds between two readings of how everything is, however much happens."""

AT_LEAST = 60.0
"""Seconds after which that is read though nothing was heard to happen."""

Read = Callable[[], Awaitable[Mapping[str, Mapping[str, Any] | None]]]
"""Returns the documents for the broker to keep, by their topics below the base; None for one to forget."""


class MqttBridge:
    """Listens to events and passes some on to a broker, and rings where the broker says *look now*.

    `tell` and `post` never wait: what the broker cannot take now is kept, the newest 1000, and of what the
    broker shall keep the newest of each topic. `read` says how everything is; it is asked only while there is
    a connection. `events` hears how that fares; it is not the listener that this bridge is part of. `ring`
    raises `ValueError` for a look that it cannot take.
    """

    def __init__(
        self,
        broker: Broker,
        dial: Dial,
        *,
        ring: Callable[[Look], None],
        events: Events,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._broker = broker
        self._keeper = Keeper(broker, dial, events=events, clock=clock, jitter=jitter)
        self._ring = ring
        self._events = events
        self._clock = clock
        self._outbox = Outbox()
        self._read: Read | None = None
        self._stirred = asyncio.Event()
        self._refused = Hush()

    def read_by(self, read: Read) -> None:
        """Let the documents that the broker keeps be what `read` returns."""
        self._read = read

    def tell(self, name: str, /, **facts: object) -> None:
        """Put an event into the queue if it is one that is published."""
        if stirs(name):
            self._stirred.set()
        if kind := event_kind(name, facts):
            self.post(f"event/{kind}", event_text(name, facts, at=self._clock.now()))
        elif name == "alert":
            self.post(alert_topic(facts), document_text(facts))

    def post(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Put a message for a topic below the base into the queue.

        With `retain` the broker keeps it for who comes later, and is told again after each reconnect; an
        empty one makes it forget the topic.
        """
        self._outbox.put(Letter(f"{self._broker.base}/{topic}", payload, retain))

    async def run(self, leave: asyncio.Event) -> None:
        """Keep the connection until `leave` is set; then say `offline` and return within two seconds."""

        async def serve(session: Session) -> None:
            await self._serve(session, leave)

        await self._keeper.run(serve, leave)

    async def _serve(self, session: Session, leave: asyncio.Event) -> None:
        """Return once `leave` is set and `offline` is said.

        Raises:
            SessionError: the broker was lost.
        """
        await session.subscribe(self._broker.trigger_topic)
        # After the subscription: who sees `online` may ring, and is heard.
        await session.publish(self._broker.state_topic, b"online", retain=True)
        await self._tell_connected(session)
        self._outbox.again()
        await first(self._listen(session), self._send(session, leave), self._keep_read())
        await session.publish(self._broker.state_topic, b"offline", retain=True)

    async def _listen(self, session: Session) -> None:
        async for message in session.messages():
            # An old one would ring at each new connection.
            if not message.retained:
                self._look(message.payload)

    def _look(self, payload: bytes) -> None:
        try:
            self._ring(read_look(payload))
        except ValueError as error:
            self._refuse(str(error))

    def _refuse(self, because: str) -> None:
        count = self._refused.passed_over(self._clock.monotonic())
        if count is not None:
            self._events.tell(
                "trigger_refused",
                topic=self._broker.trigger_topic,
                because=because,
                passed_over=count or None,
            )

    async def _send(self, session: Session, leave: asyncio.Event) -> None:
        """Return once `leave` is set and all is sent."""
        while len(self._outbox) or not leave.is_set():
            if not len(self._outbox):
                await first(self._outbox.first(), leave.wait())
                continue
            letter = await self._outbox.first()
            if self._outbox.may_try(letter):
                await session.publish(letter.topic, letter.payload, retain=letter.retain)
                self._outbox.sent(letter)

    async def _keep_read(self) -> None:
        """Put how everything is into the queue whenever it may have changed; never ends."""
        while self._read is not None:
            self._stirred.clear()
            # A state that cannot be read is for the cycles to tell.
            with suppress(StateError):
                for topic, document in (await self._read()).items():
                    self.post(topic, document_text(document), retain=True)
            await self._clock.sleep(CALM)
            await first(self._stirred.wait(), self._clock.sleep(AT_LEAST - CALM))
        await asyncio.Event().wait()

    async def _tell_connected(self, session: Session) -> None:
        lost, where = self._outbox.take_lost(), self._broker.address
        if self._keeper.connected(lost=lost or None):
            # What was said while we were away is not kept for us.
            self._ring(Look())
            # Past the queue: in a full one it would take the place of an event.
            text = event_text("mqtt_connected", {"broker": where, "lost": lost}, at=self._clock.now())
            await session.publish(self._broker.event_topic("recovery"), text)
