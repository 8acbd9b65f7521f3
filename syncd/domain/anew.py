"""What a state of an earlier time may still be believed: the rest is unknown until it is read (DESIGN 6)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.domain.model import Action, Cause, ListingId, ListingRow, ShopName, Sku
from syncd.domain.observation import ANYWHERE
from syncd.domain.records import (
    FeedState,
    IntentRow,
    LedgerRow,
    Resolution,
    ShopState,
    ShopStatus,
    SourceState,
)

RESTORED = "restored"
"""What the ledger calls a start from a copy of the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """A start from a copy: when, and by whom.

    Of the `configured` shops the `slow` ones may show what they accepted a while later.
    """

    configured: Collection[ShopName]
    slow: Collection[ShopName] = ()
    at: datetime
    by: str


def unseen_listing(row: ListingRow) -> ListingRow:
    """Return a listing of which nobody knows what it shows.

    Who took it off sale is kept, and its desired figure: the guard holds what would move far from that.
    """
    return row._replace(
        expected_lo=None, expected_hi=None, observed=None, observed_at=None, on_sale=None, want_off=False
    )


def unseen_shop(shop: ShopState, configured: Collection[ShopName]) -> ShopState:
    """Return a shop that was never observed or filled; what a person decided of it stays.

    One that had left may have come back since: it must be seen off sale once more, if it can be read at all.
    """
    has_left = shop.status is ShopStatus.RETIRED
    if has_left and shop.name not in configured:
        return shop
    status = ShopStatus.RETIRING if has_left else shop.status
    return replace(
        shop, status=status, observed_at=None, accepted_at=None, error="", failing_since=None, blocked=""
    )


def unseen_feed(feed: FeedState, sources: Iterable[SourceState]) -> FeedState:
    """Return a feed that is asked again for all that was sold since the oldest watermark of its shop."""
    marks = [source.watermarks[feed.shop] for source in sources if feed.shop in source.watermarks]
    cursor = None if feed.cursor is None else min([feed.cursor, *marks])
    return replace(feed, cursor=cursor, error="", failing_since=None)


def asked_again(source: SourceState) -> SourceState:
    """Return a source that is asked for everything; what its last figures are and contain stays true."""
    return replace(source, cursor="")


def lost_writes(rows: Iterable[ListingRow], anew: Anew) -> Iterator[IntentRow]:
    """Yield a write without an answer for every listing of a slow shop that could be written.

    The copy knows nothing of what the shop accepted last, which may put any number on sale until its delay is
    over: a reading before that proves nothing.
    """
    for row in rows:
        if row.shop in anew.slow and row.is_bound and not row.gone:
            yield IntentRow(
                key=f"{RESTORED}:{anew.at.isoformat()}:{row.shop}:{row.id}",
                shop=row.shop,
                listing=row.id,
                item=row.item,
                action=Action.SET,
                value=0,
                base=None,
                target=ANYWHERE,
                cause=Cause.REPAIR.value,
                rule="",
                created_at=anew.at,
                sent_at=anew.at,
                resolution=Resolution.OPEN,
                message="what was written last is not known since a copy of the state was restored",
            )


def anew_row(anew: Anew) -> LedgerRow:
    """Return the ledger's row of a start from a copy."""
    nothing = (ListingId(""), Sku(""))
    return LedgerRow(anew.at, ShopName(""), *nothing, RESTORED, None, None, "operator", "", anew.by)
