"""As many calls as the batch rules of each platform need, and no more."""

from pathlib import Path

import pytest

from tests.integration.five.calls import Way, count, table, ways

SKUS = 100
LEAST = {
    # 20 SKUs of one item a call, and its items have five.
    ("taobao", "delta"): 20,
    ("taobao", "set"): 20,
    ("taobao", "single delta"): 100,
    ("taobao", "keyed delta"): 100,
    # One SKU a call.
    ("pdd", "delta"): 100,
    ("pdd", "set"): 100,
    # 30 SKUs of any items.
    ("jd", "delta"): 4,
    ("jd", "set"): 4,
    ("jd", "delta, unlisted is done"): 4,
    # 50 SKUs of any products, or those of one product, or one.
    ("douyin", "rows delta"): 2,
    ("douyin", "rows set"): 2,
    ("douyin", "product delta"): 20,
    ("douyin", "keyed delta"): 100,
    # 20 products of up to 200 SKUs: a hundred of items of five.
    ("aliexpress", "set"): 1,
    # 50 lines, as its settings say.
    ("http", "compare and set"): 2,
    ("http", "delta"): 2,
    ("http", "set"): 2,
}


@pytest.mark.parametrize(
    "way",
    [way for way in ways() if (way.platform.name, way.name) in LEAST],
    ids=lambda way: f"{way.platform.name} {way.name}",
)
async def test_a_hundred_lowered_skus_take_the_fewest_calls_that_the_platform_allows(
    tmp_path: Path, way: Way
) -> None:
    counted = await count(way, SKUS, tmp_path)

    assert (counted.writes, counted.lines, counted.right) == (
        LEAST[way.platform.name, way.name],
        SKUS,
        SKUS,
    ), table([counted])
