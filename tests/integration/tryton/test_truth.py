"""The figures that sources are held against: right for every state, and moved by every step just so."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import astuple

import pytest
import pytest_asyncio

from tests.integration.tryton.rig import CommandFailed, Erp, Figures, tryton

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

MAIN, EAST = "MAIN", "EAST"
Truth = dict[tuple[str, str], Figures]
Moved = dict[tuple[str, str], tuple[int, ...]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def erp(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Erp]:
    async with tryton(tmp_path_factory.mktemp("tryton")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded(erp: Erp) -> Truth:
    """The truth of whenever it is first asked for: no test touches a SKU that has a story."""
    return await erp.truth()


@pytest.fixture(scope="module")
def untouched(erp: Erp) -> Iterator[str]:
    return iter(erp.stocked)


@pytest.fixture
def sku(untouched: Iterator[str]) -> str:
    """A SKU with stock in both warehouses that no other test moves."""
    return next(untouched)


def _moved(before: Truth, after: Truth) -> Moved:
    """Return by how much each figure of each cell moved, only where any did."""
    return {
        cell: tuple(
            int(new - old) for old, new in zip(astuple(before[cell]), astuple(after[cell]), strict=True)
        )
        for cell in before
        if before[cell] != after[cell]
    }


# --- what the seed holds: on hand, unsellable, allocated, transfer out, in the air

_STATES = {
    "weighed": ("12.75 0 1.5 0 0", "3.4 0 0 0 0"),
    "weighed in another unit": ("30 0 0.25 0 0", "30 0 0 0 0"),
    "sold in dozens": ("30 0 24 0 0", "18 0 0 0 0"),
    "partly in quarantine": ("30 7 0 0 0", "30 0 0 0 0"),
    "all in quarantine": ("30 30 0 0 0", "30 0 0 0 0"),
    "moving into quarantine": ("30 0 0 0 0", "30 0 0 0 0"),
    "component of two": ("30 0 6 0 0", "30 0 0 0 0"),
    "component of one": ("30 0 3 0 0", "30 0 0 0 0"),
    "draft sale": ("30 0 0 0 0", "30 0 0 0 0"),
    "quotation": ("30 0 0 0 0", "30 0 0 0 0"),
    "waiting": ("30 0 4 0 0", "30 0 1 0 0"),
    "assigned": ("30 0 6 0 0", "30 0 0 0 0"),
    "partly assigned": ("30 0 50 0 0", "30 0 0 0 0"),
    "packed": ("30 0 5 0 0", "30 0 0 0 0"),
    "marked as shipped": ("30 0 2 0 0", "30 0 0 0 0"),
    "shipped": ("30 0 0 0 0", "23 0 0 0 0"),
    "overdue": ("30 0 3 0 0", "30 0 0 0 0"),
    "of next month": ("30 0 3 0 0", "30 0 0 0 0"),
    "cancelled": ("30 0 0 0 0", "30 0 0 0 0"),
    "returned": ("28 0 0 0 0", "30 0 0 0 0"),
    "return received": ("28 0 0 0 0", "30 0 0 0 0"),
    "purchased": ("30 0 0 0 0", "30 0 0 0 0"),
    "delivered, not put away": ("40 0 0 0 0", "30 0 0 0 0"),
    "supplier return waiting": ("30 0 3 0 0", "30 0 0 0 0"),
    "supplier return done": ("28 0 0 0 0", "30 0 0 0 0"),
    "transfer requested": ("30 0 0 0 0", "30 0 0 0 0"),
    "transfer drafted": ("30 0 0 3 0", "30 0 0 0 0"),
    "transfer waiting": ("30 0 0 5 0", "30 0 0 0 0"),
    "transfer assigned": ("30 0 0 6 0", "30 0 0 0 0"),
    "transfer packed": ("30 0 0 2 0", "30 0 0 0 0"),
    "transfer sent": ("23 0 0 0 7", "30 0 0 0 0"),
    "transfer received": ("22 0 0 0 0", "38 0 0 0 0"),
    "transfer back": ("30 0 0 0 0", "21 0 0 0 9"),
    "put back to draft": ("30 0 3 0 0", "30 0 0 0 0"),
}


@pytest.mark.parametrize("story", _STATES)
async def test_a_product_of_the_seed_has_the_figures_of_its_story(
    erp: Erp, seeded: Truth, story: str
) -> None:
    told = [
        " ".join(_short(figure) for figure in astuple(seeded[erp.stories[story], w])) for w in (MAIN, EAST)
    ]

    assert told == list(_STATES[story])


def _short(figure: object) -> str:
    text = str(figure)
    return text.rstrip("0").rstrip(".") if "." in text else text


async def test_every_story_is_told_but_that_of_the_retired_product(erp: Erp) -> None:
    assert set(erp.stories) - set(_STATES) == {"retired"}


async def test_the_truth_knows_every_active_product_with_a_code_and_no_other(erp: Erp, seeded: Truth) -> None:
    assert set(seeded) == {(sku, place) for sku in erp.skus for place in erp.warehouses}


async def test_there_are_at_least_two_hundred_products_of_which_some_have_nothing(seeded: Truth) -> None:
    empty = {sku for sku, _ in seeded} - {sku for (sku, _), figures in seeded.items() if figures.on_hand}

    assert (len(seeded) >= 2 * 240, len(empty)) == (True, 14)


# --- what each step moves


async def test_a_receipt_raises_what_is_on_hand(erp: Erp, sku: str) -> None:
    before = await erp.truth()
    await erp.receive(sku, EAST, 3)

    assert _moved(before, await erp.truth()) == {(sku, EAST): (3, 0, 0, 0, 0)}


async def test_a_sale_allocates_and_takes_nothing(erp: Erp, sku: str) -> None:
    before = await erp.truth()
    await erp.sell(sku, MAIN, 2)

    assert _moved(before, await erp.truth()) == {(sku, MAIN): (0, 0, 2, 0, 0)}


async def test_packed_goods_are_still_on_hand_and_allocated(erp: Erp, sku: str) -> None:
    sale = await erp.sell(sku, MAIN, 2)
    before = await erp.truth()
    await erp.pack(sale)

    assert _moved(before, await erp.truth()) == {}


@pytest.mark.parametrize("packed", [False, True])
async def test_shipping_takes_what_was_allocated(erp: Erp, sku: str, packed: bool) -> None:  # noqa: FBT001
    sale = await erp.sell(sku, MAIN, 2)
    if packed:
        await erp.pack(sale)
    before = await erp.truth()
    await erp.ship(sale)

    assert _moved(before, await erp.truth()) == {(sku, MAIN): (-2, 0, -2, 0, 0)}


async def test_cancelling_a_sale_frees_what_was_allocated(erp: Erp, sku: str) -> None:
    sale = await erp.sell(sku, MAIN, 2)
    before = await erp.truth()
    await erp.cancel(sale)

    assert _moved(before, await erp.truth()) == {(sku, MAIN): (0, 0, -2, 0, 0)}


async def test_a_planned_transfer_promises_and_takes_nothing(erp: Erp, sku: str) -> None:
    before = await erp.truth()
    await erp.transfer_plan(sku, MAIN, EAST, 2)

    assert _moved(before, await erp.truth()) == {(sku, MAIN): (0, 0, 0, 2, 0)}


async def test_a_sent_transfer_is_in_the_air_under_its_sender(erp: Erp, sku: str) -> None:
    before = await erp.truth()
    await erp.transfer_send(sku, EAST, MAIN, 2)

    assert _moved(before, await erp.truth()) == {(sku, EAST): (-2, 0, 0, 0, 2)}


async def test_a_received_transfer_is_on_hand_where_it_went(erp: Erp, sku: str) -> None:
    transfer = await erp.transfer_send(sku, MAIN, EAST, 2)
    before = await erp.truth()
    await erp.transfer_receive(transfer)

    assert _moved(before, await erp.truth()) == {(sku, MAIN): (0, 0, 0, 0, -2), (sku, EAST): (2, 0, 0, 0, 0)}


async def test_a_write_off_lowers_what_is_on_hand(erp: Erp, sku: str) -> None:
    before = await erp.truth()
    await erp.write_off(sku, MAIN, 2)

    assert _moved(before, await erp.truth()) == {(sku, MAIN): (-2, 0, 0, 0, 0)}


async def test_what_tryton_refuses_is_told_with_the_command(erp: Erp, sku: str) -> None:
    with pytest.raises(CommandFailed, match=f"'do': 'transfer_send', 'with': \\['{sku}'"):
        await erp.transfer_send(sku, MAIN, EAST, 1000)
