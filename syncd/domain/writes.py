"""Turn one change into the writes that carry it out, in the order that never sells too much."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from syncd.domain.model import Action, Change, ChangeKind, Write


class Offer(Protocol):
    """What a platform lets one write; the traits of a channel fulfil it."""

    @property
    def write_modes(self) -> tuple[Action, ...]:
        """Return the quantity actions, best first."""
        ...

    @property
    def delta_clips(self) -> bool:
        """Return whether a delta below zero is cut to 0 instead of refused."""
        ...

    @property
    def zero_allowed(self) -> bool:
        """Return whether a counter may be written as 0."""
        ...

    @property
    def can_unlist(self) -> bool:
        """Return whether listings can be taken off sale and put back."""
        ...

    @property
    def auto_delists_at_zero(self) -> bool:
        """Return whether a counter that reaches 0 takes the listing off sale by itself."""
        ...

    @property
    def max_quantity(self) -> int:
        """Return the highest counter it takes."""
        ...


class Intended(NamedTuple):
    """A write, the counter it leads to, and what people should be told about it (empty if nothing).

    It leads to `least` or more and to `target` at most; the two differ where a counter that is not known
    exactly is lowered by a difference.
    """

    write: Write
    target: int
    least: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """Why a change cannot be written to this platform now, and what to do."""

    message: str


Draft: TypeAlias = Intended | Impossible | None
"""None means that nothing is left to write."""


FOLLOWED = (ChangeKind.OFF, ChangeKind.RELIST)
"""The kinds of changes that may need a second write."""


def first_write(change: Change, offer: Offer, key: str) -> Draft:
    """Return the write that begins `change`: the quantity, or the delisting where the counter is 0 already.

    A quantity above the platform's highest is cut, and one that would be written over sales that nobody knows
    is 0; the note says so.
    """
    target = min(change.new, offer.max_quantity)
    if _known(change) == target:
        return next_write(change, offer, key)
    if target == 0 and not offer.zero_allowed:
        return _off_without_zero(change, offer, key)
    drafted = _zero(change, offer) if target == 0 else _quantity(change, offer, target)
    if isinstance(drafted, Impossible):
        return drafted
    action, value = drafted
    note = ""
    if action is Action.SET and value < target:
        target, note = value, f"shows {value} until it is read again: what it shows now is not known exactly"
    elif target < change.new:
        note = f"shows {target} instead of {change.new}: the platform takes no more"
    least = _least(change, value) if action is Action.DELTA else target
    return Intended(_write(change, action, value, key), target, least, note)


def next_write(change: Change, offer: Offer, key: str) -> Intended | None:
    """Return the write that follows the quantity: off sale after 0, on sale after the new figure, or None."""
    if change.kind not in FOLLOWED or not offer.can_unlist:
        return None
    target = min(change.new, offer.max_quantity)
    if change.kind is ChangeKind.OFF and change.unlist and change.on_sale is not False:
        return Intended(write=_write(change, Action.DELIST, 0, key), target=target, least=target)
    if change.kind is ChangeKind.RELIST and target > 0 and change.on_sale is not True:
        return Intended(write=_write(change, Action.RELIST, 0, key), target=target, least=target)
    return None


def goes_off_by_itself(change: Change, offer: Offer) -> bool:
    """Return whether the platform takes the listing off sale once its counter has been written."""
    return offer.auto_delists_at_zero and min(change.new, offer.max_quantity) == 0


def hull(lo: int | None, hi: int | None, target: int) -> tuple[int | None, int | None]:
    """Return the interval that holds [lo, hi] and `target`; a bound that is not known stays unknown."""
    return (None if lo is None else min(lo, target), None if hi is None else max(hi, target))


def _known(change: Change) -> int | None:
    return change.lo if change.lo == change.hi else None


def _zero(change: Change, offer: Offer) -> tuple[Action, int] | Impossible:
    # An absolute 0 holds whatever the counter reads; anything else must know it.
    if Action.SET in offer.write_modes:
        return Action.SET, 0
    if Action.DELTA in offer.write_modes and offer.delta_clips and change.hi is not None:
        return Action.DELTA, -change.hi
    return _quantity(change, offer, 0)


def _quantity(change: Change, offer: Offer, target: int) -> tuple[Action, int] | Impossible:
    known = _known(change)
    for action in offer.write_modes:
        if action is Action.SET:
            return action, 0 if _is_blind(change, offer) else target
        if action is Action.DELTA and (by := _taken_off(change, offer, target)):
            return action, -by
        if known is None:
            continue
        if action is Action.COMPARE_AND_SET:
            return action, target
        return action, target - known
    if known is None and offer.write_modes:
        return Impossible(
            message="its counter is not known exactly and no absolute write is offered: observe it first"
        )
    return Impossible(message="the platform offers no way to write its quantity")


def _taken_off(change: Change, offer: Offer, target: int) -> int:
    """Return by how much to lower a counter between two figures so that it shows `target` at most; 0 for not.

    It takes nothing back that was sold meanwhile, and leaves on sale what an absolute 0 would hide. Where a
    platform refuses to go below zero no more is taken than the counter has at least.
    """
    lo, hi = change.lo, change.hi
    if change.kind is not ChangeKind.LOWER or lo is None or hi is None or lo == hi:
        return 0
    by = max(hi - target, 0)
    return by if offer.delta_clips or by <= lo else 0


def _least(change: Change, by: int) -> int:
    return max((change.lo or 0) + by, 0)


def _is_blind(change: Change, offer: Offer) -> bool:
    """Return whether a lower figure must not be set because a better mode only lacks the counter.

    What was sold meanwhile would be on sale again. A 0 puts nothing on sale, and the next reading mends it.
    """
    lacks = _known(change) is None and offer.write_modes[0] is not Action.SET
    return lacks and change.kind is ChangeKind.LOWER and offer.zero_allowed


def _off_without_zero(change: Change, offer: Offer, key: str) -> Draft:
    if change.kind is ChangeKind.OFF and change.on_sale is False:
        return None
    delisting = next_write(change, offer, key)
    if delisting is not None:
        # The counter stays as it is: only the delisting keeps its units from being sold.
        return delisting._replace(target=change.hi or 0, least=change.hi or 0)
    return Impossible(
        message="the platform takes no 0 and the listing may not be unlisted: take it off sale by hand"
    )


def _write(change: Change, action: Action, value: int, key: str) -> Write:
    return Write(
        change.listing, change.item, action, value, _known(change), key, change.code, change.location
    )
