"""Whether the next cycle is asked for while one still pushes: what only raises then makes way for it."""

import asyncio
from collections.abc import Awaitable


class Summons:
    """Heard by those who push; whoever runs cycles calls, and is silent again when the next one begins."""

    def __init__(self) -> None:
        self._called = asyncio.Event()

    @property
    def is_called(self) -> bool:
        """Return whether another cycle is asked for."""
        return self._called.is_set()

    def call(self) -> None:
        """Ask those who push to make way."""
        self._called.set()

    def clear(self) -> None:
        """Fall silent: the cycle that was asked for begins."""
        self._called.clear()

    async def cuts(self, waiting: Awaitable[object]) -> None:
        """Return when `waiting` is over, or as soon as another cycle is asked for."""
        tasks = [asyncio.ensure_future(waiting), asyncio.ensure_future(self._called.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
