"""What taking off sale and putting back owes: exactly that, to the listing or its item as the traits say."""

import pytest

from syncd.conformance.rig import Ability, Bench, Fault, Stock
from syncd.conformance.words import (
    kind_of_push,
    named,
    need,
    need_action,
    need_fault,
    need_switch,
    observed,
    pushed,
    write,
)
from syncd.domain.batches import fill
from syncd.domain.model import Action, ListingId, Outcome
from syncd.errors import Kind
from syncd.ports.channel import Unlists

_BREAKS = [Fault.RESET, Fault.LOST_REPLY, Fault.MALFORMED, Fault.THROTTLED]


async def _off(bench: Bench, *listings: ListingId) -> list[Outcome]:
    return await pushed(
        bench, *(write(bench, listing, 0, Action.DELIST, key=f"d{listing}") for listing in listings)
    )


async def _on(bench: Bench, *listings: ListingId) -> list[Outcome]:
    return await pushed(
        bench, *(write(bench, listing, 0, Action.RELIST, key=f"r{listing}") for listing in listings)
    )


class Sale:
    """Listings that leave the shop window and come back."""

    @pytest.mark.parametrize("item", ["", "I"], ids=["item", "sku"])
    async def test_a_listing_goes_off_sale_and_comes_back(self, bench: Bench, item: str) -> None:
        need_switch(bench)
        listing = bench.rig.put(Stock(key="1", item=item))
        off = await _off(bench, listing)
        was_off = not bench.rig.is_on_sale(listing)
        on = await _on(bench, listing)
        assert [outcome.kind for outcome in off + on] == [Kind.DONE, Kind.DONE]
        assert (was_off, bench.rig.is_on_sale(listing)) == (True, True)
        assert bench.rig.counter(listing) == 5

    async def test_what_is_off_sale_already_is_done(self, bench: Bench) -> None:
        need_switch(bench)
        listing = bench.rig.put(Stock(key="1", on_sale=False))
        (outcome,) = await _off(bench, listing)
        assert (outcome.kind, bench.rig.is_on_sale(listing)) == (Kind.DONE, False)

    async def test_what_is_on_sale_already_is_done(self, bench: Bench) -> None:
        need_switch(bench)
        listing = bench.rig.put(Stock(key="1"))
        (outcome,) = await _on(bench, listing)
        assert (outcome.kind, bench.rig.is_on_sale(listing)) == (Kind.DONE, True)
        assert bench.rig.counter(listing) == 5

    async def test_only_what_is_named_goes_off_sale(self, bench: Bench) -> None:
        need_switch(bench)
        one = bench.rig.put(Stock(key="1", item="I", code="C1"))
        two = bench.rig.put(Stock(key="2", item="I", code="C2"))
        other = bench.rig.put(Stock(key="3", item="J", code="C3"))
        await _off(bench, one)
        takes_items = bench.channel.traits.unlists is Unlists.ITEM
        assert bench.rig.is_on_sale(two) is not takes_items
        assert (bench.rig.is_on_sale(one), bench.rig.is_on_sale(other)) == (False, True)

    async def test_all_skus_of_an_item_can_be_named_in_as_few_calls_as_the_traits_say(
        self, bench: Bench
    ) -> None:
        need_switch(bench)
        skus = [bench.rig.put(Stock(key=f"{n}", item="I", code=f"C{n}")) for n in range(5)]
        for action, on_sale in ((Action.DELIST, False), (Action.RELIST, True)):
            for call in fill([write(bench, sku, 0, action) for sku in skus], bench.channel.traits):
                outcomes = await pushed(bench, *call)
                assert [outcome.kind for outcome in outcomes] == [Kind.DONE] * len(call)
            assert [bench.rig.is_on_sale(sku) for sku in skus] == [on_sale] * len(skus)
        assert [bench.rig.counter(sku) for sku in skus] == [5] * len(skus)

    async def test_the_reason_for_being_off_sale_is_not_invented(self, bench: Bench) -> None:
        need_switch(bench)
        listing = bench.rig.put(Stock(key="1"))
        await _off(bench, listing)
        (shown,) = await observed(bench.channel)
        assert (shown.id, shown.on_sale, shown.quantity) == (listing, False, 5)

    async def test_nothing_to_sell_does_not_go_on_sale_where_zero_delists(self, bench: Bench) -> None:
        need_switch(bench)
        if not bench.channel.traits.auto_delists_at_zero:
            pytest.skip("zero does not delist (trait auto_delists_at_zero)")
        listing = bench.rig.put(Stock(key="1", quantity=0, on_sale=False))
        kinds = await kind_of_push(bench, write(bench, listing, 0, Action.RELIST))
        assert (kinds, bench.rig.is_on_sale(listing), bench.rig.counter(listing)) == (
            [Kind.REJECTED],
            False,
            0,
        )

    async def test_zero_takes_off_sale_exactly_where_the_traits_say_so(self, bench: Bench) -> None:
        need_action(bench, Action.SET)
        if not bench.channel.traits.zero_allowed:
            pytest.skip("the channel takes no zero (trait zero_allowed)")
        listing = bench.rig.put(Stock(key="1"))
        await pushed(bench, write(bench, listing, 0))
        assert bench.rig.is_on_sale(listing) is not bench.channel.traits.auto_delists_at_zero

    async def test_a_listing_that_is_gone_does_not_go_off_sale(self, bench: Bench) -> None:
        need_switch(bench)
        need(bench, Ability.DELETES)
        gone = bench.rig.put(Stock(key="gone"))
        lost = write(bench, gone, 0, Action.DELIST)
        bench.rig.drop(gone)
        (kind,) = await kind_of_push(bench, lost)
        assert kind in {Kind.NOT_FOUND, Kind.REJECTED, Kind.UNKNOWN}

    @pytest.mark.parametrize(
        "fault", [Fault.RESET, Fault.LOST_REPLY, Fault.MALFORMED, Fault.THROTTLED], ids=named
    )
    async def test_a_failed_delisting_is_told_as_a_failed_write(self, bench: Bench, fault: Fault) -> None:
        need_switch(bench)
        need_fault(bench, fault)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        (kind,) = await kind_of_push(bench, write(bench, listing, 0, Action.DELIST))
        assert kind is (Kind.THROTTLED if fault is Fault.THROTTLED else Kind.UNKNOWN)
        if fault is Fault.LOST_REPLY:
            assert not bench.rig.is_on_sale(listing)
