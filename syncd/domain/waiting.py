"""Decreases on their way: how long those took that were accepted, and since when the others wait."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypeAlias

import numpy as np

from syncd.domain.decision import Decision
from syncd.domain.model import Cause, Change, ListingId, ShopName, Sku
from syncd.domain.plan import CAUSES
from syncd.domain.policy import Stop
from syncd.domain.records import Measure, PendingRow
from syncd.domain.seen import Seen
from syncd.domain.topology import Bundle

ON_PURPOSE = (Stop.HELD, Stop.FREEZE, Stop.DRY_RUN, Stop.NO_DELIST)
"""Why a decrease stays behind though it could go: what a person decides takes as long as it takes."""

Key: TypeAlias = tuple[ShopName, ListingId]


class Accepted(NamedTuple):
    """A decrease that a shop accepted at a time."""

    change: Change
    at: datetime


class Delay(NamedTuple):
    """How many seconds something took."""

    shop: ShopName
    what: Measure
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was known before the decisions of `now`: waiting decreases, and the sales seen just now."""

    now: datetime
    pending: Mapping[Key, PendingRow]
    sold: Mapping[Sku, datetime]


def first_sold(seen: Collection[Seen], bundles: Iterable[Bundle] = ()) -> dict[Sku, datetime]:
    """Return when each SKU was sold first of what was seen just now; with a part every bundle of it."""
    found: dict[Sku, datetime] = {}
    if not seen:
        return found
    parts = {bundle.sku: tuple(bundle.components) for bundle in bundles}
    for one in seen:
        for sku in chain.from_iterable(parts.get(sku, (sku,)) for sku in one.skus):
            found[sku] = min(one.sold_at, found.get(sku, one.sold_at))
    for bundle, skus in parts.items():
        if times := [found[sku] for sku in skus if sku in found]:
            found[bundle] = min(times)
    return found


def delays(accepted: Iterable[Accepted], past: Past) -> Iterator[Delay]:
    """Yield how long decreases took from their decision, and from the sale if they follow from one.

    What was held is decided when it is let go, and took no time from its sale that tells of the next.
    """
    for change, at in accepted:
        row = past.pending.get((change.shop, change.listing))
        was_held = row is not None and row.held
        began = past.now if row is None or was_held else row.since
        yield Delay(change.shop, Measure.DECISION_TO_ACCEPTED, (at - began).total_seconds())
        sold_at = _sold_at(row, past.sold.get(change.sku) if change.cause is Cause.CLAIM else None)
        if sold_at is not None and not was_held:
            yield Delay(change.shop, Measure.SALE_TO_ACCEPTED, (at - sold_at).total_seconds())


def late_answers(found: Iterable[PendingRow], at: datetime) -> Iterator[Delay]:
    """Yield how long decreases took whose answer was lost, and that a reading found done at `at`.

    They are the slow ones: without them every shop would look faster than it is.
    """
    for row in found:
        if row.held:
            continue
        yield Delay(row.shop, Measure.DECISION_TO_ACCEPTED, (at - row.since).total_seconds())
        if row.sold_at is not None:
            yield Delay(row.shop, Measure.SALE_TO_ACCEPTED, (at - row.sold_at).total_seconds())


def still_pending(decision: Decision, done: Collection[Key], past: Past) -> Iterator[PendingRow]:
    """Yield the decreases of a decision that are not `done`, each since it was first decided."""
    plan = decision.plan
    rows, claim = plan.book.listings, CAUSES.index(Cause.CLAIM)
    lowering = np.flatnonzero(~plan.raising)
    names = rows.names(plan.listing[lowering])
    columns = (rows.sku[plan.listing], decision.stop, plan.cause)
    others = (column[lowering].tolist() for column in columns)
    for (shop, listing), sku, stop, cause in zip(names, *others, strict=True):
        key = (shop, listing)
        is_held = stop in ON_PURPOSE
        # Of what is held, sales are followed all the same: then only a part of it is done.
        if key in done and not is_held:
            continue
        before = past.pending.get(key)
        yield PendingRow(
            shop,
            listing,
            since=before.since if before else past.now,
            sold_at=_sold_at(before, past.sold.get(rows.skus[sku]) if cause == claim else None),
            held=is_held,
        )


def _sold_at(row: PendingRow | None, sold: datetime | None) -> datetime | None:
    """Return the sale that a decrease follows from: the first one, while it waits."""
    return row.sold_at if row is not None and row.sold_at is not None else sold
