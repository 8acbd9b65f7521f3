"""Write the books of a push to their end, whoever cancels it."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from syncd.domain.records import IntentRow, LedgerRow
from syncd.ports.store import Proof

T = TypeVar("T")


class IntentStore(Protocol):
    """The part of `PlanStore` that pushing needs."""

    async def open_intents(self, rows: Sequence[IntentRow]) -> None:
        """Commit intents before their call; a key that is there already is an error."""
        ...

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        """Record what a call proved."""
        ...


class Books:
    """What one worker has to write of its last call, while it goes on to the next.

    Both are then written together, on one way to the disk; nothing more is sent before that.
    """

    def __init__(self) -> None:
        self._writing: asyncio.Task[None] | None = None

    def begin(self, work: Coroutine[Any, Any, None], landing: AbstractContextManager[object]) -> None:
        """Begin to write, and leave `landing` afterwards; what came before must be settled."""
        self._writing = asyncio.create_task(_within(landing, work))

    async def settle(self) -> None:
        """Return once all is written, whoever cancels it, or raise what kept it from being."""
        writing, self._writing = self._writing, None
        if writing is not None:
            await kept(writing)


async def _within(landing: AbstractContextManager[object], work: Coroutine[Any, Any, None]) -> None:
    with landing:
        await work


async def kept(work: Awaitable[T]) -> T:
    """Return what `work` returns; a cancellation waits until it has ended: it is writing the books."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await _ended(task)
        except asyncio.CancelledError:
            cancelled = True
    result = task.result()
    if cancelled:
        raise asyncio.CancelledError
    return result


async def _ended(task: asyncio.Future[T]) -> None:
    """Return when `task` has ended, however it did; `asyncio.wait` takes several times as long."""
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(_: asyncio.Future[T]) -> None:
        if not ended.done():
            ended.set_result(None)

    task.add_done_callback(wake)
    try:
        await ended
    finally:
        task.remove_done_callback(wake)
