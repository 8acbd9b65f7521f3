"""A stand-in for the socket on which systemd hears its services."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 30.0


@dataclass(slots=True, kw_only=True)
class NotifySocket:
    """Hears what is sent to `address`; `heard` keeps every message."""

    address: str
    plain: socket.socket
    heard: list[str] = field(default_factory=list)

    async def hear(self) -> str:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE):
            message = (await asyncio.get_running_loop().sock_recv(self.plain, 4096)).decode()
        self.heard.append(message)
        return message

    async def hear_of(self, start: str) -> str:
        """Return the next message that begins with `start`."""
        while not (message := await self.hear()).startswith(start):
            pass
        return message

    def waiting(self) -> list[str]:
        """Return what was sent and not heard yet."""
        found = []
        while True:
            try:
                found.append(self.plain.recv(4096).decode())
            except BlockingIOError:
                return found


@contextmanager
def notify_socket(folder: Path | None = None) -> Iterator[NotifySocket]:
    """Yield a socket in `folder`, or an abstract one."""
    address = str(folder / "notify") if folder else f"@syncd-test-{os.getpid()}-{os.urandom(4).hex()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as plain:
        plain.bind(address if folder else "\0" + address[1:])
        plain.setblocking(False)
        yield NotifySocket(address=address, plain=plain)
