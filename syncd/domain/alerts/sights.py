"""See in the state what no event tells: figures that grow old, decreases that wait, outages that are over."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.signals import Clear, Raise, Signal, raised
from syncd.domain.model import ListingRow, ShopName, SourceName
from syncd.domain.records import FeedState, ShopState, SourceState

SEEN = frozenset({AlertKind.SOURCE_STALE, AlertKind.BACKLOG})
"""The kinds that are wholly seen in the state."""


_SETTLED = timedelta(minutes=5)
"""So long after its start a program has tried every broker that it has, again and again."""


class Late(NamedTuple):
    """The decreases that a shop has not accepted and that nothing holds: since when, and how many."""

    oldest: datetime
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the state says at a moment; of the alerts in `asked` it has the `listings`, where they are."""

    at: datetime
    sources: Mapping[SourceName, SourceState] = field(default_factory=dict)
    shops: Mapping[ShopName, ShopState] = field(default_factory=dict)
    feeds: Mapping[ShopName, FeedState] = field(default_factory=dict)
    late: Mapping[ShopName, Late] = field(default_factory=dict)
    asked: Collection[AlertRow] = ()
    listings: Mapping[tuple[str, str], ListingRow] = field(default_factory=dict)


def seen(sight: Sight, rules: AlertRules) -> list[Raise]:
    """Return all that is on of the kinds in `SEEN`."""
    return [*_stale(sight, rules), *_backlogs(sight, rules)]


def over(sight: Sight, rows: Collection[AlertRow], since: datetime) -> list[Clear]:
    """Return what an earlier process left on and the state says is over; this one began at `since`.

    What this process was told of ends by an event.
    """
    return [
        Clear(row.key) for row in rows if row.is_open and row.seen_at < since and _is_over(row, sight, since)
    ]


def relooked(sight: Sight) -> list[Signal]:
    """Return for each delisting that was asked about whether it goes on.

    Nobody tells that a person put a listing back, or that it is not there any more.
    """
    return [_relooked(row, sight.listings.get((row.place, row.thing))) for row in sight.asked]


def _relooked(row: AlertRow, listing: ListingRow | None) -> Signal:
    is_off = listing is not None and not listing.gone and listing.on_sale is not True
    return Raise(row.key, row.facts) if is_off else Clear(row.key)


def _stale(sight: Sight, rules: AlertRules) -> Iterator[Raise]:
    for name, source in sight.sources.items():
        limit = rules.max_ages.get(name)
        if limit is None or source.as_of is None:
            continue
        age = (sight.at - source.as_of).total_seconds()
        if age > limit:
            facts = {"source": name, "minutes": int(age // 60), "limit": round(limit / 60)}
            yield raised(AlertKind.SOURCE_STALE, facts)


def _backlogs(sight: Sight, rules: AlertRules) -> Iterator[Raise]:
    for shop, late in sight.late.items():
        age = sight.at - late.oldest
        if age > rules.oldest_decrease:
            facts = {
                "shop": shop,
                "minutes": int(age.total_seconds() // 60),
                "limit": round(rules.oldest_decrease.total_seconds() / 60),
                "count": late.waiting,
            }
            yield raised(AlertKind.BACKLOG, facts)


def _is_over(row: AlertRow, sight: Sight, since: datetime) -> bool:
    match row.kind:
        case AlertKind.SOURCE_FAILING | AlertKind.SOURCE_EMPTIED:
            source = sight.sources.get(SourceName(row.place))
            return source is None or not source.error
        case AlertKind.ORDERS_FAILING:
            feed = sight.feeds.get(ShopName(row.place))
            return feed is None or not feed.error
        case AlertKind.SHOP_BLOCKED:
            # Being read proves nothing of writes.
            return ShopName(row.place) not in sight.shops
        case AlertKind.SHOP_FAILING | AlertKind.CIRCUIT_OPEN | AlertKind.TOKENS_FAILING:
            shop = sight.shops.get(ShopName(row.place))
            # That it was read since proves that what it is called with is good again.
            read = shop is not None and shop.observed_at is not None and shop.observed_at >= since
            return shop is None or (read and not shop.error)
        case AlertKind.MQTT_LOST:
            # One that is lost still is told of once more; what nobody tells of is not in the settings.
            return sight.at - since >= _SETTLED
        case _:
            return False
