"""What nobody has paid yet is sold once, on every platform, also after the ERP imported all that was paid."""

from pathlib import Path

import pytest

from tests.integration.five.platforms import PLATFORMS
from tests.integration.five.run import filled
from tests.integration.five.world import SHARED, SPLIT, Scenario

CALM = Scenario(skus=1, stock=(10, 10), busy=0.0, crowd=0, minutes=1)
LONGER_THAN_AN_IMPORT = 8
"""Cycles of a minute; the ERP imports what was paid within five."""


@pytest.mark.parametrize("shop", PLATFORMS)
async def test_an_order_that_nobody_pays_stays_claimed_though_the_erp_never_hears_of_it(
    tmp_path: Path, shop: str
) -> None:
    async with filled(CALM, tmp_path) as run:
        world = run.world
        for pool in (SHARED, SPLIT):
            world.order(shop, f"{pool}0", 1)
        for _ in range(LONGER_THAN_AN_IMPORT):
            await world.cycle(run.app)

        assert sum(world.on_sale(f"{SPLIT}0").values()) <= 9
        assert max(world.on_sale(f"{SHARED}0").values()) <= 9
