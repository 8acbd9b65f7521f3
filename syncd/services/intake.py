"""Take in what shops sold: claims that lower every other shop before the ERP knows of the sale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.domain.claims import Drop, contained, presumed
from syncd.domain.model import ShopName, SourceName
from syncd.domain.records import ClaimRow, SourceState
from syncd.domain.topology import Topology
from syncd.ports.events import Events
from syncd.ports.store import PlanStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The claims to plan with, and what the state must learn of them.

    `opened` are new sales, `returned` those that came back in part, `closed` those that are over. `risen` are
    counters that rose by more than presumed sales could give back.
    """

    claims: Sequence[ClaimRow]
    drops: Sequence[Drop]
    opened: Sequence[ClaimRow]
    returned: Sequence[ClaimRow]
    closed: Sequence[ClaimRow]
    risen: Sequence[Drop]


class Intake:
    """Keeps the open claims; `lag` says per shop how long a sale takes at most to reach the source."""

    def __init__(
        self, topology: Topology, *, lag: Mapping[ShopName, timedelta], store: PlanStore, events: Events
    ) -> None:
        self._topology = topology
        self._lag = lag
        self._store = store
        self._events = events

    async def take(
        self, drops: Sequence[Drop], sources: Mapping[SourceName, SourceState], now: datetime
    ) -> Taken:
        """Return the open claims with what `drops` add or give back, without what is contained."""
        known = list(await self._store.claims())
        found = presumed(drops, known, self._topology, now)
        claims = {(claim.shop, claim.line): claim for claim in (*known, *found.opened, *found.returned)}
        for claim in found.closed:
            claims.pop((claim.shop, claim.line))
        done = contained(list(claims.values()), sources, self._topology, self._lag)
        for claim in done:
            claims.pop((claim.shop, claim.line))
        return Taken(
            claims=list(claims.values()),
            drops=drops,
            opened=[claim for claim in found.opened if claim not in done],
            returned=[claim for claim in found.returned if claim not in done],
            closed=[*found.closed, *done],
            risen=found.risen,
        )

    async def open(self, taken: Taken) -> None:
        """Make the state know the sales.

        Before it learns of the counters that fell: a crash between the two would forget the sales.
        """
        if taken.opened:
            await self._store.save_claims(taken.opened, ())
        for row, units, _ in taken.drops:
            self._events.tell("drift", shop=row.shop, listing=row.id, sku=row.sku, by=-units)

    async def close(self, taken: Taken) -> None:
        """Make the state know what came back or is contained.

        After it learned of the counters that rose: found once more after a crash, they would give back twice.
        """
        if taken.returned or taken.closed:
            await self._store.save_claims(taken.returned, taken.closed)
