"""Signals that come while the program is still loading, which takes a second."""

import os
import signal
from collections.abc import Sequence

_LASTING = frozenset({"run", "demo", "mock"})
"""The commands that last until a signal ends them, which is no failure."""

_STDERR = 2


def listen_early(words: Sequence[str]) -> None:
    """Let SIGTERM and SIGINT end a lasting command well from now on; any other is left as it is.

    `words` are the arguments of the program. The command listens itself once it is loaded. A SIGHUP until
    then asks `run` for what it is about to do, reading the configuration, and must not kill it.
    """
    command = _command(words)
    if command not in _LASTING:
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    if command == "run":
        signal.signal(signal.SIGHUP, _end if os.isatty(_STDERR) else _pass_over)


def _command(words: Sequence[str]) -> str:
    rest = iter(words)
    for word in rest:
        if word == "--config":
            next(rest, "")
        elif not word.startswith("-"):
            return word
    return ""


def _end(*_: object) -> None:
    # Nothing is open yet. An exception would not do: it is lost where it falls into the import system.
    os._exit(0)


def _pass_over(*_: object) -> None:
    pass
