"""The usual connector: each poll tells every shop how many units the ERP has free."""

import asyncio
from collections.abc import Mapping

from syncd.domain.model import Action, ItemId, ListingId, Write
from syncd.errors import PortError
from tests.bench.exact.channel import InProcessShop
from tests.bench.exact.clock import WorldClock
from tests.bench.exact.world import World


class NaiveConnector:
    """Writes the ERP's free units to all shops as they are, where they changed since its last word."""

    def __init__(self, world: World, shops: Mapping[str, InProcessShop], clock: WorldClock) -> None:
        self._world = world
        self._shops = shops
        self._clock = clock
        self._told: dict[str, dict[str, int]] = {name: {} for name in shops}

    async def poll(self) -> None:
        """Read the ERP and write what changed; what fails is tried at the next poll."""
        await self._clock.sleep(self._world.scenario.latency)
        free = {
            cell.sku: max(cell.figures["on_hand"] - cell.figures["allocated"], 0)
            for cell in self._world.erp.cells.values()
        }
        await asyncio.gather(*(self._tell(name, free) for name in self._shops))

    async def _tell(self, name: str, free: Mapping[str, int]) -> None:
        told, batch = self._told[name], self._world.scenario.batch
        news = [sku for sku, units in free.items() if told.get(sku) != units]
        listing_of = self._world.tills[name].listing_of
        for start in range(0, len(news), batch):
            some = news[start : start + batch]
            try:
                await self._shops[name].push([_write(listing_of[sku], free[sku]) for sku in some])
            except PortError:
                continue
            told.update({sku: free[sku] for sku in some})


def _write(listing: str, units: int) -> Write:
    return Write(
        listing=ListingId(listing),
        item=ItemId(listing),
        action=Action.SET,
        value=units,
        base=None,
        key="",
    )
