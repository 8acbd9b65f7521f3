"""What writing owes: exactly what was asked for, to exactly that listing, and the truth about it."""

import pytest

from syncd.conformance.rig import Ability, Bench, Fault, Stock
from syncd.conformance.words import (
    ODD_TEXTS,
    kind_of_push,
    need,
    need_action,
    need_fault,
    pushed,
    raising,
    write,
)
from syncd.domain.model import Action
from syncd.errors import Kind, PortError

_APPLIED = frozenset({Kind.DONE, Kind.DUPLICATE})
_REFUSED = frozenset({Kind.REJECTED, Kind.NOT_FOUND})


class Writing:
    """Counters as the channel writes them, in each of its modes."""

    async def test_nothing_to_push_needs_no_call(self, bench: Bench) -> None:
        assert await pushed(bench) == []
        assert bench.rig.calls() == 0

    @pytest.mark.parametrize(
        ("action", "value", "after"),
        [
            (Action.SET, 8, 8),
            (Action.SET, 2, 2),
            (Action.SET, 5, 5),
            (Action.DELTA, 3, 8),
            (Action.DELTA, -3, 2),
            (Action.COMPARE_AND_SET, 8, 8),
            (Action.COMPARE_AND_SET, 2, 2),
        ],
    )
    @pytest.mark.parametrize("item", ["", "I"], ids=["item", "sku"])
    async def test_a_write_is_applied(
        self, bench: Bench, item: str, action: Action, value: int, after: int
    ) -> None:
        need_action(bench, action)
        one = bench.rig.put(Stock(key="1", item=item, code="C1"))
        two = bench.rig.put(Stock(key="2", item=item, code="C2"))
        (outcome,) = await pushed(bench, write(bench, one, value, action))
        assert (outcome.kind, bench.rig.counter(one)) == (Kind.DONE, after)
        assert outcome.counter in {after, None}
        assert bench.rig.counter(two) == 5

    @pytest.mark.parametrize("text", ODD_TEXTS)
    async def test_odd_ids_are_written_exactly(self, bench: Bench, text: str) -> None:
        listing = bench.rig.put(Stock(key=text))
        (outcome,) = await pushed(bench, raising(bench, listing))
        assert (outcome.kind, bench.rig.counter(listing)) == (Kind.DONE, 7)

    async def test_listings_with_odd_codes_are_written_exactly(self, bench: Bench) -> None:
        # Some platforms take counters by the merchant's code and not by an id of their own.
        listings = [bench.rig.put(Stock(key=f"L{n}", code=text)) for n, text in enumerate(ODD_TEXTS)]
        for done, listing in enumerate(listings, start=1):
            assert await kind_of_push(bench, raising(bench, listing)) == [Kind.DONE]
            counters = [bench.rig.counter(each) for each in listings]
            assert counters == [7] * done + [5] * (len(listings) - done)

    async def test_odd_keys_of_writes_are_taken(self, bench: Bench) -> None:
        listing = bench.rig.put(Stock(key="1"))
        (outcome,) = await pushed(
            bench, raising(bench, listing, key="a b/ü:0123456789-0123456789-0123456789")
        )
        assert (outcome.kind, bench.rig.counter(listing)) == (Kind.DONE, 7)

    async def test_zero_is_written(self, bench: Bench) -> None:
        need_action(bench, Action.SET)
        if not bench.channel.traits.zero_allowed:
            pytest.skip("the channel takes no zero (trait zero_allowed)")
        listing = bench.rig.put(Stock(key="1"))
        (outcome,) = await pushed(bench, write(bench, listing, 0))
        assert (outcome.kind, bench.rig.counter(listing)) == (Kind.DONE, 0)

    async def test_the_largest_counter_is_written(self, bench: Bench) -> None:
        need_action(bench, Action.SET)
        listing = bench.rig.put(Stock(key="1"))
        most = bench.channel.traits.max_quantity
        (outcome,) = await pushed(bench, write(bench, listing, most))
        assert (outcome.kind, bench.rig.counter(listing)) == (Kind.DONE, most)

    async def test_a_write_puts_nothing_on_sale(self, bench: Bench) -> None:
        need_action(bench, Action.SET)
        listing = bench.rig.put(Stock(key="1", on_sale=False))
        await pushed(bench, write(bench, listing, 9))
        assert (bench.rig.counter(listing), bench.rig.is_on_sale(listing)) == (9, False)

    async def test_compare_and_set_leaves_a_counter_that_moved(self, bench: Bench) -> None:
        need_action(bench, Action.COMPARE_AND_SET)
        listing = bench.rig.put(Stock(key="1", quantity=4))
        (outcome,) = await pushed(bench, write(bench, listing, 9, Action.COMPARE_AND_SET, base=5))
        assert outcome.kind not in _APPLIED
        assert bench.rig.counter(listing) == 4

    @pytest.mark.parametrize("item", ["", "I"], ids=["item", "sku"])
    async def test_a_delta_below_zero_is_refused_or_clipped_as_told(self, bench: Bench, item: str) -> None:
        need_action(bench, Action.DELTA)
        listing = bench.rig.put(Stock(key="1", item=item, code="C1"))
        bench.rig.put(Stock(key="2", item=item, code="C2"))
        (outcome,) = await pushed(bench, write(bench, listing, -6, Action.DELTA))
        # A trait may promise less than one call keeps: what is refused leaves the counter. Where no refusal
        # of a write proves that nothing was written it is unknown.
        kinds = _REFUSED if bench.line_kinds & _REFUSED else frozenset({Kind.UNKNOWN})
        refused = (outcome.kind in kinds, bench.rig.counter(listing)) == (True, 5)
        clipped = (outcome.kind, bench.rig.counter(listing)) == (Kind.DONE, 0)
        assert refused or (clipped and bench.channel.traits.delta_clips)

    # --- withheld units ------------------------------------------------------------------------------------

    @pytest.mark.parametrize("action", [Action.SET, Action.DELTA])
    async def test_a_counter_is_not_written_below_what_is_withheld(
        self, bench: Bench, action: Action
    ) -> None:
        need(bench, Ability.FLOOR)
        need_action(bench, action)
        listing = bench.rig.put(Stock(key="1", quantity=9, withheld=4))
        value = 3 if action is Action.SET else -6
        kinds = await kind_of_push(bench, write(bench, listing, value, action, base=9))
        assert (kinds, bench.rig.counter(listing)) == ([Kind.REJECTED], 9)

    # --- keys ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("action", [Action.DELTA, Action.SET, Action.COMPARE_AND_SET])
    async def test_a_repeated_key_is_applied_once(self, bench: Bench, action: Action) -> None:
        self._needs_keys(bench, action)
        listing = bench.rig.put(Stock(key="1"))
        again = write(bench, listing, 2 if action is Action.DELTA else 7, action, key="0a")
        outcomes = [*await pushed(bench, again), *await pushed(bench, again)]
        assert outcomes[0].kind is Kind.DONE
        # Not every platform tells that it knew the key.
        assert outcomes[1].kind in _APPLIED
        assert bench.rig.counter(listing) == 7

    async def test_another_key_is_another_write(self, bench: Bench) -> None:
        need_action(bench, Action.DELTA)
        listing = bench.rig.put(Stock(key="1"))
        for key in ("0a", "0b"):
            (outcome,) = await pushed(bench, write(bench, listing, 2, Action.DELTA, key=key))
            assert outcome.kind is Kind.DONE
        assert bench.rig.counter(listing) == 9

    async def test_a_key_whose_reply_was_lost_is_not_applied_again(self, bench: Bench) -> None:
        self._needs_keys(bench, Action.DELTA)
        need_fault(bench, Fault.LOST_REPLY)
        listing = bench.rig.put(Stock(key="1"))
        again = write(bench, listing, 2, Action.DELTA, key="0a")
        bench.rig.fail(Fault.LOST_REPLY)
        with pytest.raises(PortError):
            await pushed(bench, again)
        (outcome,) = await pushed(bench, again)
        assert (outcome.kind in _APPLIED, bench.rig.counter(listing)) == (True, 7)

    # --- what is not there ---------------------------------------------------------------------------------

    async def test_a_write_to_a_listing_that_is_gone_is_not_done(self, bench: Bench) -> None:
        need(bench, Ability.DELETES)
        gone = bench.rig.put(Stock(key="gone"))
        lost = raising(bench, gone)
        bench.rig.drop(gone)
        (kind,) = await kind_of_push(bench, lost)
        # A platform that does not say so plainly must not be taken at its word: gone is for good.
        assert kind in {Kind.NOT_FOUND, Kind.REJECTED, Kind.UNKNOWN}

    @pytest.mark.parametrize("kind", [Kind.NOT_FOUND, Kind.REJECTED])
    async def test_a_line_that_is_refused_alone_says_why(self, bench: Bench, kind: Kind) -> None:
        if kind not in bench.line_kinds:
            pytest.skip(f"a line alone cannot be refused as {kind} (line_kinds)")
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.refuse(listing, kind)
        (outcome,) = await pushed(bench, raising(bench, listing))
        assert (outcome.kind, bench.rig.counter(listing)) == (kind, 5)
        assert outcome.message

    @staticmethod
    def _needs_keys(bench: Bench, action: Action) -> None:
        need_action(bench, action)
        if not bench.channel.traits.knows_keys_of(action):
            pytest.skip(f"the channel knows no keys of {action} (traits idempotent, keyed_sets)")
