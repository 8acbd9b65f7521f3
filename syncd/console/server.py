"""The listening socket, which outlives reloads, and the application that is shown behind it."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from syncd.config.http import HttpTable
from syncd.console.guests import Guests, Patience
from syncd.errors import ConfigError, ListenError, Problem
from syncd.ports.events import Events

GRACE = 3.0
"""Seconds that requests under way get to end when an application is closed."""

_BACKLOG = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listening:
    """A socket and what it was asked to listen at."""

    socket: socket.socket
    address: str
    port: int


class _Shown:
    """One application on a copy of the socket."""

    def __init__(self, app: web.Application, *, grace: float, patience: Patience) -> None:
        self._runner = web.AppRunner(app, shutdown_timeout=grace)
        self._patience = patience
        self._guests: Guests | None = None
        self._server: asyncio.Server | None = None

    async def open(self, listening: socket.socket, context: ssl.SSLContext | None) -> None:
        """Take callers from now on."""
        await self._runner.setup()
        server = self._runner.server
        if server is None:
            raise RuntimeError("a runner that was set up has a server")
        self._guests = Guests(server, self._patience)
        self._server = await asyncio.get_running_loop().create_server(
            self._guests,
            sock=listening.dup(),
            ssl=context,
            backlog=_BACKLOG,
            ssl_handshake_timeout=None if context is None else self._patience.greeting,
        )

    async def close(self) -> None:
        """Take nobody any more, and let those end who are here."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()
        if self._guests is not None:
            self._guests.close()


class Door:
    """Shows one application after another at the same address.

    The next one takes over before the one before is closed, so that a reload loses no connection: each is
    served on a copy of one listening socket. An address that cannot be had changes nothing.
    """

    def __init__(self, *, grace: float = GRACE, patience: Patience | None = None) -> None:
        self._grace = grace
        self._patience = patience or Patience()
        self._listening: _Listening | None = None
        self._shown: _Shown | None = None

    @asynccontextmanager
    async def showing(
        self, app: web.Application, settings: HttpTable, *, file: Path, events: Events
    ) -> AsyncIterator[str]:
        """Show `app` until the block ends or another is shown; yield where, as a URL.

        Raises:
            ConfigError: the certificate cannot be used.
            ListenError: another program has the port, or it may not be had.
        """
        context = _tls(settings, file)
        listening = self._listening
        is_new = listening is None or (listening.address, listening.port) != _wanted(settings)
        if listening is None or is_new:
            listening = _listen(settings)
        shown = _Shown(app, grace=self._grace, patience=self._patience)
        try:
            await shown.open(listening.socket, context)
        except BaseException:
            await shown.close()
            if is_new:
                listening.socket.close()
            raise
        past, self._shown = self._shown, shown
        before, self._listening = self._listening, listening
        if before is not None and before is not listening:
            before.socket.close()
        url = _url(settings, listening.socket)
        if is_new:
            events.tell("http_listening", url=url)
        try:
            if past is not None:
                await past.close()
            yield url
        finally:
            await shown.close()
            if self._shown is shown:
                self._shown, self._listening = None, None
                listening.socket.close()


def _wanted(settings: HttpTable) -> tuple[str, int]:
    return settings.address, settings.port or 0


def _listen(settings: HttpTable) -> _Listening:
    address, port = _wanted(settings)
    is_ipv6 = ":" in address
    try:
        made = socket.create_server(
            (address, port), family=socket.AF_INET6 if is_ipv6 else socket.AF_INET, backlog=_BACKLOG
        )
    except OSError as error:
        place = f"[{address}]:{port}" if is_ipv6 else f"{address}:{port}"
        reason = error.strerror or "refused"
        raise ListenError(
            f"http.port: cannot listen at {place}: {reason} (another program has it, or a syncd that runs "
            "already: end that, or set another http.port)"
        ) from error
    return _Listening(socket=made, address=address, port=port)


def _tls(settings: HttpTable, file: Path) -> ssl.SSLContext | None:
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Without the answer to its question OpenSSL would ask for a password on the terminal.
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password="")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not PEM, or not a pair"
        message = f"the certificate {settings.tls_cert} with its key cannot be used: {reason}"
        hint = "both in PEM, the key without a password and readable by the user who runs syncd"
        problem = Problem(file=str(file), key="http.tls_cert", message=message, hint=hint)
        raise ConfigError([problem]) from None
    return context


def _url(settings: HttpTable, listening: socket.socket) -> str:
    scheme = "http" if settings.tls_cert is None else "https"
    host, port = listening.getsockname()[:2]
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
