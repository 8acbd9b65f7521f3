"""Decide anew on what changed, at the cost of what changed: the rest of the last decision stands."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np

from syncd.domain.aliases import NO_SKU
from syncd.domain.book import NOTHING, Book, State, convention_of, make_book
from syncd.domain.clusters import clusters_of
from syncd.domain.columns import narrow, places_in
from syncd.domain.decision import Decision, Question, decide_on
from syncd.domain.expected import counters
from syncd.domain.faded_sales import FadedSales
from syncd.domain.guard import OnSale, on_sale
from syncd.domain.items import Items
from syncd.domain.listing_columns import NO_TIME, Coded, moment_of
from syncd.domain.model import Bools, Ints, ListingId, ListingRow, ShopName, Sku, StockRow
from syncd.domain.records import DemandRow, GuardedCount, LevelRow, ShareRow
from syncd.domain.shelf import OfSku, Shelf
from syncd.domain.stems import Stems
from syncd.domain.stock_grid import StockGrid
from syncd.domain.totals import Totals, totals_within
from syncd.domain.virtual.pools import changed_shares

_MANY = 20_000
"""So many rows take about 20 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is new since the last decision.

    `state` is the state now; of its stock, listings, shares, levels and demand nothing is read. The rows of
    these that are new or another are `stock` to `demand`, and `dropped` are the levels that are no more.
    """

    state: State
    question: Question
    stock: Sequence[StockRow] = ()
    listings: Sequence[ListingRow] = ()
    shares: Sequence[ShareRow] = ()
    levels: Sequence[LevelRow] = ()
    dropped: Sequence[LevelRow] = ()
    demand: Sequence[DemandRow] = ()


class _Part(NamedTuple):
    """Some SKUs and listings, as their places in the whole book."""

    skus: Ints
    listings: Ints

    def joined(self, other: "_Part") -> "_Part":
        skus, listings = (np.union1d(mine, theirs) for mine, theirs in zip(self, other, strict=True))
        return _Part(skus, listings)


class Standing:
    """A decision about everything, kept to decide again at the cost of what is new.

    What nothing new touches had nothing to change before, and so it has now. What had, is decided on again
    each time, until it is done and the state says so.
    """

    def __init__(self, decision: Decision, question: Question) -> None:
        book = decision.plan.book
        self._traits = question.traits
        # Of the book only what finds and names is kept; its figures are those of its own time.
        self._skus, self._index, self._rules = book.skus, book.sku_index, book.rules
        self._read_at = book.listings.observed_at.copy()
        self._listed = replace(book.listings, observed_at=self._read_at)
        self._stems = Stems(book)
        self._codes = (*book.skus, *sorted(book.folded - book.sku_index.keys()))
        self._code_index = {code: at for at, code in enumerate(self._codes)} if book.folded else self._index
        every = np.arange(len(book.skus))
        # Copies: what is new is put into them, and the book is somebody else's.
        self._stock = StockGrid.of(book.state.stock, self._codes, self._code_index)
        self._shares = book.shares.take(every, book.skus)
        self._demand = book.demand.take(every, book.skus)
        self._levels = Shelf(book.state.levels)
        self._sales = FadedSales(self._demand, book.state.now)
        shops = [shop.name for shop in book.topology.shops]
        self._bundles = book.bundles
        words = book.listings.skus
        self._word_bundle = narrow(places_in(words, book.bundles.index))
        single = places_in(words, book.sku_index)
        # What is called like a bundle is one; where a SKU is called so too, no word must come twice.
        self._is_plain = not (single[self._word_bundle != NOTHING] != NOTHING).any()
        self._word_sku = narrow(single)
        self._clusters = clusters_of(
            len(book.skus), book.listings.sku, self._word_sku, self._word_bundle, book.bundles
        )
        self._items = Items(book.listings, question.traits, decision.plan.figures.listings.off)
        self._place = np.zeros(len(book.skus), dtype=np.int32)
        self._listings: dict[int, ListingRow] = {}
        self._is_bound: Bools = book.listings.bound & ~book.listings.gone
        held = book.listings.held & ~book.listings.gone
        # Nearly always none is, and then it is the same.
        self._is_read: Bools = self._is_bound | held if held.any() else self._is_bound
        self._ranges: dict[ShopName, tuple[int, int]] = {}
        self._on_sale = dict(zip(shops, on_sale(decision.plan.counters, len(shops)), strict=True))
        self._state = _without_rows(book.state)
        self._restless = _restless(decision, _Part(every, np.arange(len(book.listings))))

    def after(self, news: News) -> Decision | None:
        """Return the decision about all that is new and all that was open; None where all must be decided.

        It is what a whole decision says, about fewer listings. A whole one is needed when the configuration,
        a shop or a source is another than before, and when a SKU, a row of stock or a listing is new or bound
        otherwise. Only what fades with time, the demand for SKUs that nothing new touches, waits for one.
        """
        if not self._stems.are_plain or not _is_same_ground(self._state, news.state):
            return None
        if news.question.traits != self._traits or any(news.question.reconfigured.values()):
            return None
        places = self._listed.places([(row.shop, row.id) for row in news.listings])
        if not self._knows(news, places.tolist()):
            return None
        index, codes = self._index, set(self._touched(news))
        skus = np.array([index[code] for code in codes if code in index], dtype=np.int64)
        fresh = self._restless.joined(_Part(skus, places))
        # Whatever goes wrong from here on, what is new will be looked at the next time, too.
        self._restless = fresh
        self._learn(news, places.tolist())
        part, kept = self._around(fresh)
        book = self._cut(news.state, part)
        record = replace(news.question.record, beside=self._beside(book))
        decision = decide_on(book, replace(news.question, record=record, kept=kept))
        self._items.learn(part.listings, decision.plan.figures.listings.off)
        self._restless = _restless(decision, part)
        return decision

    def totals(self, decision: Decision, sent: Iterable[GuardedCount]) -> Totals:
        """Return the totals of everything after its last `decision`, before which so much was `sent`."""
        return totals_within(decision, sent, self._on_sale, self._sales.all_of(decision.plan.book.state.now))

    @property
    def open(self) -> int:
        """Return how many SKUs and listings are decided on the next time though nothing new touches them."""
        return len(self._restless.skus) + len(self._restless.listings)

    @property
    def is_worn(self) -> bool:
        """Return whether so much is another by now that it is time to begin anew from columns."""
        return len(self._listings) > max(_MANY, len(self._listed) // 10)

    def unread_longest(self, shop: ShopName, *, count: int, before: datetime) -> list[ListingId]:
        """Return the listings of a shop that were unread longest, of those last read before a time.

        Only bound or held ones that were read once and are not gone; no more than `count`.
        """
        first, last = self._range(shop)
        at = self._read_at[first:last]
        due = np.flatnonzero(self._is_read[first:last] & (at != NO_TIME) & (at < moment_of(before)))
        if count <= 0 or not due.size:
            return []
        if due.size > count:
            times = at[due]
            latest = np.partition(times, count - 1)[count - 1]
            sooner, same = due[times < latest], due[times == latest]
            due = np.concatenate((sooner, same[: count - sooner.size]))
        return [id_ for _, id_ in self._listed.names(first + due[np.argsort(at[due], kind="stable")])]

    def withholding(self) -> list[tuple[ShopName, ListingId]]:
        """Return the listings that withhold units."""
        places = set(np.flatnonzero(self._listed.withheld).tolist()) - self._listings.keys()
        places |= {at for at, row in self._listings.items() if row.withheld}
        return self._listed.names(np.array(sorted(places), dtype=np.int64))

    def bound_to(self, wanted: Callable[[Sku], bool]) -> list[tuple[ShopName, ListingId]]:
        """Return the listings that are there and bound to such; unbound ones are to the empty text."""
        chosen = np.array([wanted(sku) for sku in self._listed.skus], dtype=np.bool_)[self._listed.sku]
        if wanted(NO_SKU):
            chosen |= self._listed.held
        return self._listed.names(np.flatnonzero(chosen & ~self._listed.gone))

    def _around(self, fresh: _Part) -> tuple[_Part, Bools]:
        """Return all that must be decided on, and which listings have others that keep their item on sale."""
        part = _Part(*self._clusters.around(*fresh))
        kept, others = self._items.beside(part.listings)
        if others.size:
            part = _Part(*self._clusters.around(fresh.skus, np.concatenate((fresh.listings, others))))
            kept, _ = self._items.beside(part.listings)
        return part, kept

    def _range(self, shop: ShopName) -> tuple[int, int]:
        """Return where the listings of a shop begin and end; they are sorted by shop."""
        if shop not in self._ranges:
            code = self._listed.shops.index(shop) if shop in self._listed.shops else NOTHING
            mine = np.flatnonzero(self._listed.shop == code)
            self._ranges[shop] = (int(mine[0]), int(mine[-1]) + 1) if mine.size else (0, 0)
        return self._ranges[shop]

    def _knows(self, news: News, places: Sequence[int]) -> bool:
        """Return whether all rows of stock and listings were there before, and listings bound as they are."""
        if not self._stock.knows(news.stock, self._code_index):
            return False
        if NOTHING in places:
            return False
        listed, at = self._listed, np.array(places, dtype=np.int64)
        # No reading of theirs has changed what these columns say, or there would be no going on from it.
        skus = map(listed.skus.__getitem__, listed.sku[at].tolist())
        columns = (column[at].tolist() for column in (listed.item, listed.units, listed.gone, listed.held))
        return all(
            (row.sku, hash(row.item), row.units, row.gone, row.is_held) == before
            for row, before in zip(news.listings, zip(skus, *columns, strict=True), strict=True)
        )

    def _touched(self, news: News) -> Iterator[Sku]:
        """Yield the SKUs that anything new is about, and those that time alone may move."""
        before, now = self._state, news.state
        groups: tuple[Sequence[OfSku], ...] = (news.shares, news.levels, news.dropped, news.demand)
        named = {row.sku for group in groups for row in group}
        named.update(
            news.stock.skus if isinstance(news.stock, StockGrid) else (row.sku for row in news.stock)
        )
        yield from map(self._stems.of, named) if self._stems.are_any else named
        pairs: Iterable[tuple[Sequence[OfSku], Sequence[OfSku]]] = (
            (before.claims, now.claims),
            (before.unrouted, now.unrouted),
            (before.extras, now.extras),
            (before.locks, now.locks),
        )
        yield from (row.sku for old, new in pairs if old is not new for row in set(old) ^ set(new))
        yield from (row.sku for rows in (before.moves, now.moves) for row in rows)
        yield from (row.sku for row in now.locks if row.ended_at is None or before.uses != now.uses)
        for units in (before.sold, now.sold, before.buyers, now.buyers, before.unpaid, now.unpaid):
            yield from (sku for _, sku in units)
        for extra in now.topology.virtual:
            if extra.until is not None and before.now < extra.until <= now.now:
                yield extra.sku
        if before.uses != now.uses:
            lines = {use.line for use in set(before.uses) ^ set(now.uses)}
            yield from (claim.sku for claim in now.claims if claim.line in lines)

    def _learn(self, news: News, places: Sequence[int]) -> None:
        self._stock.put(news.stock, self._code_index)
        self._shares.put(news.shares, self._index)
        self._levels.put(news.levels)
        self._levels.drop(news.dropped)
        self._sales.put(news.demand, self._index)
        for at, row in zip(places, news.listings, strict=True):
            self._count(row.shop, self._on_sale_of(at), -1)
            self._listings[at] = row
            self._count(row.shop, self._on_sale_of(at), 1)
            self._read_at[at] = moment_of(row.observed_at)
        self._state = _without_rows(news.state)

    def _on_sale_of(self, at: int) -> int:
        """Return the units that a listing may have on sale, 0 for none."""
        row, listed = self._listings.get(at), self._listed
        if not self._is_bound[at]:
            return 0
        if row is not None:
            return 0 if row.on_sale is False else max(row.expected_hi or 0, 0)
        return 0 if listed.on_sale[at] == 0 else max(int(listed.hi[at]), 0)

    def _count(self, shop: ShopName, units: int, times: int) -> None:
        """Add what a listing has on sale to its shop's, or take it off."""
        if shop in self._on_sale and units:
            before = self._on_sale[shop]
            self._on_sale[shop] = OnSale(before.listings + times, before.units + times * units)

    def _beside(self, book: Book) -> Mapping[ShopName, OnSale]:
        here = on_sale(counters(book), len(book.topology.shops))
        return {
            shop.name: OnSale(
                *(all_ - mine for all_, mine in zip(self._on_sale[shop.name], own, strict=True))
            )
            for shop, own in zip(book.topology.shops, here, strict=True)
        }

    def _cut(self, state: State, part: _Part) -> Book:
        """Return the book of the SKUs and listings of a part; what is remembered whole stays whole."""
        skus = tuple(map(self._skus.__getitem__, part.skus.tolist()))
        coded, bundles = self._named(part, skus)
        listings = self._listed.take(part.listings, coded)
        if self._listings:
            here_at = enumerate(part.listings.tolist())
            listings = listings.over(
                {mine: self._listings[at] for mine, at in here_at if at in self._listings}
            )
        here, demand = frozenset(skus), self._demand.take(part.skus, skus)
        virtual = tuple(extra for extra in state.topology.virtual if extra.sku in here)
        topology = replace(
            state.topology,
            bundles=tuple(map(state.topology.bundles.__getitem__, bundles.tolist())),
            virtual=virtual,
        )
        now = replace(
            state,
            topology=topology,
            stock=self._stock_of(part.skus, skus),
            listings=listings,
            shares=self._shares.take(part.skus, skus),
            levels=self._levels.of(skus),
            demand=demand,
            claims=[claim for claim in state.claims if claim.sku in here],
            elsewhere=self._sales.beside(demand, state.now),
        )
        names = [bundle.sku for bundle in topology.bundles]
        return make_book(now, self._rules.take(part.skus), self._bundles.take(bundles, names, part.skus))

    def _named(self, part: _Part, skus: tuple[Sku, ...]) -> tuple[Coded, Ints]:
        """Return what the listings of a part are bound to, and which bundles these are."""
        codes = self._listed.sku[part.listings]
        of_sku, of_bundle = self._word_sku[codes], self._word_bundle[codes]
        bundles = np.unique(of_bundle[of_bundle != NOTHING]).astype(np.int64)
        if not self._is_plain:
            return self._listed.coded(codes), bundles
        single = of_sku != NOTHING
        # It is kept from one part to the next, so that none of them costs what all SKUs cost.
        self._place[part.skus] = np.arange(len(skus))
        code = self._place[np.maximum(of_sku, 0)].astype(np.int64)
        others = self._listed.coded(codes[~single])
        code[~single] = len(skus) + others.code
        return Coded((*skus, *others.skus), code), bundles

    def _stock_of(self, places: Ints, skus: tuple[Sku, ...]) -> StockGrid:
        """Return the stock of some SKUs, with that of the codes that are folded into them."""
        if not self._stems.are_any:
            return self._stock.take(places, skus)
        folded = [self._code_index[code] for sku in skus for code in self._stems.folded_into(sku)]
        every = np.concatenate((places, np.array(folded, dtype=np.int64)))
        return self._stock.take(every, tuple(self._codes[at] for at in every.tolist()))


def _without_rows(state: State) -> State:
    return replace(state, stock=(), listings=(), shares=(), levels=(), demand=())


def _is_same_ground(before: State, now: State) -> bool:
    """Return whether nothing has changed that every SKU rests on."""
    sources = [source.name for source in now.topology.sources]
    return (
        before.topology is now.topology
        and not before.reconfigured
        and not now.reconfigured
        and (before.stale, before.unwritable) == (now.stale, now.unwritable)
        and [convention_of(before, name) for name in sources]
        == [convention_of(now, name) for name in sources]
        and _standings(before) == _standings(now)
    )


def _standings(state: State) -> dict[ShopName, tuple[object, ...]]:
    """Return by shop what of its state decides about all its listings."""
    return {
        name: (shop.status, shop.observed_at is None, shop.accepted_at is None)
        for name, shop in state.shops.items()
    }


def _restless(decision: Decision, part: _Part) -> _Part:
    """Return what must be decided on again though nothing new touches it, of all that is in `part`.

    That is what changes or would be recorded, and what waits for another snapshot to be put back on sale.
    """
    plan, figures = decision.plan, decision.plan.figures
    book, now, after = plan.book, plan.counters, figures.levels
    moved = (plan.desired != now.desired) | (figures.listings.off != now.want_off)
    moved &= plan.desired != NOTHING
    moved[plan.listing] = True
    before, rules, pools = book.levels, figures.rules, figures.pools
    rest = (pools.available - pools.locks.live)[rules.pool]
    open_ = (before.off != after.off) | (after.off & (rest >= rules.relist_level))
    open_ |= after.off & ((before.agree != after.agree) | (before.since != after.since))
    open_ |= changed_shares(book, figures.virtual, figures.shares.base)
    skus = np.any(open_, axis=0)
    codes = {row.sku for row in set(figures.virtual.extras.rows) ^ set(book.state.extras)}
    codes |= {row.sku for row in figures.virtual.demand}
    for code in codes & book.sku_index.keys():
        skus[book.sku_index[code]] = True
    # A book of no SKU has one nameless column.
    return _Part(part.skus[skus[: len(part.skus)]], part.listings[moved])
