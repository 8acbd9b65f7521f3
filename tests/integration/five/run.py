"""A whole run: a first fill in peace, buyers in bad weather, and the calm after it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from syncd.adapters.events import configure_log
from syncd.bootstrap import App
from syncd.services.cycle import CycleReport
from tests.integration.five.agreement import settled, unclaimed
from tests.integration.five.platforms import PLATFORMS, Platform
from tests.integration.five.weather import SHARE, weather
from tests.integration.five.world import SHARED, Scenario, World, world


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run came to; `struck` are the calls that something befell, of all `calls` in bad weather.

    `shared` are the units that buyers had at most beyond what was there, in the shared pool alone; `exposed`
    those that were on sale beyond what was left of the split pool, and that nobody bought.
    """

    orders: int
    calls: int
    struck: int
    shared: int
    exposed: int
    cycles: int

    def __str__(self) -> str:
        """Return it in words."""
        return (
            f"{self.orders} orders, {self.calls} calls in bad weather, {self.struck} of them struck; "
            f"{self.shared} units of the shared pool oversold, {self.exposed} of the split one exposed; "
            f"calm after {self.cycles} cycles"
        )


@dataclass(slots=True, kw_only=True)
class Run:
    """A world and the program over it, filled in peace.

    It is filled without faults on purpose: a first start needs every page of every shop and of its orders in
    one go, and with so many calls one of them fails each time.
    """

    world: World
    app: App
    share: float = SHARE

    async def trade(self) -> None:
        """Let buyers buy in bad weather, with a look at the books before and after every cycle.

        Raises:
            AssertionError: a unit of the split pool was sold twice.
        """
        self.world.erp.faults.replace(weather(self.share))
        for name, rig in self.world.shops.items():
            platform = self.world.platforms[name]
            rig.calls.clear()
            rig.faults.replace(weather(self.share, writes=platform.writes, orders=platform.orders))
        self.world.let_in()
        for _ in range(self.world.scenario.minutes):
            report = await self.world.cycle(self.app)
            if not self.share:
                # Hardly any time passes within such a cycle: even what is written absolutely hides no sale.
                assert self.world.books.news == [], f"too much is on sale: {self.world.books.news}"
                await self._check_claims(report)
            assert self.world.books.problems == [], f"sold twice: {self.world.books.problems}"

    async def _check_claims(self, report: CycleReport) -> None:
        """Look for orders without a claim after a cycle in which everything was read."""
        read = not report.view.untaken and not report.view.observed.errors
        lacking = await unclaimed(self.world, self.app, until=report.view.at) if read else []
        assert lacking == [], f"claims are lost: {lacking}"

    async def end(self) -> Told:
        """Let the weather clear up; return what the run came to.

        Raises:
            AssertionError: what must agree at last does not, or a unit of the split pool was sold twice.
        """
        rigs = self.world.shops.values()
        calls = sum(rig.calls.total for rig in rigs)
        struck = sum(1 for rig in rigs for call in rig.calls.calls if call.faults)
        for rig in self.world.rigs:
            rig.faults.replace([])
        await self._check_claims(await self.world.cycle(self.app))
        cycles = await settled(self.world, self.app)
        books = self.world.books
        assert books.problems == [], f"sold twice: {books.problems}"
        return Told(
            orders=books.orders,
            calls=calls,
            struck=struck,
            shared=sum(books.oversold[sku] for sku in self.world.scenario.skus_by_pool[SHARED]),
            exposed=books.exposed.total(),
            cycles=cycles,
        )


@asynccontextmanager
async def filled(
    scenario: Scenario,
    folder: Path,
    *,
    share: float = SHARE,
    platforms: Mapping[str, Platform] = PLATFORMS,
) -> AsyncIterator[Run]:
    """Yield a run whose shops show what is there."""
    configure_log("error", as_json=False)
    async with world(scenario, folder, platforms) as made, made.opened() as app:
        await settled(made, app)
        yield Run(world=made, app=app, share=share)
