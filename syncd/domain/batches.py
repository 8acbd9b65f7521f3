"""Fill the fewest calls that a platform's batch rule allows."""

from collections.abc import Sequence
from typing import Protocol

from syncd.domain.model import Action, ItemId, Write


class BatchRule(Protocol):
    """What one call may carry; the traits of a channel fulfil it."""

    @property
    def max_batch(self) -> int:
        """Return the most quantities in a call."""
        ...

    @property
    def max_batch_listing(self) -> int:
        """Return the most delistings or relistings in a call."""
        ...

    @property
    def one_item_per_call(self) -> bool:
        """Return whether all lines of a call must belong to one item."""
        ...


def fill(writes: Sequence[Write], rule: BatchRule) -> list[tuple[Write, ...]]:
    """Divide `writes` into the fewest calls, each write in exactly one.

    A call carries one action (and one item where the rule says so), its lines keep their order, and a call
    goes out as early as its first line stands in `writes`.
    """
    if rule.max_batch < 1 or rule.max_batch_listing < 1:
        raise ValueError("a batch rule must allow at least one line per call")
    groups: dict[tuple[Action, ItemId | None], list[int]] = {}
    for rank, write in enumerate(writes):
        item = write.item if rule.one_item_per_call else None
        groups.setdefault((write.action, item), []).append(rank)
    chunks: list[list[int]] = []
    for (action, _), ranks in groups.items():
        size = rule.max_batch_listing if action in (Action.DELIST, Action.RELIST) else rule.max_batch
        chunks += [ranks[start : start + size] for start in range(0, len(ranks), size)]
    return [tuple(writes[rank] for rank in chunk) for chunk in sorted(chunks)]
