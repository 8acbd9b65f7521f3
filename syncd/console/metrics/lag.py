"""Notice how late the event loop is."""

from collections.abc import Callable
from typing import NoReturn

from syncd.ports.clock import Clock

EVERY = 0.5
"""Seconds between two samples."""


async def sample_lag(clock: Clock, note: Callable[[float], None], *, every: float = EVERY) -> NoReturn:
    """Tell `note` again and again how many seconds late the loop woke us, until cancelled."""
    while True:
        began = clock.monotonic()
        await clock.sleep(every)
        note(max(clock.monotonic() - began - every, 0.0))
