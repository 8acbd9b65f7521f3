"""What shops withhold for unpaid orders, as presumed claims until an order explains it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from syncd.domain.claims import Drop
from syncd.domain.model import Deducts, ListingId, ListingRow, ShopName
from syncd.domain.ordering import Changes, Occupies, OrderRules
from syncd.domain.records import ClaimRow, OrderRow
from syncd.domain.topology import Topology
from syncd.domain.withheld import (
    WITHHELD,
    Holding,
    explaining,
    paid,
    told_apart,
    withheld_claims,
    withheld_listing,
)
from syncd.ports.store import OrderStore
from syncd.services.readings import Observed

Key = tuple[ShopName, str]
Holdings = Mapping[tuple[ShopName, ListingId], Holding]


class Withholding:
    """Keeps the claims of withheld units; `tells` are the shops whose orders explain them."""

    def __init__(
        self,
        topology: Topology,
        *,
        rules: Mapping[ShopName, OrderRules],
        store: OrderStore,
        tells: frozenset[ShopName],
    ) -> None:
        self._topology = topology
        self._rules = rules
        self._store = store
        self._tells = tells

    def holdings(self, observed: Observed, known: Mapping[Key, ClaimRow]) -> Holdings:
        """Return the bound listings that withhold units, did before, or have a claim of them.

        None of shops where an unpaid order takes nothing from the others.
        """
        claimed = {
            (claim.shop, withheld_listing(claim))
            for claim in known.values()
            if claim.line.startswith(WITHHELD)
        }
        found = {}
        for reading in observed.readings:
            rules = self._rules.get(reading.state.name, OrderRules())
            for row in reading.rows if rules.occupies is not Occupies.PAYMENT else ():
                if not (row.withheld or row.id in reading.changed or (row.shop, row.id) in claimed):
                    continue
                was = reading.before.get(row.id)
                before = row.withheld if was is None else was.withheld
                if not (row.withheld or before or (row.shop, row.id) in claimed):
                    continue
                if row.sku and not row.gone:
                    is_read = (row.shop, row.id) in observed.fresh
                    found[row.shop, row.id] = _holding(row, was, rules, is_read=is_read)
        return found

    def turned(
        self, drops: Sequence[Drop], holdings: Holdings, known: Mapping[Key, ClaimRow], now: datetime
    ) -> tuple[dict[Key, ClaimRow], list[Drop]]:
        """Return the claims and the drops, with what is withheld, or was paid just now, told apart."""
        silent = {key: one for key, one in holdings.items() if key[0] not in self._tells}
        sold, renewed = paid(drops, silent, known, self._topology, now)
        before = {**known, **{(claim.shop, claim.line): claim for claim in renewed}}
        return before, [*told_apart(drops, holdings), *sold]

    async def claims(
        self,
        holdings: Holdings,
        changes: Mapping[ShopName, Changes],
        claims: tuple[Mapping[Key, ClaimRow], Mapping[Key, ClaimRow]],
        now: datetime,
    ) -> dict[Key, ClaimRow]:
        """Return the claims of what is withheld beyond unpaid orders.

        `claims` are those before this cycle, and all others that are open now.
        """
        known, others = claims
        before = {key: claim for key, claim in known.items() if claim.line.startswith(WITHHELD)}
        found: dict[Key, ClaimRow] = {}
        for shop in sorted({shop for shop, _ in holdings}):
            mine = [one for one in holdings.values() if one.row.shop == shop]
            told = await self._told(mine, changes.get(shop))
            for claim in withheld_claims(mine, told, before | {**others}, self._topology, now):
                found[claim.shop, claim.line] = claim
        return found

    async def _told(
        self, holdings: Sequence[Holding], changed: Changes | None
    ) -> dict[ListingId, list[OrderRow]]:
        """Return the lines that may explain what is withheld, by listing; all that are kept if need be."""
        rows = dict(changed.rows) if changed else {}
        found = _by_listing(rows)
        if all(_is_explained(one, found) for one in holdings):
            return found
        kept = await self._store.orders(holdings[0].row.shop)
        return _by_listing({row.line: row for row in kept if not row.settled} | rows)


def _holding(row: ListingRow, was: ListingRow | None, rules: OrderRules, *, is_read: bool) -> Holding:
    before = was or row
    return Holding(
        row=row,
        was=before.withheld,
        base=f"{before.observed_at}:{before.withheld}",
        is_read=is_read,
        deducts=rules.deducts if row.deducts is Deducts.UNKNOWN else row.deducts,
        skew=rules.skew,
    )


def _is_explained(holding: Holding, told: Mapping[ListingId, Sequence[OrderRow]]) -> bool:
    lines = told.get(holding.row.id, ())
    return sum(explaining(row, holding).least for row in lines) >= holding.row.withheld


def _by_listing(rows: Mapping[str, OrderRow]) -> dict[ListingId, list[OrderRow]]:
    replaced = {row.replaces for row in rows.values()}
    found: dict[ListingId, list[OrderRow]] = {}
    for line, row in rows.items():
        if line not in replaced:
            found.setdefault(row.listing, []).append(row)
    return found
