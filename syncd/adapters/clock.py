"""The machine's clock."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """`Clock` as the machine tells it."""

    def now(self) -> datetime:
        """Return the time in UTC; it jumps when the machine's clock is set."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; for 0 or less after yielding to the loop once."""
        await asyncio.sleep(max(seconds, 0.0))
