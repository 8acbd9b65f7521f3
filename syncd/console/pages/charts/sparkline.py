"""A figure's last while in the size of a word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from syncd.console.pages.charts.scale import WIDTH, Scale

HEIGHT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """The path of the line and of the area under it; both are empty while nothing is known."""

    line: str
    area: str
    last: float | None
    most: float


def sparkline(figures: Sequence[float | None]) -> Sparkline:
    """Return the geometry of figures at equal distances, oldest first; one that is not known leaves a gap."""
    known = [figure for figure in figures if figure is not None]
    height = Scale.around(known, HEIGHT)
    base = HEIGHT - height.at(0)
    across = WIDTH / max(len(figures) - 1, 1)
    line, area = [], []
    for run in _runs(figures):
        places = [(round(at * across, 2), HEIGHT - height.at(figure)) for at, figure in run]
        if len(places) == 1:
            # A single point has no length; a short stroke is seen. At the right edge it goes to the left.
            x, y = places[0]
            places = [(max(x - across / 2, 0.0), y), (min(x + across / 2, WIDTH), y)]
        text = " L".join(f"{x:g} {y:g}" for x, y in places)
        line.append(f"M{text}")
        area.append(f"M{places[0][0]:g} {base:g} L{text} L{places[-1][0]:g} {base:g}Z")
    return Sparkline(
        line="".join(line),
        area="".join(area),
        last=known[-1] if known else None,
        most=max(known, default=0.0),
    )


def _runs(figures: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield the stretches without a gap."""
    run: list[tuple[int, float]] = []
    for at, figure in enumerate(figures):
        if figure is not None:
            run.append((at, figure))
        elif run:
            yield run
            run = []
    if run:
        yield run
