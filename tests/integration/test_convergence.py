"""Shops with faults come to the exact figures once the faults end, and sell nothing twice meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.rig import ShopSpec, World, WorldSpec, world

SOON = 5.0
"""Seconds after which a listing is not read back yet of its own accord."""


@pytest.fixture
async def rarely_read(tmp_path: Path) -> AsyncIterator[World]:
    """Yield a shared pool in which one shop is read each cycle and the other one is not."""
    shops = (ShopSpec(name="often"), ShopSpec(name="rarely", keys=('observe_every = "1h"',)))
    spec = WorldSpec(shops=shops, stock={"ABC": 10, "DEF": 10}, mode="shared")
    async with world(spec, tmp_path) as made:
        yield made


async def test_a_sale_counts_once_though_another_shop_had_to_be_read_again(rarely_read: World) -> None:
    async with rarely_read.opened() as app:
        await rarely_read.until_quiet(app, after=SOON)
        rarely_read.buy("often", "ABC", 2)
        await rarely_read.until_quiet(app, after=SOON)
    assert rarely_read.shown("rarely")["ABC"] == 8


async def test_a_return_counts_once_though_another_shop_had_to_be_read_again(rarely_read: World) -> None:
    async with rarely_read.opened() as app:
        await rarely_read.until_quiet(app, after=SOON)
        rarely_read.buy("often", "ABC", 2)
        await rarely_read.until_quiet(app, after=SOON)
        rarely_read.shops["often"].state.listings["ABC"].quantity += 1
        await rarely_read.until_quiet(app, after=SOON)
    assert rarely_read.shown("rarely")["ABC"] == 9
