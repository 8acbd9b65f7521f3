"""The watchdog's proof of life: the loop turns, and cycles end."""

from syncd.ports.clock import Clock
from syncd.runtime.supervisor import Supervisor

_BEATS = 3
"""How many beats the watchdog's patience holds, so that one late beat kills nobody."""


class Heart:
    """Beats while the last cycle ended less than `longest` seconds ago; a cycle that hangs silences it."""

    def __init__(self, supervisor: Supervisor, clock: Clock, *, longest: float) -> None:
        self._supervisor = supervisor
        self._clock = clock
        self._longest = longest
        self._turned = clock.monotonic()

    def turned(self) -> None:
        """Note that a cycle has ended."""
        self._turned = self._clock.monotonic()

    async def beat(self) -> None:
        """Beat until cancelled; returns at once where no watchdog listens."""
        while self._supervisor.patience > 0:
            if self._clock.monotonic() - self._turned <= self._longest:
                self._supervisor.alive()
            await self._clock.sleep(self._supervisor.patience / _BEATS)
