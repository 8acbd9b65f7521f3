"""Where events wait until somebody has the time to make alerts of them."""

from collections.abc import Mapping

from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.records import Key
from syncd.domain.alerts.signals import EVENTS, Confirm, Signal, signals_of

MOST = 100_000
"""So many alerts wait at most; then the oldest gives way, which is told."""


class Inbox:
    """A listener (`Events`): of each alert only the newest word is kept; nobody waits, nothing grows."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._signals: dict[Key | frozenset[AlertKind], Signal] = {}
        self._lost = 0

    def tell(self, name: str, /, **facts: object) -> None:
        """Take note of what an event means."""
        if name in EVENTS:
            self._put(name, facts)

    def put(self, signal: Signal) -> None:
        """Take note of a signal; it comes after all that are there."""
        key = signal.kinds if isinstance(signal, Confirm) else signal.key
        self._signals.pop(key, None)
        self._signals[key] = signal
        if len(self._signals) > self._most:
            del self._signals[next(iter(self._signals))]
            self._lost += 1

    def take(self) -> list[Signal]:
        """Return all signals, oldest first; they are gone then."""
        signals = list(self._signals.values())
        self._signals.clear()
        return signals

    def take_lost(self) -> int:
        """Return how many gave way since this was asked last."""
        lost, self._lost = self._lost, 0
        return lost

    def _put(self, name: str, facts: Mapping[str, object]) -> None:
        for signal in signals_of(name, facts):
            self.put(signal)
