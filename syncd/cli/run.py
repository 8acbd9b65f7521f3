"""`syncd run`: the daemon."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from syncd.bootstrap import Porch, Seams, open_app, open_console, open_state, read_configuration, set_up_log
from syncd.cli.exits import Exit
from syncd.config.configuration import Configuration
from syncd.errors import UsageError
from syncd.ports.store import Store
from syncd.runtime.daemon import Daemon
from syncd.runtime.service import Service
from syncd.runtime.supervisor import Supervisor
from syncd.runtime.tidying import Tidier


async def run(config: Path) -> Exit:
    """Run the daemon until it is told to stop; that is no failure. SIGHUP reads the configuration again."""
    supervisor = Supervisor(os.environ)
    with stop_on_signals() as stop, _reload_on_signal(stop) as reload:
        async with AsyncExitStack() as kept:
            opener = _Opener(config, supervisor, kept)
            await Service(opening=opener.daemon, supervisor=supervisor).run(stop, reload)
    return Exit.DONE


class _Opener:
    """Makes daemons of the configuration as it is at that moment, each with its console.

    The state is opened once, into `kept`; so is the port of the console, as long as it stays the same.
    """

    def __init__(self, config: Path, supervisor: Supervisor, kept: AsyncExitStack) -> None:
        self._config = config
        self._supervisor = supervisor
        self._kept = kept
        self._folder: Path | None = None
        self._store: Store | None = None
        self._porch = Porch.fresh()

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[Daemon]:
        """Yield a daemon; what was opened for it alone is closed with the block."""
        configuration = await asyncio.to_thread(read_configuration, self._config, os.environ)
        store = await self._state(configuration)
        seams = Seams(store=store, listeners=self._porch.listeners(configuration))
        async with open_app(configuration, seams) as app:
            await app.refuse_dropped_shops()
            set_up_log(configuration, terminal=sys.stderr.isatty())
            for note in configuration.notes:
                app.events.tell("configuration_note", about=str(note))
            async with open_console(app, self._porch) as console:
                yield replace(console.daemon, supervisor=self._supervisor, tidier=Tidier())

    async def _state(self, configuration: Configuration) -> Store:
        folder = configuration.settings.state.dir
        if self._store is None:
            self._folder = folder
            self._store = await self._kept.enter_async_context(open_state(configuration))
        if self._folder != folder:
            raise UsageError(
                f"state.dir: {folder} is another folder; a reload keeps the state: restart syncd"
            )
        return self._store


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """Yield an event that SIGTERM or SIGINT sets instead of ending the program."""
    with _set_by(asyncio.Event(), signal.SIGTERM, signal.SIGINT) as stop:
        yield stop


@contextmanager
def _reload_on_signal(stop: asyncio.Event) -> Iterator[asyncio.Event]:
    """Yield an event that SIGHUP sets; from a terminal that hangs up SIGHUP means `stop`."""
    reload = asyncio.Event()
    with _set_by(stop if sys.stderr.isatty() else reload, signal.SIGHUP):
        yield reload


@contextmanager
def _set_by(event: asyncio.Event, *numbers: signal.Signals) -> Iterator[asyncio.Event]:
    loop = asyncio.get_running_loop()
    for number in numbers:
        loop.add_signal_handler(number, event.set)
    try:
        yield event
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
