"""What hangs together, against an oracle that follows every thread by hand."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.clusters import Clusters, clusters_of
from syncd.domain.columns import places_in
from syncd.domain.draws import bundles_of
from syncd.domain.listing_columns import ListingColumns
from syncd.domain.model import Ints, ListingId, Sku
from syncd.domain.topology import Bundle
from tests.unit.domain.desk import entry


class _Web(NamedTuple):
    """So many SKUs, the bundles made of these, and what the listings are bound to."""

    skus: int
    bundles: Mapping[str, Sequence[str]]
    bound: Sequence[str]

    @property
    def codes(self) -> list[str]:
        return [f"s{at}" for at in range(self.skus)]

    def drawn(self, at: int) -> set[int]:
        """Return the SKUs that a listing draws on."""
        code = self.bound[at]
        parts = self.bundles.get(code, [code])
        return {self.codes.index(part) for part in parts if part in self.codes}


@st.composite
def _webs(draw: st.DrawFn) -> _Web:
    """Draw a web; "s9" is not there, and what a bundle is called may be a SKU too."""
    skus = draw(st.integers(1, 8))
    code = st.sampled_from([f"s{at}" for at in (*range(skus), 9)])
    bundles = draw(
        st.dictionaries(st.sampled_from(["b0", "b1", "b2", "s0"]), st.sets(code, min_size=1, max_size=3))
    )
    words = ["", "s9", *(f"s{at}" for at in range(skus)), *bundles]
    return _Web(
        skus, {name: sorted(of) for name, of in bundles.items()}, draw(st.lists(st.sampled_from(words)))
    )


def _clusters(web: _Web) -> Clusters:
    rows = [entry(sku)._replace(id=ListingId(f"{at:02}")) for at, sku in enumerate(web.bound)]
    listings = ListingColumns.of(rows)
    index = {Sku(code): at for at, code in enumerate(web.codes)}
    bundles = [
        Bundle(sku=Sku(name), components={Sku(of): 1 for of in some}) for name, some in web.bundles.items()
    ]
    made, words = bundles_of(bundles, index), listings.skus
    return clusters_of(web.skus, listings.sku, places_in(words, index), places_in(words, made.index), made)


def _around(web: _Web, skus: set[int], listings: set[int]) -> tuple[list[int], list[int]]:
    """Return all that hangs together with these, thread by thread until nothing is new."""
    while True:
        more_listings = {at for at in range(len(web.bound)) if web.drawn(at) & skus}
        more_skus = {sku for at in listings for sku in web.drawn(at)}
        if more_skus <= skus and more_listings <= listings:
            return sorted(skus), sorted(listings)
        skus, listings = skus | more_skus, listings | more_listings


def _places(some: set[int]) -> Ints:
    return np.array(list(some), dtype=np.int64)


@given(_webs(), st.data())
def test_what_is_around_some_is_all_that_hangs_together_with_them(web: _Web, data: st.DataObject) -> None:
    some_skus = data.draw(st.sets(st.integers(0, web.skus - 1)))
    some_listings = data.draw(st.sets(st.integers(0, len(web.bound) - 1))) if web.bound else set[int]()
    found = _clusters(web).around(_places(some_skus), _places(some_listings))
    assert tuple(each.tolist() for each in found) == _around(web, some_skus, some_listings)


@given(_webs())
def test_every_sku_is_in_one_cluster_and_every_listing_that_draws_on_one(web: _Web) -> None:
    found = _clusters(web)
    assert sorted(found.skus.tolist()) == list(range(web.skus))
    assert sorted(found.listings.tolist()) == [at for at in range(len(web.bound)) if web.drawn(at)]
    assert (found.sku_start[-1], found.listing_start[-1]) == (web.skus, len(found.listings))


def test_a_long_chain_is_one_cluster() -> None:
    chain = {f"b{at:02}": [f"s{at}", f"s{at + 1}"] for at in range(50)}
    found = _clusters(_Web(51, chain, list(chain)))
    assert found.around(_places({50}), _places(set()))[0].tolist() == list(range(51))


def test_a_bundle_that_nobody_lists_holds_nothing_together() -> None:
    found = _clusters(_Web(2, {"b0": ["s0", "s1"]}, ["s0", "s1"]))
    assert [each.tolist() for each in found.around(_places({0}), _places(set()))] == [[0], [0]]
