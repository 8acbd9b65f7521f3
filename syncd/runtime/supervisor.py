"""What is told to systemd: ready, reloading, stopping, alive, and a line for `systemctl status`."""

import os
import socket
import time
from collections.abc import Mapping

_MOST_WAIT = 0.05
_MICROSECONDS = 1_000_000

_CLOSING = 20.0
"""How many seconds it may take to close the state and the connections, once no call is in flight."""


class Supervisor:
    """Sends to the socket that systemd names in the environment; without one nothing is sent.

    A socket that is gone, full or forbidden is passed over: nobody to tell is no reason to stop pushing.
    `patience` is how long systemd waits for `alive` until it kills us, 0 where it does not watch.
    """

    def __init__(self, environ: Mapping[str, str], *, pid: int | None = None) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.patience = _patience(environ, os.getpid() if pid is None else pid)

    def ready(self) -> None:
        """Say that the start, or a reload, is over."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Say that the configuration is read again; `ready` ends it."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, *, within: float = 0.0) -> None:
        """Say that the program ends soon: the calls in flight get `within` seconds, closing some more.

        systemd waits so long even where its unit has a shorter limit, and never less than that limit.
        """
        self._send("STOPPING=1", f"EXTEND_TIMEOUT_USEC={int((within + _CLOSING) * _MICROSECONDS)}")

    def alive(self) -> None:
        """Say that all is well, so that the watchdog waits for another `patience`."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Show `text` in `systemctl status`; it is made one line."""
        # A second line would be read as a message of its own.
        self._send("STATUS=" + " ".join(text.split()))

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as plain:
                plain.settimeout(_MOST_WAIT)
                plain.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return


def _address(named: str) -> str:
    """Return where to send; empty for none and for what is neither a path nor an abstract socket."""
    if named.startswith("@"):
        return "\0" + named[1:]
    return named if named.startswith("/") else ""


def _patience(environ: Mapping[str, str], pid: int) -> float:
    """Return the watchdog's seconds; 0 for none, and where another process of the unit is meant."""
    text = environ.get("WATCHDOG_USEC", "")
    if not text.isdecimal() or environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return 0.0
    return int(text) / _MICROSECONDS
