"""What one call is about, before it is carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from syncd.mock.core import Call
from syncd.mock.faults import Strikes
from syncd.mock.pdd.params import Params

Row = dict[str, Any]
Work = Callable[[Call, Strikes], Row]
"""Carries out one call that was let in, and returns what its answer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one call is about, for the log and the faults, and what it does once it is let in."""

    work: Work
    listings: tuple[str, ...] = ()
    quantities: tuple[int | None, ...] = ()
    page: int = 0


Interface = Callable[[Params], Plan]
"""One interface of the platform: reads its parameters, and refuses those that are wrong in themselves."""
