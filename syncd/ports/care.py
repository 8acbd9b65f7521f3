"""Care of the state: copies of it, a start from a copy, and forgetting what is old."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from syncd.domain.anew import Anew
from syncd.domain.model import ShopName
from syncd.domain.records import LedgerRow


class Old(StrEnum):
    """What may be forgotten once it is old, and by what its age counts.

    Rows of the `ledger` by their time; `intents` that are resolved by their making; `requests` that have an
    answer by their asking, and approvals by their end; `orders` that are settled by their last change;
    `locks` by their end, with their uses; `alerts` that are over, and of which all were told, by their end.
    """

    LEDGER = "ledger"
    INTENTS = "intents"
    REQUESTS = "requests"
    APPROVALS = "approvals"
    ORDERS = "orders"
    LOCKS = "locks"
    ALERTS = "alerts"


class PurgeStore(Protocol):
    """What grows without an end unless somebody forgets it."""

    async def purge(self, what: Old, *, before: datetime, limit: int) -> int:
        """Forget up to `limit` rows of one kind that are older than `before`, and return how many went.

        Fewer than `limit` says that no more are left. What is being looked for keeps no write waiting. An
        open intent, a request without an answer and a lock that lives are never forgotten.
        """
        ...

    async def shrink(self, *, pages: int) -> int:
        """Give up to so many unused pages back to the disk; return how many went, 0 where none can."""
        ...


class AuditStore(Protocol):
    """What only an audit asks for."""

    async def newest_counters(self) -> Sequence[LedgerRow]:
        """Return the newest row of the ledger about the counter of each listing, in no particular order."""
        ...


class AnewStore(Protocol):
    """A state that is of an earlier time."""

    async def begin_anew(self, anew: Anew) -> None:
        """Make the state one that was never seen to be true: the next cycle is a first start (DESIGN 6).

        What every counter shows and whether it is on sale is unknown; no shop was observed or filled; orders
        are asked for since the state was true, and since before what the snapshots contain; sources are asked
        for everything. Shares, units on their way, approvals, rejections, requests, what is held and what
        waits are forgotten. One of the `configured` shops that was retired is retiring: nobody knows what it
        sells now. Figures, claims, locks, levels, bindings, orders and desired figures stay, and so do open
        intents, which have no answer; of a slow shop every listing has one of which nobody knows what it
        wrote. The ledger has a row of it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCopy:
    """A copy of a state that was looked through: its size in bytes, its version, and the newest of it.

    `newest` is the time of the last row of its ledger, None where that is empty.
    """

    file: Path
    size: int
    version: str
    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put in place, and where the state lies that was there before, None where there was none."""

    copy: StateCopy
    moved_to: Path | None


class StateCopies(Protocol):
    """Copies of the state as files. Tokens are in none of them: what renews one is good for one use only."""

    async def back_up(self, file: Path | None) -> StateCopy:
        """Leave a whole copy of the state at `file`, or under a name of the time; work goes on beside it.

        Raises:
            UsageError: the file is there already, or its folder is not.
            StateError: there is no state, it cannot be read, or there is no room.
        """
        ...

    async def restore(
        self, file: Path, configured: Collection[ShopName], slow: Collection[ShopName], *, by: str
    ) -> Restored:
        """Put a copy in the place of the state, begun anew; what was there is moved aside, not deleted.

        `slow` are those of the `configured` shops that may show what they accepted a while later.

        Raises:
            UsageError: the file is not there, or another process pushes with the state.
            StateError: the file is no state of ours, damaged or newer than the program.
        """
        ...
