"""Where stock figures come from."""

from datetime import datetime
from typing import Protocol

from syncd.domain.model import Snapshot


class Source(Protocol):
    """An ERP, a WMS or a file.

    An implementation translates and does nothing else: it does not retry, wait, remember or judge. It never
    invents a figure: a row that cannot be believed is a `RowProblem`, a missing page makes the snapshot
    incomplete, a failed call is a `PortError`. It prevents torn reads: one transaction, or orders before
    on-hand. Its docstring says what its ERP already nets.
    """

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return what the source says; `now` is the time of the call.

        `cursor` is the text that the last *accepted* snapshot carried, empty at the first call or when a full
        answer is wanted; a source that has no deltas ignores it.

        Raises:
            PortError: the call failed as a whole; nothing is known.
        """
        ...
