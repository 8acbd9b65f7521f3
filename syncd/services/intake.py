"""Take in what shops sold: claims that lower every other shop before the ERP knows of the sale."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from syncd.domain.claims import contained, presumed
from syncd.domain.model import ListingRow, ShopName, SourceName
from syncd.domain.records import ClaimRow, SourceState
from syncd.domain.topology import Topology
from syncd.ports.events import Events
from syncd.ports.store import PlanStore


class Intake:
    """Keeps the open claims; `lag` says per shop how long a sale takes at most to reach the source."""

    def __init__(
        self, topology: Topology, *, lag: Mapping[ShopName, timedelta], store: PlanStore, events: Events
    ) -> None:
        self._topology = topology
        self._lag = lag
        self._store = store
        self._events = events

    async def claims(
        self,
        drops: Sequence[tuple[ListingRow, int]],
        sources: Mapping[SourceName, SourceState],
        now: datetime,
        *,
        known: Sequence[ClaimRow] | None = None,
        save: bool,
    ) -> list[ClaimRow]:
        """Return the claims to plan with: the open ones, what `drops` add, without what is contained.

        The open ones are the state's, or `known` where an earlier call of the cycle returned them. The same
        drop must not come twice, or one sale would count as two and one return as two.
        """
        known = list(await self._store.claims()) if known is None else known
        opened, closed = presumed(drops, known, self._topology, now)
        claims = {(claim.shop, claim.line): claim for claim in (*known, *opened)}
        for claim in closed:
            claims.pop((claim.shop, claim.line))
        done = contained(list(claims.values()), sources, self._topology, self._lag)
        for claim in done:
            claims.pop((claim.shop, claim.line))
        if save and (opened or closed or done):
            await self._store.save_claims([c for c in opened if c not in done], [*closed, *done])
        for row, units in drops:
            self._events.tell("drift", shop=row.shop, listing=row.id, sku=row.sku, by=-units)
        return list(claims.values())
