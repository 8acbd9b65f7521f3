"""Shops that refuse or are down, end to end: a clear message, and the other shops are served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from syncd.bootstrap import App
from syncd.mock import Fault, FaultKind
from tests.integration.rig import ShopSpec, World, WorldSpec, world

SKUS = tuple(f"SKU{n:02}" for n in range(12))
FULL = dict.fromkeys(SKUS, 10)
SHOPS = (ShopSpec(name="east"), ShopSpec(name="west", modes=("compare_and_set",)))
FAULTS = {
    "down": Fault(kind=FaultKind.SERVER_ERROR, times=0),
    "resetting": Fault(kind=FaultKind.RESET, times=0),
    "revoked": Fault(kind=FaultKind.TOKEN_REVOKED, times=0),
    "garbled": Fault(kind=FaultKind.GARBAGE, times=0),
    "empty": Fault(kind=FaultKind.EMPTY, times=0, method="GET"),
    "writing nothing": Fault(kind=FaultKind.SERVER_ERROR, times=0, method="POST"),
    "forbidding": Fault(kind=FaultKind.SERVER_ERROR, times=0, method="POST", status=403),
}
SICK = pytest.mark.parametrize("fault", FAULTS)


@asynccontextmanager
async def filled(spec: WorldSpec, folder: Path) -> AsyncIterator[tuple[World, App]]:
    async with world(spec, folder) as made, made.opened() as app:
        await made.until_quiet(app)
        yield made, app


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[tuple[World, App]]:
    """Yield two shops that both show 10 of everything."""
    async with filled(WorldSpec(shops=SHOPS, stock=FULL, mode="shared"), tmp_path) as both:
        yield both


@SICK
async def test_a_sick_shop_does_not_stop_the_other(shared: tuple[World, App], fault: str) -> None:
    made, app = shared
    made.shops["west"].faults.replace([FAULTS[fault]])
    made.set_stock("SKU03", 4)
    await made.cycle(app)
    assert made.shown("east") == FULL | {"SKU03": 4}


@SICK
async def test_a_sick_shop_is_named_with_what_is_wrong(shared: tuple[World, App], fault: str) -> None:
    made, app = shared
    made.shops["west"].faults.replace([FAULTS[fault]])
    made.set_stock("SKU03", 4)
    report = await made.cycle(app)
    assert [failure for failure in report.failures if failure.startswith("shop west: ")]


@SICK
async def test_a_shop_that_is_well_again_is_served(shared: tuple[World, App], fault: str) -> None:
    made, app = shared
    made.shops["west"].faults.replace([FAULTS[fault]])
    made.set_stock("SKU03", 4)
    await made.cycle(app)
    made.shops["west"].faults.replace([])
    await made.until_quiet(app)
    assert made.shown("west") == FULL | {"SKU03": 4}


@SICK
async def test_a_sale_in_a_sick_shop_is_not_put_back_by_the_other(
    shared: tuple[World, App], fault: str
) -> None:
    made, app = shared
    made.buy("west", "SKU03", 3)
    made.shops["west"].faults.replace([FAULTS[fault]])
    await made.cycle(app)
    made.shops["west"].faults.replace([])
    await made.until_quiet(app)
    assert [made.shown(shop)["SKU03"] for shop in made.shops] == [7, 7]


async def test_an_unknown_item_is_named(shared: tuple[World, App]) -> None:
    made, app = shared
    unknown = Fault(kind=FaultKind.PARTIAL, ids=("SKU03",), error="not_found", times=0)
    made.shops["west"].faults.replace([unknown])
    for sku in ("SKU03", "SKU04"):
        made.set_stock(sku, 15)
    report = await made.cycle(app)
    assert [failure for failure in report.failures if "west: listing SKU03" in failure]


async def test_an_unknown_item_does_not_stop_its_batch(shared: tuple[World, App]) -> None:
    made, app = shared
    unknown = Fault(kind=FaultKind.PARTIAL, ids=("SKU03",), error="not_found", times=0)
    made.shops["west"].faults.replace([unknown])
    for sku in ("SKU03", "SKU04"):
        made.set_stock(sku, 15)
    await made.cycle(app)
    assert made.shown("west") == FULL | {"SKU04": 15}


async def test_a_listing_that_a_shop_deleted_is_written_no_more(shared: tuple[World, App]) -> None:
    made, app = shared
    state = made.shops["west"].state
    state.order.remove(state.listings.pop("SKU03"))
    made.set_stock("SKU03", 4)
    await made.until_quiet(app)
    assert not [call for call in made.sent("west")[1:] if "SKU03" in call]


@pytest.fixture(params=["shared", "split"])
async def misconfigured(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[World, App]]:
    """Yield a world in which the key of one shop was wrong from the start, and all show 2 of everything."""
    shops = (SHOPS[0], ShopSpec(name="west", token="WRONG"))
    shown = dict.fromkeys(SKUS, 2)
    spec = WorldSpec(shops=shops, stock=FULL, shown=shown, mode=request.param)
    async with world(spec, tmp_path) as made, made.opened() as app:
        yield made, app


async def test_a_wrong_key_is_told_with_its_shop(misconfigured: tuple[World, App]) -> None:
    made, app = misconfigured
    report = await made.cycle(app)
    assert [failure for failure in report.failures if failure.startswith("shop west: ") and "401" in failure]


async def test_a_wrong_key_is_never_printed(misconfigured: tuple[World, App]) -> None:
    made, app = misconfigured
    report = await made.cycle(app)
    assert "stolen-secret" not in f"{report.failures} {report} {made.told.lines} {app.configuration!r}"


async def test_a_wrong_key_writes_nothing(misconfigured: tuple[World, App]) -> None:
    made, app = misconfigured
    await made.cycle(app)
    assert made.sent("west") == []


async def test_a_shared_pool_is_filled_although_the_key_of_one_shop_is_wrong(tmp_path: Path) -> None:
    shops = (SHOPS[0], ShopSpec(name="west", token="WRONG"))
    spec = WorldSpec(shops=shops, stock=FULL, mode="shared")
    async with world(spec, tmp_path) as made, made.opened() as app:
        await made.cycle(app)
        assert made.shown("east") == FULL


@pytest.fixture
async def half_blind(tmp_path: Path) -> AsyncIterator[tuple[World, App]]:
    """Yield a split pool of which one shop, with 7 of everything on sale, was never read."""
    shown = dict.fromkeys(SKUS, 7)
    async with world(WorldSpec(shops=SHOPS, stock=FULL, shown=shown), tmp_path) as made:
        for sku in SKUS[:6]:
            made.shops["east"].state.listings[sku].quantity = 3
        made.shops["west"].faults.replace([FAULTS["down"]])
        async with made.opened() as app:
            yield made, app


async def test_a_split_pool_gives_nothing_while_a_shop_was_never_read(half_blind: tuple[World, App]) -> None:
    made, app = half_blind
    await made.cycle(app)
    assert [made.shown("east")[sku] for sku in SKUS[:6]] == [3] * 6


async def test_a_split_pool_is_filled_once_every_shop_was_read(half_blind: tuple[World, App]) -> None:
    made, app = half_blind
    await made.cycle(app)
    made.shops["west"].faults.replace([])
    await made.until_quiet(app)
    assert [made.shown(shop) for shop in made.shops] == [dict.fromkeys(SKUS, 5)] * 2


async def test_a_wrong_key_for_the_erp_writes_nothing_anywhere(tmp_path: Path) -> None:
    spec = WorldSpec(shops=SHOPS, stock=FULL, shown=dict.fromkeys(SKUS, 7), erp_token="WRONG")
    async with world(spec, tmp_path) as made, made.opened() as app:
        await made.cycle(app)
        assert [made.shown(shop) for shop in made.shops] == [dict.fromkeys(SKUS, 7)] * 2


async def test_a_wrong_key_for_the_erp_is_told_with_its_name(tmp_path: Path) -> None:
    async with world(WorldSpec(shops=SHOPS, stock=FULL, erp_token="WRONG"), tmp_path) as made:
        async with made.opened() as app:
            report = await made.cycle(app)
        assert report.failures == [
            "erp: GET /stock: answered 401; the credentials were not accepted, check the token"
        ]
