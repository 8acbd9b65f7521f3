"""Slow down who guesses: failures are counted by address, and each costs a longer wait.

Not by the name in a token: it is no secret, and whoever knows it could keep its owner out. What is behind the
name has 256 random bits, which no crowd of addresses guesses.
"""

from collections import OrderedDict
from dataclasses import dataclass

from syncd.ports.clock import Clock

FREE = 3
"""So many failures in a row cost nothing: people mistype."""

_LONGEST = 300.0
_FORGOTTEN_AFTER = 3600.0
_MOST = 10_000


@dataclass(slots=True, kw_only=True)
class _Record:
    failures: int
    last: float


class Attempts:
    """Says how long somebody has to wait before the next attempt.

    The wait doubles from one second to five minutes and is forgotten after a success, or an hour. Of more
    than 10,000 addresses the oldest are forgotten, so that a crowd of addresses takes no memory.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def failed(self, address: str) -> None:
        """Count a failure."""
        now = self._clock.monotonic()
        record = self._records.pop(address, None)
        if record is None or now - record.last > _FORGOTTEN_AFTER:
            record = _Record(failures=0, last=now)
        record.failures += 1
        record.last = now
        self._records[address] = record
        while len(self._records) > _MOST:
            self._records.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the failures."""
        self._records.pop(address, None)

    def wait(self, address: str) -> float:
        """Return the seconds until who is there may try again, 0 for now."""
        record = self._records.get(address)
        if record is None or record.failures < FREE:
            return 0.0
        # Beyond the longest wait the exponent no longer matters, and must not grow for ever.
        delay = min(2.0 ** min(record.failures - FREE, 16), _LONGEST)
        return max(record.last + delay - self._clock.monotonic(), 0.0)
