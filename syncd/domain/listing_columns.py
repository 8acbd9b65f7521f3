"""All listings as columns; a row is made only for who asks for one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import lt
from typing import Any, NamedTuple, overload

import numpy as np

from syncd.domain.columns import Column, figures_of, narrow, rare
from syncd.domain.model import Bools, Deducts, Ints, ItemId, ListingId, ListingRow, ShopName, Sku
from syncd.domain.texts import Patched, Picked, TextOf, searched, texts_at

UNKNOWN = -(1 << 31)
"""Stands for None in a column of counters; no counter is so far below zero."""

NO_TIME = -(1 << 63)
"""Stands for None in `observed_at`."""

UNTOLD = -1
"""Stands for None in `on_sale`."""

DEDUCTS = tuple(Deducts)
"""What the codes in the column `deducts` stand for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = ("ids", "codes", "items", "locations", "titles", "reasons")
_FIELDS = ("id", "code", "item", "location", "title", "unbound_because")
_COUNTERS = ("desired", "expected_lo", "expected_hi", "observed")


class Coded(NamedTuple):
    """SKUs or bundles, each once, and where every listing's stands among them."""

    skus: tuple[Sku, ...]
    code: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListingColumns(Sequence[ListingRow]):
    """The listings in the order of the state, by shop and id, as columns of one length.

    `shop` and `sku` are places in `shops` and `skus`, `delisted_by` in `hands` and `deducts` in `DEDUCTS`;
    the SKU of an unbound listing is the empty text, unless it is `held`. `desired`, `lo`, `hi` and `observed`
    have `UNKNOWN`, `on_sale` has `UNTOLD` and `observed_at` (microseconds since 1970) has `NO_TIME` in place
    of None. All are whole numbers of any width, `want_off`, `gone` and `held` are flags. `item` is what
    Python's `hash` makes of the item's id, so that listings of one item are found without its text.

    The texts may be any sequences: they are only read for rows that somebody asks for, so that they can stay
    in the database until then. `is_ordered` says that the listings certainly are by shop and id, as text
    compares, so that one can be searched for. To the outside it is the sequence of the rows.
    """

    shops: tuple[ShopName, ...]
    skus: tuple[Sku, ...]
    hands: tuple[str, ...]
    shop: Column
    sku: Column
    units: Column
    desired: Column
    lo: Column
    hi: Column
    observed: Column
    observed_at: Ints
    withheld: Column
    on_sale: Column
    delisted_by: Column
    deducts: Column
    item: Ints
    want_off: Bools
    gone: Bools
    held: Bools
    ids: Sequence[str]
    codes: Sequence[str]
    items: Sequence[str]
    locations: Sequence[str]
    titles: Sequence[str]
    reasons: Sequence[str]
    is_ordered: bool = False

    @classmethod
    def of(cls, rows: Sequence[ListingRow]) -> "ListingColumns":
        """Return the columns of `rows`, in their order; `rows` itself where it has columns already."""
        if isinstance(rows, ListingColumns):
            return rows
        rows = tuple(rows)
        shops, shop = _coded([row.shop for row in rows])
        skus, sku = _coded([row.sku for row in rows])
        hands, delisted_by = _coded([row.delisted_by for row in rows])
        place = {one: at for at, one in enumerate(DEDUCTS)}
        desired, lo, hi, observed = (narrow(figures_of(rows, name, missing=UNKNOWN)) for name in _COUNTERS)
        texts: dict[str, Any] = {
            name: TextOf(rows, field) for name, field in zip(_TEXTS, _FIELDS, strict=True)
        }
        return cls(
            shops=tuple(map(ShopName, shops)),
            skus=tuple(map(Sku, skus)),
            hands=tuple(hands),
            shop=narrow(shop),
            sku=narrow(sku),
            units=narrow(figures_of(rows, "units")),
            desired=desired,
            lo=lo,
            hi=hi,
            observed=observed,
            observed_at=_moments(rows),
            withheld=narrow(figures_of(rows, "withheld")),
            on_sale=figures_of(rows, "on_sale", missing=UNTOLD).astype(np.int8),
            delisted_by=delisted_by.astype(np.int16),
            deducts=np.fromiter((place[row.deducts] for row in rows), dtype=np.int8, count=len(rows)),
            item=np.fromiter((hash(row.item) for row in rows), dtype=np.int64, count=len(rows)),
            want_off=figures_of(rows, "want_off").astype(np.bool_),
            gone=rare(figures_of(rows, "gone").astype(np.bool_)),
            held=rare(figures_of(rows, "is_held").astype(np.bool_)),
            is_ordered=all(map(lt, rows, islice(rows, 1, None))),
            **texts,
        )

    def __len__(self) -> int:
        return len(self.shop)

    @overload
    def __getitem__(self, at: int) -> ListingRow: ...
    @overload
    def __getitem__(self, at: slice) -> "ListingColumns": ...
    def __getitem__(self, at: int | slice) -> "ListingRow | ListingColumns":
        if isinstance(at, slice):
            return self.take(np.arange(*at.indices(len(self)), dtype=np.int64))
        if not -len(self) <= at < len(self):
            raise IndexError(f"there are {len(self)} listings, none at {at}")
        return self._row(at % len(self))

    def __iter__(self) -> Iterator[ListingRow]:
        return map(self._row, range(len(self)))

    @property
    def bound(self) -> Bools:
        """Return which listings are bound to a SKU or bundle; held ones are not."""
        named = np.array([sku != "" for sku in self.skus], dtype=np.bool_)
        found: Bools = named[self.sku] & ~self.held
        return found

    @property
    def bytes(self) -> int:
        """Return how much memory the numbers take; the texts are the database's."""
        columns = [getattr(self, name) for name in _NUMBERS]
        # A rare flag that no listing has is one byte for all of them.
        return sum(int(each.nbytes if any(each.strides) else each.itemsize) for each in columns)

    def name(self, at: int) -> tuple[ShopName, ListingId]:
        """Return the shop and the id of one listing, without the rest of its row."""
        return self.shops[self.shop[at]], ListingId(self.ids[at])

    def names(self, places: Ints) -> list[tuple[ShopName, ListingId]]:
        """Return the shops and ids of the listings at `places`, without the rest of their rows."""
        ids: list[Any] = texts_at(self.ids, places.tolist())
        return list(zip(map(self.shops.__getitem__, self.shop[places].tolist()), ids, strict=True))

    def take(self, places: Ints, coded: "Coded | None" = None) -> "ListingColumns":
        """Return the columns of the listings at `places`, in that order.

        Who knows already of which SKUs these are says so by `coded`.
        """
        columns: dict[str, Any] = {name: getattr(self, name)[places] for name in _NUMBERS if name != "sku"}
        # Few listings are of few SKUs, and nothing about them shall cost what all SKUs cost.
        skus, columns["sku"] = coded or self.coded(self.sku[places])
        wanted = places.tolist()
        texts: dict[str, Any] = {name: Picked(getattr(self, name), wanted) for name in _TEXTS}
        is_ordered = self.is_ordered and bool(np.all(np.diff(places) > 0))
        return replace(self, skus=skus, is_ordered=is_ordered, **columns, **texts)

    def coded(self, codes: Column) -> "Coded":
        """Return only the SKUs that some codes stand for, and what each code is among these."""
        used, code = np.unique(codes, return_inverse=True)
        return Coded(tuple(map(self.skus.__getitem__, used.tolist())), code)

    def replaced(self, rows: Iterable[ListingRow]) -> "ListingColumns":
        """Return the columns with some rows changed, or added behind where a listing is new.

        Columns in which nothing changes are the same arrays as before. The
        result is by shop and id if there is something new.
        """
        rows = list(rows)
        places = self.places([(row.shop, row.id) for row in rows]).tolist()
        found = {at: row for row, at in zip(rows, places, strict=True) if at >= 0}
        new = [row for row, at in zip(rows, places, strict=True) if at < 0]
        after = self.over(found)
        if not new:
            return after
        # Rare: listings appear by the hundred at most, and then everything that rests on places is made anew.
        return ListingColumns.of(sorted((*after, *new), key=lambda row: row[:2]))

    def over(self, rows: Mapping[int, ListingRow]) -> "ListingColumns":
        """Return the columns with other rows at some places; those in which nothing changes are the same."""
        if not rows:
            return self
        places = np.array(list(rows), dtype=np.int64)
        other = ListingColumns.of(list(rows.values()))
        words: dict[str, Any] = {}
        codes: dict[str, Ints] = {}
        for name, known in (("shop", "shops"), ("sku", "skus"), ("delisted_by", "hands")):
            words[known], codes[name] = _joined(
                getattr(self, known), getattr(other, known), getattr(other, name)
            )
        changed: dict[str, Any] = {}
        for name in _NUMBERS:
            now = codes.get(name, getattr(other, name))
            before = getattr(self, name)
            if np.array_equal(before[places], now):
                continue
            # Only the columns in which something changes are copied; flags stay flags.
            after = before.astype(np.result_type(before, now if now.dtype == np.bool_ else narrow(now)))
            after[places] = now
            changed[name] = after
        # An id is what a row is found by.
        for name, field in zip(_TEXTS[1:], _FIELDS[1:], strict=True):
            # Not compared: the texts may be the database's, and to read them costs more than to keep these.
            changed[name] = Patched.over(
                getattr(self, name), {at: getattr(row, field) for at, row in rows.items()}
            )
        return replace(self, **words, **changed)

    def places(self, names: Sequence[tuple[ShopName, ListingId]]) -> Ints:
        """Return where the listings of these names are, -1 for those that are not here."""
        if (ids := searched(self.ids)) is not None:
            return np.array([ids.place_of(*name) for name in names], dtype=np.int64)
        if len(names) * _MANY < len(self) and self.is_ordered:
            return np.array([self._search(*name) for name in names], dtype=np.int64)
        index = {self.name(at): at for at in range(len(self))}
        return np.array([index.get(name, -1) for name in names], dtype=np.int64)

    def _search(self, shop: ShopName, id_: ListingId) -> int:
        """Return the place of one listing by halving; -1 where it is not."""
        if shop not in self.shops:
            return -1
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.name(middle) < (shop, id_):
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self.name(low) == (shop, id_) else -1

    def _row(self, at: int) -> ListingRow:
        desired, lo, hi, observed = (
            None if value == UNKNOWN else value
            for value in (
                int(self.desired[at]),
                int(self.lo[at]),
                int(self.hi[at]),
                int(self.observed[at]),
            )
        )
        seen, on_sale = int(self.observed_at[at]), int(self.on_sale[at])
        return ListingRow(
            shop=self.shops[self.shop[at]],
            id=ListingId(self.ids[at]),
            code=self.codes[at],
            item=ItemId(self.items[at]),
            location=self.locations[at],
            title=self.titles[at],
            sku=self.skus[self.sku[at]],
            units=int(self.units[at]),
            unbound_because=self.reasons[at],
            desired=desired,
            want_off=bool(self.want_off[at]),
            expected_lo=lo,
            expected_hi=hi,
            observed=observed,
            observed_at=None if seen == NO_TIME else _EPOCH + timedelta(microseconds=seen),
            withheld=int(self.withheld[at]),
            on_sale=None if on_sale == UNTOLD else bool(on_sale),
            delisted_by=self.hands[self.delisted_by[at]],
            gone=bool(self.gone[at]),
            deducts=DEDUCTS[self.deducts[at]],
        )


_NUMBERS = tuple(
    item.name
    for item in fields(ListingColumns)
    if item.name not in (*_TEXTS, "shops", "skus", "hands", "is_ordered")
)
_MANY = 40
"""Searching for one name costs as much as indexing so many."""


def _coded(words: Sequence[str]) -> tuple[list[str], Ints]:
    """Return each word once, and where every one of `words` stands among them."""
    index = {word: at for at, word in enumerate(dict.fromkeys(words))}
    return list(index), np.fromiter(map(index.__getitem__, words), dtype=np.int64, count=len(words))


def _joined(words: Sequence[str], others: Sequence[str], code: Column) -> tuple[tuple[str, ...], Ints]:
    """Return `words` with the new ones of `others` behind, and the codes of `others` as places in that."""
    place = {word: at for at, word in enumerate(words)}
    moved = np.array([place.setdefault(word, len(place)) for word in others], dtype=np.int64)
    return tuple(place), moved[code]


def moment_of(moment: datetime | None) -> int:
    """Return a time as it stands in `observed_at`."""
    return NO_TIME if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def _moments(rows: Sequence[ListingRow]) -> Ints:
    # Many were read at one time.
    moments = [row.observed_at for row in rows]
    known = {moment: moment_of(moment) for moment in set(moments)}
    return np.fromiter(map(known.__getitem__, moments), dtype=np.int64, count=len(rows))
