"""One mock with everything that belongs to it, still without HTTP."""

import asyncio
import math
import random
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from syncd.mock.clock import Clock, VirtualClock
from syncd.mock.core import CallLog, CallSettings
from syncd.mock.faults import Fault, FaultKind, FaultPlan
from syncd.mock.fields import Fields, MockError, show_time


class State(Protocol):
    """What every mock's state machine offers."""

    @property
    def settings(self) -> CallSettings:
        """Return who may call and how often."""
        ...

    def settle(self, now: datetime) -> None:
        """Apply what was waiting for this time."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        ...

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        ...


StateT_co = TypeVar("StateT_co", bound=State, covariant=True)


class Rig(Generic[StateT_co]):
    """One mock: its state, clock, faults and call log; tests in the same program may use all of it."""

    def __init__(self, *, name: str, state: StateT_co, seed: int = 0, clock: Clock | None = None) -> None:
        self.name = name
        self.state = state
        self.seed = seed
        self.clock: Clock = clock or VirtualClock()
        self.faults = FaultPlan(seed)
        self.calls = CallLog()
        self.rng = random.Random(f"{seed}/{name}")
        self._bucket = _Bucket(self.clock.now())
        self._release = asyncio.Event()
        self._closed = False

    def wait_for_rate(self) -> int:
        """Take one call from the budget; return 0, or the whole seconds to wait where there is none."""
        settings = self.state.settings
        return self._bucket.take(self.clock.now(), settings) if settings.rate else 0

    async def hold(self, fault: Fault | None, when: str) -> None:
        """Keep a call waiting as the delay says; return at once where there is none for this moment."""
        if fault is None or fault.kind is not FaultKind.DELAY or fault.when != when or self._closed:
            return
        until = None if fault.seconds is None else self.clock.now() + timedelta(seconds=fault.seconds)
        self.calls.hold(1)
        try:
            await self._released_or(until)
        finally:
            self.calls.hold(-1)

    def release(self) -> int:
        """Let all held calls go on; return how many there were."""
        held = self.calls.held
        self._release.set()
        self._release = asyncio.Event()
        return held

    def close(self) -> None:
        """Let everything that waits go on, so that the server can end."""
        self._closed = True
        self.release()
        self.calls.close()

    def set_time(self, fields: Fields) -> None:
        """Move the clock by `advance` seconds or `set` it, then apply what was waiting for it."""
        if fields.has("advance") == fields.has("set"):
            raise MockError('time: write {"advance": SECONDS} or {"set": "2026-01-01T00:00:00Z"}')
        if fields.has("set"):
            when = fields.time("set")
        else:
            when = self.clock.now() + timedelta(seconds=fields.number("advance", 0.0))
        fields.done()
        self.clock.move_to(when)
        self.state.settle(self.clock.now())

    def as_json(self) -> dict[str, Any]:
        """Return the whole state with the mock's name and time, as `--state FILE` takes it."""
        return {"name": self.name, "time": show_time(self.clock.now()), **self.state.as_json()}

    def merge(self, document: object) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        fields = Fields(document, "")
        name = fields.text("name", self.name)
        if name != self.name:
            raise MockError(f"name: this is the mock {self.name}, the state belongs to {name}")
        when = fields.time("time") if fields.has("time") else None
        self.state.merge(fields)
        if when is not None:
            self.clock.move_to(when)

    async def _released_or(self, until: datetime | None) -> None:
        release = self._release
        if until is None:
            await release.wait()
            return
        waits = [
            asyncio.ensure_future(release.wait()),
            asyncio.ensure_future(self.clock.wait_until(until)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


class _Bucket:
    """A token bucket that starts full."""

    def __init__(self, now: datetime) -> None:
        self._at = now
        self._tokens = math.inf

    def take(self, now: datetime, settings: CallSettings) -> int:
        # A clock that was set back must not drain the bucket.
        passed = max((now - self._at).total_seconds(), 0.0)
        self._at = now
        self._tokens = min(self._tokens + passed * settings.rate, settings.burst)
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(math.ceil((1 - self._tokens) / settings.rate), 1)
