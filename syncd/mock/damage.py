"""Damage to rows and to feeds of orders: what a platform in trouble shows instead of the truth."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zlib import crc32

from syncd.mock.core import Order
from syncd.mock.faults import Fault, FaultKind, Strikes

Row = dict[str, Any]
ThingT = TypeVar("ThingT")

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


def kept(
    things: Sequence[ThingT], name_of: Callable[[ThingT], str], strikes: Strikes, seed: int
) -> Sequence[ThingT]:
    """Return what a feed still contains, as `thin_out` does it for rows."""
    if not strikes:
        return things
    left = {
        row["name"] for row in thin_out([{"name": name_of(one)} for one in things], strikes, "name", seed)
    }
    return [one for one in things if name_of(one) in left]


def known_by(now: datetime, orders: Sequence[Order], strikes: Strikes) -> Sequence[Order]:
    """Return the orders that a feed knows of by now; it may be late."""
    late = strikes.get(FaultKind.LATE_ORDERS)
    if late is None:
        return orders
    known = now - timedelta(seconds=late.seconds or 0)
    return [order for order in orders if order.modified <= known]


def versions(orders: Sequence[Order], before: Mapping[str, Order], strikes: Strikes) -> Sequence[Order]:
    """Return the orders, where a fault says so the first ones as they were `before` their newest change."""
    fault = strikes.get(FaultKind.OLD_ORDERS)
    old = max(fault.lines, 1) if fault else 0
    return [before.get(order.id, order) if n < old else order for n, order in enumerate(orders)]


def apart(strikes: Strikes) -> tuple[Strikes, Strikes]:
    """Return the strikes on the lines of orders, whose figures count, and those on the orders themselves."""
    bad: Strikes = {kind: strikes[kind] for kind in strikes if kind == FaultKind.BAD_NUMBERS}
    return bad, {kind: strikes[kind] for kind in strikes if kind not in bad}


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
