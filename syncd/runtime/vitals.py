"""What the daemon knows of its own health, for whoever asks from outside."""

from syncd.ports.clock import Clock


class Vitals:
    """Notes when cycles end; outlives reloads, so that a new configuration is no new start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._longest: float | None = None
        self._since = clock.monotonic()
        self._turned = False
        self._stopping = False

    def begin(self, *, longest: float) -> None:
        """Note that cycles begin to run, and that one of them hangs after `longest` seconds."""
        self._longest = longest
        self._since = self._clock.monotonic()

    def turned(self) -> None:
        """Note that a cycle has ended."""
        self._since = self._clock.monotonic()
        self._turned = True

    def stop(self) -> None:
        """Note that the program ends."""
        self._stopping = True

    def complaints(self) -> list[str]:
        """Return why the daemon does not do its work, nothing if it does."""
        found = []
        if self._stopping:
            found.append("it is stopping")
        if not self._turned:
            found.append("the first cycle has not ended yet")
        if self._longest is not None and self._clock.monotonic() - self._since > self._longest:
            found.append("a cycle takes longer than cycle.stuck_after")
        return found
