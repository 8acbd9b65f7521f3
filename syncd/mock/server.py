"""Running a mock on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from syncd.mock.fields import MockError


@asynccontextmanager
async def running(app: web.Application, *, port: int = 0) -> AsyncIterator[str]:
    """Serve the application on 127.0.0.1 and yield its URL; port 0 takes a free one.

    Calls that are still held are let go at the end, so that closing never hangs.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError as error:
            reason = error.strerror or "it is refused"
            raise MockError(f"port {port} cannot be used ({reason}), choose another or 0") from None
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
