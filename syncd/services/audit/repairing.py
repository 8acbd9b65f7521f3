"""Put right what an audit found in the state; shops are written by the next cycles only."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from syncd.domain.model import ListingRow, ShopName
from syncd.domain.ordering import PREFIX
from syncd.domain.records import LedgerRow, RequestRow, UseRow
from syncd.ports.clock import Clock
from syncd.ports.store import Store, Virtual
from syncd.services.audit.audit import Audit, look
from syncd.services.audit.claims import wanted
from syncd.services.audit.counters import repaired
from syncd.services.audit.facts import Facts, Ground
from syncd.services.audit.findings import Finding, Part

REPAIR = "repair"
"""The verb of the request; its argument names the shops that must be read whole, after commas."""

_FORGOTTEN_SALE = "repaired"
"""The line of a lock's use of which nobody knows any more whose it was; no order has that name."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Repairing:
    """Repairs between two cycles, so that nobody else writes the state."""

    def __init__(self, ground: Ground, *, store: Store, clock: Clock) -> None:
        self._audit = Audit(ground, store=store, clock=clock)
        self._store = store
        self._clock = clock

    async def obey(self, request: RequestRow) -> str:
        """Repair what disagrees now and have some shops read whole; return what was done in words."""
        facts = await self._audit.facts()
        findings = (await asyncio.to_thread(look, facts)).wrong
        await self._counters(facts, findings)
        await self._claims(facts, findings)
        await self._shares(facts, findings)
        await self._locks(facts, findings)
        left = [one for one in findings if stays(one)]
        shops = [ShopName(name) for name in request.argument.split(",") if name]
        await self._read_again(shops)
        await self._store.resolve(
            (), (), [self._row(one, request.asked_by) for one in findings if one not in left]
        )
        again = f"; {', '.join(shops)} will be read whole" if shops else ""
        names = ", ".join(one.thing for one in left)
        stay = f"; as it is stays what {names} used: whose sale was one too many nobody knows" if left else ""
        return f"{len(findings) - len(left)} figures of the state were put right{stay}{again}"

    async def _counters(self, facts: Facts, findings: Sequence[Finding]) -> None:
        """Let counters be what is proven of them, and have desired figures decided on anew."""
        mine = {(one.shop, one.listing) for one in findings if one.part is Part.EXPECTED}
        rows: list[ListingRow] = await asyncio.to_thread(repaired, facts, mine) if mine else []
        done = {(row.shop, row.id) for row in rows}
        stale = {(one.shop, one.listing) for one in findings if one.part is Part.DESIRED} - done
        # Written as they are: what is written is decided on by the next cycle, which finds the difference.
        rows += [row for row in facts.state.listings if (row.shop, row.id) in stale]
        if rows and (left := await self._untouched(facts, rows)):
            await self._store.save_listings(left)

    async def _untouched(self, facts: Facts, rows: Sequence[ListingRow]) -> list[ListingRow]:
        """Return the rows whose listings nobody has written since: a push may prove something meanwhile."""
        places = {(row.shop, row.id) for row in rows}
        before = {key: row for row in facts.state.listings if (key := (row.shop, row.id)) in places}
        now = {(row.shop, row.id): row for row in await self._store.named(places)}
        return [row for row in rows if now.get(key := (row.shop, row.id)) == before[key]]

    async def _claims(self, facts: Facts, findings: Sequence[Finding]) -> None:
        mine = {(one.shop, one.thing) for one in findings if one.part is Part.CLAIMS}
        if not mine:
            return
        should = wanted(facts)
        opened = [should[key].claim for key in sorted(mine) if key in should]
        closed = [
            claim
            for claim in facts.state.claims
            if claim.line.startswith(PREFIX)
            and (claim.shop, claim.line) in mine
            and (claim.shop, claim.line) not in should
        ]
        await self._store.save_claims(opened, closed)

    async def _shares(self, facts: Facts, findings: Sequence[Finding]) -> None:
        """Have shares moved anew; nobody has fewer than nothing, and nothing is not on its way."""
        skus = {one.sku for one in findings if one.part is Part.SHARES}
        if not skus:
            return
        rows = [row._replace(units=max(row.units, 0)) for row in facts.state.shares if row.sku in skus]
        moves = [row for row in facts.state.moves if row.units > 0]
        await self._store.save_virtual(Virtual(shares=rows, moves=moves))

    async def _locks(self, facts: Facts, findings: Sequence[Finding]) -> None:
        """Let locks have used what the ledger says that sales took; which sale it was is forgotten."""
        lost = {one.thing: (one.should or 0) - (one.found or 0) for one in findings if one.part is Part.LOCKS}
        before = {use.lock: use.units for use in facts.state.uses if use.line == _FORGOTTEN_SALE}
        uses = [
            UseRow(lock.id, _FORGOTTEN_SALE, before.get(lock.id, 0) + lost[lock.rule])
            for lock in facts.state.locks
            if lost.get(lock.rule, 0) > 0
        ]
        if uses:
            await self._store.save_claims([], [], uses)

    async def _read_again(self, shops: Sequence[ShopName]) -> None:
        states = await self._store.shops()
        for shop in shops:
            if shop in states and states[shop].observed_at is not None:
                await self._store.save_shop(replace(states[shop], observed_at=_LONG_AGO))

    def _row(self, one: Finding, by: str) -> LedgerRow:
        now, place = self._clock.now(), (one.shop, one.listing, one.sku)
        return LedgerRow(now, *place, "repaired", one.found, one.should, one.part.value, one.thing, by)


def stays(one: Finding) -> bool:
    """Return whether a repair can do nothing about it: a lock that used more than sales took from it."""
    return one.part is Part.LOCKS and (one.found or 0) > (one.should or 0)
