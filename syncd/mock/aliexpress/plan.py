"""What one call of a method is about, and what it does once it is let in."""

from collections.abc import Callable
from typing import Any

from syncd.mock import gateway
from syncd.mock.aliexpress.params import Params
from syncd.mock.core import Call
from syncd.mock.faults import Strikes

Row = dict[str, Any]
Work = Callable[[Call, Strikes], Row]
"""Carries out one call that was let in, and returns what its answer holds."""

Plan = gateway.Plan[Row]
"""What one call is about, and what it does once it is let in."""

Method = Callable[[Params], Plan]
"""Reads the parameters of a call; raises `Refusal` where they are wrong in themselves."""
