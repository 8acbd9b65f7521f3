"""When a publisher is asked for all that it has, and asked again."""

import asyncio
from datetime import datetime, timedelta

LONGEST = 3600.0
"""Seconds after which one that never answers is asked again."""


class Asking:
    """Holds the newest question; a wish that lasts is asked again after `every` seconds, then ever later."""

    def __init__(self, *, every: float) -> None:
        self._every = every
        self._times = 0
        self._again_at: datetime | None = None
        self._question = b""
        self._there_is_one = asyncio.Event()

    def want(self, question: bytes, now: datetime) -> None:
        """Ask unless it was asked lately; an empty question says that nothing is wanted any more."""
        if not question:
            self._times, self._again_at, self._question = 0, None, b""
            self._there_is_one.clear()
            return
        if self._again_at is not None and now < self._again_at:
            return
        wait = min(self._every * 2**self._times, max(LONGEST, self._every))
        self._again_at = now + timedelta(seconds=wait)
        self._times = min(self._times + 1, 20)
        self._question = question
        self._there_is_one.set()

    async def question(self) -> bytes:
        """Return the newest question, which stays until it is `asked`; wait where there is none."""
        await self._there_is_one.wait()
        return self._question

    def asked(self, question: bytes) -> None:
        """Take note that the broker has a question; a newer one stays."""
        if self._question == question:
            self._there_is_one.clear()
