"""When to leave a failing shop alone for a while, and when to look again."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class CircuitState(StrEnum):
    """Whether calls may go out: all of them, none, or one to try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Said(StrEnum):
    """What a step of the circuit is worth telling; an outage and a recovery are told once each."""

    NOTHING = ""
    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Opens for `rest` seconds after `threshold` failures in a row; `until` None means that it is closed.

    Times are monotonic seconds.
    """

    threshold: int = 5
    rest: float = 60.0
    failures: int = 0
    until: float | None = None

    def state(self, now: float) -> CircuitState:
        """Return whether calls may go out at `now`."""
        if self.until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now < self.until else CircuitState.HALF_OPEN

    def remaining(self, now: float) -> float:
        """Return the seconds until it may be tried again, 0 where it may be tried now."""
        return 0.0 if self.until is None else max(0.0, self.until - now)

    def failed(self, now: float) -> tuple[Self, Said]:
        """Return the circuit after a call that failed as a whole; a failed trial reopens it in silence."""
        failures = self.failures + 1
        if self.until is not None:
            return replace(self, failures=failures, until=now + self.rest), Said.NOTHING
        if failures < self.threshold:
            return replace(self, failures=failures), Said.NOTHING
        return replace(self, failures=failures, until=now + self.rest), Said.OPENED

    def succeeded(self) -> tuple[Self, Said]:
        """Return the closed circuit after a call that the platform answered."""
        if not self.failures and self.until is None:
            return self, Said.NOTHING
        said = Said.NOTHING if self.until is None else Said.CLOSED
        return replace(self, failures=0, until=None), said
