"""Build a `Snapshot` from the raw rows of a source: what cannot be believed is a problem, never a zero."""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from syncd.domain.figures import TAKES_AWAY, Unbelievable, code, is_blank, shown, units
from syncd.domain.model import (
    LARGEST,
    Ints,
    Part,
    RowProblem,
    Sku,
    Snapshot,
    SnapshotKind,
    SourceName,
    TransferConvention,
    WarehouseName,
)

SKU = "sku"
WAREHOUSE = "warehouse"
WORDS = (SKU, WAREHOUSE, *(part.word for part in Part))
"""The keys of a raw row."""

MOST_PROBLEMS = 1000
"""Problems kept that name no cell; those that name one are all kept, because its last good figures stay."""

_PART_WORDS = tuple(part.word for part in Part)
_OUT, _IN_AIR = int(Part.TRANSFER_OUT), int(Part.IN_AIR)
_PLAIN = {int, str}
# A part without a column is 0; on_hand without one is unknown.
_DEFAULTS = tuple((part.word, None if part is Part.ON_HAND else 0) for part in Part)
_ABSENT = object()
_SHORT = 4
_WIDTH = len(Part)
_NO_FIGURES = (0,) * _WIDTH


class SnapshotBuilder:
    """Takes raw rows one by one and returns the snapshot at the end.

    `warehouses` are those that the source counts; empty takes any. A blank cell of a part other than
    `on_hand` is 0 where `blank_is_zero`, else a problem. A cell with one bad row is bad, whatever other rows
    say; rows that repeat a cell must be identical, else the cell is bad.
    """

    def __init__(
        self,
        source: SourceName,
        *,
        warehouses: Sequence[str] = (),
        transfer_convention: TransferConvention = TransferConvention.UNTIL_SHIPPED,
        blank_is_zero: bool = True,
        unrouted_adds_up: bool = False,
    ) -> None:
        self._source = source
        self._known = tuple(warehouses)
        self._convention = transfer_convention
        self._nests = transfer_convention is TransferConvention.UNTIL_RECEIVED
        self._blank_is_zero = blank_is_zero
        self._unrouted_adds_up = unrouted_adds_up
        self._indexes: dict[WarehouseName, dict[Sku, int]] = {WarehouseName(n): {} for n in warehouses}
        self._skus: list[Sku] = []
        self._warehouses: list[WarehouseName] = []
        self._figures = array("q")
        self._bad: set[int] = set()
        self._short: dict[str, int] = {}
        self._rounded = 0
        self._problems: list[RowProblem] = []
        self._placeless = 0
        self._untold = 0
        self._strangers: dict[str, tuple[str, int]] = {}
        self._unrouted: dict[Sku, int] = {}
        self._page_unrouted: dict[Sku, int] = defaultdict(int)
        self._page_start = 0
        self._doubt = ""
        self.rows = 0
        self.repeats = 0

    def begin_page(self) -> None:
        """Begin the next page: `repeats` counts rows whose cell an earlier page had.

        Unrouted units of one SKU add up within a page. Of several pages the largest sum counts, because most
        ERPs repeat the list on every page, unless `unrouted_adds_up`.
        """
        self._page_start = len(self._skus)
        self._close_unrouted()

    def add(self, row: str, cells: Mapping[str, object]) -> None:
        """Take one raw row with the keys of `WORDS`; `row` is where people find it.

        `on_hand` must be there; another part that has no key is 0.
        """
        self.rows += 1
        place = self._place(row, cells)
        if place is None:
            return
        sku, warehouse = place
        try:
            figures, rounded = self._read(cells)
        except _BadFigure as error:
            self._spoil(
                RowProblem(row=row, message=str(error), sku=sku, warehouse=warehouse, column=error.column)
            )
            return
        index = self._indexes[warehouse].get(sku)
        if index is None:
            self._append(sku, warehouse, figures)
            self._rounded += rounded
            return
        self._repeat(index, row, figures)

    def refuse(self, row: str, cells: Mapping[str, object], message: str) -> None:
        """Take a row that is broken as a whole; the cell that it names, if it can be read, is bad."""
        self.rows += 1
        try:
            sku, warehouse = Sku(code(cells.get(SKU))), WarehouseName(code(cells.get(WAREHOUSE)))
        except Unbelievable:
            self._note(RowProblem(row=row, message=message))
            return
        if self._counts(warehouse):
            self._spoil(RowProblem(row=row, message=message, sku=sku, warehouse=warehouse))
        else:
            self._note(RowProblem(row=row, message=message, sku=sku))

    def note(self, row: str, message: str) -> None:
        """Tell of something that is no row: it counts as none and spoils no cell."""
        self._note(RowProblem(row=row, message=message))

    def unrouted(self, sku: object, count: object, *, row: str) -> None:
        """Take units of a SKU allocated to orders without a warehouse.

        Where they cannot be read the snapshot is incomplete: the pool would show units that are sold.
        """
        try:
            name = Sku(code(sku))
        except Unbelievable as error:
            self._doubt_unrouted(RowProblem(row=row, message=f"sku {error}", column=SKU))
            return
        try:
            whole, rounded = units(count, takes_away=True)
        except Unbelievable as error:
            self._doubt_unrouted(
                RowProblem(row=row, message=f"unrouted {error}", sku=name, column="unrouted")
            )
            return
        self._page_unrouted[name] += whole
        self._rounded += rounded

    def build(
        self, *, as_of: datetime, kind: SnapshotKind, incomplete_because: str = "", cursor: str = ""
    ) -> Snapshot:
        """Return what the rows say; complete if nothing is `incomplete_because` and no unrouted row was bad.

        Rows of bad cells are left out of the figures. `floored` counts decimals rounded either way.
        """
        self._close_unrouted()
        reason = incomplete_because or self._doubt
        keep = [index for index in range(len(self._skus)) if index not in self._bad] if self._bad else None
        return Snapshot(
            source=self._source,
            as_of=as_of,
            kind=kind,
            skus=tuple(self._skus if keep is None else [self._skus[index] for index in keep]),
            warehouses=tuple(
                self._warehouses if keep is None else [self._warehouses[index] for index in keep]
            ),
            parts=self._parts(keep),
            complete=not reason,
            incomplete_because=reason,
            unrouted={sku: count for sku, count in self._unrouted.items() if count},
            problems=(*self._problems, *self._closing_problems()),
            floored=self._rounded,
            transfer_convention=self._convention,
            cursor=cursor,
        )

    # --- where a row belongs -------------------------------------------------------------------------------

    def _place(self, row: str, cells: Mapping[str, object]) -> tuple[Sku, WarehouseName] | None:
        """Return the cell that a row is for; None, with the problem noted, where it names none of ours."""
        try:
            sku = Sku(code(cells.get(SKU)))
        except Unbelievable as error:
            self._note(RowProblem(row=row, message=f"sku {error}", column=SKU))
            return None
        raw = cells.get(WAREHOUSE)
        if type(raw) is str and raw in self._indexes:
            return sku, WarehouseName(raw)
        try:
            warehouse = WarehouseName(code(raw))
        except Unbelievable as error:
            self._note(RowProblem(row=row, message=f"warehouse {error}", sku=sku, column=WAREHOUSE))
            return None
        if self._counts(warehouse):
            return sku, warehouse
        self._meet_stranger(warehouse, row)
        return None

    def _counts(self, warehouse: WarehouseName) -> bool:
        if warehouse in self._indexes:
            return True
        if self._known:
            return False
        self._indexes[warehouse] = {}
        return True

    def _meet_stranger(self, warehouse: WarehouseName, row: str) -> None:
        first, count = self._strangers.get(warehouse, (row, 0))
        if count or len(self._strangers) < MOST_PROBLEMS:
            self._strangers[warehouse] = (first, count + 1)
        else:
            self._untold += 1

    # --- what a row says -----------------------------------------------------------------------------------

    def _read(self, cells: Mapping[str, object]) -> tuple[Sequence[int], int]:
        """Return the seven figures and how many of them were rounded."""
        figures = self._plain([cells.get(word, default) for word, default in _DEFAULTS])
        rounded = 0
        if figures is None:
            read = [self._figure(part, cells.get(part.word, _ABSENT)) for part in Part]
            figures = [whole for whole, _ in read]
            rounded = sum(inexact for _, inexact in read)
        if self._nests and figures[_IN_AIR] > figures[_OUT]:
            more = f"more than the transfer_out of {figures[_OUT]} that it is a part of"
            raise _BadFigure(f"in_air is {figures[_IN_AIR]}, {more}", Part.IN_AIR.word)
        return figures, rounded

    def _plain(self, values: list[Any]) -> list[int] | None:
        """Return `values` as they are where all are plain counts or short texts that were read before.

        Nearly all rows of a million are; to read them figure by figure takes several times as long.
        """
        kinds = set(map(type, values))
        if not kinds <= _PLAIN:
            return None
        if str in kinds:
            short = self._short
            try:
                values = [short[value] if type(value) is str else value for value in values]
            except KeyError:
                return None
        return values if min(values) >= 0 and max(values) <= LARGEST else None

    def _figure(self, part: Part, value: object) -> tuple[int, bool]:
        if part is Part.ON_HAND and (value is _ABSENT or is_blank(value)):
            raise _BadFigure("on_hand is empty, write 0 where there are none", part.word)
        if value is _ABSENT:
            return 0, False
        if is_blank(value):
            if self._blank_is_zero:
                return 0, False
            raise _BadFigure(f"{part.word} is empty, write 0 or set blank_is_zero", part.word)
        try:
            whole, inexact = units(value, takes_away=part in TAKES_AWAY)
        except Unbelievable as error:
            raise _BadFigure(f"{part.word} {error}", part.word) from None
        if not inexact and isinstance(value, str) and len(value) <= _SHORT:
            self._short[value] = whole
        return whole, inexact

    def _append(self, sku: Sku, warehouse: WarehouseName, figures: Sequence[int]) -> int:
        index = len(self._skus)
        self._indexes[warehouse][sku] = index
        self._skus.append(sku)
        self._warehouses.append(warehouse)
        self._figures.extend(figures)
        return index

    def _repeat(self, index: int, row: str, figures: Sequence[int]) -> None:
        self.repeats += index < self._page_start
        if index in self._bad:
            return
        start = index * _WIDTH
        for column, word in enumerate(_PART_WORDS):
            earlier = self._figures[start + column]
            if earlier != figures[column]:
                sku, warehouse = self._skus[index], self._warehouses[index]
                message = (
                    f"{word} is {figures[column]}, but {earlier} in another row of the same SKU and warehouse"
                )
                self._bad.add(index)
                self._problems.append(
                    RowProblem(row=row, message=message, sku=sku, warehouse=warehouse, column=word)
                )
                return

    # --- problems ------------------------------------------------------------------------------------------

    def _spoil(self, problem: RowProblem) -> None:
        """Mark the cell of `problem` as bad; told once, since one bad row is enough."""
        index = self._indexes[problem.warehouse].get(problem.sku)
        if index is None:
            index = self._append(problem.sku, problem.warehouse, _NO_FIGURES)
        else:
            self.repeats += index < self._page_start
        if index not in self._bad:
            self._bad.add(index)
            self._problems.append(problem)

    def _note(self, problem: RowProblem) -> None:
        if self._placeless == MOST_PROBLEMS:
            self._untold += 1
            return
        self._placeless += 1
        self._problems.append(problem)

    def _doubt_unrouted(self, problem: RowProblem) -> None:
        self._doubt = self._doubt or f"the unrouted units in {problem.row} could not be read"
        self._note(problem)

    def _closing_problems(self) -> list[RowProblem]:
        known = ", ".join(self._known)
        told = [
            RowProblem(
                row=row,
                message=f"warehouse {shown(name)} is none of the source's ({known}); rows left out: {count}",
                column=WAREHOUSE,
            )
            for name, (row, count) in self._strangers.items()
        ]
        if self._untold:
            message = f"{self._untold} more rows without a readable SKU and warehouse are not listed"
            told.append(RowProblem(row="", message=message))
        return told

    # --- the end -------------------------------------------------------------------------------------------

    def _close_unrouted(self) -> None:
        for sku, count in self._page_unrouted.items():
            before = self._unrouted.get(sku, 0)
            self._unrouted[sku] = before + count if self._unrouted_adds_up else max(before, count)
        self._page_unrouted.clear()

    def _parts(self, keep: list[int] | None) -> Ints:
        parts = np.array(self._figures, dtype=np.int64).reshape(-1, _WIDTH)
        return parts if keep is None else parts[keep]


class _BadFigure(Exception):  # noqa: N818 - says what the figure is
    """A figure of a row cannot be believed."""

    def __init__(self, message: str, column: str) -> None:
        super().__init__(message)
        self.column = column
