"""Names for intents."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from secrets import token_hex

_MOST = 0xFFFFFFFF
"""Where the count begins anew; no clock stands still for so many names."""


class Keys:
    """Names that never repeat, whatever the clock does and in whichever thread; they begin with the time.

    Intents of one time therefore lie together on the disk: names by chance alone have each of them touch a
    page of its own, which took two thirds of the time to write one. Chance keeps those of two programs apart,
    a count those of one.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._count = count()
        self._ours = token_hex(4)

    def __call__(self) -> str:
        """Return the next name: 32 hexadecimal digits."""
        return f"{int(self._now().timestamp() * 1e6):016x}{next(self._count) & _MOST:08x}{self._ours}"
