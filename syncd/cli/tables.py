"""Tables for people: drawn where a terminal is wide enough, aligned and never cut or folded elsewhere."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from syncd.cli.output import line, plain

_LEAST_FOLDED = 30
"""Narrower than this a folded column could hardly be read."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headings; without rows only the headings."""
    cells = [[cell(value) for value in row] for row in rows]
    numeric = [_is_numeric(column) for column in zip(*cells, strict=True)] or [False] * len(columns)
    console = Console(markup=False, highlight=False, emoji=False)
    if sys.stdout.isatty() and _width([columns, *cells]) <= console.width:
        console.print(_drawn(columns, cells, numeric))
    else:
        _align(columns, cells, numeric)


def cell(value: object) -> str:
    """Return a value as people read it: `?` is not known (never 0), `-` is nothing."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(str(value)) or "-"


def interval(expected: Sequence[int] | None) -> str | None:
    """Return `[lo, hi]` as `3` or `3..5`, None where nothing is known."""
    if expected is None:
        return None
    low, high = expected
    return str(low) if low == high else f"{low}..{high}"


def moment(iso: str | None) -> str | None:
    """Return an ISO time in UTC without fractions, None where there is none."""
    if iso is None:
        return None
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def span(seconds: float | None) -> str | None:
    """Return a time span in three digits and the unit that fits, None where none is known."""
    if seconds is None:
        return None
    longest = next((one for one in _UNITS if seconds >= _ENOUGH * one[1]), ("s", 1.0))
    return f"{seconds / longest[1]:.3g} {longest[0]}"


_ENOUGH = 2
_UNITS = (("d", 86_400.0), ("h", 3600.0), ("min", 60.0))


def percent(share: float | None) -> str | None:
    """Return a share in percent, None where there is nothing to share."""
    return None if share is None else f"{100 * share:.3g} %"


def _is_numeric(column: Sequence[str]) -> bool:
    return all(text in "?-" or text.removeprefix("-").isdecimal() for text in column)


def _width(lines: Sequence[Sequence[str]]) -> int:
    """Return how wide a drawn table is whose last column is folded."""
    *widths, last = (max(map(cell_len, column)) for column in zip(*lines, strict=True))
    return sum(widths) + min(last, _LEAST_FOLDED) + 3 * len(lines[0])


def _drawn(columns: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool]) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD)
    for at, (name, is_number) in enumerate(zip(columns, numeric, strict=True), 1):
        # Only the last column is prose; a folded code or figure could not be read.
        justify: JustifyMethod = "right" if is_number else "left"
        drawn.add_column(Text(name), justify=justify, overflow="fold", no_wrap=at < len(columns))
    for row in cells:
        drawn.add_row(*map(Text, row))
    return drawn


def _align(columns: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[bool]) -> None:
    lines = [columns, *cells]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for row in lines:
        parts = (
            _padded(text, width, right=is_number)
            for text, width, is_number in zip(row, widths, numeric, strict=True)
        )
        line("  ".join(parts).rstrip())


def _padded(text: str, width: int, *, right: bool) -> str:
    # Chinese characters are two cells wide, so `ljust` would not do.
    gap = " " * (width - cell_len(text))
    return gap + text if right else text + gap
