"""Slow down who guesses: failures are counted by address and by name, each costs a longer wait."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from syncd.ports.clock import Clock

FREE = 3
"""So many failures in a row cost nothing: people mistype."""

_LONGEST = 300.0
_FORGOTTEN_AFTER = 3600.0
_MOST_KEYS = 10_000


@dataclass(slots=True, kw_only=True)
class _Record:
    failures: int
    last: float


class Attempts:
    """Says how long somebody has to wait before the next attempt.

    The wait doubles from one second to five minutes and is forgotten after a success, or an hour. Of more
    than 10,000 keys the oldest are forgotten, so that a crowd of addresses takes no memory.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def wait(self, keys: Sequence[str]) -> float:
        """Return the seconds until any of `keys` may try again, 0 for now."""
        now = self._clock.monotonic()
        return max((self._wait(key, now) for key in keys), default=0.0)

    def failed(self, keys: Sequence[str]) -> None:
        """Count a failure of each of `keys`."""
        now = self._clock.monotonic()
        for key in keys:
            record = self._records.pop(key, None)
            if record is None or now - record.last > _FORGOTTEN_AFTER:
                record = _Record(failures=0, last=now)
            record.failures += 1
            record.last = now
            self._records[key] = record
        while len(self._records) > _MOST_KEYS:
            self._records.popitem(last=False)

    def succeeded(self, keys: Sequence[str]) -> None:
        """Forget the failures of `keys`."""
        for key in keys:
            self._records.pop(key, None)

    def _wait(self, key: str, now: float) -> float:
        record = self._records.get(key)
        if record is None or record.failures < FREE:
            return 0.0
        # Beyond the longest wait the exponent no longer matters, and must not grow for ever.
        delay = min(2.0 ** min(record.failures - FREE, 16), _LONGEST)
        return max(record.last + delay - now, 0.0)
