"""What a decision about everything leaves to the cycles after it, so that these look only at what is new."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.domain.acceptance import VANISHED
from syncd.domain.aliases import KnownCodes
from syncd.domain.bindings import codes_of
from syncd.domain.book import State, make_book
from syncd.domain.decision import Decision, Question, decide_on
from syncd.domain.model import ListingId, ListingRow, ShopName, StockRow
from syncd.domain.records import GuardedCount
from syncd.domain.standing import News, Standing
from syncd.domain.topology import Topology
from syncd.domain.totals import Totals
from syncd.ports.store import Store
from syncd.services.intake import Taken
from syncd.services.readings import Observed
from syncd.services.written import Notes

Key = tuple[ShopName, ListingId]

KEPT = timedelta(hours=1)
"""So long a decision stands: what only fades with time moves in smaller steps than that matters for."""

FEW = 100
"""So many listings are decided on in about 10 ms: done before a thread has had its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What stands, since when, and the codes that its listings are bound by."""

    standing: Standing
    since: datetime
    codes: KnownCodes


class Carry:
    """Keeps what stands from one cycle to the next; whoever doubts it drops it, and nothing is lost by that.

    It knows of all that is written to the state by `notes`.
    """

    def __init__(self, topology: Topology, store: Store, notes: Notes) -> None:
        self._has_shares = topology.has_shares
        self._store = store
        self._notes = notes
        self._ground: _Ground | None = None
        self._learned: frozenset[Key] = frozenset()

    def stands(self, now: datetime) -> bool:
        """Return whether there is something to go on from."""
        ground = self._ground
        return ground is not None and now - ground.since < KEPT and not ground.standing.is_worn

    def drop(self) -> None:
        """Forget what stands."""
        self._ground = None

    def begin(self) -> None:
        """Note from now on what is written: all before that is in the state that is read next."""
        self._notes.take()
        self._learned = frozenset()

    async def lay(self, state: State, question: Question) -> None:
        """Decide on all that the state knows, which nobody carries out, and keep it."""
        self._ground = await asyncio.to_thread(_laid, state, question)

    @property
    def codes(self) -> KnownCodes:
        """Return the codes that the listings are bound by."""
        return self._firm.codes

    def unread_longest(self, shop: ShopName, *, count: int, before: datetime) -> Sequence[ListingId]:
        """Return the listings of a shop that were unread longest, of those last read before a time."""
        return self._firm.standing.unread_longest(shop, count=count, before=before)

    def loose(self, codes: KnownCodes | None) -> Collection[Key]:
        """Return the listings that withhold units, and those that `codes` may bind anew."""
        standing = self._firm.standing
        found = set(standing.withholding())
        return found if codes is None else found.union(standing.bound_to(lambda sku: sku not in codes))

    def totals(self, decision: Decision, sent: Iterable[GuardedCount]) -> Totals:
        """Return what everything comes to after the last `decision`, before which so much was `sent`."""
        return self._firm.standing.totals(decision, sent)

    async def after(
        self, state: State, question: Question, observed: Observed, taken: Taken
    ) -> Decision | None:
        """Return the decision on what is new and what was open; None where all must be decided on."""
        ground, news = self._firm, await self._news(state, question, observed, taken)
        if not _are_known(news.stock, ground.codes):
            return None
        # What is open is decided on too, and that may be a thousand raises where hardly anything is new.
        if len(news.stock) + len(news.listings) + ground.standing.open > FEW:
            return await asyncio.to_thread(ground.standing.after, news)
        return ground.standing.after(news)

    @property
    def _firm(self) -> _Ground:
        if self._ground is None:
            raise RuntimeError("nothing stands: lay the ground first")
        return self._ground

    async def _news(self, state: State, question: Question, observed: Observed, taken: Taken) -> News:
        """Return what was written since the last news, and what was read and sold in this cycle."""
        store, written = self._store, self._notes.take()
        seen = {**_read(observed), **taken.expected}
        # What was only seen the last time need not have been written: it is read as it is by now.
        unseen = (written.listings | self._learned) - seen.keys()
        stored = await store.named(unseen) if unseen else ()
        rows = {(row.shop, row.id): row for row in stored} | seen
        self._learned = frozenset(seen)
        moved = written.levels | {row.sku for row in written.dropped}
        levels = await store.levels(moved) if moved else ()
        kept = {row[:3] for row in levels}
        return News(
            state=state,
            question=question,
            stock=await store.stock(written.stock) if written.stock else (),
            listings=list(rows.values()),
            shares=await store.shares(written.shares) if written.shares else (),
            levels=levels,
            dropped=[row for row in written.dropped if row[:3] not in kept],
            # Nobody divides anything by it where there are no shares.
            demand=await store.demand(written.demand) if written.demand and self._has_shares else (),
        )


def _laid(state: State, question: Question) -> _Ground:
    decision = decide_on(make_book(state), question, digest=False)
    return _Ground(
        standing=Standing(decision, question),
        since=state.now,
        codes=codes_of(state.stock, state.topology),
    )


def _read(observed: Observed) -> dict[Key, ListingRow]:
    """Return the listings that are another by what was read, or in doubt by writes without an answer."""
    found: dict[Key, ListingRow] = {}
    for reading in observed.readings:
        open_ = {intent.listing for intent in reading.open}
        found |= {(row.shop, row.id): row for row in reading.changed.values()}
        if open_:
            found |= {(row.shop, row.id): row for row in reading.rows if row.id in open_}
    return found


def _are_known(rows: Sequence[StockRow], codes: KnownCodes) -> bool:
    """Return whether rows of stock bind nothing anew: no code comes, goes or comes back."""
    return all(
        (row.sku in codes.skus and row.missed < VANISHED)
        or row.sku in codes.unsellable
        or (row.sku in codes.vanished and row.missed >= VANISHED)
        for row in rows
    )
