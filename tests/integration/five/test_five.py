"""Five platforms, a shared and a split pool, buyers on all of them, and one call in five that goes wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.five.run import filled
from tests.integration.five.world import Scenario

QUIET = Scenario(skus=2, item_size=2, minutes=6, stock=(8, 16), busy=2.0, crowd=3)
SHORT = Scenario(skus=2, item_size=2, minutes=8, stock=(10, 20), busy=3.0, crowd=4)
LONG = Scenario(skus=6, minutes=25)


async def test_without_faults_shops_claims_and_erp_agree_once_buyers_have_gone(tmp_path: Path) -> None:
    async with filled(QUIET, tmp_path, share=0.0) as run:
        await run.trade()
        told = await run.end()
        assert told.orders > 0
        assert told.struck == 0


async def test_with_faults_nothing_is_sold_twice_in_the_split_pool_and_all_agrees_in_the_end(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with filled(SHORT, tmp_path) as run:
        await run.trade()
        told = await run.end()
        record_property("five", str(told))
        assert told.struck > told.calls // 10


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_half_an_hour_of_buyers_in_bad_weather_ends_exactly(
    tmp_path: Path, record_property: Callable[[str, object], None], seed: int
) -> None:
    async with filled(replace(LONG, seed=seed), tmp_path) as run:
        await run.trade()
        told = await run.end()
        record_property("five", str(told))
        assert told.struck > told.calls // 10
