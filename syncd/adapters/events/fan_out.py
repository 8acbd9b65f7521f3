"""Several listeners as one."""

from syncd.ports.events import Events


class FanOut:
    """Tells every listener, in the given order."""

    def __init__(self, *listeners: Events) -> None:
        self._listeners = listeners

    def tell(self, name: str, /, **facts: object) -> None:
        """Pass the event on to all."""
        for listener in self._listeners:
            listener.tell(name, **facts)
