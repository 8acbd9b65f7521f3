"""What the shops show, as values: before a reading, after it, and all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter

from syncd.domain.claims import Drop
from syncd.domain.model import ListingId, ListingRow, ShopName
from syncd.domain.observation import doubtful
from syncd.domain.records import IntentRow, ShopState
from syncd.domain.topology import Shop
from syncd.ports.channel import Channel
from syncd.services.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopJob:
    """A configured shop; reading all of it may take `timeout` seconds and is due every `observe_every`.

    Between two whole readings each cycle reads `audit` listings back, the longest unread first. Waiting at
    the `gate` is no part of the time-out.
    """

    shop: Shop
    channel: Channel
    timeout: float = 300.0
    observe_every: timedelta = timedelta(0)
    audit: int = 0
    gate: Gate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What is known of a shop before it is read; `missing` are listings that it did not show just now."""

    job: ShopJob
    state: ShopState
    rows: Sequence[ListingRow]
    intents: Sequence[IntentRow]
    missing: frozenset[ListingId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReading:
    """What one shop showed: its rows as they are now, and why it could not be read if it could not.

    `before` are its rows as they were, `changed` those that the state must learn of; `resolved` writes are
    settled by the reading, `open` ones are not. `drops` are the counters that moved though syncd did not
    write them. `fresh` are the listings whose counter was read just now; `missing` those that should have
    been shown and were not: gone, if a second look agrees. `last` is when all of it was read before.
    """

    state: ShopState
    rows: Sequence[ListingRow]
    before: Mapping[ListingId, ListingRow]
    open: Sequence[IntentRow]
    changed: Mapping[ListingId, ListingRow] = field(default_factory=dict)
    resolved: Sequence[IntentRow] = ()
    drops: Sequence[Drop] = ()
    fresh: frozenset[ListingId] = frozenset()
    missing: frozenset[ListingId] = frozenset()
    error: str = ""
    last: datetime | None = None

    @classmethod
    def untouched(cls, shelf: Shelf) -> "ShopReading":
        """Return the reading of a shop that was not asked."""
        before = {row.id: row for row in shelf.rows}
        return cls(state=shelf.state, rows=shelf.rows, before=before, open=shelf.intents)

    def then(self, later: "ShopReading") -> "ShopReading":
        """Return this reading followed by a later one of the same shop."""
        return replace(
            later,
            before=self.before,
            changed={**self.changed, **later.changed},
            resolved=(*self.resolved, *later.resolved),
            drops=(*self.drops, *later.drops),
            fresh=self.fresh | later.fresh,
            error=later.error or self.error,
            last=self.last,
        )

    def without(self, rows: Sequence[ListingRow], unresolved: Sequence[IntentRow]) -> "ShopReading":
        """Return this reading with `rows`, which are newer, in place of what it showed of these listings."""
        if not rows:
            return self
        newer = {row.id for row in rows}
        open_ = [one for one in unresolved if one.shop == self.state.name and one.listing in newer]
        shown = doubtful(rows, open_)
        return replace(
            self,
            rows=[shown.get(row.id, row) for row in self.rows],
            before={**self.before, **shown},
            changed={id_: row for id_, row in self.changed.items() if id_ not in newer},
            open=[*(one for one in self.open if one.listing not in newer), *open_],
            resolved=[one for one in self.resolved if one.listing not in newer],
            drops=[one for one in self.drops if one.row.id not in newer],
            fresh=self.fresh - newer,
            missing=self.missing - newer,
        )

    def beside(self, rows: Sequence[ListingRow]) -> "ShopReading":
        """Return this reading with the state's `rows` of listings that it has not, which were not read."""
        mine = {row.id for row in self.rows}
        more = [row for row in rows if row.id not in mine]
        if not more:
            return self
        return replace(
            self,
            rows=sorted((*self.rows, *more), key=attrgetter("id")),
            before={**{row.id: row for row in more}, **self.before},
        )

    def last_read(self, listing: ListingId) -> datetime | None:
        """Return when a listing was read before, None for never; what showed nothing new is not stored."""
        row = self.before.get(listing)
        known = [at for at in (self.last, row.observed_at if row else None) if at is not None]
        return max(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All listings to plan with.

    `drops` are the bound listings whose counters moved though syncd did not write them. Only `fresh` ones,
    read in this cycle, may be raised; `unresolved` ones have a write without an answer.
    """

    listings: Sequence[ListingRow]
    drops: Sequence[Drop]
    shops: Mapping[ShopName, ShopState]
    fresh: frozenset[tuple[ShopName, ListingId]]
    unresolved: frozenset[tuple[ShopName, ListingId]]
    errors: Mapping[ShopName, str]
    readings: Sequence[ShopReading] = ()
