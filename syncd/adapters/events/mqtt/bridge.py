"""The bridge between the program and a broker: listens, tells, and keeps coming back."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

from syncd.adapters.events.mqtt.messages import KINDS, event_text, read_look
from syncd.adapters.events.mqtt.outbox import Letter, Outbox
from syncd.adapters.events.mqtt.session import Broker, Dial, Session, SessionError
from syncd.domain.look import Look
from syncd.domain.retry import Patience, decide
from syncd.errors import Kind
from syncd.ports.clock import Clock
from syncd.ports.events import Events

FAREWELL = 2.0
"""Seconds that a stop waits for the last messages and `offline`."""

QUIET = 10.0
"""Seconds after a refused message in which further ones are only counted."""

_PATIENCE = Patience(base=1.0, longest=60.0, max_attempts=1_000_000_000)
_LEAST_WAIT = 1.0


class MqttBridge:
    """Listens to events and passes some on to a broker, and rings where the broker says *look now*.

    `tell` never waits: what the broker cannot take now is kept, the newest 1000. `events` hears how the
    connection fares; it is not the listener that this bridge is part of. `ring` raises `ValueError` for a
    look that it cannot take.
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
        self._dial = dial
        self._ring = ring
        self._events = events
        self._clock = clock
        self._jitter = jitter
        self._outbox = Outbox()
        self._attempt = 0
        self._told = ""
        self._connected_at: float | None = None
        self._refused_at = float("-inf")
        self._passed_over = 0

    def tell(self, name: str, /, **facts: object) -> None:
        """Put an event into the queue if it is one that is published."""
        if name in KINDS:
            text = event_text(facts, at=self._clock.now())
            self._outbox.put(Letter(self._broker.event_topic(KINDS[name]), text))

    async def run(self, leave: asyncio.Event) -> None:
        """Keep the connection until `leave` is set; then say `offline` and return within two seconds."""
        keeping = asyncio.create_task(self._keep(leave))
        leaving = asyncio.create_task(leave.wait())
        try:
            await asyncio.wait({keeping, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if self._connected_at is not None:
                await asyncio.wait({keeping}, timeout=FAREWELL)
        finally:
            keeping.cancel()
            leaving.cancel()
            await asyncio.wait({keeping, leaving})
        if not keeping.cancelled():
            keeping.result()

    async def _keep(self, leave: asyncio.Event) -> None:
        while not leave.is_set():
            try:
                async with self._dial(self._broker) as session:
                    await self._serve(session, leave)
            except SessionError as error:
                wait = self._wait_after(error)
                if not leave.is_set():
                    await self._clock.sleep(wait)

    async def _serve(self, session: Session, leave: asyncio.Event) -> None:
        """Return once `leave` is set and `offline` is said.

        Raises:
            SessionError: the broker was lost.
        """
        await session.subscribe(self._broker.trigger_topic)
        # After the subscription: who sees `online` may ring, and is heard.
        await session.publish(self._broker.state_topic, b"online", retain=True)
        await self._tell_connected(session)
        await _first(self._listen(session), self._send(session, leave))
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
        now = self._clock.monotonic()
        if now - self._refused_at < QUIET:
            self._passed_over += 1
            return
        self._events.tell(
            "trigger_refused",
            topic=self._broker.trigger_topic,
            because=because,
            passed_over=self._passed_over or None,
        )
        self._refused_at, self._passed_over = now, 0

    async def _send(self, session: Session, leave: asyncio.Event) -> None:
        """Return once `leave` is set and all is sent."""
        while len(self._outbox) or not leave.is_set():
            if not len(self._outbox):
                await _first(self._outbox.first(), leave.wait())
                continue
            letter = await self._outbox.first()
            await session.publish(letter.topic, letter.payload)
            self._outbox.sent(letter)

    async def _tell_connected(self, session: Session) -> None:
        self._connected_at = self._clock.monotonic()
        lost, where = self._outbox.take_lost(), self._broker.address
        self._events.tell("mqtt_connected", broker=where, lost=lost or None)
        was, self._told = self._told, ""
        if was:
            # What was said while we were away is not kept for us.
            self._ring(Look())
            # Past the queue: in a full one it would take the place of an event.
            text = event_text({"broker": where, "lost": lost}, at=self._clock.now())
            await session.publish(self._broker.event_topic("recovery"), text)

    def _wait_after(self, error: SessionError) -> float:
        """Take note of a failure; return the seconds until the next attempt."""
        self._tell_once("mqtt_refused" if error.refused else "mqtt_lost", error)
        # A broker that throws us out again and again is not met with a new first attempt each time.
        since, self._connected_at = self._connected_at, None
        if since is not None and self._clock.monotonic() - since >= _PATIENCE.longest:
            self._attempt = 0
        self._attempt += 1
        if error.refused:
            return _PATIENCE.longest
        return decide(
            Kind.TRANSIENT,
            self._attempt,
            jitter=self._jitter(),
            safe=True,
            retry_after=_LEAST_WAIT,
            patience=_PATIENCE,
        ).wait

    def _tell_once(self, name: str, error: SessionError) -> None:
        if self._told == name:
            return
        self._told = name
        if name == "mqtt_refused":
            self._events.tell("mqtt_refused", broker=self._broker.address, error=str(error), hint=error.hint)
        else:
            self._events.tell("mqtt_lost", broker=self._broker.address, error=str(error), hint=error.hint)


async def _first(*coroutines: Coroutine[Any, Any, object]) -> None:
    """Return when the first is done, with its error if it failed; the others are gone by then."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
