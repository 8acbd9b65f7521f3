"""Moments as small codes: many rows were touched at one time, and a code is half as wide as a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from syncd.domain.columns import NOTHING
from syncd.domain.model import Ints

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moments:
    """Moments by code, each once; code 0 stands for None."""

    def __init__(self) -> None:
        self._code: dict[datetime | None, int] = {None: 0}
        self._moments: list[datetime | None] = [None]
        self._ticks = [NOTHING]

    def codes(self, moments: Sequence[datetime | None]) -> Ints:
        """Return the codes of moments; new ones get the next."""
        for moment in filter(None, set(moments) - self._code.keys()):
            self._code[moment] = len(self._moments)
            self._moments.append(moment)
            self._ticks.append((moment - _EPOCH) // _MICROSECOND)
        return np.fromiter(map(self._code.__getitem__, moments), dtype=np.int64, count=len(moments))

    def taken(self, others: "Moments") -> Ints:
        """Return by code of others the own code of the same moment."""
        return self.codes(others._moments)  # noqa: SLF001 - of the same class

    def __len__(self) -> int:
        return len(self._moments)

    def __getitem__(self, code: int) -> datetime | None:
        return self._moments[code]

    @property
    def ticks(self) -> Ints:
        """Return by code the microseconds since 1970, `NOTHING` for None."""
        return np.array(self._ticks, dtype=np.int64)

    def ages(self, now: datetime) -> npt.NDArray[np.float64]:
        """Return by code how many seconds ago the moment was, 0 for None."""
        ages: npt.NDArray[np.float64] = ((now - _EPOCH) // _MICROSECOND - self.ticks) / 1e6
        ages[0] = 0.0
        return ages
