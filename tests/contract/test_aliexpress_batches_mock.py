"""What the traits of the channel `aliexpress` say of its calls, held against the mock's own limits."""

from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from syncd.conformance import Bench, Stock
from syncd.conformance.words import kind_of_push, pushed, raising
from syncd.domain.batches import fill
from syncd.domain.model import ListingId, Outcome, Write
from syncd.errors import Kind, PortError
from tests.contract.aliexpress_mock_rig import AliexpressRig, FewWords


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


async def _answered(bench: Bench, call: Sequence[Write]) -> Sequence[Outcome] | None:
    """Return the outcomes of a call, None where it was refused whole."""
    try:
        return await pushed(bench, *call)
    except PortError:
        return None


@pytest.mark.parametrize(
    ("sizes", "calls"),
    [
        ({"I": 200}, 1),
        ({"I": 201}, 2),
        ({f"I{n}": 1 for n in range(20)}, 1),
        ({f"I{n}": 1 for n in range(21)}, 2),
        ({f"I{n}": 11 for n in range(20)}, 1),
    ],
    ids=["200 SKUs", "201 SKUs", "20 products", "21 products", "220 SKUs of 20 products"],
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


async def test_an_error_without_a_meaning_leaves_its_product_unknown_and_no_other() -> None:
    async with FewWords().bench() as bench:
        listings = shelved(bench, {"I": 2, "J": 1})
        bench.rig.refuse(listings[0], Kind.REJECTED)
        outcomes = await pushed(bench, *(raising(bench, listing) for listing in listings))
        assert [outcome.kind for outcome in outcomes] == [Kind.UNKNOWN, Kind.UNKNOWN, Kind.DONE]
        assert "say in errors what it means" in outcomes[0].message


async def test_the_sku_that_is_to_blame_is_found_by_halving_calls_that_are_refused_whole(
    bench: Bench,
) -> None:
    gone, *others = shelved(bench, {"I": 4})
    lost = raising(bench, gone)
    bench.rig.drop(gone)
    # A code that is gone fails its whole product for good, as long as it is sent with the others.
    pending = [[lost, *(raising(bench, listing) for listing in others)]]
    found: dict[ListingId, Kind] = {}
    while pending:
        call = pending.pop()
        outcomes = await _answered(bench, call)
        if outcomes is None:
            assert len(call) > 1
            pending += [call[: len(call) // 2], call[len(call) // 2 :]]
            continue
        found |= {write.listing: outcome.kind for write, outcome in zip(call, outcomes, strict=True)}
    assert found == {gone: Kind.REJECTED} | dict.fromkeys(others, Kind.DONE)
    assert {bench.rig.counter(listing) for listing in others} == {7}
