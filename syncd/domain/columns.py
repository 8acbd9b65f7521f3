"""From the rows of the state to numpy columns."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

from syncd.domain.model import Bools, Ints, ListingRow, StockRow
from syncd.domain.records import DemandRow, LevelRow, ShareRow

NOTHING = -1
"""No index: an unbound listing, an unknown figure."""

Column: TypeAlias = npt.NDArray[np.integer[Any]]
"""Whole numbers of any width: a narrow one is enough for nearly all, and there are millions."""

Rows: TypeAlias = (
    Sequence[ListingRow] | Sequence[StockRow] | Sequence[ShareRow] | Sequence[DemandRow] | Sequence[LevelRow]
)

WordT = TypeVar("WordT", bound=str)


def figures_of(rows: Rows, name: str, *, missing: int = 0) -> Ints:
    """Return one figure or flag of every row, with `missing` in place of None."""
    figure = attrgetter(name)
    try:
        return np.fromiter(map(figure, rows), dtype=np.int64, count=len(rows))
    except TypeError:
        # Some are None. Nearly always none is, and then nothing of Python stands between row and column.
        known = (missing if value is None else value for value in map(figure, rows))
        return np.fromiter(known, dtype=np.int64, count=len(rows))


def places_of(rows: Rows, name: str, index: Mapping[WordT, int], *, missing: int) -> Ints:
    """Return where `index` has each row's word, `missing` where it does not know it."""
    words = map(attrgetter(name), rows)
    return np.fromiter(map(index.get, words, repeat(missing)), dtype=np.int64, count=len(rows))


def coded(codes: Column, words: Sequence[str], index: Mapping[WordT, int]) -> Ints:
    """Return for every one of `codes`, which are places in `words`, where `index` has that word."""
    found: Ints = places_in(words, index)[codes]
    return found


def places_in(words: Sequence[str], index: Mapping[WordT, int]) -> Ints:
    """Return where `index` has each word, `NOTHING` where it does not know it."""
    known = cast("Mapping[str, int]", index)
    return np.fromiter(map(known.get, words, repeat(NOTHING)), dtype=np.int64, count=len(words))


def spread(start: Column, chosen: Column) -> tuple[Ints, Ints]:
    """Return where the members of chosen groups stand, one group after the other, and how many each has.

    Group g has the places from `start[g]` up to `start[g + 1]`.
    """
    first = start[chosen].astype(np.int64)
    count = start[chosen + 1] - first
    within = np.arange(count.sum(), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(first, count) + within, count


def starts(group: Column, groups: int) -> Column:
    """Return where each of so many groups begins among its sorted members, and where the last one ends."""
    ends = np.cumsum(np.bincount(group, minlength=groups))
    return narrow(np.concatenate((np.zeros(1, dtype=np.int64), ends)))


def narrow(column: Column) -> Column:
    """Return the column in as few bytes as all of it fits into."""
    return column.astype(_width(column), copy=False)


def rare(flags: Bools) -> Bools:
    """Return the flags; where none is set, as is usual, a column without memory, only to be read."""
    return flags if flags.any() else np.broadcast_to(np.False_, flags.shape)


def widened(column: Column, others: Column) -> Column:
    """Return the column so wide that the others fit in too; itself where they do."""
    return column.astype(np.result_type(column.dtype, _width(others)), copy=False)


def _width(column: Column) -> "np.dtype[Any]":
    least, most = (int(column.min()), int(column.max())) if column.size else (0, 0)
    bits = max((-1 - min(least, 0)).bit_length(), max(most, 0).bit_length()) + 1
    return np.dtype(next(f"i{size}" for size in (1, 2, 4, 8) if bits <= 8 * size))
