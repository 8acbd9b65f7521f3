"""What is done with thousands of alerts is done in a thread: the loop has others to serve."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")

FEW = 200
"""With so many a thread would take longer than the work."""


async def aside(size: int, work: Callable[[], ResultT]) -> ResultT:
    """Return what comes of `work` on so many alerts; nothing else may touch meanwhile what it works on."""
    return await asyncio.to_thread(work) if size > FEW else work()
