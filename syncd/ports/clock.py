"""Time and ids, passed in so that tests decide them."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only way for services to learn the time or to wait."""

    def now(self) -> datetime:
        """Return the time as an aware datetime in UTC; it may jump when the machine's clock is set."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; good for measuring and budgets only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; at once for 0 or less, but always after yielding to the loop once."""
        ...
