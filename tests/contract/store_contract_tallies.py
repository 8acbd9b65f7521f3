"""What every store owes for what it counts."""

from datetime import timedelta

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import ClaimRow, PendingRow
from syncd.ports.care import Old
from syncd.ports.store import Measured, Store
from syncd.ports.tallies import Backlog, ListingState
from tests.contract.store_contract_rows import NOW, SHOP, intent_row, ledger_row, listing_row

OTHER = ShopName("jd")
A_MINUTE = timedelta(minutes=1)


def waiting(shop: ShopName, listing: str, *, minutes: int, held: bool = False) -> PendingRow:
    return PendingRow(shop, ListingId(listing), NOW - minutes * A_MINUTE, None, held)


class TallyContract:
    """What a store owes for its counts."""

    async def test_a_state_without_rows_counts_nothing(self, store: Store) -> None:
        tally = await store.tally()
        assert (tally.listings, tally.claims, tally.unresolved, tally.ledger) == ({}, {}, {}, 0)
        assert await store.backlog() == []

    async def test_the_backlog_of_a_shop_is_as_old_as_its_oldest_decrease_that_nothing_holds(
        self, store: Store
    ) -> None:
        rows = [
            waiting(SHOP, "1", minutes=3),
            waiting(SHOP, "2", minutes=7),
            waiting(SHOP, "3", minutes=90, held=True),
        ]
        await store.save_measures(Measured(pending=rows))
        assert await store.backlog() == [Backlog(SHOP, 3, 1, NOW - 7 * A_MINUTE)]

    async def test_a_backlog_of_which_all_is_held_has_no_age(self, store: Store) -> None:
        await store.save_measures(Measured(pending=[waiting(SHOP, "1", minutes=3, held=True)]))
        assert await store.backlog() == [Backlog(SHOP, 1, 1, None)]

    async def test_the_backlogs_are_sorted_by_shop(self, store: Store) -> None:
        rows = [waiting(SHOP, "1", minutes=1), waiting(OTHER, "1", minutes=1)]
        await store.save_measures(Measured(pending=rows))
        assert [row.shop for row in await store.backlog()] == [OTHER, SHOP]

    async def test_every_listing_is_counted_in_one_state(self, store: Store) -> None:
        row = listing_row()
        rows = {
            ListingState.GONE: row._replace(id=ListingId("1"), gone=True, sku=Sku("")),
            ListingState.UNBOUND: row._replace(id=ListingId("2"), sku=Sku(""), unbound_because="no such SKU"),
            ListingState.HELD: row._replace(id=ListingId("3"), unbound_because="its code changed"),
            ListingState.ON_SALE: row._replace(id=ListingId("4")),
            ListingState.OFF_SALE: row._replace(id=ListingId("5"), on_sale=False),
            ListingState.UNREAD: row._replace(id=ListingId("6"), on_sale=None),
        }
        await store.save_listings([*rows.values()])
        assert (await store.tally()).listings == {(SHOP, state): 1 for state in rows}

    async def test_listings_are_counted_by_shop(self, store: Store) -> None:
        rows = [listing_row("1"), listing_row("2"), listing_row("1", shop=OTHER)]
        await store.save_listings(rows)
        on_sale = ListingState.ON_SALE
        assert (await store.tally()).listings == {(SHOP, on_sale): 2, (OTHER, on_sale): 1}

    async def test_claims_open_writes_and_the_ledger_are_counted(self, store: Store) -> None:
        await store.save_listings([listing_row("1"), listing_row("2")])
        await store.open_intents([intent_row("k1"), intent_row("k2", listing="2")])
        await store.resolve((), (), [ledger_row()] * 3)
        await store.save_claims([ClaimRow(SHOP, "1", Sku("A"), "", 2, NOW)], ())
        tally = await store.tally()
        assert (tally.claims, tally.unresolved, tally.ledger) == ({SHOP: 1}, {SHOP: 2}, 3)

    async def test_what_was_purged_of_the_ledger_does_not_count(self, store: Store) -> None:
        await store.resolve((), (), [ledger_row()._replace(at=NOW - A_MINUTE), ledger_row(), ledger_row()])
        await store.purge(Old.LEDGER, before=NOW, limit=10)
        assert (await store.tally()).ledger == 2
