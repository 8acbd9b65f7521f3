"""From the rows of the state to numpy columns."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import TypeAlias, TypeVar

import numpy as np

from syncd.domain.model import Ints, ListingRow, StockRow
from syncd.domain.records import DemandRow, ShareRow

Rows: TypeAlias = Sequence[ListingRow] | Sequence[StockRow] | Sequence[ShareRow] | Sequence[DemandRow]

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
