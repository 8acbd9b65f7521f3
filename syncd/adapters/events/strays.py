"""What libraries would write on stderr by themselves, as lines of the log like all others."""

import logging

from syncd.errors import whereabouts
from syncd.ports.events import Events


class Strays(logging.Handler):
    """Tells warnings and errors of libraries as `library_failed`.

    Never in their words, which may hold anything, a password too: of an error its type and where it happened,
    else the words without what they were about.
    """

    def __init__(self, events: Events) -> None:
        super().__init__(logging.WARNING)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one record."""
        error = record.exc_info[1] if record.exc_info else None
        try:
            self._events.tell(
                "library_failed",
                library=record.name,
                error=type(error).__name__ if error else "",
                where=whereabouts(error) if error else "",
                says="" if error else _plain(record),
            )
        except Exception:  # noqa: BLE001 - as the handlers of the standard library do
            self.handleError(record)


def hear_strays(events: Events) -> None:
    """Have them told to `events` from now on, and to nobody else who was told before."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, Strays):
            root.removeHandler(handler)
    root.addHandler(Strays(events))


def _plain(record: logging.LogRecord) -> str:
    """Return the words without what was put into them; none where that cannot be told apart."""
    words = str(record.msg)
    if record.args:
        return words
    # Its first line is fixed, below it stands what it is about.
    return words.partition("\n")[0] if record.name == "asyncio" else ""
