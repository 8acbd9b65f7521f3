"""Keep a flood of the same out of the log."""

QUIET = 10.0
"""Seconds after something was told in which more of its kind is only counted."""


class Hush:
    """Says whether to tell of one more, and how many were passed over before it."""

    def __init__(self) -> None:
        self._told_at = float("-inf")
        self._passed_over = 0

    def passed_over(self, now: float) -> int | None:
        """Return how many were passed over since one was told; None if this one is passed over, too."""
        if now - self._told_at < QUIET:
            self._passed_over += 1
            return None
        count, self._told_at, self._passed_over = self._passed_over, now, 0
        return count
