"""What a shop showed, against what was known of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from syncd.domain.claims import Drop, drop
from syncd.domain.model import ListingId, ListingRow, ObservedListing
from syncd.domain.observation import differs, doubtful, put_back_by_siblings, read_rows, settled
from syncd.ports.channel import Unlists
from syncd.services.readings import Shelf, ShopReading


def read_out(
    shelf: Shelf, shown: Sequence[ObservedListing], now: datetime, wanted: Sequence[ListingId] | None
) -> ShopReading:
    """Return what a reading of all, or of the listings that were `wanted`, makes of what was known."""
    ids = {listing.id for listing in shown}
    chosen = None if wanted is None else frozenset(wanted)
    asked = {row.id for row in shelf.rows if not row.gone and (chosen is None or row.id in chosen)}
    # A page that fell out of an answer must not look like listings that were deleted: two looks must agree.
    absent = frozenset(asked - ids)
    read = [intent for intent in shelf.intents if wanted is None or intent.listing in ids]
    done, waiting = settled(read, now, shelf.job.channel.traits.max_apply_delay)
    rows = read_rows(shelf.state.name, shelf.rows, shown, waiting, now, gone=absent & shelf.missing)
    if shelf.job.channel.traits.unlists is Unlists.ITEM:
        rows = put_back_by_siblings(shelf.rows, rows)
    before = {row.id: row for row in shelf.rows}
    audited = frozenset() if wanted is None else ids
    state = shelf.state
    if wanted is None:
        state = replace(state, observed_at=now, error="", failing_since=None)
    settled_keys = {intent.key for intent in done}
    return ShopReading(
        state=state,
        rows=rows,
        before=before,
        changed={row.id: row for row in rows if row.id in audited or differs(before.get(row.id), row)},
        resolved=done,
        open=[intent for intent in shelf.intents if intent.key not in settled_keys],
        drops=list(_drops(shelf, shown, rows)),
        fresh=frozenset(listing.id for listing in shown if listing.quantity is not None),
        missing=absent - shelf.missing,
        last=shelf.state.observed_at,
    )


def _drops(shelf: Shelf, shown: Sequence[ObservedListing], rows: Sequence[ListingRow]) -> Iterator[Drop]:
    ids = {listing.id for listing in shown}
    expected = doubtful([row for row in shelf.rows if row.id in ids], shelf.intents)
    after = {row.id: row for row in rows if row.id in ids}
    written = {intent.listing for intent in shelf.intents}
    tells = shelf.job.channel.traits.order_feed
    for listing in shown:
        before = expected.get(listing.id)
        units = drop(before, listing.quantity, by_orders=tells and listing.id not in written)
        if before is not None and units:
            read_at = before.observed_at.isoformat() if before.observed_at else ""
            base = f"{read_at}:{before.expected_hi}"
            yield Drop(after[listing.id], units, base)
