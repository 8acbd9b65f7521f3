"""What a benchmark measures, and how: ours and a baseline by turns in the same run."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a run is; `quick` sizes prove that the benchmarks work, their times mean nothing.

    `seconds` are those for which each half of a benchmark of limits goes on. What takes longest has
    a number of runs of its own: `starts` and `crowd_runs`.
    """

    skus: int
    many_skus: int
    few_skus: int
    shops: int
    pushed: int
    recorded: int
    crowd: int
    seconds: float
    runs: int
    starts: int
    crowd_runs: int
    hurried_skus: int = 5_000
    hurried_shops: int = 20
    hurried_events: int = 60


FULL = Size(
    skus=100_000,
    many_skus=1_000_000,
    few_skus=1_000,
    shops=20,
    # All together shall take less than ten minutes on two cores.
    pushed=100_000,
    recorded=100_000,
    crowd=50,
    seconds=8.0,
    runs=5,
    # Half a minute for the program, and as long for the baseline.
    starts=2,
    # Two halves, that are long because a slow shop has two calls a second.
    crowd_runs=3,
)
"""What the goals are about, on a machine with two cores."""

QUICK = Size(
    skus=400,
    many_skus=400,
    few_skus=40,
    shops=5,
    pushed=120,
    recorded=200,
    crowd=6,
    seconds=0.4,
    runs=1,
    starts=1,
    crowd_runs=1,
    hurried_skus=40,
    hurried_shops=3,
    hurried_events=4,
)


class FigureJson(TypedDict):
    """A figure as the last line of the output shows it."""

    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    goal: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure: the median of `ours` against that of `theirs`, the baseline; empty for none."""

    name: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    goal: float | None = None

    @property
    def value(self) -> float:
        """Return the median of ours."""
        return median(self.ours)

    @property
    def baseline(self) -> float | None:
        """Return the median of the baseline, None where there is none."""
        return median(self.theirs) if self.theirs else None

    @property
    def ratio(self) -> float | None:
        """Return how many times the baseline ours is, None without one."""
        return self.value / self.baseline if self.baseline else None

    def as_json(self) -> FigureJson:
        """Return the figure with its numbers rounded to what they are worth."""
        return FigureJson(
            value=_rounded(self.value),
            unit=self.unit,
            baseline=None if self.baseline is None else _rounded(self.baseline),
            ratio=None if self.ratio is None else _rounded(self.ratio),
            goal=self.goal,
        )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}") if value % 1 else value


@contextmanager
def timed(*clocks: tuple[Callable[[], float], list[float]]) -> Iterator[None]:
    """Append what the block takes on each clock to its samples; the garbage of others goes before."""
    gc.collect()
    began = [clock() for clock, _ in clocks]
    yield
    ended = [clock() for clock, _ in clocks]
    for (_, samples), start, end in zip(clocks, began, ended, strict=True):
        samples.append(end - start)
