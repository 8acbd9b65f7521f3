"""The daemon as a service: one lock, one daemon after another, a new one for every reload."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass

from syncd.errors import SyncdError
from syncd.runtime.daemon import Daemon
from syncd.runtime.schedule import first
from syncd.runtime.supervisor import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """A daemon with all that was opened for it."""

    daemon: Daemon
    opened: AsyncExitStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Runs the daemon that `opening` makes from the configuration as it is at that moment.

    A reload opens the next daemon before the present one is closed, so that a configuration that cannot be
    used changes nothing. The present one ends its cycle first: no two push at once.
    """

    opening: Callable[[], AbstractAsyncContextManager[Daemon]]
    supervisor: Supervisor

    async def run(self, stop: asyncio.Event, reload: asyncio.Event) -> None:
        """Serve until `stop` is set, from each `reload` on with the configuration of then.

        Raises:
            ConfigError: the configuration cannot be used; at a reload that is only told.
            UsageError: another process pushes already.
            SyncdError: the state broke.
        """
        present = await self._open()
        try:
            if stop.is_set():
                return
            # The lock of the first is kept through all reloads, or a sync could slip in between.
            async with present.daemon.exclusive():
                self.supervisor.ready()
                while coming := await self._serve(present.daemon, stop, reload):
                    present, past = coming, present
                    await past.opened.aclose()
                    present.daemon.events.tell("reloaded")
                    self.supervisor.ready()
                await present.daemon.turn_away()
        finally:
            await present.opened.aclose()

    async def _serve(self, daemon: Daemon, stop: asyncio.Event, reload: asyncio.Event) -> _Running | None:
        """Return the daemon to go on with after this one, None when it has stopped."""
        leave = asyncio.Event()
        serving = asyncio.create_task(daemon.serve(stop, leave))
        coming = None
        try:
            while coming is None and not serving.done():
                await first(asyncio.wait({serving}), reload.wait())
                if reload.is_set() and not stop.is_set():
                    coming = await self._reload(daemon, reload)
            leave.set()
            await serving
        except BaseException:
            await _close(coming)
            raise
        finally:
            serving.cancel()
            await asyncio.wait({serving})
        if stop.is_set():
            await _close(coming)
            return None
        return coming

    async def _reload(self, daemon: Daemon, reload: asyncio.Event) -> _Running | None:
        """Return the next daemon, None if the configuration cannot be used: then the log says why."""
        reload.clear()
        self.supervisor.reloading()
        try:
            return await self._open()
        except SyncdError as error:
            daemon.events.tell("reload_refused", error=str(error), hint="the old configuration goes on")
            self.supervisor.ready()
            return None

    async def _open(self) -> _Running:
        async with AsyncExitStack() as stack:
            daemon = await stack.enter_async_context(self.opening())
            return _Running(daemon=daemon, opened=stack.pop_all())
        raise AssertionError  # a context manager may swallow errors as far as types know; this one cannot


async def _close(running: _Running | None) -> None:
    if running is not None:
        await running.opened.aclose()
