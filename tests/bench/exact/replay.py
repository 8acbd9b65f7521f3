"""A user's own orders and stock instead of drawn ones, from two CSV files."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.exact.demand import Buyer, Demand

ORDER_COLUMNS = ("time_s", "sku", "shop", "units")
STOCK_COLUMNS = ("sku", "units")

_MOST = 1_000_000_000


class ReplayError(Exception):
    """A file that cannot be replayed; says which line is wrong and what to do."""


class _Row(NamedTuple):
    place: str
    values: dict[str, str]


def read_demand(orders: Path, stock: Path) -> Demand:
    """Return the day that both files describe; the files need not be sorted.

    Raises:
        ReplayError: a file cannot be read, or a line of it is no order or no stock.
    """
    units = _read_stock(stock)
    buyers = sorted(_buyer(row, units) for row in _rows(orders, ORDER_COLUMNS))
    if not buyers:
        msg = f"{orders}: has no orders; write one line per order below {','.join(ORDER_COLUMNS)}"
        raise ReplayError(msg)
    return Demand(buyers=tuple(buyers), stock=units, shops=tuple(sorted({buyer.shop for buyer in buyers})))


def _read_stock(file: Path) -> dict[str, int]:
    units: dict[str, int] = {}
    for row in _rows(file, STOCK_COLUMNS):
        sku = _text(row, "sku")
        if sku in units:
            msg = f"{row.place}: {sku} is there twice; write one line per SKU with its whole stock"
            raise ReplayError(msg)
        units[sku] = _whole(row, "units", least=0)
    return units


def _buyer(row: _Row, stock: dict[str, int]) -> Buyer:
    sku, shop = _text(row, "sku"), _text(row, "shop")
    if sku not in stock:
        msg = f"{row.place}: {sku} has no stock; give it a line in the file of --stock, with 0 where none is"
        raise ReplayError(msg)
    if not all(
        letter.isascii() and (letter.islower() or letter.isdigit() or letter == "_") for letter in shop
    ):
        msg = f"{row.place}: the shop {shop!r} is no name; use only a-z, 0-9 and _"
        raise ReplayError(msg)
    return Buyer(_seconds(row), sku, shop, _whole(row, "units", least=1))


def _rows(file: Path, columns: Sequence[str]) -> Iterator[_Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            head = next(reader, [])
            if tuple(name.strip() for name in head) != tuple(columns):
                msg = f"{file}:1: must be the heading {','.join(columns)}, not {','.join(head)!r}"
                raise ReplayError(msg)
            for cells in reader:
                if cells:
                    yield _row(f"{file}:{reader.line_num}", cells, columns)
    except OSError as error:
        msg = f"{file}: cannot be read: {error.strerror}; name a file that is there"
        raise ReplayError(msg) from None
    except UnicodeDecodeError:
        msg = f"{file}: is not UTF-8; save it as CSV with UTF-8"
        raise ReplayError(msg) from None
    except csv.Error as error:
        msg = f"{file}: is no CSV: {error}; mend the quotes or save it as CSV once more"
        raise ReplayError(msg) from None


def _row(place: str, cells: Sequence[str], columns: Sequence[str]) -> _Row:
    if len(cells) != len(columns):
        msg = f"{place}: has {len(cells)} cells, not {len(columns)}; write {','.join(columns)}"
        raise ReplayError(msg)
    return _Row(place, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})


def _text(row: _Row, column: str) -> str:
    if not row.values[column]:
        msg = f"{row.place}: {column} is empty; fill it in or remove the line"
        raise ReplayError(msg)
    return row.values[column]


def _whole(row: _Row, column: str, *, least: int) -> int:
    text = _text(row, column)
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_MOST)):
        msg = f"{row.place}: {column} must be a whole number from {least} on, not {text!r}"
        raise ReplayError(msg)
    units = int(text)
    if not least <= units <= _MOST:
        msg = f"{row.place}: {column} must be from {least} to {_MOST}, not {text}"
        raise ReplayError(msg)
    return units


def _seconds(row: _Row) -> float:
    text = _text(row, "time_s")
    try:
        time = float(text)
    except ValueError:
        time = -1.0
    if not 0 <= time <= _MOST:
        msg = f"{row.place}: time_s must be the seconds since the beginning, 0 or more, not {text!r}"
        raise ReplayError(msg)
    return time
