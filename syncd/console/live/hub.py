"""What happens, for whoever watches: a few seconds of it are kept, and nobody who is slow is waited for."""

import asyncio
import json
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from heapq import merge
from operator import attrgetter

from syncd.console.live.published import published
from syncd.ports.clock import Clock

KEPT = 1000
"""So many events are kept for those who come back after a short while, and so many of single listings."""

MANY = frozenset({"changed", "drift", "listing_failing", "listing_unbound"})
"""The events of single listings: one push has a hundred thousand, and must not take the place of others."""

MOST_CLIENTS = 50
"""So many may watch at a time: each has a connection and a queue."""

LONGEST_QUEUE = 500
"""So many events wait for one who is slow; then the oldest of them are lost to that one."""


class Note:
    """One event on its way out; it becomes text once, when the first one needs it."""

    def __init__(self, number: int, name: str, at: datetime, facts: dict[str, object]) -> None:
        self.number = number
        self.name = name
        self._at = at
        self._facts = facts

    @cached_property
    def frame(self) -> bytes:
        """Return it as server-sent events have it: its id, its name, and one line of JSON."""
        data = json.dumps({"at": self._at.isoformat(), **self._facts}, ensure_ascii=False)
        # Half a surrogate pair that a shop sent cannot be sent on, and must not break the stream.
        return f"id: {self.number}\nevent: {self.name}\ndata: {data}\n\n".encode(errors="replace")


class Client:
    """One who watches: a queue of what it has not been given yet, of `names` only where some are named.

    `lost` counts what it was too slow for, or missed while it was away; None is more than anybody knows.
    """

    def __init__(self, names: Collection[str] = (), *, limit: int = LONGEST_QUEUE) -> None:
        self._names = frozenset(names)
        self._queue: deque[Note] = deque()
        self._limit = limit
        self._lost: int | None = 0
        self._filled = asyncio.Event()

    def wants(self, name: str) -> bool:
        """Return whether events of that name are given to it."""
        return not self._names or name in self._names

    def offer(self, note: Note) -> None:
        """Put a note into the queue if it is one that is wanted; never waits."""
        if self._names and note.name not in self._names:
            return
        if len(self._queue) >= self._limit:
            self._queue.popleft()
            self._lost = None if self._lost is None else self._lost + 1
        self._queue.append(note)
        self._filled.set()

    def miss(self) -> None:
        """Note that it missed nobody knows what."""
        self._lost = None
        self._filled.set()

    async def frames(self) -> bytes:
        """Return all that waits, once something does; what was lost is said first."""
        await self._filled.wait()
        self._filled.clear()
        notes, self._queue = self._queue, deque()
        lost, self._lost = self._lost, 0
        # Without an id: who comes back goes on after the last event that it was given.
        said = b"" if lost == 0 else f"event: lost\ndata: {json.dumps({'count': lost})}\n\n".encode()
        return said + b"".join(note.frame for note in notes)


class Hub:
    """Listens to events and gives those that are published to all who watch.

    Ids begin with the time at which the program was started, in microseconds, so that an id of an earlier
    life is known for one.
    """

    def __init__(self, clock: Clock, *, most_clients: int = MOST_CLIENTS, kept: int = KEPT) -> None:
        self._clock = clock
        self._most = most_clients
        self._first = self._number = int(clock.now().timestamp() * 1e6)
        self._kept = kept
        self._notes: tuple[deque[Note], deque[Note]] = (deque(), deque())
        self._forgotten: dict[str, int] = {}
        self._clients: set[Client] = set()

    @property
    def clients(self) -> int:
        """Return how many watch."""
        return len(self._clients)

    @property
    def has_room(self) -> bool:
        """Return whether one more may watch."""
        return len(self._clients) < self._most

    def tell(self, name: str, /, **facts: object) -> None:
        """Give an event to all who watch, if it is one that is published."""
        shown = published(name, facts)
        if shown is None:
            return
        self._number += 1
        note = Note(self._number, name, self._clock.now(), shown)
        self._keep(note)
        for client in self._clients:
            client.offer(note)

    @contextmanager
    def joined(self, names: Collection[str] = (), *, after: int | None = None) -> Iterator[Client]:
        """Yield one more who watches until the block ends, from the event `after` on, None for from now on.

        Who was away for too long, or comes with an id of an earlier life, is told that something is lost.
        """
        client = Client(names)
        if after is not None:
            self._resume(client, after)
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)

    def _keep(self, note: Note) -> None:
        notes = self._notes[note.name in MANY]
        if len(notes) >= self._kept:
            oldest = notes.popleft()
            self._forgotten[oldest.name] = oldest.number
        notes.append(note)

    def _resume(self, client: Client, after: int) -> None:
        forgotten = [number for name, number in self._forgotten.items() if client.wants(name)]
        if not self._first <= after <= self._number or after < max(forgotten, default=0):
            client.miss()
        for note in merge(*self._notes, key=attrgetter("number")):
            if note.number > after:
                client.offer(note)
