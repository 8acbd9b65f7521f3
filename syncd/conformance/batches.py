"""What calls with several lines owe: the fewest of them, every line answered in its place."""

import pytest

from syncd.conformance.rig import Ability, Bench, Stock
from syncd.conformance.words import need, need_action, pushed, write
from syncd.domain.batches import fill
from syncd.domain.model import Action, ListingId, Write
from syncd.errors import Kind

_MODES = [Action.SET, Action.DELTA, Action.COMPARE_AND_SET]
_MOST_SKUS = 60
"""More SKUs of an item than this make a test slow and prove no more."""

SHAPES = ["one item", "one item and a SKU too many", "many items", "items with some SKUs", "a mixture"]
"""The SKUs of each item, as the writes of a pass may fall."""


def sizes_of(bench: Bench, shape: str) -> tuple[int, ...]:
    """Return how many SKUs each item of a shape has, for the batch that the channel takes."""
    most = min(bench.channel.traits.max_batch, _MOST_SKUS)
    return {
        "one item": (most,),
        "one item and a SKU too many": (most + 1,),
        "many items": (1,) * 33,
        "items with some SKUs": (3,) * 7,
        "a mixture": (1, min(most + 1, 45), 2, 1, 5),
    }[shape]


def shelved(bench: Bench, sizes: tuple[int, ...]) -> list[ListingId]:
    """List items with so many SKUs each; an item of one SKU is sold by it too."""
    return [
        bench.rig.put(Stock(key=f"{item}/{sku}", item=f"I{item}", code=f"C{item}-{sku}", quantity=5))
        for item, size in enumerate(sizes)
        for sku in range(size)
    ]


def values_of(bench: Bench, listings: list[ListingId], action: Action) -> list[Write]:
    """Return a write for each listing, every one with a value of its own, from 5 to 7 and more."""
    base = 2 if action is Action.DELTA else 7
    return [write(bench, listing, base + n % 50, action) for n, listing in enumerate(listings)]


class Batches:
    """Writes cut into calls as the daemon does it, by the traits alone."""

    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("action", _MODES)
    async def test_every_line_of_every_call_is_applied(
        self, bench: Bench, action: Action, shape: str
    ) -> None:
        need_action(bench, action)
        listings = shelved(bench, sizes_of(bench, shape))
        writes = values_of(bench, listings, action)
        for call in fill(writes, bench.channel.traits):
            outcomes = await pushed(bench, *call)
            assert [outcome.kind for outcome in outcomes] == [Kind.DONE] * len(call)
        assert [bench.rig.counter(listing) for listing in listings] == [
            7 + n % 50 for n in range(len(writes))
        ]

    @pytest.mark.parametrize("shape", SHAPES)
    async def test_the_fewest_calls_are_made(self, bench: Bench, shape: str) -> None:
        need(bench, Ability.LEAST_CALLS)
        sizes = sizes_of(bench, shape)
        action = bench.channel.traits.write_modes[0]
        calls = fill(values_of(bench, shelved(bench, sizes), action), bench.channel.traits)
        for call in calls:
            await pushed(bench, *call)
        assert bench.rig.writes() == len(calls) == bench.rig.least_calls(sizes)

    async def test_a_call_is_answered_in_the_order_of_its_lines(self, bench: Bench) -> None:
        action = bench.channel.traits.write_modes[0]
        listings = shelved(bench, sizes_of(bench, "one item"))[::-1]
        writes = fill(values_of(bench, listings, action), bench.channel.traits)[0]
        listings = [write.listing for write in writes]
        outcomes = await pushed(bench, *writes)
        # A platform that tells no counters proves nothing here.
        assert [outcome.counter in {7 + n % 50, None} for n, outcome in enumerate(outcomes)] == [True] * len(
            writes
        )
        assert [bench.rig.counter(listing) for listing in listings] == [
            7 + n % 50 for n in range(len(writes))
        ]

    async def test_a_call_leaves_all_other_listings_alone(self, bench: Bench) -> None:
        listings = shelved(bench, (4, 1))
        written, left = listings[:1], listings[1:]
        await pushed(bench, *values_of(bench, written, bench.channel.traits.write_modes[0]))
        assert [bench.rig.counter(listing) for listing in left] == [5] * len(left)
