"""What a reading of a shop proves: pure, from the rows before it to the rows after it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from heapq import nsmallest

from syncd.domain.expected import LEFT, PUT_BACK, READ_AT, seen
from syncd.domain.model import Action, ItemId, ListingId, ListingRow, ObservedListing, ShopName, Sku
from syncd.domain.records import IntentRow, Resolution

ANYWHERE = -1
"""The target of a write of which nobody knows what it wrote: until it is settled the counter is unknown."""


def settled(
    intents: Sequence[IntentRow], now: datetime, delay: float
) -> tuple[list[IntentRow], list[IntentRow]]:
    """Split open intents into those that this reading settles and those that may still be applied."""
    limit = timedelta(seconds=delay)
    settled = [row for row in intents if row.sent_at is None or row.sent_at + limit <= now]
    waiting = [row for row in intents if row not in settled]
    return [row._replace(resolution=Resolution.OBSERVED) for row in settled], waiting


def doubtful(rows: Sequence[ListingRow], intents: Sequence[IntentRow]) -> dict[ListingId, ListingRow]:
    """Return the rows by listing, with intervals that allow for every open write to have been applied.

    Who died between the platform's work and its answer could not store them so; without this an own write
    would pass for a sale, or for units that came back.
    """
    found = {row.id: row for row in rows}
    for intent in intents:
        row = found.get(intent.listing)
        if row is not None and intent.action not in (Action.DELIST, Action.RELIST):
            found[row.id] = _widened(row, intent.target)
    return found


def _widened(row: ListingRow, target: int) -> ListingRow:
    if row.expected_lo is None or row.expected_hi is None:
        return row
    if target == ANYWHERE:
        return row._replace(expected_lo=None, expected_hi=None)
    return row._replace(expected_lo=min(row.expected_lo, target), expected_hi=max(row.expected_hi, target))


def read_rows(
    shop: ShopName,
    known: Sequence[ListingRow],
    shown: Sequence[ObservedListing],
    waiting: Sequence[IntentRow],
    now: datetime,
    *,
    gone: Collection[ListingId] = (),
) -> list[ListingRow]:
    """Return all rows of a shop after a reading that proved the listings in `gone` to be there no more."""
    before = {row.id: row for row in known}
    shown_rows = [seen(before.get(listing.id) or blank(shop, listing.id), listing, now) for listing in shown]
    # Accepted is not applied: until the delay has passed the counter may still become the target.
    rows = doubtful(shown_rows, waiting)
    for row in known:
        if row.id not in rows:
            rows[row.id] = row._replace(gone=True) if row.id in gone else row
    # Nearly sorted already: what is not shown stands behind what is.
    return [rows[key] for key in sorted(rows)]


def put_back_by_siblings(before: Sequence[ListingRow], after: Sequence[ListingRow]) -> list[ListingRow]:
    """Return the rows of a shop that lists whole items, with nobody's hand blamed for what syncd did.

    A listing that is back on sale only because another one of its item should be was not put back by a
    person; whoever took it down is kept.
    """
    taken = {row.id: row.delisted_by for row in before}
    selling = {row.item for row in after if not row.want_off and not row.gone}
    return [
        row._replace(delisted_by=taken.get(row.id, ""))
        if row.delisted_by in (PUT_BACK, LEFT) and row.item in selling
        else row
        for row in after
    ]


def blank(shop: ShopName, listing: ListingId) -> ListingRow:
    """Return a listing of which nothing is known yet."""
    return ListingRow(
        shop=shop,
        id=listing,
        code="",
        item=ItemId(""),
        location="",
        title="",
        sku=Sku(""),
        units=1,
        unbound_because="",
        desired=None,
        want_off=False,
        expected_lo=None,
        expected_hi=None,
        observed=None,
        observed_at=None,
        withheld=0,
        on_sale=None,
        delisted_by="",
        gone=False,
    )


def to_audit(
    known: Sequence[ListingRow], intents: Sequence[IntentRow], *, count: int, settled_by: datetime
) -> list[ListingId]:
    """Return the listings to read back now: all with open writes, and `count` that were unread longest.

    A counter read after `settled_by` is not due: reading it again so soon proves nothing.
    """
    open_ = {intent.listing for intent in intents}
    due = (
        (row.id not in open_, row.observed_at, row.id)
        for row in known
        if not row.gone
        and row.sku
        and row.observed_at is not None
        and (row.observed_at < settled_by or row.id in open_)
    )
    return [listing for _, _, listing in nsmallest(count + len(open_), due)]


def differs(before: ListingRow | None, after: ListingRow) -> bool:
    """Return whether a reading showed anything new; the time of the reading alone is not worth a write."""
    if before is after:
        return False
    return (
        before is None or before[:READ_AT] != after[:READ_AT] or before[READ_AT + 1 :] != after[READ_AT + 1 :]
    )
