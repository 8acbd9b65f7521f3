"""What every store owes for listings as columns."""

import asyncio

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from syncd.domain.listing_columns import UNKNOWN, UNTOLD
from syncd.domain.model import Deducts, Ints, ItemId, ListingId, ListingRow, ShopName, Sku
from syncd.ports.store import Store
from tests.contract.store_contract_rows import SHARED, exactly, listing_row, listing_rows, proof

_MANY = 300
"""More than a store reads at a time for the text of one."""


def _ids(count: int) -> list[str]:
    return [f"{number:05}" for number in range(0, 2 * count, 2)]


async def _fill(store: Store, count: int = _MANY) -> None:
    rows = [listing_row(id_, shop=shop) for shop in ("b", "a") for id_ in _ids(count)]
    await store.save_listings([row._replace(title=f"{row.shop} {row.id}") for row in rows])


async def _scattered(store: Store) -> tuple[Ints, list[tuple[ShopName, ListingId]]]:
    """Save listings of SKUs that have one here and there; return the places and names of those of some."""
    rows = [
        listing_row(id_, shop=shop)._replace(sku=Sku("" if at % 50 == 3 else f"S{at % 100}"))
        for shop in ("a", "b")
        for at, id_ in enumerate(_ids(_MANY))
    ]
    await store.save_listings(rows)
    places = np.array([at for at, row in enumerate(rows) if row.sku in {"S1", "S2", ""}], dtype=np.int64)
    return places, [(rows[at].shop, rows[at].id) for at in places.tolist()]


class ColumnsContract:
    """What a store owes for listings as columns."""

    async def test_a_new_store_has_no_columns_to_show(self, store: Store) -> None:
        assert list(await store.listing_columns()) == []

    async def test_columns_are_the_rows(self, store: Store) -> None:
        rows = [
            listing_row("1"),
            listing_row("2")._replace(observed=None, on_sale=None, observed_at=None, desired=None),
            listing_row("3")._replace(observed=0, on_sale=False, gone=True, want_off=True, units=12),
            listing_row("4", shop="jd")._replace(delisted_by="syncd", expected_hi=1 << 40, title="Tee"),
            listing_row("5", shop="jd")._replace(deducts=Deducts.PAYMENT, item=ItemId("x"), location="north"),
        ]
        await store.save_listings(rows)
        found = await store.listing_columns()
        assert [exactly(row) for row in found] == [exactly(row) for row in await store.listings()]

    async def test_columns_tell_bound_unbound_and_held_listings_apart(self, store: Store) -> None:
        bound, unbound = listing_row("1"), listing_row("2")._replace(sku=Sku(""), unbound_because="no code")
        held = listing_row("3")._replace(unbound_because="no code", on_sale=None, gone=True, want_off=True)
        await store.save_listings([bound, unbound, held])
        found = await store.listing_columns()
        assert (found.bound.tolist(), found.held.tolist()) == ([True, False, False], [False, False, True])
        assert (found.gone.tolist(), found.on_sale.tolist()) == ([False, False, True], [1, 1, UNTOLD])

    async def test_the_columns_of_one_shop_leave_out_the_others(self, store: Store) -> None:
        await _fill(store, 3)
        assert list(await store.listing_columns(ShopName("b"))) == await store.listings(ShopName("b"))

    async def test_the_columns_of_a_shop_without_listings_are_empty(self, store: Store) -> None:
        await _fill(store, 3)
        assert list(await store.listing_columns(ShopName("c"))) == []

    async def test_every_listing_of_many_has_its_texts(self, store: Store) -> None:
        await _fill(store)
        assert list(await store.listing_columns()) == await store.listings()

    async def test_listings_asked_for_in_any_order_have_their_texts(self, store: Store) -> None:
        await _fill(store)
        columns, rows = await store.listing_columns(), await store.listings()
        places = [(7 * number) % len(rows) for number in range(len(rows))]
        assert [columns[at] for at in places] == [rows[at] for at in places]

    async def test_names_are_given_without_the_rest(self, store: Store) -> None:
        await _fill(store)
        found = (await store.listing_columns()).names(np.array([0, 299, 300, 599]))
        first, last = _ids(_MANY)[0], _ids(_MANY)[-1]
        assert found == [("a", first), ("a", last), ("b", first), ("b", last)]

    async def test_names_of_few_skus_in_many_places_are_theirs(self, store: Store) -> None:
        places, names = await _scattered(store)
        assert (await store.listing_columns()).names(places) == names

    async def test_what_is_bound_otherwise_by_now_keeps_its_name(self, store: Store) -> None:
        places, names = await _scattered(store)
        columns = await store.listing_columns()
        rows = [row._replace(sku=Sku("elsewhere")) for row in await store.named(names[::3])]
        others = [listing_row(f"{id_}x", shop=shop)._replace(sku=Sku("S1")) for shop, id_ in names]
        await store.save_listings([*rows, *others])
        assert columns.names(places) == names

    async def test_names_of_some_listings_are_theirs_in_the_order_asked_for(self, store: Store) -> None:
        places, names = await _scattered(store)
        some = (await store.listing_columns()).take(places)
        assert some.names(np.arange(len(places))[::-1]) == names[::-1]

    async def test_a_listing_is_found_by_its_name(self, store: Store) -> None:
        await _fill(store)
        columns = await store.listing_columns()
        names = [(ShopName("b"), ListingId("00100")), (ShopName("b"), ListingId("00101"))]
        assert columns.places(names).tolist() == [350, -1]

    async def test_a_text_counts_from_the_end_too(self, store: Store) -> None:
        await _fill(store, 3)
        columns = await store.listing_columns()
        found = columns.ids[-1], columns.titles[-1], columns.ids[1:3]
        assert found == ("00004", "b 00004", ["00002", "00004"])

    async def test_columns_stay_what_they_were_when_counters_move(self, store: Store) -> None:
        await store.save_listings([listing_row("1")])
        columns = await store.listing_columns()
        await store.resolve([], [proof("1")], [])
        assert (columns[0].expected_lo, columns[0].expected_hi) == (None, None)

    async def test_listings_that_came_later_do_not_move_the_texts_of_others(self, store: Store) -> None:
        await _fill(store)
        columns, rows = await store.listing_columns(), await store.listings()
        ids = [f"{number:05}" for number in range(1, 900, 2)]
        await store.save_listings(
            [listing_row(id_, shop=shop) for shop in ("", "a", "aa", "b") for id_ in ids]
        )
        assert list(columns) == rows

    async def test_texts_can_be_asked_for_in_another_thread(self, store: Store) -> None:
        await _fill(store)
        columns, rows = await store.listing_columns(), await store.listings()
        found = await asyncio.gather(*(asyncio.to_thread(list, columns) for _ in range(3)))
        assert found == [rows, rows, rows]

    @SHARED
    @given(row=listing_rows, deducts=st.sampled_from(Deducts))
    async def test_every_listing_comes_back_from_columns_as_it_was(
        self, store: Store, row: ListingRow, deducts: Deducts
    ) -> None:
        row = row._replace(deducts=deducts)
        assume(UNKNOWN not in (row.desired, row.expected_lo, row.expected_hi, row.observed))
        await store.save_listings([row])
        columns = await store.listing_columns(row.shop)
        at = columns.places([(row.shop, row.id)]).tolist()[0]
        assert exactly(columns[at]) == exactly(row)
        assert columns.held[at] == row.is_held

    @SHARED
    @given(rows=st.lists(listing_rows, max_size=8))
    async def test_any_columns_are_the_rows_in_order(self, store: Store, rows: list[ListingRow]) -> None:
        assume(not any(UNKNOWN in row for row in rows))
        await store.save_listings(rows)
        assert list(await store.listing_columns()) == await store.listings()
