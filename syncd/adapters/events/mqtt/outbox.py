"""Messages on their way out: as many as fit, the newest ones."""

import asyncio
from collections import deque
from typing import NamedTuple


class Letter(NamedTuple):
    """A message for the broker; with `retain` the newest of its topic is all that counts."""

    topic: str
    payload: bytes
    retain: bool = False


MOST_TRIES = 5
"""A letter at which a broker hangs up so often in a row would keep all others back for ever."""


class Outbox:
    """Holds up to `limit` letters; one more drops the oldest, which `take_lost` counts.

    Of letters to retain it holds one for each topic, and remembers it when it was sent; the same again is
    not sent. Empty ones are forgotten once they were sent.
    """

    def __init__(self, limit: int = 1000) -> None:
        self._letters: deque[Letter] = deque()
        self._retained: dict[str, Letter] = {}
        self._changed: dict[str, Letter] = {}
        self._limit = limit
        self._lost = 0
        self._tried: Letter | None = None
        self._tries = 0
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._letters) + len(self._changed)

    def put(self, letter: Letter) -> None:
        """Add a letter; never waits."""
        if letter.retain:
            self._retain(letter)
            return
        if len(self._letters) >= self._limit:
            self._letters.popleft()
            self._lost += 1
        self._letters.append(letter)
        self._filled.set()

    def again(self) -> None:
        """Send all that is to be retained once more: a broker may have forgotten it."""
        self._changed = dict(self._retained)
        if self._changed:
            self._filled.set()

    async def first(self) -> Letter:
        """Return the next letter, which stays until it is `sent`; wait where there is none."""
        while not len(self):
            self._filled.clear()
            await self._filled.wait()
        return next(iter(self._changed.values())) if self._changed else self._letters[0]

    def may_try(self, letter: Letter) -> bool:
        """Return whether to send the first letter now; one tried too often is dropped and counted."""
        self._tries = self._tries + 1 if letter is self._tried else 1
        self._tried = letter
        if self._tries <= MOST_TRIES:
            return True
        self._lost += 1
        self.sent(letter)
        return False

    def sent(self, letter: Letter) -> None:
        """Forget a letter that the broker has; it may have been dropped, or replaced, meanwhile."""
        if letter.retain:
            if self._changed.get(letter.topic) is letter:
                del self._changed[letter.topic]
                if not letter.payload:
                    del self._retained[letter.topic]
        elif self._letters and self._letters[0] is letter:
            self._letters.popleft()

    def take_lost(self) -> int:
        """Return how many were dropped since this was asked before."""
        lost, self._lost = self._lost, 0
        return lost

    def _retain(self, letter: Letter) -> None:
        known = self._retained.get(letter.topic)
        if known is not None and known.payload == letter.payload:
            return
        self._retained[letter.topic] = letter
        self._changed[letter.topic] = letter
        self._filled.set()
