"""All changes of a cycle as one sorted value, before the first call goes out (DESIGN 4.5, 16 to 18)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise

import numpy as np

from syncd.domain.book import NOTHING, Book
from syncd.domain.deciders import deciding_rule, edges_by_shop
from syncd.domain.expected import LEFT, PUT_BACK, TAKEN_AGAIN, Counters, counters
from syncd.domain.listing_columns import UNTOLD, ListingColumns
from syncd.domain.model import Bools, Cause, Change, ChangeKind, Ints, ItemId, ListingId, ShopName
from syncd.domain.pipeline import Figures
from syncd.domain.records import ShopStatus
from syncd.domain.texts import texts_at

KINDS = (ChangeKind.ZERO, ChangeKind.OFF, ChangeKind.LOWER, ChangeKind.RELIST, ChangeKind.RAISE)
CAUSES = tuple(Cause)
RAISING = (KINDS.index(ChangeKind.RELIST), KINDS.index(ChangeKind.RAISE))
"""The kinds that can put units on sale."""

_FAR = 0x9E3779B97F4A7C1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopTraits:
    """What planning must know of a shop's channel.

    `gross`: the counter includes units withheld for open orders. `unlists_items`: a delisting takes the whole
    item away. `proves_takes`: what is left after units were taken is known at once, because a write names the
    counter before it or a difference; absolute writes hide what was sold until then.
    """

    can_unlist: bool = False
    unlists_items: bool = False
    gross: bool = False
    proves_takes: bool = True
    max_quantity: int = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes as columns, sorted by shop and listing; `listing` indexes the book's listings.

    `counters`, `desired` and `causes` are of all listings: what they can and should read, and why.
    `old` is the counter if it is known exactly, else `NOTHING`; `shaky` rows rest on figures that nothing may
    be raised on, `vanished` ones on a SKU that two full snapshots left out.
    """

    figures: Figures
    counters: Counters
    desired: Ints
    causes: Ints
    listing: Ints
    shop: Ints
    kind: Ints
    old: Ints
    new: Ints
    unlist: Bools
    cause: Ints
    shaky: Bools
    vanished: Bools

    def __len__(self) -> int:
        return len(self.listing)

    @property
    def book(self) -> Book:
        """Return the book that the plan was made from."""
        return self.figures.book

    def where(self, keep: Bools) -> "Plan":
        """Return the plan with only the rows in `keep`."""
        columns = ("listing", "shop", "kind", "old", "new", "unlist", "cause", "shaky", "vanished")
        return replace(self, **{name: getattr(self, name)[keep] for name in columns})

    def among(self, names: Collection[tuple[ShopName, ListingId]]) -> Bools:
        """Return which rows are of the listings with these names."""
        rows = self.book.listings
        if len(names) < len(self):
            found: Bools = np.isin(self.listing, rows.places(list(names)))
            return found
        mine = map(names.__contains__, rows.names(self.listing))
        return np.fromiter(mine, dtype=np.bool_, count=len(self))

    @property
    def raising(self) -> Bools:
        """Return which rows can put units on sale."""
        # Asked for again and again of few rows, where `np.isin` is many times slower.
        relist, raise_ = RAISING
        found: Bools = (self.kind == relist) | (self.kind == raise_)
        return found

    def digest(self) -> str:
        """Return 16 hex digits that are the same for the same changes of the same listings."""
        rows = self.book.listings
        ids = texts_at(rows.ids, self.listing.tolist())
        # The rows are by shop, so that each shop's name is said once.
        shop = rows.shop[self.listing]
        ends = [0, *(np.flatnonzero(np.diff(shop)) + 1).tolist(), len(ids)]
        print_ = sha256()
        for first, end in pairwise(ends):
            name = rows.shops[shop[first]] if end else ""
            print_.update("\x1f".join((f"{name}\x1e", *ids[first:end], "")).encode())
        for column in (self.kind, self.old, self.new, self.unlist.astype(np.int64)):
            print_.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        return print_.hexdigest()[:16]

    def changes(self) -> Iterator[Change]:
        """Yield the changes one by one, for printing and pushing."""
        rows, edges = self.book.listings, edges_by_shop(self.book)
        columns = (self.listing, self.kind, self.old, self.new, self.unlist, self.cause)
        read = (
            self.counters.lo,
            self.counters.hi,
            self.counters.observed,
            ~self.counters.unread,
            rows.on_sale,
        )
        figures = (column.tolist() for column in (*columns, *(column[self.listing] for column in read)))
        for at, kind, old, new, unlist, cause, lo, hi, has_lo, has_hi, on_sale in zip(*figures, strict=True):
            shop, hand = rows.shops[rows.shop[at]], rows.hands[rows.delisted_by[at]]
            yield Change(
                shop=shop,
                listing=ListingId(rows.ids[at]),
                item=ItemId(rows.items[at]),
                code=rows.codes[at],
                location=rows.locations[at],
                sku=rows.skus[rows.sku[at]],
                kind=KINDS[kind],
                old=None if old == NOTHING else old,
                new=new,
                lo=lo if has_lo else None,
                hi=hi if has_hi else None,
                on_sale=None if on_sale == UNTOLD else on_sale == 1,
                unlist=unlist,
                cause=CAUSES[cause],
                rule=deciding_rule(self.figures, at, edges[shop]),
                delisted_by=TAKEN_AGAIN if hand == PUT_BACK else "syncd",
            )

    def raised_units(self) -> Ints:
        """Return by row how many units it puts on sale, 0 where it lowers."""
        # What comes back on sale was not there for buyers, whatever its counter read.
        old = np.where(self.kind == KINDS.index(ChangeKind.RELIST), 0, np.maximum(self.old, 0))
        return np.where(self.raising, np.maximum(self.new - old, 0), 0)


def make_plan(
    figures: Figures,
    traits: Mapping[ShopName, ShopTraits],
    fingerprints: Mapping[ShopName, bool],
    kept: Bools | None = None,
) -> Plan:
    """Return the differences between what the counters should and what they can read.

    `fingerprints` says per shop whether its configuration changed since its desired figures were stored,
    `kept` by listing whether one that is not in the book keeps its item on sale. Listings that were never
    read, are unbound or unknown, or whose shop cannot be written, have no change.
    """
    now = counters(figures.book)
    desired = _desired_counters(figures, now, traits)
    kind = _kinds(figures, now, desired)
    unlist = _may_unlist(figures, now, traits)
    if kept is not None:
        unlist &= ~kept
    # An item that must not be unlisted whole is only brought to zero; at zero there is nothing left to do.
    kind[(kind == KINDS.index(ChangeKind.OFF)) & ~unlist & (now.hi <= desired)] = NOTHING
    causes = _causes(figures, now, desired, fingerprints)
    barrier = _behind_barrier(figures, now, traits) & (kind == KINDS.index(ChangeKind.LOWER))
    barrier &= causes == CAUSES.index(Cause.TAKE)
    kind[barrier] = KINDS.index(ChangeKind.ZERO)
    rows = np.flatnonzero(kind != NOTHING)
    exact = now.lo == now.hi
    return Plan(
        figures=figures,
        counters=now,
        desired=desired,
        causes=causes,
        listing=rows,
        shop=now.shop[rows],
        kind=kind[rows],
        old=np.where(exact, now.lo, NOTHING)[rows],
        new=np.where(barrier, _nothing_on_sale(figures, now, traits), desired)[rows],
        unlist=unlist[rows],
        cause=causes[rows],
        shaky=figures.listings.shaky[rows],
        vanished=figures.listings.vanished[rows],
    )


def _desired_counters(figures: Figures, now: Counters, traits: Mapping[ShopName, ShopTraits]) -> Ints:
    """Return what each counter should read: gross counters include withheld units, all stay in range."""
    names = [shop.name for shop in figures.book.topology.shops]
    most = np.array([traits.get(name, ShopTraits()).max_quantity for name in names], dtype=np.int64)
    units = figures.listings.units
    counter = np.minimum(units + _nothing_on_sale(figures, now, traits), most[now.shop])
    return np.where(units == NOTHING, NOTHING, counter)


def _nothing_on_sale(figures: Figures, now: Counters, traits: Mapping[ShopName, ShopTraits]) -> Ints:
    """Return what each counter reads when nothing more can be bought: what is withheld, if that is in it."""
    names = [shop.name for shop in figures.book.topology.shops]
    gross = np.array([traits.get(name, ShopTraits()).gross for name in names], dtype=np.bool_)
    return np.where(gross[now.shop], now.withheld, 0)


def _behind_barrier(figures: Figures, now: Counters, traits: Mapping[ShopName, ShopTraits]) -> Bools:
    """Return the listings from which units can only be taken by way of 0, all of them at once.

    What buyers took before the 0 is known when the orders are; then the rest is put back, and the taken units
    are given.
    """
    names = [shop.name for shop in figures.book.topology.shops]
    blind = np.array([not traits.get(name, ShopTraits()).proves_takes for name in names], dtype=np.bool_)
    return blind[now.shop]


def _kinds(figures: Figures, now: Counters, desired: Ints) -> Ints:
    """Return the kind of change each listing needs, `NOTHING` for none."""
    off = figures.listings.off
    down = now.on_sale == 0
    ours = now.ours
    kind = np.full(len(desired), NOTHING, dtype=np.int64)
    kind[desired > now.lo] = KINDS.index(ChangeKind.RAISE)
    kind[(desired < now.hi) & (desired <= now.lo)] = KINDS.index(ChangeKind.LOWER)
    # A gross counter that sells nothing more still reads what is withheld for open orders.
    sells = figures.listings.units
    kind[(sells == 0) & (now.hi > desired)] = KINDS.index(ChangeKind.ZERO)
    # One that must be lowered first is put back by the next plan: as a raise it would wait for itself.
    kind[(sells > 0) & down & ours & ~off & (now.hi <= desired)] = KINDS.index(ChangeKind.RELIST)
    kind[off & ((now.hi > desired) | ~down)] = KINDS.index(ChangeKind.OFF)
    kind[(desired == NOTHING) | ~now.observed] = NOTHING
    return kind


def _may_unlist(figures: Figures, now: Counters, traits: Mapping[ShopName, ShopTraits]) -> Bools:
    """Return which listings may be taken off sale: an item only if every listing of it is bound and down.

    Orders that nobody has paid take units away, but no listing: else anybody could take a shop off sale.
    """
    book = figures.book
    names = [shop.name for shop in book.topology.shops]
    can = np.array([traits.get(name, ShopTraits()).can_unlist for name in names], dtype=np.bool_)
    whole = np.array([traits.get(name, ShopTraits()).unlists_items for name in names], dtype=np.bool_)
    listings = book.listings
    stays = np.array([hand == LEFT for hand in listings.hands], dtype=np.bool_)[listings.delisted_by]
    may: Bools = figures.listings.off & can[now.shop] & (now.on_sale != 0) & ~stays
    if may.any():
        may &= ~_is_only_held(figures)
    by_item = np.flatnonzero(may & whole[now.shop])
    if not by_item.size:
        return may
    # One that is still on sale or that nobody can say is off keeps its item on sale.
    others = np.flatnonzero(whole[now.shop] & ~figures.listings.off & ~listings.gone)
    items, mine = np.unique(item_numbers(listings, by_item), return_inverse=True)
    theirs = item_numbers(listings, others)
    at = np.minimum(np.searchsorted(items, theirs), len(items) - 1)
    stays_on = np.zeros(len(items), dtype=np.bool_)
    stays_on[at[items[at] == theirs]] = True
    may[by_item] = ~stays_on[mine]
    return may


def item_numbers(listings: ListingColumns, places: Ints) -> Ints:
    """Return numbers that are the same for listings of one item of a shop.

    Should those of two items ever be the same, one is brought to zero where it could have been unlisted.
    """
    found: Ints = listings.item[places] + listings.shop[places].astype(np.int64) * _FAR
    return found


def _is_only_held(figures: Figures) -> Bools:
    """Return the listings that draw on a pool which would be above the warning level if nobody ever paid."""
    book, pools, rules = figures.book, figures.pools, figures.rules
    found = np.zeros(len(book.listings), dtype=np.bool_)
    if not book.state.unpaid:
        return found
    members = {pool.name: set(pool.shops) for pool in book.topology.pools}
    names = [pool.name for pool in book.topology.pools]
    held = np.zeros_like(pools.figure)
    for (shop, sku), units in book.state.unpaid.items():
        at = book.sku_index.get(sku)
        for pool, name in enumerate(names):
            if at is not None and shop in members[name]:
                held[pool, at] += units
    above = pools.figure + pools.virtual - pools.locks.live + held
    kept = figures.levels.off & (held[rules.pool] > 0) & (above[rules.pool] >= rules.warning_level)
    by_shop = np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.bool_)
    np.logical_or.at(by_shop, rules.shop, kept)
    return book.draws.any_of(by_shop, len(found))


def _causes(figures: Figures, now: Counters, desired: Ints, fingerprints: Mapping[ShopName, bool]) -> Ints:
    """Return why each listing should read something else: configuration, snapshot, claim, move or a hand."""
    shops = figures.book.topology.shops
    config = np.array([fingerprints.get(shop.name, False) for shop in shops], dtype=np.bool_)
    changed = (desired != now.desired) | (figures.listings.off != now.want_off)
    claimed = _claimed(figures)
    cause = np.full(len(desired), CAUSES.index(Cause.REPAIR), dtype=np.int64)
    cause[changed] = CAUSES.index(Cause.SNAPSHOT)
    cause[changed & claimed & (desired < now.desired)] = CAUSES.index(Cause.CLAIM)
    taken, given = _moved(figures)
    cause[(desired < now.hi) & (now.hi - desired <= taken)] = CAUSES.index(Cause.TAKE)
    cause[(desired > now.lo) & (desired - now.lo <= given)] = CAUSES.index(Cause.GIVE)
    cause[changed & config[now.shop]] = CAUSES.index(Cause.CONFIG)
    # A person decided it, and what it frees goes to others: it is never held.
    cause[figures.book.shops_that_are(ShopStatus.RETIRING)[now.shop]] = CAUSES.index(Cause.TAKE)
    cause[_retired(figures.book) & (desired < now.hi)] = CAUSES.index(Cause.TAKE)
    return cause


def _retired(book: Book) -> Bools:
    """Return the listings of SKUs of which a person confirmed that they are gone."""
    skus = book.cells.retired.any(axis=0)
    if not skus.any():
        return np.zeros(len(book.listings), dtype=np.bool_)
    return book.draws.any_of(np.tile(skus, (len(book.topology.shops), 1)), len(book.listings))


def _moved(figures: Figures) -> tuple[Ints, Ints]:
    """Return by listing how many of it are on their way from the shop's share to others, and to it.

    What a counter moves beyond that has another cause.
    """
    book = figures.book
    found = np.zeros((2, len(book.listings)), dtype=np.int64)
    if not figures.virtual.moves:
        return found[0], found[1]
    shops = {shop.name: at for at, shop in enumerate(book.topology.shops)}
    taken, given = (np.zeros((len(shops), len(book.skus)), dtype=np.int64) for _ in range(2))
    for row in figures.virtual.moves:
        sku = book.sku_index.get(row.sku)
        if sku is not None:
            taken[shops[row.taken_from], sku] += row.units
            given[shops[row.given_to], sku] += row.units
    draws = book.draws
    for side, moved in enumerate((taken, given)):
        units = moved.ravel()[draws.cell] * draws.known
        some = np.flatnonzero(units)
        np.maximum.at(found[side], draws.listing[some], units[some] // draws.units[some])
    return found[0], found[1]


def _claimed(figures: Figures) -> Bools:
    """Return the listings whose SKUs have open claims."""
    book, pools, rules = figures.book, figures.pools, figures.rules
    by_shop = np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.bool_)
    if pools.claims.any():
        np.logical_or.at(by_shop, rules.shop, pools.claims[rules.pool] > 0)
    return book.draws.any_of(by_shop, len(book.listings))
