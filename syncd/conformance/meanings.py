"""What each fault must be told as: the only kinds that are true of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.conformance.rig import Ability, Bench, Fault
from syncd.errors import Kind


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a fault means for a read and for a write, and the seconds to wait that go with it."""

    read: frozenset[Kind]
    write: frozenset[Kind]
    wait: float | None = None


def _always(*kinds: Kind, wait: float | None = None) -> Meaning:
    return Meaning(frozenset(kinds), frozenset(kinds), wait)


# A write that may have been applied is unknown; a read that failed has done no harm.
_BROKEN = Meaning(frozenset({Kind.TRANSIENT, Kind.UNKNOWN}), frozenset({Kind.UNKNOWN}))

MEANINGS: Mapping[Fault, Meaning] = {
    **dict.fromkeys(Fault, _BROKEN),
    # The platform says itself that nothing was applied, but not every adapter may believe it.
    Fault.BUSY: _always(Kind.TRANSIENT, Kind.UNKNOWN),
    Fault.THROTTLED: _always(Kind.THROTTLED),
    Fault.THROTTLED_FOR_7_SECONDS: _always(Kind.THROTTLED, wait=7.0),
    Fault.TOKEN_EXPIRED: _always(Kind.AUTH_EXPIRED),
    Fault.TOKEN_REVOKED: _always(Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED),
    Fault.FORBIDDEN: _always(Kind.PERMISSION),
}
"""What holds on every platform."""

_REVOKED = _always(Kind.AUTH_REVOKED)


def meaning(bench: Bench, fault: Fault) -> Meaning:
    """Return what a fault means on this platform; one that tells revoked tokens apart must be heard."""
    if fault is Fault.TOKEN_REVOKED and Ability.REVOCATION in bench.abilities:
        return _REVOKED
    return MEANINGS[fault]
