"""One connection each: how many there may be, and how long one may keep us waiting."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet, ref

from aiohttp import web

MOST_CONNECTIONS = 256
"""Connections at once; further ones are hung up on."""

_LINGER = 2.0

_SILENT = logging.getLogger("syncd.console.http")
# What callers send wrong would fill the log, and may hold secrets: the library writes nothing of it.
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that one who connected is waited for: to greet in TLS, to ask, and to take an answer.

    Who asks has the whole head of the request to send. What was answered need not all be taken in that time,
    but so much that there is room for more.
    """

    greeting: float = 10.0
    asking: float = 75.0
    taking: float = 30.0


class Guests:
    """Makes the protocols of a server's connections, and knows how many there are.

    Who connected and does not even greet in TLS counts too: the library does not know of these yet.
    """

    def __init__(self, server: web.Server, patience: Patience) -> None:
        self._server = server
        self._patience = patience
        self._greeting: WeakSet[_Greeting] = WeakSet()
        self._here: WeakSet[_Guest] = WeakSet()
        self._is_closed = False

    def __call__(self) -> asyncio.BaseProtocol:
        """Return the protocol of a new connection."""
        if len(self._server.connections) + len(self._greeting) >= MOST_CONNECTIONS:
            return _Refused()
        greeting = _Greeting(self)
        self._greeting.add(greeting)
        # Nobody says that a greeting failed, and what is left of it may lie about as garbage for long.
        asyncio.get_running_loop().call_later(self._patience.greeting, self._forget, ref(greeting))
        return greeting

    def _forget(self, given_up: "ref[_Greeting]") -> None:
        if (greeting := given_up()) is not None:
            self._greeting.discard(greeting)

    def welcome(self, greeting: "_Greeting") -> asyncio.BaseProtocol:
        """Return the protocol of a connection that is made."""
        self._greeting.discard(greeting)
        if self._is_closed:
            return _Refused()
        guest = _Guest(self._server, self._patience)
        self._here.add(guest)
        return guest

    def close(self) -> None:
        """Hang up on who came as the server closed: else tokens that a reload took out would go on there."""
        self._is_closed = True
        for guest in self._here:
            guest.force_close()


class _Refused(asyncio.Protocol):
    """A connection too many: whoever holds hundreds must not take the files that selling needs."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up."""
        transport.close()


class _Greeting(asyncio.Protocol):
    """A connection that is not made yet; one that never is lives as long as its handshake."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Have the library go on with it."""
        guest = self._guests.welcome(self)
        transport.set_protocol(guest)
        guest.connection_made(transport)


class _Guest(web.RequestHandler):
    """A connection as the library has it, but one that does not take what it asked for is hung up on.

    The library waits without end for these; who asks for nothing it leaves by itself.
    """

    def __init__(self, server: web.Server, patience: Patience) -> None:
        ways: dict[str, Any] = {"access_log": None, "logger": _SILENT, "lingering_time": _LINGER}
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=patience.asking,
            # What is signed is what came over the wire.
            auto_decompress=False,
            **ways,
        )
        self._taking = patience.taking
        self._hanging_up: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Begin to wait: there is no room for more to be sent."""
        super().pause_writing()
        if self.transport is not None:
            loop = asyncio.get_running_loop()
            self._hanging_up = loop.call_later(self._taking, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no more: there is room again."""
        self._calm()
        super().resume_writing()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait no more: it is gone."""
        self._calm()
        super().connection_lost(exc)

    def _calm(self) -> None:
        if self._hanging_up is not None:
            self._hanging_up.cancel()
            self._hanging_up = None
