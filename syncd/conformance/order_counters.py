"""What counters and orders owe each other: no unit that is ordered can be sold again."""

import pytest

from syncd.conformance.rig import Ability, Bench
from syncd.conformance.words import Desk, desk_of, later, observed
from syncd.domain.ordering.rules import Restores
from syncd.ports.channel import Counter


async def _left(bench: Bench, desk: Desk) -> int:
    """Return how many units of the first listing the channel shows as still to be sold."""
    shown = {listing.id: listing for listing in await observed(bench.channel)}[desk.one]
    assert shown.quantity is not None
    return shown.quantity - shown.withheld


def _desk(bench: Bench, *abilities: Ability) -> Desk:
    if bench.channel.traits.counter is not Counter.NET:
        pytest.skip("the counter holds the units of open orders (trait counter)")
    return desk_of(bench, *abilities)


class OrderCounters:
    """Counters while orders come and go."""

    async def test_a_paid_order_takes_its_units(self, bench: Bench) -> None:
        desk = _desk(bench)
        desk.buyers.pay(desk.buyers.order((desk.one, 2), at=later(bench, 0)), at=later(bench, 1))
        assert await _left(bench, desk) == 998

    async def test_an_order_that_is_not_paid_holds_its_units(self, bench: Bench) -> None:
        desk = _desk(bench, Ability.WITHHOLDING)
        order = desk.buyers.order((desk.one, 2), at=later(bench, 0))
        before = await _left(bench, desk)
        desk.buyers.pay(order, at=later(bench, 1))
        assert (before, await _left(bench, desk)) == (998, 998)

    async def test_units_of_a_closed_unpaid_order_come_back_as_the_traits_say(self, bench: Bench) -> None:
        desk = _desk(bench, Ability.WITHHOLDING)
        order = desk.buyers.order((desk.one, 2), at=later(bench, 0))
        desk.buyers.cancel(order, at=later(bench, 1))
        self._see(await _left(bench, desk), bench.channel.traits.restores_unpaid)

    async def test_units_of_a_cancelled_paid_order_come_back_as_the_traits_say(self, bench: Bench) -> None:
        desk = _desk(bench)
        order = desk.buyers.order((desk.one, 2), at=later(bench, 0))
        desk.buyers.pay(order, at=later(bench, 1))
        desk.buyers.cancel(order, at=later(bench, 2))
        self._see(await _left(bench, desk), bench.channel.traits.restores_paid)

    @staticmethod
    def _see(left: int, restores: Restores) -> None:
        if restores is Restores.UNKNOWN:
            pytest.skip("whether units come back is not known (traits restores_unpaid, restores_paid)")
        assert left == (1000 if restores is Restores.YES else 998)
