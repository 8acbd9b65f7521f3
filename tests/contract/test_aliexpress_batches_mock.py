"""What the traits of the channel `aliexpress` say of its calls, held against the mock's own limits."""

from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from syncd.conformance import Bench, Stock
from syncd.conformance.words import kind_of_push, pushed, raising
from syncd.domain.batches import fill
from syncd.domain.model import ListingId
from syncd.errors import Kind
from tests.contract.aliexpress_mock_rig import AliexpressRig


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with AliexpressRig().bench() as opened:
        yield opened


def shelved(bench: Bench, sizes: Mapping[str, int]) -> list[ListingId]:
    """List so many SKUs of each product, all at 5."""
    return [
        bench.rig.put(Stock(key=f"{item}/{sku}", item=item, code=f"{item}-{sku}"))
        for item, size in sizes.items()
        for sku in range(size)
    ]


async def kinds_of(bench: Bench, listings: Sequence[ListingId]) -> dict[Kind, int]:
    """Return how many writes ended how, of calls cut by the traits alone; each raises by 2."""
    found: dict[Kind, int] = {}
    for call in fill([raising(bench, listing) for listing in listings], bench.channel.traits):
        for kind in await kind_of_push(bench, *call):
            found[kind] = found.get(kind, 0) + 1
    return found


@pytest.mark.parametrize(
    ("sizes", "calls"),
    [
        ({"I": 200}, 1),
        ({"I": 201}, 2),
        ({f"I{n}": 1 for n in range(20)}, 1),
        ({f"I{n}": 1 for n in range(21)}, 2),
        ({f"I{n}": 30 for n in range(20)}, 1),
    ],
    ids=["200 SKUs", "201 SKUs", "20 products", "21 products", "600 SKUs of 20 products"],
)
async def test_calls_are_as_large_as_the_platform_takes_and_no_larger(
    bench: Bench, sizes: Mapping[str, int], calls: int
) -> None:
    listings = shelved(bench, sizes)
    assert await kinds_of(bench, listings) == {Kind.DONE: len(listings)}
    assert {bench.rig.counter(listing) for listing in listings} == {7}
    assert bench.rig.writes() == calls


async def test_a_refused_sku_takes_its_product_with_it_and_no_other(bench: Bench) -> None:
    listings = shelved(bench, {"I": 2, "J": 2})
    bench.rig.refuse(listings[0], Kind.NOT_FOUND)
    outcomes = await pushed(bench, *(raising(bench, listing) for listing in listings))
    assert [outcome.kind for outcome in outcomes] == [Kind.REJECTED, Kind.REJECTED, Kind.DONE, Kind.DONE]
    assert [bench.rig.counter(listing) for listing in listings] == [5, 5, 7, 7]


async def test_the_sku_that_is_to_blame_is_found_by_smaller_calls(bench: Bench) -> None:
    gone, *others = shelved(bench, {"I": 4})
    lost = raising(bench, gone)
    bench.rig.drop(gone)
    # One that is gone fails its whole product for good; sent in smaller calls only itself.
    writes = [lost, *(raising(bench, listing) for listing in others)]
    found: dict[ListingId, Kind] = {}
    pending = [writes]
    while pending:
        call = pending.pop()
        kinds = await kind_of_push(bench, *call)
        if len(call) > 1 and Kind.REJECTED in kinds:
            pending += [call[: len(call) // 2], call[len(call) // 2 :]]
        found |= {write.listing: kind for write, kind in zip(call, kinds, strict=True)}
    assert [found[listing] for listing in others] == [Kind.DONE] * 3
    assert found[gone] is not Kind.DONE
    assert {bench.rig.counter(listing) for listing in others} == {7}
