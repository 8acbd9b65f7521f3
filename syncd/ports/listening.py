"""A source that does not wait to be asked: it is told figures as they change."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from syncd.domain.look import Look
from syncd.ports.clock import Clock
from syncd.ports.events import Events


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """Whom a source that listens may wake, and whom it tells how it fares; `ring` never waits."""

    ring: Callable[[Look], None]
    events: Events
    clock: Clock


@runtime_checkable
class Listening(Protocol):
    """What a `Source` has that is told its figures, beside `collect`.

    Its `collect` answers at once with what it was told since the snapshot of the `cursor`; while it is told
    nothing, with that snapshot's own time and cursor. It always gets the cursor of the last accepted
    snapshot, and sees to a full answer itself.
    """

    async def listen(self, ears: Ears, leave: asyncio.Event) -> None:
        """Be told, until `leave` is set, and return soon after that; only the process that pushes listens.

        Whatever is lost meanwhile is told and made up for; nothing of it ends the listening.
        """
        ...

    def accepted(self, cursor: str) -> None:
        """Take note that the state has the snapshot with this cursor: until then nothing may be forgotten."""
        ...

    async def knock(self) -> None:
        """Return if whoever tells would let us in; what it tells is left to who listens.

        Raises:
            PortError: it would not, or is not there.
        """
        ...
