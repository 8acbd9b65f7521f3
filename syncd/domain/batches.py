"""Fill the fewest calls that a platform's batch rule allows."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from syncd.domain.model import Action, ItemId, Write


class BatchRule(Protocol):
    """What one call may carry; the traits of a channel fulfil it. Of items, 0 stands for no limit."""

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

    @property
    def max_items(self) -> int:
        """Return the most items whose quantities a call may carry."""
        ...

    @property
    def max_items_listing(self) -> int:
        """Return the most items that a call may delist or relist."""
        ...

    @property
    def max_per_item(self) -> int:
        """Return the most quantities of one item in a call."""
        ...


class Limits(NamedTuple):
    """What the rule says of calls with one action: most lines, items, lines of an item; 0 is no limit."""

    lines: int
    items: int
    per_item: int


def limits_of(rule: BatchRule, action: Action) -> Limits:
    """Return what calls with `action` may carry.

    Raises:
        ValueError: the rule allows no line at all.
    """
    if action in (Action.DELIST, Action.RELIST):
        limits = Limits(rule.max_batch_listing, rule.max_items_listing, 0)
    else:
        limits = Limits(rule.max_batch, rule.max_items, rule.max_per_item)
    if limits.lines < 1 or limits.items < 0 or limits.per_item < 0:
        raise ValueError("a batch rule must allow at least one line per call")
    return limits._replace(items=1) if rule.one_item_per_call else limits


def broken(writes: Sequence[Write], rule: BatchRule) -> str:
    """Return what the rule says against one call with `writes`, for people; empty where they may go out."""
    actions = {write.action for write in writes}
    if len(actions) != 1:
        return f"a call carries writes of one action, not of {sorted(actions)}"
    limits = limits_of(rule, actions.pop())
    lines: dict[ItemId, int] = {}
    for write in writes:
        lines[write.item] = lines.get(write.item, 0) + 1
    if len(writes) > limits.lines:
        return f"a call carries at most {limits.lines} writes, not {len(writes)}"
    if limits.items and len(lines) > limits.items:
        return f"a call carries writes of at most {limits.items} items, not of {len(lines)}"
    if limits.per_item and max(lines.values()) > limits.per_item:
        return f"a call carries at most {limits.per_item} writes of one item, not {max(lines.values())}"
    return ""


def fill(writes: Sequence[Write], rule: BatchRule) -> list[tuple[Write, ...]]:
    """Divide `writes` into the fewest calls, each write in exactly one.

    A call carries one action (and no more items than the rule says), its lines keep their order, and a call
    goes out as early as its first line stands in `writes`. Where one item has more lines than a call may
    carry of it, there may be some calls more than the fewest.
    """
    groups: dict[Action, list[int]] = {}
    for rank, write in enumerate(writes):
        groups.setdefault(write.action, []).append(rank)
    for action in (Action.SET, Action.DELIST):
        limits_of(rule, action)
    chunks: list[list[int]] = []
    for action, ranks in groups.items():
        limits = limits_of(rule, action)
        if limits.items or limits.per_item:
            chunks += _by_item(writes, ranks, limits)
        else:
            chunks += _cut(ranks, limits.lines)
    return [tuple(writes[rank] for rank in chunk) for chunk in sorted(chunks)]


def _cut(ranks: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ranks), size):
        yield list(ranks[start : start + size])


class _Call:
    """One call that is being filled."""

    def __init__(self) -> None:
        self.ranks: list[int] = []
        self.items: set[ItemId] = set()

    def room(self, item: ItemId, limits: Limits) -> int:
        """Return how many lines of an item that it does not carry yet have room in it."""
        if item in self.items:
            return 0
        return limits.lines - len(self.ranks)

    def is_full(self, limits: Limits) -> bool:
        """Return whether it has no room for any item."""
        return len(self.ranks) == limits.lines or bool(limits.items and len(self.items) == limits.items)


def _by_item(writes: Sequence[Write], ranks: Sequence[int], limits: Limits) -> list[list[int]]:
    """Return calls that keep to a limit of items, or of lines of an item: each piece goes where it fits."""
    of_item: dict[ItemId, list[int]] = {}
    for rank in ranks:
        of_item.setdefault(writes[rank].item, []).append(rank)
    calls: list[_Call] = []
    open_: list[_Call] = []
    for item, lines in of_item.items():
        most = min(limits.lines, limits.per_item or limits.lines)
        for piece in _cut(lines, most):
            left = piece
            while left:
                call = next((one for one in open_ if one.room(item, limits)), None)
                if call is None:
                    call = _Call()
                    calls.append(call)
                    open_.append(call)
                room = call.room(item, limits)
                call.ranks += left[:room]
                call.items.add(item)
                left = left[room:]
                if call.is_full(limits):
                    open_.remove(call)
    return [sorted(call.ranks) for call in calls]
