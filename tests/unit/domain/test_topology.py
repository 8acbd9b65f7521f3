"""What a configuration as a whole says."""

import pytest

from syncd.domain.model import PoolName
from syncd.domain.topology import Pool, PoolMode, Topology

SHARED, SPLIT = PoolMode.SHARED, PoolMode.SPLIT


@pytest.mark.parametrize(
    ("modes", "has_shares"),
    [((), False), ((SHARED,), False), ((SPLIT,), True), ((SHARED, SPLIT), True), ((SPLIT, SHARED), True)],
)
def test_one_split_pool_is_enough_for_shares(modes: tuple[PoolMode, ...], has_shares: bool) -> None:  # noqa: FBT001
    pools = tuple(
        Pool(name=PoolName(f"p{at}"), mode=mode, warehouses=(), shops=()) for at, mode in enumerate(modes)
    )
    assert Topology(sources=(), pools=pools, shops=()).has_shares is has_shares
