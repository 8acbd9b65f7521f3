"""The watchdog's proof of life: the loop turns, and cycles end."""

from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.runtime.supervisor import Supervisor
from syncd.runtime.vitals import Vitals

_BEATS = 3
"""How many beats the watchdog's patience holds, so that one late beat kills nobody."""


class Heart:
    """Beats while the last cycle ended less than `longest` seconds ago; a cycle that hangs silences it.

    The silence is told once, or nobody would know why systemd killed the program.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        clock: Clock,
        events: Events,
        *,
        longest: float,
        vitals: Vitals | None = None,
    ) -> None:
        self._supervisor = supervisor
        self._clock = clock
        self._events = events
        self._longest = longest
        self._turned = clock.monotonic()
        self._vitals = vitals or Vitals(clock)
        self._vitals.begin(longest=longest)

    def turned(self) -> None:
        """Note that a cycle has ended."""
        self._turned = self._clock.monotonic()
        self._vitals.turned()

    async def beat(self) -> None:
        """Beat until cancelled; returns at once where no watchdog listens."""
        told = False
        while self._supervisor.patience > 0:
            if self._clock.monotonic() - self._turned <= self._longest:
                self._supervisor.alive()
                told = False
            elif not told:
                hint = "systemd starts syncd again; raise cycle.stuck_after if cycles really take so long"
                self._events.tell("cycle_stuck", seconds=self._longest, hint=hint)
                told = True
            await self._clock.sleep(self._supervisor.patience / _BEATS)
