"""What every store owes for the shares of split pools."""

from dataclasses import replace
from datetime import timedelta

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.records import DemandRow, ExtraRow, MoveRow, ShareRow
from syncd.ports.store import Store, Virtual
from tests.contract.store_contract_rows import NOW, ledger_row

POOL, X, Y = PoolName("main"), Sku("X"), Sku("Y")
A, B = ShopName("a"), ShopName("b")


def share(shop: ShopName = A, sku: Sku = X, units: int = 3) -> ShareRow:
    return ShareRow(POOL, shop, sku, units, None)


def move(units: int = 2, minutes: int = 0) -> MoveRow:
    return MoveRow(POOL, X, A, B, units, NOW - timedelta(minutes=minutes))


def demand(sold: float = 2.5) -> DemandRow:
    return DemandRow(A, X, sold, 60.25, 0.5, True, NOW)


def extra(units: int = 2, minutes: int = 0, shop: ShopName = A) -> ExtraRow:
    return ExtraRow(POOL, shop, X, units, NOW - timedelta(minutes=minutes))


class ShareContract:
    """What a store owes for shares, units on their way, and demand."""

    async def test_what_was_saved_of_the_shares_comes_back(self, store: Store) -> None:
        virtual = Virtual(shares=[share(), share(B, Y, 0)], moves=[move()], demand=[demand()])
        await store.save_virtual(virtual)
        assert (await store.shares(), await store.moves(), await store.demand()) == (
            [share(), share(B, Y, 0)],
            [move()],
            [demand()],
        )

    async def test_a_share_is_replaced_by_its_key_and_others_stay(self, store: Store) -> None:
        await store.save_virtual(Virtual(shares=[share(), share(B)]))
        moved = share(units=9)._replace(moved_at=NOW)
        await store.save_virtual(Virtual(shares=[moved]))
        assert await store.shares() == [moved, share(B)]

    async def test_demand_is_replaced_by_its_key(self, store: Store) -> None:
        await store.save_virtual(Virtual(demand=[demand()]))
        await store.save_virtual(Virtual(demand=[demand(7.125)]))
        assert await store.demand() == [demand(7.125)]

    async def test_demand_is_found_by_its_places_and_no_other_is(self, store: Store) -> None:
        rows = [demand()._replace(shop=shop, sku=sku) for shop in (A, B) for sku in (X, Y)]
        await store.save_virtual(Virtual(demand=rows))
        assert await store.demand_of([(B, X), (A, Y), (B, Sku("gone"))]) == [rows[1], rows[2]]

    async def test_demand_of_no_place_is_none(self, store: Store) -> None:
        await store.save_virtual(Virtual(demand=[demand()]))
        assert await store.demand_of([]) == []

    async def test_demand_is_found_by_any_text(self, store: Store) -> None:
        rows = [demand()._replace(sku=Sku(code)) for code in ('"', "'", "\\u0041", "货号", "[]")]
        await store.save_virtual(Virtual(demand=rows))
        assert sorted(await store.demand_of({row[:2] for row in rows})) == sorted(rows)

    async def test_moves_are_replaced_as_a_whole_and_come_oldest_first(self, store: Store) -> None:
        await store.save_virtual(Virtual(moves=[move(1)]))
        await store.save_virtual(Virtual(moves=[move(2), move(3, minutes=5), move(2)]))
        assert [row.units for row in await store.moves()] == [3, 2, 2]

    async def test_what_moved_shares_stands_in_the_ledger(self, store: Store) -> None:
        row = ledger_row(what="share")
        await store.save_virtual(Virtual(shares=[share()], ledger=[row]))
        assert await store.ledger() == [row]

    async def test_the_ledger_can_be_asked_for_one_kind_of_rows(self, store: Store) -> None:
        rows = [ledger_row(what="share"), ledger_row(what="moving")]
        await store.save_virtual(Virtual(ledger=rows))
        assert await store.ledger(what="moving") == rows[1:]

    async def test_moves_that_are_not_named_stay(self, store: Store) -> None:
        await store.save_virtual(Virtual(moves=[move()]))
        await store.save_virtual(replace(Virtual(), shares=[share()]))
        assert await store.moves() == [move()]

    async def test_what_was_sold_on_extra_is_replaced_as_a_whole_and_comes_oldest_first(
        self, store: Store
    ) -> None:
        await store.save_virtual(Virtual(extras=[extra(1)]))
        rows = [extra(2), extra(3, minutes=5), extra(2), extra(1, shop=B)]
        await store.save_virtual(Virtual(extras=rows))
        assert await store.extras() == [rows[1], rows[0], *rows[2:]]

    async def test_what_was_sold_on_extra_stays_while_it_is_not_named(self, store: Store) -> None:
        await store.save_virtual(Virtual(extras=[extra()]))
        await store.save_virtual(Virtual(shares=[share()], moves=[]))
        assert await store.extras() == [extra()]

    async def test_all_of_extra_can_be_given_back(self, store: Store) -> None:
        await store.save_virtual(Virtual(extras=[extra()]))
        await store.save_virtual(Virtual(extras=[]))
        assert await store.extras() == []
