"""`syncd run`: the daemon."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.bootstrap import open_app, read_configuration, set_up_log
from syncd.cli.exits import Exit


async def run(config: Path) -> Exit:
    """Run the daemon until it is told to stop; that is no failure."""
    with stop_on_signals() as stop:
        configuration = read_configuration(config, os.environ)
        set_up_log(configuration, terminal=sys.stderr.isatty())
        async with open_app(configuration) as app:
            for note in configuration.notes:
                app.events.tell("configuration_note", about=str(note))
            await app.daemon().run(stop)
    return Exit.DONE


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """Yield an event that SIGTERM or SIGINT sets instead of ending the program."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
