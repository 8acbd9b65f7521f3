"""The history of figures as lines of steps: a figure holds until the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncd.console.pages.charts.scale import WIDTH, Scale, round_steps

HEIGHT = 200.0

_LINES = 4
"""At most so many lines across, beside that of the lowest one."""

_TICKS = 4
"""So many times are named along the bottom; more would touch on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure: its name in parts, its path, its last value and how many points it has."""

    shop: str
    listing: str
    what: str
    path: str
    last: int | None
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Lines over one another; `across` are (y, figure) and `along` (x, time), in the units of the frame."""

    lines: tuple[Line, ...]
    across: tuple[tuple[float, int], ...]
    along: tuple[tuple[float, datetime], ...]


Points = list[tuple[datetime, int | None]]


def plot(history: Mapping[str, Any], now: datetime) -> Plot:
    """Return the geometry of a document of history up to `now`; no lines where it has no points."""
    series = [(entry, _points(entry["points"])) for entry in history["series"]]
    series = [(entry, points) for entry, points in series if points]
    if not series:
        return Plot(lines=(), across=(), along=())
    first = min(points[0][0] for _, points in series)
    last = max(now, *(points[-1][0] for _, points in series))
    figures = [figure for _, points in series for _, figure in points if figure is not None]
    across = Scale(first.timestamp(), max(last.timestamp(), first.timestamp() + 1), WIDTH)
    height = Scale.around(figures, HEIGHT)
    return Plot(
        lines=tuple(_line(entry, points, across, height) for entry, points in series),
        across=tuple(
            (round(HEIGHT - height.at(figure), 2), figure)
            for figure in round_steps(height.low, height.high, _LINES)
        ),
        along=tuple(_times(across)),
    )


def _points(rows: Sequence[Sequence[Any]]) -> Points:
    return sorted(((datetime.fromisoformat(at), figure) for at, figure in rows), key=lambda point: point[0])


def _line(entry: Mapping[str, Any], points: Points, across: Scale, height: Scale) -> Line:
    path, drawn = [], False
    for at, (time, figure) in enumerate(points):
        following = points[at + 1][0].timestamp() if at + 1 < len(points) else across.high
        if figure is None:
            drawn = False
            continue
        y = round(HEIGHT - height.at(figure), 2)
        path.append(f"V{y:g}" if drawn else f"M{across.at(time.timestamp()):g} {y:g}")
        path.append(f"H{across.at(following):g}")
        drawn = True
    return Line(
        shop=entry["shop"],
        listing=entry["listing"],
        what=entry["what"],
        path="".join(path),
        last=points[-1][1],
        points=len(points),
    )


def _times(across: Scale) -> list[tuple[float, datetime]]:
    step = (across.high - across.low) / _TICKS
    return [
        (across.at(across.low + at * step), datetime.fromtimestamp(across.low + at * step, UTC))
        for at in range(_TICKS + 1)
    ]
