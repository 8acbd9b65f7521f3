"""One strategy's day: what it sold, what it should not have sold, and what that cost."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from syncd.adapters.events import configure_log
from tests.bench.exact.channel import InProcessShop, Tally, weather
from tests.bench.exact.clock import Doings, WorldClock, run_simulated
from tests.bench.exact.demand import Demand
from tests.bench.exact.naive import NaiveConnector
from tests.bench.exact.program import Listener, Outside, Setup, open_program
from tests.bench.exact.scenario import Scenario, WriteMode
from tests.bench.exact.source import InProcessErp
from tests.bench.exact.world import World

WARM_UP = 5
"""How many polls pass before the first buyer: the first fill is not what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """A way to keep the counters; without `setup` it is the usual connector and not syncd."""

    mode: WriteMode
    setup: Setup | None = None

    @property
    def learns(self) -> bool:
        """Return whether what was sold in the days before changes anything: it moves shares only."""
        return self.setup is not None and self.setup.pool == "split"

    @property
    def effort(self) -> int:
        """Return how this one ranks among the others by what a day of it costs to compute."""
        return (self.setup is not None) + self.learns


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        "naive": Strategy(mode=WriteMode.ABSOLUTE),
        "shared": Strategy(mode=WriteMode.KEYED, setup=Setup(pool="shared", warning_level=5)),
        "split": Strategy(mode=WriteMode.KEYED, setup=Setup(pool="split")),
        "split_clipping": Strategy(mode=WriteMode.CLIPPING, setup=Setup(pool="split")),
        "split_absolute": Strategy(mode=WriteMode.ABSOLUTE, setup=Setup(pool="split")),
    }
)
"""What is compared, in the order in which it is shown; `split` writes by deltas with a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How one day ended, by the books of the simulated world and not by those of syncd."""

    orders: int
    taken: int
    oversold: int
    oversold_per_10k: float
    lost_pct: float
    writes: int
    calls: int
    transfers: int


def live(strategy: Strategy, scenario: Scenario, demand: Demand, *, seed: int, on_disk: bool = False) -> Day:
    """Return how a day goes with `strategy`; the same arguments give the same day."""
    # What waits for its next try draws from the common dice.
    random.seed(seed)
    scenario = replace(scenario, mode=strategy.mode)
    clock = WorldClock(starts=-WARM_UP * scenario.poll)
    world = World(scenario, demand)
    clock.reach = world.reach
    befalls = weather(scenario.faults, seed)
    shops = {name: InProcessShop(till, scenario, clock, befalls) for name, till in world.tills.items()}
    outside = Outside(
        erp=InProcessErp(world, clock), shops=shops, clock=clock, doings=Doings(), on_disk=on_disk
    )
    listener = Listener()
    run_simulated(_spend(strategy, world, outside, listener), clock, outside.doings)
    world.reach(scenario.length)
    books = world.books
    return Day(
        orders=books.orders,
        taken=books.taken,
        oversold=books.oversold,
        oversold_per_10k=books.oversold_per_10k,
        lost_pct=books.lost_pct,
        writes=sum(shop.tally.writes for shop in shops.values()),
        calls=sum(shop.tally.calls for shop in shops.values()),
        transfers=listener.transfers,
    )


async def _spend(strategy: Strategy, world: World, outside: Outside, listener: Listener) -> None:
    if strategy.setup is None:
        naive = NaiveConnector(world, outside.shops, outside.clock)
        await _polls(naive.poll, world.scenario, outside, listener)
        return
    configure_log("critical", as_json=False)
    with TemporaryDirectory() as folder:
        async with open_program(world.scenario, strategy.setup, outside, listener, Path(folder)) as app:
            await _polls(app.cycle.run, world.scenario, outside, listener)


async def _polls(
    poll: Callable[[], Awaitable[object]], scenario: Scenario, outside: Outside, listener: Listener
) -> None:
    """Poll from before the day begins to its end; what is counted begins with the day."""
    clock, counting = outside.clock, False
    while clock.time < scenario.length:
        due = clock.time + scenario.poll
        if clock.time >= 0 and not counting:
            counting, listener.transfers = True, 0
            for shop in outside.shops.values():
                shop.tally = Tally()
        await poll()
        await clock.sleep(due - clock.time)
