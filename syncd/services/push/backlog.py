"""What could not be sent yet and since when, and what waiting may cost."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain

from syncd.domain.model import Change, ChangeKind, ListingId, ShopName, Sku
from syncd.domain.pipeline import Figures
from syncd.domain.plan import Plan
from syncd.domain.urgency import Stake, Urgency, drawn_on, stakes_of
from syncd.ports.store import ShareStore
from syncd.services.push.report import PushReport

_Key = tuple[ShopName, ListingId, bool]
"""A listing, and whether it is raised: one that must be lowered now has not waited for that."""


class Backlog:
    """The changes that pushes left over; it forgets them with the process, and then they wait anew.

    What is held or refused does not wait: it is not the calls that it lacks. Of a `few` SKUs the demand is
    found one by one, of more all of it is read.
    """

    def __init__(self, store: ShareStore, *, few: int = 1000) -> None:
        self._store = store
        self._few = few
        self._since: dict[_Key, datetime] = {}

    async def urgencies(
        self, figures: Figures, changes: Mapping[ShopName, Sequence[Change]]
    ) -> dict[ShopName, Urgency]:
        """Return by shop what the order of its `changes` rests on; in a thread, as they may be many."""
        now = figures.book.state.now
        skus = {change.sku for change in chain.from_iterable(changes.values())}
        # A change alone has no order.
        has_order = any(len(mine) > 1 for mine in changes.values())
        stakes = await self._stakes(figures, skus) if has_order else {}
        return {shop: Urgency(stakes=stakes, ages=self._ages(mine, now)) for shop, mine in changes.items()}

    def keep(self, plan: Plan, pushed: Mapping[ShopName, PushReport]) -> None:
        """Remember what was not tried, and forget what was or what `plan` does not want any more.

        Of many that takes a while, and can be done in a thread.
        """
        now = plan.book.state.now
        left = {_key(remark.change): now for report in pushed.values() for remark in report.not_tried}
        if not left and not self._since:
            return
        ended = {_key(change) for report in pushed.values() for change in _ended(report)}
        waiting = _wanted(plan, self._since) - ended if self._since else set()
        # What is left was wanted, and keeps the time since which it waits.
        self._since = left | {key: self._since[key] for key in waiting}

    async def _stakes(self, figures: Figures, skus: Collection[Sku]) -> dict[Sku, Stake]:
        # One by one, many rows would keep those waiting who read few.
        few = drawn_on(figures, skus) if len(skus) <= self._few else None
        demand = await self._store.demand(few)
        return await asyncio.to_thread(stakes_of, figures, skus, demand)

    def _ages(self, changes: Sequence[Change], now: datetime) -> dict[ListingId, float]:
        if not self._since:
            return {}
        found = ((change.listing, self._since.get(_key(change))) for change in changes)
        return {listing: (now - since).total_seconds() for listing, since in found if since is not None}


def _ended(report: PushReport) -> list[Change]:
    remarks = chain(report.refused, report.unknown)
    return [*report.done, *(remark.change for remark in remarks)]


def _wanted(plan: Plan, keys: Collection[_Key]) -> set[_Key]:
    """Return those of `keys` that `plan` wants; a cycle for some SKUs pushes only a part of it."""
    mine = plan.where(plan.among({(shop, listing) for shop, listing, _ in keys}))
    names = mine.book.listings.names(mine.listing)
    found = {(*name, raising) for name, raising in zip(names, mine.raising.tolist(), strict=True)}
    return found.intersection(keys)


def _key(change: Change) -> _Key:
    return change.shop, change.listing, change.kind in (ChangeKind.RELIST, ChangeKind.RAISE)
