"""What is needed of a connection to a broker, so that a test can be the broker."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is, who we are there, and the topic that all of ours begin with.

    `ca` is a file with the authorities to trust, None for those of the system; it and `cert`, who we are by
    a certificate and its `key`, count with `tls` only. `table` is where the configuration says all this.
    One that `queues` keeps what comes while we are away, and all of it until we say that we have it. It
    gets no last will of us, nor does one to which we are `silent`.
    """

    host: str
    port: int
    client_id: str
    base: str
    tls: bool = False
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    table: str = "mqtt"
    queues: bool = False
    silent: bool = False

    @property
    def address(self) -> str:
        """Return where it is, as people read it."""
        return f"{self.host}:{self.port}"

    @property
    def state_topic(self) -> str:
        """Return the topic of `online` and `offline`."""
        return f"{self.base}/bridge/state"

    @property
    def trigger_topic(self) -> str:
        """Return the topic on which we are told to look."""
        return f"{self.base}/erp/stock"

    def event_topic(self, kind: str) -> str:
        """Return the topic of events of one kind."""
        return f"{self.base}/event/{kind}"

    def stock_topic(self, source: str) -> str:
        """Return the topic on which a source says what it has."""
        return f"{self.base}/stock/{source}"

    def ask_topic(self, source: str) -> str:
        """Return the topic on which we ask a source for all that it has."""
        return f"{self.base}/stock/{source}/ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message from the broker; `retained` means that it is an old one kept for who comes later.

    `number` is what the session knows it by, to say that we have it. One that remembers us may also send
    what comes on a `topic` that we subscribed to long ago.
    """

    topic: str
    payload: bytes
    retained: bool = False
    number: int = 0


class SessionError(Exception):
    """The broker cannot be reached or was lost; `refused` means that it does not want us.

    `hint` says what to do about it, empty where waiting is all.
    """

    def __init__(self, message: str, *, refused: bool = False, hint: str = "") -> None:
        super().__init__(message)
        self.refused = refused
        self.hint = hint


class Session(Protocol):
    """One connection to a broker; every method raises `SessionError` once it is lost."""

    @property
    def is_resumed(self) -> bool:
        """Return whether the broker remembers us: nothing that came while we were away is lost."""
        ...

    async def subscribe(self, topic: str) -> None:
        """Return once the broker has promised to send what comes on `topic`."""
        ...

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Return once the broker has taken the message."""
        ...

    def messages(self) -> AsyncIterator[Message]:
        """Yield what comes, without an end."""
        ...

    def have(self, message: Message) -> None:
        """Say to a broker that queues that we have a message, so that it need not be kept; never raises."""
        ...


Dial = Callable[[Broker], AbstractAsyncContextManager[Session]]
"""Connects to a broker with the last will `offline`; the connection ends with the block, without the will."""
