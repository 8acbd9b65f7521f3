"""Read the rows of one file into a snapshot's builder."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Protocol

from syncd.adapters.sources.csv.columns import Layout, layout
from syncd.adapters.sources.csv.settings import CsvSettings
from syncd.adapters.sources.csv.text import Text
from syncd.adapters.sources.times import moment, zone
from syncd.domain.figures import Unbelievable
from syncd.domain.snapshot import SnapshotBuilder
from syncd.errors import Kind, PortError

_LOOK_UP_EVERY = 4096


class Stopped(Exception):  # noqa: N818 - says what happened
    """Nobody waits for the table any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a table was: its rows, bad ones too, and their earliest `as_of`, None without such a column.

    `doubt` says why rows may be missing, empty if none can be. `layout` is None where not even the names of
    the columns were there.
    """

    rows: int
    as_of: datetime | None
    doubt: str
    layout: Layout | None


class TableReader:
    """Reads one file; `name` is the source's, `file` the file's, both for messages."""

    def __init__(self, settings: CsvSettings, builder: SnapshotBuilder, *, name: str, file: str) -> None:
        self._settings = settings
        self._builder = builder
        self._place = f"{name}: {file}"
        self._file = file
        self._zone = zone(settings.timezone)
        self._times: dict[str, datetime] = {}
        self._doubt = ""
        self._fixed = {"warehouse": settings.warehouse} if settings.warehouse else {}

    def read(self, text: Text, stop: Event) -> Reading:
        """Give every row to the builder; a broken row is a problem with its line number.

        Raises:
            PortError: the columns are not those of the settings.
            Stopped: `stop` was set.
        """
        before = self._builder.rows
        with text.open() as lines:
            rows = csv.reader(
                lines,
                delimiter=self._settings.delimiter,
                quotechar=self._settings.quote or None,
                quoting=csv.QUOTE_MINIMAL if self._settings.quote else csv.QUOTE_NONE,
                strict=True,
            )
            columns = self._rows(_Rows(rows, text.lines_before), text.encoding, stop)
        if columns is None:
            self._doubt = "it has no rows and no names of columns"
        return Reading(
            rows=self._builder.rows - before,
            as_of=min(self._times.values(), default=None),
            doubt=self._doubt,
            layout=columns,
        )

    def _rows(self, rows: "_Rows", encoding: str, stop: Event) -> Layout | None:
        columns: Layout | None = None
        for number, cells in enumerate(rows):
            if number % _LOOK_UP_EVERY == 0 and stop.is_set():
                raise Stopped
            if isinstance(cells, csv.Error):
                self._broken(rows, cells, columns)
            elif not any(map(str.strip, cells)):
                continue
            elif columns is not None:
                self._row(rows, cells, columns)
            else:
                columns = layout(cells, self._settings, place=self._place, encoding=encoding)
                if not self._settings.header:
                    self._row(rows, cells, columns)
        return columns

    def _broken(self, rows: "_Rows", error: csv.Error, columns: Layout | None) -> None:
        if columns is None:
            message = f"{self._place} line {rows.first} cannot be taken apart: {error}; check `quote`"
            raise PortError(Kind.REJECTED, message)
        self._builder.refuse(self._label(rows), {}, f"the line cannot be taken apart: {error}")
        self._doubt_if_spanning(rows)

    def _row(self, rows: "_Rows", cells: Sequence[str], columns: Layout) -> None:
        problem = _broken_row(cells, columns.width)
        there = len(cells)
        row: dict[str, str] = {word: cells[index] for word, index in columns.indexes.items() if index < there}
        if self._fixed:
            row = self._fixed | row
        label = self._label(rows)
        if rows.spans and (problem or any("\n" in cell or "\r" in cell for cell in row.values())):
            problem = problem or "a cell goes on over several lines"
            self._doubt_if_spanning(rows)
        if not problem and "as_of" in columns.indexes:
            problem = self._time(row["as_of"])
        if problem:
            self._builder.refuse(label, row, problem)
        else:
            self._builder.add(label, row)

    def _time(self, text: str) -> str:
        """Keep the time of a row; return what is wrong with it, empty if nothing."""
        if text not in self._times:
            try:
                self._times[text] = moment(text, local=self._zone, form=self._settings.as_of_format)
            except Unbelievable as error:
                return f"as_of {error}"
        return ""

    def _doubt_if_spanning(self, rows: "_Rows") -> None:
        """Doubt the whole where a stray quote took in lines that are rows of their own."""
        if rows.spans and not self._doubt:
            self._doubt = f"a quote in line {rows.first} hides the lines up to {rows.last}; check `quote`"

    def _label(self, rows: "_Rows") -> str:
        return f"{self._file} line {rows.first}"


def _broken_row(cells: Sequence[str], width: int) -> str:
    """Return why a row is none, empty if it is one; blank cells beyond the last column do no harm."""
    if len(cells) < width:
        return f"the line has {len(cells)} cells instead of {width}"
    if len(cells) > width and any(map(str.strip, cells[width:])):
        return f"the line has {len(cells)} cells instead of {width}; is `delimiter` right?"
    if "\0" in "".join(cells):
        return "the line holds NUL bytes: the file is damaged, export it again"
    return ""


class _Reader(Protocol):
    """What `csv.reader` returns; its own type has no public name."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


class _Rows:
    """The rows of a csv reader, or the error that stands for one, with the lines they take in the file."""

    def __init__(self, reader: "_Reader", before: int) -> None:
        self._reader = reader
        self._before = before
        self.first = before

    @property
    def last(self) -> int:
        """Return the line where the row ends."""
        return self._before + self._reader.line_num

    @property
    def spans(self) -> bool:
        """Tell whether the row takes more than one line."""
        return self.last > self.first

    def __iter__(self) -> "_Rows":
        return self

    def __next__(self) -> list[str] | csv.Error:
        self.first = self.last + 1
        try:
            return next(self._reader)
        except csv.Error as error:
            return error
