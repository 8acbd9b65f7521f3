"""Write the books of a push to their end, whoever cancels it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def kept(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; a cancellation waits until it has ended: it is writing the books."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    result = task.result()
    if cancelled:
        raise asyncio.CancelledError
    return result
