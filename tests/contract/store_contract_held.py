"""What every store owes for what is held now, and for what people rejected of it."""

from datetime import timedelta

from syncd.domain.held import Direction, HeldNow
from syncd.domain.model import ListingId, ShopName
from syncd.ports.held import HeldCount
from syncd.ports.store import Store
from tests.contract.store_contract_rows import (
    DIGEST,
    NOW,
    SHOP,
    approval_row,
    held_row,
    ledger_row,
    rejection_row,
    save_plan,
)

HELD = HeldNow(digest=DIGEST, since={SHOP: NOW})


class HeldContract:
    """What a store owes for what is held now."""

    async def test_of_a_new_state_nothing_is_held_now(self, store: Store) -> None:
        assert await store.held_now() == HeldNow()

    async def test_what_is_held_now_is_read_as_it_was_saved(self, store: Store) -> None:
        await store.stand(HELD, ())
        assert await store.held_now() == HELD

    async def test_what_is_held_now_is_replaced(self, store: Store) -> None:
        await store.stand(HELD, ())
        await store.stand(HeldNow(), ())
        assert await store.held_now() == HeldNow()

    async def test_what_is_held_says_what_it_is_and_why(self, store: Store) -> None:
        rows = [held_row("1"), held_row("2")._replace(old=9)]
        await save_plan(store, held=rows)
        assert await store.held(DIGEST) == rows

    async def test_what_is_held_is_counted_by_what_holds_it(self, store: Store) -> None:
        await save_plan(store, held=[held_row("1"), held_row("2"), held_row("3", setting="guard.y")])
        found = [(row.setting, row.changes, row.rejected) for row in await store.held_counts(DIGEST)]
        assert found == [("guard.x", 2, 0), ("guard.y", 1, 0)]

    async def test_a_count_carries_the_figures_of_its_hold(self, store: Store) -> None:
        await save_plan(store, held=[held_row()])
        expected = HeldCount(SHOP, Direction.OFF, "guard.x", 30, 42, "%", 1, 0)
        assert await store.held_counts(DIGEST) == [expected]

    async def test_only_a_rejection_of_the_same_figure_is_counted(self, store: Store) -> None:
        await save_plan(store, held=[held_row("1"), held_row("2", bound=5)])
        await store.reject([rejection_row("1"), rejection_row("2", bound=4)], ())
        assert [row.rejected for row in await store.held_counts(DIGEST)] == [1]

    async def test_what_is_held_comes_page_by_page(self, store: Store) -> None:
        rows = [held_row("1"), held_row("2"), held_row("1", shop="web")]
        await save_plan(store, held=[*reversed(rows)])
        first = await store.held_page(DIGEST, shop=None, after=None, limit=2)
        second = await store.held_page(DIGEST, shop=None, after=first[-1][1:4], limit=2)
        assert [*first, *second] == rows

    async def test_what_is_held_is_found_by_its_shop(self, store: Store) -> None:
        await save_plan(store, held=[held_row("1"), held_row("2", shop="web")])
        found = await store.held_page(DIGEST, shop=ShopName("web"), after=None, limit=9)
        assert found == [held_row("2", shop="web")]

    async def test_what_is_held_is_found_by_its_listing(self, store: Store) -> None:
        rows = [held_row("1"), held_row("2"), held_row("1", shop="web"), held_row("1", digest="f" * 16)]
        await save_plan(store, held=rows)
        found = await store.held_among(DIGEST, [(SHOP, ListingId("1")), (SHOP, ListingId("7"))])
        assert found == [held_row("1")]

    async def test_a_page_is_of_one_digest(self, store: Store) -> None:
        await save_plan(store, held=[held_row("1"), held_row("2", digest="f" * 16)])
        assert await store.held_page(DIGEST, shop=None, after=None, limit=9) == [held_row("1")]

    async def test_a_rejection_is_replaced_by_the_next(self, store: Store) -> None:
        await store.reject([rejection_row()], ())
        later = rejection_row(bound=7)._replace(at=NOW + timedelta(hours=1), by="bob")
        await store.reject([later], ())
        assert await store.rejections() == [later]

    async def test_a_rejection_is_forgotten_by_its_key(self, store: Store) -> None:
        await store.reject([rejection_row("1"), rejection_row("2")], ())
        await store.stand(HeldNow(), [rejection_row("1", bound=9)])
        assert await store.rejections() == [rejection_row("2")]

    async def test_an_approval_takes_back_the_rejection(self, store: Store) -> None:
        rejected = rejection_row()._replace(direction=Direction.RAISE)
        await store.reject([rejected], ())
        await store.approve([approval_row()], ())
        assert list(await store.rejections()) == []

    async def test_a_rejection_takes_back_the_approval(self, store: Store) -> None:
        await store.approve([approval_row(until=NOW + timedelta(hours=1))], ())
        await store.reject([rejection_row()._replace(direction=Direction.RAISE)], ())
        assert list(await store.approvals(NOW)) == []

    async def test_a_rejection_of_another_listing_takes_nothing_back(self, store: Store) -> None:
        kept = approval_row(until=NOW + timedelta(hours=1))
        await store.approve([kept], ())
        await store.reject([rejection_row()._replace(listing=ListingId("9"))], ())
        assert await store.approvals(NOW) == [kept]

    async def test_a_rejection_comes_with_its_ledger(self, store: Store) -> None:
        await store.reject([rejection_row()], [ledger_row(what="rejected")])
        assert await store.ledger() == [ledger_row(what="rejected")]
