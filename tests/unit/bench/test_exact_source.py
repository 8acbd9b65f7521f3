"""The simulated ERP tells every figure as it is, and never knows more than it has heard."""

import pytest

from syncd.domain.model import Containment, Part, ShopName, Snapshot
from syncd.mock.core import Line
from tests.bench.exact.clock import WorldClock, moment, run_simulated
from tests.bench.exact.demand import Buyer, Demand
from tests.bench.exact.scenario import Scenario
from tests.bench.exact.source import InProcessErp
from tests.bench.exact.world import World


class Erp:
    """A shop that sells one unit at each of the times, and an ERP that is asked when a test says so."""

    def __init__(self, *times: float, scenario: Scenario | None = None) -> None:
        self.clock = WorldClock()
        buyers = tuple(Buyer(time, "A", "jd", 1) for time in times)
        demand = Demand(buyers=buyers, stock={"A": 10, "B": 5}, shops=("jd", "tmall"))
        world = World(scenario or Scenario(latency=0.0), demand)
        self.clock.reach = world.reach
        till = world.tills["jd"]
        till.write(Line(till.listing_of["A"], "", "set", 10, 0))
        self._source = InProcessErp(world, self.clock)

    def read(self, time: float) -> Snapshot:
        run_simulated(self.clock.sleep(time - self.clock.time), self.clock)
        return run_simulated(self._source.collect(now=self.clock.now(), cursor=""), self.clock)

    def allocated(self, time: float) -> int:
        return int(self.read(time).parts[0][Part.ALLOCATED])

    def watermark(self, time: float, shop: str = "jd") -> float:
        return (self.read(time).watermarks[ShopName(shop)] - moment(0.0)).total_seconds()


def test_the_first_reading_has_all_stock() -> None:
    assert Erp().read(1.0).parts[:, Part.ON_HAND].tolist() == [10, 5]


def test_a_later_reading_has_what_was_imported_meanwhile() -> None:
    erp = Erp(10.0, 20.0)
    assert [erp.allocated(time) for time in (300.0, 310.0, 315.0, 320.0)] == [0, 1, 1, 2]


def test_a_reading_does_not_change_afterwards() -> None:
    erp = Erp(10.0)
    first = erp.read(300.0)
    erp.read(310.0)
    assert first.parts[0][Part.ALLOCATED] == 0


def test_nothing_later_than_the_delay_ago_is_said_to_be_contained() -> None:
    assert Erp().watermark(1000.0) == 699.0


def test_an_order_that_is_not_imported_holds_the_watermark_back() -> None:
    erp = Erp(10.0, scenario=Scenario(latency=0.0, lost_messages=1.0, sweep=1800.0))
    assert (erp.watermark(2099.0), erp.watermark(2100.0)) == (9.0, 1799.0)


def test_the_watermark_of_a_shop_does_not_wait_for_the_orders_of_another() -> None:
    erp = Erp(10.0, scenario=Scenario(latency=0.0, lost_messages=1.0, sweep=1800.0))
    assert erp.watermark(2000.0, "tmall") == 1699.0


@pytest.mark.parametrize(("says", "contains"), [(True, Containment.WATERMARK), (False, Containment.NONE)])
def test_an_erp_can_say_nothing_of_what_it_contains(contains: Containment, *, says: bool) -> None:
    found = Erp(scenario=Scenario(latency=0.0, watermark=says)).read(1.0)
    assert (found.contains, bool(found.watermarks)) == (contains, says)
