"""Who gets a shop's next call: decreases first, and nobody who waits is left without a share."""

from collections.abc import Collection, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple, Self

from syncd.domain.budget import TokenBucket

RESERVED = 2
"""So many tokens only a decrease may take, where the burst has more: one to read it back, one to write it."""


class Use(IntEnum):
    """What a call is for, the most urgent first."""

    LOWER = 0
    RAISE = 1
    READ = 2


SHARES: Mapping[Use, float] = MappingProxyType({Use.RAISE: 0.05, Use.READ: 0.25})
"""The parts of all calls that raises and reads get while they wait and something more urgent does too."""

_ROUNDING = 1e-9
"""Slack for floats: twenty twentieths are one."""


class Grant(NamedTuple):
    """Who may call now; None where nobody may for so many seconds."""

    use: Use | None
    wait: float


class Allotment(NamedTuple):
    """A shop's call budget and what each use of it is owed, in calls."""

    bucket: TokenBucket
    owed: Mapping[Use, float] = MappingProxyType({})

    def grant(self, now: float, waiting: Collection[Use]) -> tuple[Self, Grant]:
        """Return the allotment after giving one call to who is next of those `waiting`, which is not empty.

        A decrease goes next unless somebody else who waits is owed a whole call. Where no decrease waits,
        tokens are left for the one that may come, as far as the burst has more.
        """
        use = self._next(waiting)
        bucket, wait = self.bucket.leaving(now, 1, self._needs(waiting))
        if wait > 0:
            return self._replace(bucket=bucket), Grant(None, wait)
        return self._replace(bucket=bucket, owed=self._owed_after(use, waiting)), Grant(use, 0.0)

    def throttled(self, now: float, retry_after: float | None = None) -> Self:
        """Return the allotment of a shop that said it is called too often."""
        return self._replace(bucket=self.bucket.throttled(now, retry_after))

    def recovered(self, now: float) -> Self:
        """Return the allotment after a good call."""
        bucket = self.bucket.recovered(now)
        return self if bucket is self.bucket else self._replace(bucket=bucket)

    def _needs(self, waiting: Collection[Use]) -> int:
        # One who is owed a call before a decrease needs no more: else decreases would let it starve.
        return 1 if Use.LOWER in waiting else min(1 + RESERVED, self.bucket.burst)

    def _next(self, waiting: Collection[Use]) -> Use:
        due = [use for use in waiting if self.owed.get(use, 0.0) >= 1 - _ROUNDING]
        return max(due, key=lambda use: self.owed[use]) if due else min(waiting)

    def _owed_after(self, use: Use, waiting: Collection[Use]) -> dict[Use, float]:
        # Who does not wait is owed nothing: an hour of rest must not be followed by an hour of first place.
        owed = {one: self.owed.get(one, 0.0) + SHARES[one] for one in waiting if one in SHARES}
        if use in owed:
            owed[use] = max(owed[use] - 1, 0.0)
        return owed
