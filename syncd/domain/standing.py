"""Decide anew on what changed, at the cost of what changed: the rest of the last decision stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np

from syncd.domain.book import NOTHING, Book, State, convention_of, make_book
from syncd.domain.clusters import clusters_of
from syncd.domain.columns import narrow, places_in
from syncd.domain.decision import Decision, Question, decide_on
from syncd.domain.demand import DEMAND, Floats
from syncd.domain.expected import counters
from syncd.domain.grids import DemandGrid
from syncd.domain.guard import OnSale, on_sale
from syncd.domain.listing_columns import Coded
from syncd.domain.model import Ints, ListingRow, ShopName, Sku, StockRow
from syncd.domain.plan import ShopTraits, item_numbers
from syncd.domain.records import DemandRow, LevelRow, ShareRow
from syncd.domain.shelf import OfSku, Shelf
from syncd.domain.stock_grid import StockGrid
from syncd.domain.virtual.pools import changed_shares


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
        self._listed, self._skus, self._index, self._rules = (
            book.listings,
            book.skus,
            book.sku_index,
            book.rules,
        )
        self._clusters = clusters_of(book, *_items(book, question))
        self._stems = _Stems(book)
        self._codes = (*book.skus, *sorted(book.folded - book.sku_index.keys()))
        self._code_index = {code: at for at, code in enumerate(self._codes)} if book.folded else self._index
        every = np.arange(len(book.skus))
        # Copies: what is new is put into them, and the book is somebody else's.
        self._stock = StockGrid.of(book.state.stock, self._codes, self._code_index)
        self._shares = book.shares.take(every, book.skus)
        self._demand = book.demand.take(every, book.skus)
        self._levels = Shelf(book.state.levels)
        self._sales = _Sales(self._demand, book.state.now)
        shops = [shop.name for shop in book.topology.shops]
        self._bundles = book.bundles
        words = book.listings.skus
        self._word_bundle = narrow(places_in(words, book.bundles.index))
        single = places_in(words, book.sku_index)
        # What is called like a bundle is one; where a SKU is called so too, no word must come twice.
        self._is_plain = not (single[self._word_bundle != NOTHING] != NOTHING).any()
        self._word_sku = narrow(single)
        self._place = np.zeros(len(book.skus), dtype=np.int32)
        self._listings: dict[int, ListingRow] = {}
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
        part = _Part(*self._clusters.around(fresh.skus, fresh.listings))
        book = self._cut(news.state, part)
        record = replace(news.question.record, beside=self._beside(book))
        decision = decide_on(book, replace(news.question, record=record))
        self._restless = _restless(decision, part)
        return decision

    def _knows(self, news: News, places: Sequence[int]) -> bool:
        """Return whether all rows of stock and listings were there before, and listings bound as they are."""
        if not self._stock.knows(news.stock, self._code_index):
            return False
        return all(
            at != NOTHING and _binding(self._listing(at)) == _binding(row)
            for at, row in zip(places, news.listings, strict=True)
        )

    def _listing(self, at: int) -> ListingRow:
        return self._listings.get(at) or self._listed[at]

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
            self._count(self._listing(at), -1)
            self._count(row, 1)
            self._listings[at] = row
        self._state = _without_rows(news.state)

    def _count(self, row: ListingRow, times: int) -> None:
        """Add what a listing has on sale to its shop's, or take it off."""
        hi = row.expected_hi or 0
        if row.shop in self._on_sale and not row.gone and row.sku and row.on_sale is not False and hi > 0:
            before = self._on_sale[row.shop]
            self._on_sale[row.shop] = OnSale(before.listings + times, before.units + times * hi)

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
            others = [self._listings[at] for at in part.listings.tolist() if at in self._listings]
            listings = listings.replaced(others)
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


def _binding(row: ListingRow) -> tuple[object, ...]:
    return row.shop, row.id, row.item, row.sku, row.units, row.gone


def _items(book: Book, question: Question) -> tuple[Ints, Ints]:
    """Return the listings that are unlisted with all others of their item, and what is the same for these."""
    traits = [question.traits.get(name, ShopTraits()) for name in book.listings.shops]
    whole = np.array([one.unlists_items for one in traits], dtype=np.bool_)
    places = np.flatnonzero(whole[book.listings.shop] & ~book.listings.gone)
    return places, item_numbers(book.listings, places)


class _Stems:
    """Which SKU the codes of unsellable units belong to."""

    def __init__(self, book: Book) -> None:
        suffixes = {source.unsellable_suffix for source in book.topology.sources} - {""}
        self._folded = book.folded
        self._suffix = next(iter(suffixes), "")
        self._codes: dict[Sku, list[Sku]] = {}
        for code in sorted(book.folded):
            self._codes.setdefault(self.of(code), []).append(code)
        # With two suffixes one code may have two stems; that is not worth telling apart here.
        self.are_plain = len(suffixes) <= 1 or not book.folded
        self.are_any = bool(book.folded)

    def of(self, sku: Sku) -> Sku:
        while sku in self._folded and sku.endswith(self._suffix):
            sku = Sku(sku.removesuffix(self._suffix))
        return sku

    def folded_into(self, sku: Sku) -> Sequence[Sku]:
        return self._codes.get(sku, ())


class _Sales:
    """The faded units sold by shop of all SKUs, at a fixed time, from where they only fade."""

    def __init__(self, demand: DemandGrid, at: datetime) -> None:
        self._demand, self._at = demand, at
        self._sold = (demand.sold * self._factors()[demand.at]).sum(axis=1)

    def put(self, rows: Sequence[DemandRow], index: Mapping[Sku, int]) -> None:
        """Add rows to the demand, or put them in the place of others."""
        rows = list({row[:2]: row for row in rows}.values())
        _, at = self._demand.places(rows, index)
        before = self._then(at)
        self._demand.put(rows, index)
        np.add.at(self._sold, at[0], self._then(at) - before)

    def beside(self, part: DemandGrid, now: datetime) -> dict[ShopName, float]:
        """Return what was sold beside a part of the demand, as it is now; empty while there is no demand."""
        if not self._demand.is_told:
            return {}
        left = self._sold - (part.sold * self._factors()[part.at]).sum(axis=1)
        kept = 0.5 ** ((now - self._at).total_seconds() / DEMAND.half_life)
        return dict(zip(part.shops, (np.maximum(left, 0.0) * kept).tolist(), strict=True))

    def _then(self, at: tuple[Ints, Ints]) -> Floats:
        sold: Floats = self._demand.sold[at] * self._factors()[self._demand.at[at]]
        return sold

    def _factors(self) -> Floats:
        """Return by code of time what one unit would have been at the fixed time."""
        factors: Floats = 0.5 ** (self._demand.moments.ages(self._at) / DEMAND.half_life)
        return factors


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
