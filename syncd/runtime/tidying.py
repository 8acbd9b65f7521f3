"""Look for garbage between cycles, and not while all the rows of one are there."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 2_000
"""So many new objects are looked at in well under a millisecond."""

_MIDDLING = 5
_OLD = 2_500
"""So often, after as many looks at younger objects, all are looked at though no cycle has ended: in hours."""

_AFRESH = 500
"""After so many cycles what was set aside is looked at once more: it may have become garbage."""


class Tidier:
    """Keeps Python from looking through all objects at a time that it chooses.

    In a cycle these are the rows of all listings, none of them garbage, and the loop stands still meanwhile:
    a third of a second with a hundred thousand. After it they are gone. What stays is set aside.
    """

    def __init__(self) -> None:
        self._cycles = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Have it so for the time of the block."""
        before = gc.get_threshold()
        gc.set_threshold(_YOUNG, _MIDDLING, _OLD)
        try:
            self.tidy()
            yield
        finally:
            gc.set_threshold(*before)
            gc.unfreeze()

    def tidy(self) -> None:
        """Free what is garbage, and set aside what is not."""
        if self._cycles % _AFRESH == 0:
            gc.unfreeze()
        self._cycles += 1
        gc.collect()
        gc.freeze()
