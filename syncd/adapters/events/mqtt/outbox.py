"""Messages on their way out: as many as fit, the newest ones."""

import asyncio
from collections import deque
from typing import NamedTuple


class Letter(NamedTuple):
    """A message for the broker."""

    topic: str
    payload: bytes


class Outbox:
    """Holds up to `limit` letters; one more drops the oldest, which `take_lost` counts."""

    def __init__(self, limit: int = 1000) -> None:
        self._letters: deque[Letter] = deque()
        self._limit = limit
        self._lost = 0
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._letters)

    def put(self, letter: Letter) -> None:
        """Add a letter; never waits."""
        if len(self._letters) >= self._limit:
            self._letters.popleft()
            self._lost += 1
        self._letters.append(letter)
        self._filled.set()

    async def first(self) -> Letter:
        """Return the oldest letter, which stays until it is `sent`; wait where there is none."""
        while not self._letters:
            self._filled.clear()
            await self._filled.wait()
        return self._letters[0]

    def sent(self, letter: Letter) -> None:
        """Forget a letter that the broker has; it may have been dropped meanwhile."""
        if self._letters and self._letters[0] is letter:
            self._letters.popleft()

    def take_lost(self) -> int:
        """Return how many were dropped since this was asked before."""
        lost, self._lost = self._lost, 0
        return lost
