"""What runs beside the cycles: a fault there ends nothing, for shops are to be lowered whatever happens."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from syncd.errors import SyncdError, whereabouts
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.runtime.schedule import first

Companion = Callable[[asyncio.Event], Coroutine[Any, Any, object]]
"""Runs until the event is set, which is when the cycles have ended, and has to return soon then."""

AGAIN_AFTER = 60.0
"""Seconds after which a companion that broke is begun anew."""


async def accompany(companion: Companion, over: asyncio.Event, *, clock: Clock, events: Events) -> None:
    """Run `companion` until `over` is set; a fault is told, and it is begun anew after a while."""
    while not over.is_set():
        try:
            await companion(over)
        except Exception as error:  # noqa: BLE001 - whatever it is, the cycles go on
            events.tell(
                "companion_failed",
                # The words of a bug may be anything, a secret too.
                error=str(error) if isinstance(error, SyncdError) else type(error).__name__,
                where=whereabouts(error),
                again_in=AGAIN_AFTER,
            )
            await first(over.wait(), clock.sleep(AGAIN_AFTER))
        else:
            return
