"""What to do after a call, or one line of it, that did not end well: a decision as a value."""

from dataclasses import dataclass
from enum import StrEnum

from syncd.domain.model import Action, Write
from syncd.errors import Kind


class Step(StrEnum):
    """What to do next."""

    DONE = "done"
    AGAIN = "again"
    OBSERVE = "observe"
    DROP = "drop"
    STOP = "stop"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how slowly to try again: waits double from `base` seconds.

    A wait above `longest` seconds is not waited for: a later cycle comes back with newer figures.
    """

    base: float = 1.0
    longest: float = 60.0
    max_attempts: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The decision; `wait` is in seconds, and what the other side asked for even where it is `GIVE_UP`."""

    step: Step
    wait: float = 0.0


WELL = (Kind.DONE, Kind.DUPLICATE)
"""The words for a write that is applied, now or before."""

_STEPS = {
    **dict.fromkeys(WELL, Step.DONE),
    Kind.AUTH_EXPIRED: Step.STOP,
    Kind.AUTH_REVOKED: Step.STOP,
    Kind.SIGNATURE: Step.STOP,
    Kind.PERMISSION: Step.DROP,
    Kind.REJECTED: Step.GIVE_UP,
    Kind.NOT_FOUND: Step.GIVE_UP,
}


def decide(
    kind: Kind,
    attempt: int,
    *,
    jitter: float,
    safe: bool,
    retry_after: float | None = None,
    patience: Patience | None = None,
) -> Retry:
    """Return what follows `kind` on the given attempt, counted from 1; the wait is never below `retry_after`.

    `jitter` is in [0, 1). `safe` says that a repeat can do no harm: a read, a call that was never sent, or a
    write that `repeatable` allows. Without it a call whose fate is unknown is observed, never repeated.
    """
    settled = _STEPS.get(kind)
    if settled is not None:
        return Retry(step=settled)
    if kind is not Kind.THROTTLED and not safe:
        return Retry(step=Step.OBSERVE)
    limits = patience or Patience()
    asked = retry_after if retry_after is not None and retry_after > 0 else 0.0
    if attempt >= limits.max_attempts or asked > limits.longest:
        return Retry(step=Step.GIVE_UP, wait=asked)
    # The exponent is bounded because a float power overflows, which a long patience would meet.
    backoff = min(limits.longest, limits.base * 2.0 ** min(attempt - 1, 60))
    return Retry(step=Step.AGAIN, wait=max(asked, jitter * backoff))


def in_doubt(kind: Kind, *, sent: bool = True) -> bool:
    """Return whether a write that ended so may have been applied; False for one that never left."""
    return sent and kind in (Kind.UNKNOWN, Kind.TRANSIENT)


def repeatable(write: Write, *, idempotent: bool) -> bool:
    """Return whether sending `write` again with its key is harmless even if it was applied before.

    True for what can never put units on sale (a counter set to 0, a delisting), and for every quantity where
    the platform knows the key.
    """
    if write.action in (Action.DELIST, Action.RELIST):
        return write.action is Action.DELIST
    return idempotent or (write.action is Action.SET and write.value == 0)
