"""Keep a connection to a broker: come back after each loss, and tell each loss and return once."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from syncd.adapters.mqtt.session import Broker, Dial, Session, SessionError
from syncd.domain.retry import Patience, decide
from syncd.errors import Kind
from syncd.ports.clock import Clock
from syncd.ports.events import Events

FAREWELL = 2.0
"""Seconds that a stop waits for the last messages."""

_PATIENCE = Patience(base=1.0, longest=60.0, max_attempts=1_000_000_000)
_LEAST_WAIT = 1.0


class Keeper:
    """Connects again and again; with a `source` all that it tells is about that one's connection.

    `events` hears how the connection fares; it is no listener that speaks over this very connection.
    """

    def __init__(
        self,
        broker: Broker,
        dial: Dial,
        *,
        events: Events,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
        source: str = "",
    ) -> None:
        self._broker = broker
        self._dial = dial
        self._events = events
        self._clock = clock
        self._jitter = jitter
        # Several connections to one broker are lost and back each by itself.
        self._about: dict[str, object] = {"broker": broker.address}
        if source:
            self._about = {"broker": f"{broker.address} (source {source})", "source": source}
        self._attempt = 0
        self._told = ""
        self._connected_at: float | None = None

    async def run(self, serve: Callable[[Session], Awaitable[None]], leave: asyncio.Event) -> None:
        """Keep the connection and `serve` each session until `leave` is set; return two seconds after that.

        Who serves returns once `leave` is set and all is said, or raises `SessionError`.
        """
        keeping = asyncio.create_task(self._keep(serve, leave))
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

    def connected(self, **facts: object) -> bool:
        """Tell that the session serves; return whether it had been told that there was none."""
        self._connected_at = self._clock.monotonic()
        self._events.tell("mqtt_connected", **self._about, **facts)
        was, self._told = self._told, ""
        return bool(was)

    async def _keep(self, serve: Callable[[Session], Awaitable[None]], leave: asyncio.Event) -> None:
        while not leave.is_set():
            try:
                async with self._dial(self._broker) as session:
                    await serve(session)
            except SessionError as error:
                wait = self._wait_after(error)
                if not leave.is_set():
                    await self._clock.sleep(wait)

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
        facts = {**self._about, "error": str(error), "hint": error.hint}
        if name == "mqtt_refused":
            self._events.tell("mqtt_refused", **facts)
        else:
            self._events.tell("mqtt_lost", **facts)


async def first(*coroutines: Coroutine[Any, Any, object]) -> None:
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
