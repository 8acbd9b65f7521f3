"""The messages that came and that the state may not have yet, and what the broker may forget of them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from syncd.adapters.sources.mqtt.messages import MOST_PARTS, StockMessage
from syncd.adapters.sources.mqtt.stream import Number, Place, is_done

MOST = 2 * MOST_PARTS
"""So many messages are kept at a time: the largest full reading never makes room for itself."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """A message, and what tells the broker that we have it; None once it was told."""

    message: StockMessage
    have: Callable[[], None] | None

    def release(self) -> None:
        """Let the broker forget it."""
        if self.have is not None:
            self.have()
            self.have = None


class Inbox:
    """Keeps messages by publisher and number.

    A broker sends only so many that we do not have yet. So it is told so of everything that a snapshot was
    made of or with, as soon as the state has that snapshot: its cursor then says what is lacking. Of one that
    the state refused it is told so when the next is made, or the broker would never send a better one.
    """

    def __init__(self) -> None:
        self._entries: dict[Number, Entry] = {}
        self._offered: tuple[str, frozenset[Number]] = ("", frozenset())

    @property
    def messages(self) -> list[StockMessage]:
        """Return all that is kept."""
        return [entry.message for entry in self._entries.values()]

    def put(self, message: StockMessage, have: Callable[[], None]) -> str:
        """Keep a message; return why it cannot be kept, empty where it is or was known already."""
        number = (message.publisher, message.seq)
        known = self._entries.get(number)
        if known is not None:
            known.release()
            known.have = have
            if known.message.id != message.id:
                return f"two messages have the number {message.seq}"
            return ""
        if len(self._entries) >= MOST and not self._made_room():
            have()
            return f"{MOST} messages wait already"
        self._entries[number] = Entry(message=message, have=have)
        return ""

    def offer(self, cursor: str, messages: Collection[StockMessage]) -> None:
        """Remember that the snapshot with this cursor was made with these messages at hand."""
        self._release(self._offered[1])
        self._offered = (cursor, frozenset((one.publisher, one.seq) for one in messages))

    def accepted(self, cursor: str) -> None:
        """Let the broker forget what the snapshot with this cursor was made with."""
        offered, numbers = self._offered
        if offered == cursor:
            self._release(numbers)
            self._offered = ("", frozenset())
        if place := Place.read(cursor):
            self.drop(place)

    def release(self, messages: Iterable[StockMessage]) -> None:
        """Let the broker forget messages that are kept here all the same."""
        self._release((one.publisher, one.seq) for one in messages)

    def discard(self, messages: Iterable[StockMessage]) -> None:
        """Forget messages for good, here and at the broker."""
        for one in messages:
            self._entries.pop((one.publisher, one.seq)).release()

    def drop(self, place: Place) -> None:
        """Forget everything that the state has."""
        for number, entry in list(self._entries.items()):
            if is_done(entry.message, place):
                entry.release()
                del self._entries[number]

    def _made_room(self) -> bool:
        """Forget the oldest messages that the broker need not keep, a tenth of all; return if there were any.

        They only wait for a number that is missing: without them a full reading has to come.
        """
        done = [number for number, entry in self._entries.items() if entry.have is None]
        for number in done[: MOST // 10]:
            del self._entries[number]
        return bool(done)

    def _release(self, numbers: Iterable[Number]) -> None:
        for number in numbers:
            if entry := self._entries.get(number):
                entry.release()
