"""Server-sent events at `/events`: what happens, as it happens, until either side leaves.

Each event has an increasing `id`, its name as `event`, and one line of JSON as `data`. Who comes back with
`Last-Event-ID` goes on where it was. `event: lost` says that something was missed: look again by the API.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.answers import problem
from syncd.console.keys import LEAVING, is_welcome
from syncd.console.live.hub import Client, Hub
from syncd.console.live.published import PUBLISHED
from syncd.ports.clock import Clock

ResultT = TypeVar("ResultT")

KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent: what stands between closes a connection that is idle."""

PATIENCE = 30.0
"""Seconds that one who does not take what is sent is waited for."""

_RETRY = b"retry: 3000\n\n"
_STILL_HERE = b": still here\n\n"
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # What stands between must not wait for more.
    "X-Accel-Buffering": "no",
}
_MOST_DIGITS = 19


def routes(hub: Hub, clock: Clock) -> list[web.RouteDef]:
    """Return the route of the stream."""

    @needs(Role.VIEWER)
    async def watch(request: web.Request) -> web.StreamResponse:
        names = [name for name in request.query.get("names", "").split(",") if name]
        if unknown := sorted(set(names) - PUBLISHED.keys()):
            return problem(400, f"there are no events {', '.join(unknown)[:100]}")
        if not hub.has_room:
            return problem(503, "as many watch already as may", headers={"Retry-After": "30"})
        with hub.joined(names, after=_last_id(request)) as client:
            return await _stream(request, client, clock)

    # A HEAD would never end.
    return [web.get("/events", watch, allow_head=False)]


def _last_id(request: web.Request) -> int | None:
    """Return the id of the last event that the client has seen; one that is no number is as good as none."""
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


async def _stream(request: web.Request, client: Client, clock: Clock) -> web.StreamResponse:
    response = web.StreamResponse(headers=_HEADERS)
    leaving = asyncio.create_task(request.app[LEAVING].wait())
    try:
        await response.prepare(request)
        await _send(response, request, client, _Race(clock, leaving))
    except ConnectionError:
        # The client left.
        pass
    finally:
        leaving.cancel()
        await asyncio.wait({leaving})
    return response


async def _send(response: web.StreamResponse, request: web.Request, client: Client, race: "_Race") -> None:
    """Send what happens until the client leaves or is welcome no more, or we leave.

    Raises:
        ConnectionError: the client left.
    """
    data = _RETRY
    while is_welcome(request):
        sent = await race.run(response.write(data), PATIENCE)
        if sent.cancelled():
            # Nobody takes what was sent: to close it politely would wait for just that.
            if not race.is_over and request.transport is not None:
                request.transport.abort()
            return
        sent.result()
        found = await race.run(client.frames(), KEEP_ALIVE)
        if race.is_over:
            return
        data = _STILL_HERE if found.cancelled() else found.result()


class _Race:
    """Runs things until we leave, at the longest."""

    def __init__(self, clock: Clock, leaving: "asyncio.Task[bool]") -> None:
        self._clock = clock
        self._leaving = leaving

    @property
    def is_over(self) -> bool:
        """Return whether we leave."""
        return self._leaving.done()

    async def run(self, work: Coroutine[Any, Any, ResultT], seconds: float) -> "asyncio.Task[ResultT]":
        """Return the task of `work` once it is done; cancelled where it takes longer, or we leave first."""
        task, sleeping = asyncio.create_task(work), asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait({task, sleeping, self._leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
            sleeping.cancel()
            await asyncio.wait({task, sleeping})
        return task
