"""What happened, told once, to whoever listens: the log, the demo, later MQTT and alerts."""

from typing import Protocol


class Events(Protocol):
    """A listener. It must not raise, wait or keep references to what it is told."""

    def tell(self, name: str, /, **facts: object) -> None:
        """Take note of an event, e.g. `tell("shop_failing", shop="tmall", error="...")`; never a secret."""
        ...
