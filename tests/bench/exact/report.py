"""What the days of a strategy have in common: a table for people, one JSON object for programs."""

import json
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TypedDict

from rich.console import Console
from rich.table import Table

from tests.bench.exact.day import Day

_WIDTH = 110

FIGURES = ("oversold_per_10k", "lost_pct", "writes", "calls", "transfers")


class FiguresJson(TypedDict):
    """A strategy's line of the last line: the mean over all seeds."""

    oversold_per_10k: float
    lost_pct: float
    writes: float
    calls: float
    transfers: float


Days = Mapping[str, Sequence[Day]]


def figures(days: Sequence[Day]) -> FiguresJson:
    """Return the means over `days`, rounded only where nothing is hidden by it."""
    return FiguresJson(
        oversold_per_10k=_mean(days, "oversold_per_10k"),
        lost_pct=_mean(days, "lost_pct"),
        writes=_mean(days, "writes"),
        calls=_mean(days, "calls"),
        transfers=_mean(days, "transfers"),
    )


def show(days: Days, title: str, console: Console | None = None) -> None:
    """Print the table, and below it everything as one JSON object in one line."""
    table = Table(title=title)
    for column in ("strategy", "oversold per 10,000", "lost %", "writes", "calls", "transfers"):
        table.add_column(column, justify="left" if column == "strategy" else "right")
    for name, found in days.items():
        table.add_row(name, *(_cell(found, figure) for figure in FIGURES))
    (console or Console(width=_WIDTH)).print(table)
    print(json.dumps({name: figures(found) for name, found in days.items()}))


def _mean(days: Sequence[Day], figure: str) -> float:
    # Four digits: one unit oversold in a hundred days must not look like none.
    return round(fmean(getattr(day, figure) for day in days), 4)


def _cell(days: Sequence[Day], figure: str) -> str:
    values = [getattr(day, figure) for day in days]
    mean = f"{fmean(values):,.2f}" if isinstance(values[0], float) else f"{fmean(values):,.0f}"
    if len(values) == 1:
        return mean
    low, high = min(values), max(values)
    span = f"{low:.2f}-{high:.2f}" if isinstance(values[0], float) else f"{low:,}-{high:,}"
    return f"{mean} ({span})"
