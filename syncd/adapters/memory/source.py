"""A source that says what it was told to say."""

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.domain.model import Snapshot
from syncd.errors import PortError


class Collected(NamedTuple):
    """One call to `collect`."""

    now: datetime
    cursor: str


class MemorySource:
    """`Source` that gives its answers in turn: a snapshot is returned, an error raised.

    The last answer is given for ever, as a source says the same until something changes. With `restamp` each
    snapshot carries the time of its call as `as_of`, by a clock that is so far `ahead`. `calls` records every
    call.
    """

    def __init__(self, *answers: Snapshot | PortError, restamp: bool = False) -> None:
        self.calls: list[Collected] = []
        self.ahead = timedelta()
        self._answers = deque(answers)
        self._restamp = restamp

    def say(self, *answers: Snapshot | PortError) -> None:
        """Replace what is still to be said."""
        self._answers = deque(answers)

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return the next snapshot.

        Raises:
            PortError: the next answer is an error.
            LookupError: there was never an answer to give.
        """
        self.calls.append(Collected(now, cursor))
        if not self._answers:
            raise LookupError("this source was given nothing to say")
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.popleft()
        if isinstance(answer, PortError):
            raise answer
        return replace(answer, as_of=now + self.ahead) if self._restamp else answer
