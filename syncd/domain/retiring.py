"""When a shop has left: nothing of it can be sold, and nothing that it sold is still to be found out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.domain.model import Action, ListingRow, Sku
from syncd.domain.observation import doubtful
from syncd.domain.records import FeedState, IntentRow, ShopState
from syncd.domain.said import say

_NAMED = 5
"""How many SKUs are named where units are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSale:
    """What buyers can still take from a shop: units by SKU or bundle, and listings that were never read."""

    units: dict[Sku, int]
    unread: int

    def __bool__(self) -> bool:
        return bool(self.units or self.unread)

    def __str__(self) -> str:
        """Return it in words, the largest first, cut after a few SKUs."""
        parts = []
        if self.units:
            largest = sorted(self.units.items(), key=lambda one: (-one[1], one[0]))
            named = [f"{sku} {units}" for sku, units in largest[:_NAMED]]
            if len(largest) > _NAMED:
                named.append(f"{len(largest) - _NAMED} more SKUs")
            parts.append(f"{sum(self.units.values())} units ({', '.join(named)})")
        if self.unread:
            parts.append(f"an unknown number in {self.unread} listings that were never read")
        return " and ".join(parts) or "nothing"


def on_sale(rows: Iterable[ListingRow]) -> OnSale:
    """Return what buyers can take from the listings of a shop, as far as they are bound."""
    units: dict[Sku, int] = {}
    unread = 0
    for row in rows:
        if not row.sku or row.gone or row.on_sale is False:
            continue
        if row.expected_hi is None:
            unread += 1
        elif row.expected_hi > 0:
            units[row.sku] = units.get(row.sku, 0) + row.expected_hi * row.units
    return OnSale(units=units, unread=unread)


def possible(rows: Sequence[ListingRow], intents: Sequence[IntentRow]) -> list[ListingRow]:
    """Return the listings of a shop as its open writes may have left them, which nobody has looked at yet."""
    relisted = {intent.listing for intent in intents if intent.action is Action.RELIST}
    return [
        row._replace(on_sale=None) if row.id in relisted else row for row in doubtful(rows, intents).values()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenGone:
    """What a person says of a shop that cannot be reached: at `at` nothing could be bought there any more.

    `is_contained` says whether the figures of all its sources contain by now what it sold until then.
    """

    at: datetime
    by: str
    is_contained: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is known of a shop that retires.

    `written_at` is when it was written last, None for never; `is_waiting` says that a write has no answer.
    `feed` is how far its orders are known, None for a shop that tells none. `seen` is what a person saw.
    """

    state: ShopState
    rows: Sequence[ListingRow]
    written_at: datetime | None
    is_waiting: bool
    feed: FeedState | None = None
    seen: SeenGone | None = None


def stays_because(leaving: Leaving) -> str:
    """Return why a shop has not left yet, empty if it has.

    A sale between the last reading and the zero that followed shows in the next reading and in the next
    orders only: whoever gives the units away before has sold them twice. Where a person looked instead, the
    sources' figures tell what it sold. A reading that came later is believed more than the person.
    """
    seen = leaving.seen
    if seen is not None and not is_later(leaving.state.observed_at, seen.at):
        if seen.is_contained:
            return ""
        return say(
            "%(who)s saw it off sale at %(at)s UTC, but the sources' figures are older than what it sold "
            "until then",
            who=seen.by,
            at=f"{seen.at:%Y-%m-%d %H:%M}",
        )
    still, state = on_sale(leaving.rows), leaving.state
    reasons = (
        (bool(still), say("it can still sell %(still)s", still=still)),
        (leaving.is_waiting, say("a write has no answer yet")),
        (bool(state.error), say("it cannot be read: %(error)s", error=state.error)),
        (
            not is_later(state.observed_at, leaving.written_at),
            say("it was not read since it was written last"),
        ),
        *_of_orders(leaving),
    )
    return next((why for holds, why in reasons if holds), "")


def _of_orders(leaving: Leaving) -> list[tuple[bool, str]]:
    feed = leaving.feed
    if feed is None:
        return []
    is_known = is_later(feed.cursor, leaving.written_at)
    return [
        (bool(feed.error), say("its orders cannot be read: %(error)s", error=feed.error)),
        (not is_known, say("its orders were not read since it was written last")),
    ]


def is_later(moment: datetime | None, than: datetime | None) -> bool:
    """Return whether `moment` is known and later than the other; anything is later than never."""
    return moment is not None and (than is None or moment > than)
