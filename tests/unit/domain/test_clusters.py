"""What hangs together, against an oracle that follows every thread by hand."""

from types import SimpleNamespace
from typing import cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.book import NOTHING, Book, make_book
from syncd.domain.clusters import Clusters, clusters_of
from tests.unit.domain.desk import entry
from tests.unit.domain.desk import state as by_hand

_Web = tuple[int, int, list[tuple[int, int]], dict[int, int]]


@st.composite
def _webs(draw: st.DrawFn) -> _Web:
    """Draw how many SKUs and listings there are, what draws on what, and the items of some listings."""
    skus, listings = draw(st.integers(1, 8)), draw(st.integers(0, 10))
    places = st.integers(0, max(listings - 1, 0))
    pairs = st.lists(st.tuples(places, st.integers(NOTHING, skus - 1)), max_size=12)
    items = st.dictionaries(places, st.integers(-(1 << 63), -(1 << 63) + 3), max_size=6)
    return skus, listings, draw(pairs) if listings else [], draw(items) if listings else {}


class _Listings:
    """So many listings, of which none is held: all that is asked of them."""

    def __init__(self, count: int) -> None:
        self.held = np.zeros(count, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.held)


def _clusters(web: _Web) -> Clusters:
    skus, listings, pairs, items = web
    listing, sku = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in range(2))
    draws = SimpleNamespace(listing=listing, sku=sku)
    book = SimpleNamespace(skus=range(skus), listings=_Listings(listings), draws=draws)
    together = np.array(list(items), dtype=np.int64)
    return clusters_of(cast("Book", book), together, np.array(list(items.values()), dtype=np.int64))


def _around(web: _Web, skus: set[int], listings: set[int]) -> tuple[list[int], list[int]]:
    """Return all that hangs together with these, thread by thread until nothing is new."""
    _, _, pairs, items = web
    while True:
        more_listings = {listing for listing, sku in pairs if sku in skus}
        more_skus = {sku for listing, sku in pairs if listing in listings and sku != NOTHING}
        mine = {items[listing] for listing in listings & items.keys()}
        more_listings |= {listing for listing, item in items.items() if item in mine}
        if more_skus <= skus and more_listings <= listings:
            return sorted(skus), sorted(listings)
        skus, listings = skus | more_skus, listings | more_listings


@given(_webs(), st.data())
def test_what_is_around_some_is_all_that_hangs_together_with_them(web: _Web, data: st.DataObject) -> None:
    skus, listings, *_ = web
    some_skus = data.draw(st.sets(st.integers(0, skus - 1)))
    some_listings = data.draw(st.sets(st.integers(0, listings - 1))) if listings else set[int]()
    found = _clusters(web).around(
        np.array(list(some_skus), dtype=np.int64), np.array(list(some_listings), dtype=np.int64)
    )
    assert tuple(each.tolist() for each in found) == _around(web, some_skus, some_listings)


@given(_webs())
def test_every_sku_and_listing_is_in_one_cluster(web: _Web) -> None:
    skus, listings, *_ = web
    found = _clusters(web)
    assert sorted(found.skus.tolist()) == list(range(skus))
    assert sorted(found.listings.tolist()) == list(range(listings))
    assert found.sku_start[-1] == skus
    assert found.listing_start[-1] == listings


def test_a_held_listing_is_with_the_sku_that_it_can_still_sell() -> None:
    held = entry("Y", 3, unbound_because="it lost its code")
    book = make_book(by_hand({"X": 10, "Y": 5}, entry("X", 4), held))
    nothing = np.array([], dtype=np.int64)
    clusters = clusters_of(book, nothing, nothing)
    assert [clusters.around(np.array([sku]), nothing)[1].tolist() for sku in range(2)] == [[0], [1]]


def test_a_long_chain_is_one_cluster() -> None:
    chain = [(at, sku) for at in range(50) for sku in (at, at + 1)]
    found = _clusters((51, 50, chain, {}))
    assert (found.around(np.array([50]), np.array([], dtype=np.int64))[0].tolist()) == list(range(51))
