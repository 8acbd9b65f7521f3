"""What is sent when: pure functions over all changes of a push; where they are many, a thread runs them."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from syncd.domain.batches import BatchRule, fill
from syncd.domain.model import Change, ListingId, ShopName
from syncd.domain.urgency import Urgency, queue_of, send_order
from syncd.services.push.lines import Line, lowers

ResultT = TypeVar("ResultT")

FEW = 100
"""So many changes are looked at in the loop: all shops may begin at one time, and each takes its turn."""

SLICE = 500
"""How many changes are drafted at once; in between, others and the summons are heard."""

_ASIDE = ThreadPoolExecutor(1, "push")
"""One thread for all shops: several would keep the loop from its turn."""


def changes_by_shop(changes: Iterable[Change]) -> dict[ShopName, list[Change]]:
    """Return the changes of every shop that has any, in their order."""
    found: dict[ShopName, list[Change]] = {}
    for change in changes:
        found.setdefault(change.shop, []).append(change)
    return found


async def aside(items: Collection[object], work: Callable[[], ResultT]) -> ResultT:
    """Return what `work` makes of `items`; in a thread where they are so many that others would wait."""
    if len(items) <= FEW:
        return work()
    return await asyncio.get_running_loop().run_in_executor(_ASIDE, work)


def require_own(shop: ShopName, changes: Sequence[Change]) -> None:
    """Do nothing where all `changes` are of `shop`, each of another listing.

    Raises:
        ValueError: one is of another shop, or two are of one listing.
    """
    seen: set[ListingId] = set()
    for change in changes:
        if change.shop != shop or change.listing in seen:
            message = f"{shop}: a change of listing {change.listing} ({change.shop}) is foreign or doubled"
            raise ValueError(message)
        seen.add(change.listing)


def stages_of(
    changes: Sequence[Change], urgency: Urgency, longest_age: float
) -> tuple[list[Change], list[Change]]:
    """Return the changes in the order of sending, cut after the last that lowers."""
    order = send_order(queue_of(changes, urgency), longest_age=longest_age)
    ordered = [changes[at] for at in order.tolist()]
    last = max((at for at, change in enumerate(ordered, start=1) if lowers(change)), default=0)
    return ordered[:last], ordered[last:]


def calls_of(lines: Sequence[Line], rule: BatchRule) -> list[list[Line]]:
    """Return `lines` by the calls that carry them, in the order of sending."""
    by_key = {line.write.key: line for line in lines}
    return [[by_key[write.key] for write in call] for call in fill([line.write for line in lines], rule)]
