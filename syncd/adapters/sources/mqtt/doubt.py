"""Why all of a publisher's stock is wanted though no number is missing."""

from syncd.adapters.sources.mqtt.messages import StockMessage
from syncd.domain.model import SnapshotKind


class Doubt:
    """Holds a reason until the state remembers it, or a whole full reading came after it."""

    def __init__(self) -> None:
        self.reason = ""
        self._last: StockMessage | None = None

    def arise(self, reason: str) -> None:
        """Doubt all that was heard until now."""
        self.reason, self._last = reason, None

    def heard(self, message: StockMessage) -> None:
        """Forget the reason with the last part of a full reading of which all parts came after it.

        A retained one may be older than the reason: a broker tells it anew at each subscription.
        """
        if message.kind is not SnapshotKind.FULL or message.retained:
            return
        self._last = message if message.part == 1 or self._is_next(message) else None
        if self._last is not None and message.part == message.parts:
            self.reason = ""

    def remembered(self, reason: str) -> None:
        """Forget a reason that the state has."""
        if self.reason == reason:
            self.reason = ""

    def _is_next(self, message: StockMessage) -> bool:
        last = self._last
        return last is not None and (message.publisher, message.seq, message.part, message.parts) == (
            last.publisher,
            last.seq + 1,
            last.part + 1,
            last.parts,
        )
