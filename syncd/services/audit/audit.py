"""The whole audit: look, and where somebody writes meanwhile look once more."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from syncd.domain.book import make_book
from syncd.domain.decision import decide_on
from syncd.domain.model import ShopName
from syncd.ports.clock import Clock
from syncd.ports.store import Store
from syncd.services.audit.books import locks, shares
from syncd.services.audit.claims import claims
from syncd.services.audit.counters import Judged, counters
from syncd.services.audit.facts import Facts, Ground, gather
from syncd.services.audit.figures import desired
from syncd.services.audit.findings import Finding
from syncd.services.audit.shops import Counter, compare, read

AGAIN = 5.0
"""Seconds between two looks at a state that somebody else writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What an audit found, and what it looked at; of `unread` shops with why they could not be read.

    Of `unsure` figures nothing that is kept tells whether they are right.
    """

    findings: Sequence[Finding]
    skus: int
    listings: int
    unsure: Sequence[Finding] = ()
    read: Sequence[ShopName] = ()
    unread: Mapping[ShopName, str] = field(default_factory=dict)


class Audit:
    """Works out every figure of the state anew; with `shops` also looks at what these show."""

    def __init__(self, ground: Ground, *, store: Store, clock: Clock, shops: Sequence[Counter] = ()) -> None:
        self._ground = ground
        self._store = store
        self._clock = clock
        self._shops = shops

    async def run(self, *, online: bool = True, twice: bool = False) -> Audited:
        """Return what disagrees; with `twice` only what two looks agree on, for others write between them.

        Unless it is `online` no shop is read.
        """
        found = await self._look(online=online)
        if twice and found.findings:
            await self._clock.sleep(AGAIN)
            again = await self._look(online=online)
            same = set(found.findings)
            return replace(again, findings=[one for one in again.findings if one in same])
        return found

    async def facts(self) -> Facts:
        """Return what the state knows."""
        return await gather(self._store, self._ground, self._clock.now())

    async def _look(self, *, online: bool) -> Audited:
        facts = await self.facts()
        # The state first: what the shops show by then may only be later.
        shown = await read(self._shops if online else (), facts, self._clock.now())
        found = await asyncio.to_thread(look, facts)
        return Audited(
            findings=[*found.wrong, *compare(shown, facts)],
            unsure=found.unsure,
            skus=len({row.sku for row in facts.state.stock}),
            listings=len(facts.state.listings),
            read=[shop for shop, one in sorted(shown.items()) if not one.error],
            unread={shop: one.error for shop, one in sorted(shown.items()) if one.error},
        )


def look(facts: Facts) -> Judged:
    """Return what disagrees in the state alone; what only follows from a wrong claim or lock is left out."""
    decision = decide_on(make_book(facts.state), facts.question, digest=False)
    roots = [*locks(facts), *claims(facts)]
    skus = {one.sku for one in roots}
    follows = chain(shares(decision.plan.figures), desired(decision))
    seen = counters(facts)
    wrong = [*roots, *(one for one in follows if one.sku not in skus), *seen.wrong]
    return Judged(wrong, seen.unsure)
