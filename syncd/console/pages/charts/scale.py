"""Scales: where a figure lies on an axis, and which round figures an axis names."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from math import ceil, floor, log10

WIDTH = 1000.0
"""How wide every chart is in its own units; the browser stretches it, its lines keep their thickness."""

_ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from `low` to `high` laid over 0 to `length`; it never leaves that frame."""

    low: float
    high: float
    length: float = WIDTH

    @classmethod
    def around(cls, figures: Iterable[float], length: float = WIDTH) -> "Scale":
        """Return the scale that holds all figures and zero; where all are zero it is one long."""
        found = [0.0, *figures]
        low, high = min(found), max(found)
        return cls(low, high if high > low else low + 1, length)

    def at(self, figure: float) -> float:
        """Return where a figure lies; what is beyond the ends lies at the end."""
        share = (figure - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * self.length, 2)


def round_steps(low: float, high: float, most: int) -> list[int]:
    """Return at most `most` + 1 round whole figures from `low` to `high`, evenly spaced, always with one."""
    reach = max(high - low, 1)
    power = 10 ** max(floor(log10(reach / most)), 0) if reach > most else 1
    step = next(
        round_ * power for round_ in _ROUND if reach / (round_ * power) <= most or round_ == _ROUND[-1]
    )
    first = ceil(low / step) * step
    steps = list(takewhile(lambda figure: figure <= high, (first + n * step for n in range(most + 1))))
    return steps or [floor(low)]
