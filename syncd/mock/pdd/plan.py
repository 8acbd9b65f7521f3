"""What one call is about, before it is carried out."""

from collections.abc import Callable
from typing import Any

from syncd.mock import gateway
from syncd.mock.core import Call
from syncd.mock.faults import Strikes
from syncd.mock.pdd.params import Params

Row = dict[str, Any]
Work = Callable[[Call, Strikes], Row]
"""Carries out one call that was let in, and returns what its answer holds."""

Plan = gateway.Plan[Row]
"""What one call is about, and what it does once it is let in."""

Interface = Callable[[Params], Plan]
"""One interface of the platform: reads its parameters, and refuses those that are wrong in themselves."""
