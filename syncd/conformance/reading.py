"""What reading owes: all that is there, exactly as it is called, and nothing that is not."""

import pytest

from syncd.conformance.rig import Ability, Bench, Stock
from syncd.conformance.words import ODD_TEXTS, need, observed, quantities
from syncd.domain.model import Action, Deducts, OffReason
from syncd.errors import PortError


class Reading:
    """Listings as the channel shows them."""

    async def test_opening_makes_no_call(self, bench: Bench) -> None:
        assert bench.channel.traits.max_batch >= 1
        assert bench.channel.traits.write_modes
        assert bench.rig.calls() == 0

    async def test_the_traits_are_sound(self, bench: Bench) -> None:
        traits = bench.channel.traits
        assert traits == bench.channel.traits
        assert min(traits.max_batch, traits.max_batch_listing, traits.max_quantity) >= 1
        assert len(set(traits.write_modes)) == len(traits.write_modes)
        assert set(traits.write_modes) <= {Action.SET, Action.DELTA, Action.COMPARE_AND_SET}

    async def test_an_empty_shop_has_no_listings(self, bench: Bench) -> None:
        assert await observed(bench.channel) == []

    async def test_all_listings_are_read_over_all_pages(self, bench: Bench) -> None:
        put = {
            bench.rig.put(Stock(key=f"L{n}", quantity=n + 1, code=f"C{n}")): n + 1 for n in range(bench.many)
        }
        assert len(put) == bench.many
        assert await quantities(bench.channel) == put

    async def test_a_listing_is_shown_once(self, bench: Bench) -> None:
        for number in range(7):
            bench.rig.put(Stock(key=f"L{number}"))
        shown = [listing.id for listing in await observed(bench.channel)]
        assert len(shown) == len(set(shown)) == 7

    async def test_a_listing_is_shown_as_it_is(self, bench: Bench) -> None:
        listing = bench.rig.put(Stock(key="1", quantity=7, code="ABC"))
        (shown,) = await observed(bench.channel)
        assert (shown.id, shown.item) == (listing, bench.rig.item_of(listing))
        assert (shown.code, shown.quantity, shown.on_sale) == ("ABC", 7, True)
        assert shown.off_reason is None
        assert shown.deducts in Deducts

    @pytest.mark.parametrize("quantity", [1, 999_999])
    async def test_a_counter_is_read_exactly(self, bench: Bench, quantity: int) -> None:
        listing = bench.rig.put(Stock(key="1", quantity=quantity))
        assert await quantities(bench.channel) == {listing: quantity}

    async def test_an_empty_counter_is_0_and_not_unknown(self, bench: Bench) -> None:
        empty = bench.rig.put(Stock(key="empty", quantity=0, on_sale=False))
        full = bench.rig.put(Stock(key="full", quantity=5))
        assert await quantities(bench.channel) == {empty: 0, full: 5}

    async def test_what_is_off_sale_is_shown_as_such(self, bench: Bench) -> None:
        off = bench.rig.put(Stock(key="off", on_sale=False))
        on = bench.rig.put(Stock(key="on"))
        assert {listing.id: listing.on_sale for listing in await observed(bench.channel)} == {
            off: False,
            on: True,
        }

    async def test_the_skus_of_an_item_are_listings_of_the_same_item(self, bench: Bench) -> None:
        skus = {bench.rig.put(Stock(key=f"S{n}", item="I", quantity=n + 1, code=f"S{n}")) for n in range(3)}
        other = bench.rig.put(Stock(key="other"))
        shown = {listing.id: listing for listing in await observed(bench.channel)}
        assert shown.keys() == skus | {other}
        assert len({shown[sku].item for sku in skus}) == 1
        assert all(shown[sku].item == bench.rig.item_of(sku) for sku in skus)
        assert shown[other].item not in {shown[sku].item for sku in skus}

    async def test_listings_with_the_same_code_are_all_shown(self, bench: Bench) -> None:
        same = [bench.rig.put(Stock(key=f"{n}", code="SAME", quantity=n + 1)) for n in range(3)]
        shown = {listing.id: (listing.code, listing.quantity) for listing in await observed(bench.channel)}
        assert shown == {listing: ("SAME", n + 1) for n, listing in enumerate(same)}

    @pytest.mark.parametrize("text", ODD_TEXTS)
    async def test_odd_ids_are_read_exactly(self, bench: Bench, text: str) -> None:
        listing = bench.rig.put(Stock(key=text, quantity=3))
        assert await quantities(bench.channel) == {listing: 3}

    @pytest.mark.parametrize("text", ODD_TEXTS)
    async def test_odd_codes_are_read_exactly(self, bench: Bench, text: str) -> None:
        bench.rig.put(Stock(key="1", code=text))
        assert [listing.code for listing in await observed(bench.channel)] == [text]

    # --- some of them --------------------------------------------------------------------------------------

    @pytest.mark.parametrize("text", ODD_TEXTS)
    async def test_odd_ids_are_read_alone(self, bench: Bench, text: str) -> None:
        bench.rig.put(Stock(key="other"))
        listing = bench.rig.put(Stock(key=text, quantity=3))
        found = {shown.id: shown.quantity for shown in await observed(bench.channel, [listing])}
        assert found[listing] == 3

    async def test_some_listings_are_read_however_many(self, bench: Bench) -> None:
        asked = [bench.rig.put(Stock(key=f"L{n}", code=f"C{n}")) for n in range(bench.many // 2)]
        found = {listing.id for listing in await observed(bench.channel, asked)}
        assert found >= set(asked)

    async def test_listings_off_sale_are_read_alone(self, bench: Bench) -> None:
        listing = bench.rig.put(Stock(key="off", quantity=4, on_sale=False))
        found = {
            shown.id: (shown.quantity, shown.on_sale) for shown in await observed(bench.channel, [listing])
        }
        assert found[listing] == (4, False)

    @pytest.mark.parametrize("item", ["", "I"], ids=["item", "sku"])
    async def test_a_listing_that_is_read_alone_is_shown_as_in_the_whole_shop(
        self, bench: Bench, item: str
    ) -> None:
        held = 4 if Ability.WITHHOLDING in bench.abilities else 0
        listing = bench.rig.put(Stock(key="1", item=item, quantity=9, withheld=held))
        (whole,), (alone,) = await observed(bench.channel), await observed(bench.channel, [listing])
        assert (alone.id, alone.item, alone.code) == (whole.id, whole.item, whole.code)
        assert (alone.quantity, alone.withheld, alone.on_sale) == (whole.quantity, held, whole.on_sale)

    async def test_what_is_asked_for_twice_is_read_once(self, bench: Bench) -> None:
        listing = bench.rig.put(Stock(key="1"))
        shown = [each.id for each in await observed(bench.channel, [listing, listing])]
        assert shown == [listing]

    async def test_no_listings_need_no_call(self, bench: Bench) -> None:
        assert await observed(bench.channel, []) == []
        assert bench.rig.calls() == 0

    async def test_a_listing_that_does_not_exist_is_left_out(self, bench: Bench) -> None:
        need(bench, Ability.DELETES, Ability.TELLS_GONE)
        there, gone = bench.rig.put(Stock(key="there")), bench.rig.put(Stock(key="gone"))
        bench.rig.drop(gone)
        found = [listing.id for listing in await observed(bench.channel, [there, gone])]
        assert found == [there]

    async def test_a_listing_that_was_deleted_is_not_shown(self, bench: Bench) -> None:
        need(bench, Ability.DELETES)
        there, gone = bench.rig.put(Stock(key="there")), bench.rig.put(Stock(key="gone"))
        bench.rig.drop(gone)
        assert [listing.id for listing in await observed(bench.channel)] == [there]

    # --- what the platform does not say --------------------------------------------------------------------

    async def test_a_listing_that_an_answer_leaves_out_is_not_gone(self, bench: Bench) -> None:
        need(bench, Ability.SILENT_ITEMS)
        hidden = bench.rig.put(Stock(key="hidden"))
        bench.rig.put(Stock(key="other"))
        bench.rig.hide(hidden)
        try:
            found = await quantities(bench.channel)
        except PortError:
            return
        assert found.get(hidden, "left out") in {5, None}

    async def test_the_units_of_unpaid_orders_are_told(self, bench: Bench) -> None:
        need(bench, Ability.WITHHOLDING)
        assert bench.channel.traits.withholds
        bench.rig.put(Stock(key="1", quantity=9, withheld=4))
        (shown,) = await observed(bench.channel)
        assert (shown.quantity, shown.withheld) == (9, 4)

    async def test_a_listing_that_was_sold_out_says_so(self, bench: Bench) -> None:
        need(bench, Ability.SALE_REASONS)
        bench.rig.put(Stock(key="1", quantity=0, on_sale=False))
        (shown,) = await observed(bench.channel)
        assert (shown.quantity, shown.on_sale, shown.off_reason) == (0, False, OffReason.SOLD_OUT)

    # --- changes while pages are read ----------------------------------------------------------------------

    @pytest.mark.parametrize("call", [2, 3])
    async def test_what_leaves_the_pages_hides_no_other_listing(self, bench: Bench, call: int) -> None:
        need(bench, Ability.STEADY_LISTS, Ability.DELETES, Ability.WIRE)
        ids = [bench.rig.put(Stock(key=f"L{n}", code=f"C{n}")) for n in range(bench.many)]

        def leave() -> None:
            for gone in ids[:3]:
                bench.rig.drop(gone)

        bench.rig.before_call(call, leave)
        try:
            found = await quantities(bench.channel)
        except PortError:
            return
        assert set(ids[3:]) - found.keys() == set()
