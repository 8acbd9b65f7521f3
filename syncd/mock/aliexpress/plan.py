"""What one call of a method is about, and what it does once it is let in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from syncd.mock.aliexpress.params import Params
from syncd.mock.core import Call
from syncd.mock.faults import Strikes

Row = dict[str, Any]
Work = Callable[[Call, Strikes], Row]
"""Carries out one call that was let in, and returns what its answer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One call, for the log and the faults, and its work."""

    work: Work
    listings: tuple[str, ...] = ()
    quantities: tuple[int | None, ...] = ()
    page: int = 0


Method = Callable[[Params], Plan]
"""Reads the parameters of a call; raises `Refusal` where they are wrong in themselves."""
