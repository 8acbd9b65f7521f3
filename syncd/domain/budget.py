"""How fast one shop may be called: a token bucket that slows down when the platform says so."""

from typing import NamedTuple, Self

_LEAST_SHARE = 0.05
"""However often a platform throttles, this share of the limit stays, so that pushing never stalls."""

_STEP_SHARE = 0.05
"""How much of the limit one good call brings back."""

_ROUNDING = 1e-9
"""Slack for floats: a wait computed from the rate must suffice when it is over."""


class TokenBucket(NamedTuple):
    """At most `burst` calls at once and `rate` per second; `limit` is the rate it recovers to.

    `tokens` is what was left at the time `at` (monotonic seconds). No token is given before `paused_until`.
    """

    limit: float
    burst: int
    rate: float
    tokens: float
    at: float
    paused_until: float = 0.0

    @classmethod
    def full(cls, *, rate: float, burst: int, now: float) -> Self:
        """Return a bucket that has been idle for long; both figures must be above 0."""
        if rate <= 0 or burst < 1:
            msg = f"a call budget needs a rate above 0 and a burst of at least 1, not {rate} and {burst}"
            raise ValueError(msg)
        return cls(limit=rate, burst=burst, rate=rate, tokens=float(burst), at=now, paused_until=now)

    def take(self, now: float, n: int = 1) -> tuple[Self, float]:
        """Return the bucket without `n` tokens and 0, or one as full as before and the seconds to wait.

        `n` above the burst could never be given and is an error.
        """
        return self.leaving(now, n, n)

    def leaving(self, now: float, n: int, least: int) -> tuple[Self, float]:
        """Return the bucket without `n` tokens where it has `least`, as `take` does.

        `least` above the burst could never be there and is an error.
        """
        if not 1 <= n <= least <= self.burst:
            msg = f"cannot take {n} of {least} of a call budget with a burst of {self.burst}"
            raise ValueError(msg)
        filled = self._at(now)
        pause = filled.paused_until - filled.at
        lacking = least - filled.tokens
        if pause <= 0 and lacking <= _ROUNDING:
            return filled._replace(tokens=max(0.0, filled.tokens - n)), 0.0
        return filled, max(pause, lacking / filled.rate)

    def throttled(self, now: float, retry_after: float | None = None) -> Self:
        """Return an empty bucket at half the rate, never below 5 % of the limit, paused as long as asked.

        Several calls in flight are often throttled at once; only the first of them lowers the rate.
        """
        filled = self._at(now)
        rate = self.rate
        if filled.paused_until <= filled.at:
            rate = max(rate / 2, self.limit * _LEAST_SHARE)
        asked = retry_after if retry_after is not None and retry_after > 0 else 1 / rate
        until = max(filled.paused_until, filled.at + asked)
        return filled._replace(rate=rate, tokens=0.0, paused_until=until)

    def recovered(self, now: float) -> Self:
        """Return the bucket a little faster after a good call, never above its limit."""
        if self.rate >= self.limit:
            return self
        filled = self._at(now)
        return filled._replace(rate=min(self.limit, self.rate + self.limit * _STEP_SHARE))

    def _at(self, now: float) -> Self:
        # A time before `at` can only be a caller's mistake; it must not create tokens.
        later = max(now, self.at)
        tokens = min(float(self.burst), self.tokens + (later - self.at) * self.rate)
        return self._replace(tokens=tokens, at=later)
