"""Damage to rows: what a platform in trouble shows instead of the truth."""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from syncd.mock.faults import Fault, FaultKind, Strikes

Row = dict[str, Any]

BAD_VALUES: Sequence[object] = ("NaN", -7, 10**18)
_HASHES = 2**32


def thin_out(rows: Sequence[Row], strikes: Strikes, name: str, seed: int) -> Sequence[Row]:
    """Return what a reading still contains: nothing at all, or not the dropped share of names."""
    if FaultKind.EMPTY in strikes:
        return ()
    fault = strikes.get(FaultKind.DROP_SKUS)
    if fault is None:
        return rows
    return [row for row in rows if crc32(f"{seed}/{row[name]}".encode()) / _HASHES >= fault.share]


def spoil(rows: Sequence[Row], strikes: Strikes, column: str) -> list[Row]:
    """Return the rows of one page with what the strikes do to them; the given rows stay as they are."""
    damaged = list(rows)
    if fault := strikes.get(FaultKind.BAD_NUMBERS):
        damaged = _with_bad_numbers(damaged, fault, fault.column or column)
    if fault := strikes.get(FaultKind.DUPLICATE_ROWS):
        damaged += [_copied(row, fault, column) for row in damaged[: max(fault.lines, 1)]]
    if FaultKind.HALF_PAGE in strikes:
        damaged = damaged[: len(damaged) // 2]
    return damaged


def _with_bad_numbers(rows: Sequence[Row], fault: Fault, column: str) -> list[Row]:
    count = max(fault.lines, 1)
    values = BAD_VALUES if fault.value is None else (fault.value,)
    return [row | {column: values[n % len(values)]} if n < count else row for n, row in enumerate(rows)]


def _copied(row: Mapping[str, Any], fault: Fault, column: str) -> Row:
    figure = row[column]
    if fault.differ and isinstance(figure, int):
        return {**row, column: figure + 1}
    return dict(row)
