"""The ERP as syncd reads it: every figure as it was in the middle of the call."""

from datetime import datetime

import numpy as np

from syncd.domain.model import (
    Containment,
    Ints,
    Part,
    ShopName,
    Sku,
    Snapshot,
    SnapshotKind,
    SourceName,
    WarehouseName,
    WatermarkEvent,
)
from tests.bench.exact.clock import WorldClock, moment
from tests.bench.exact.world import World

ERP = SourceName("erp")


class InProcessErp:
    """`Source` over the world's ERP, whose figures contain all orders of which it has heard."""

    def __init__(self, world: World, clock: WorldClock) -> None:
        self._world = world
        self._clock = clock
        cells = world.erp.cells.values()
        self._skus = tuple(Sku(cell.sku) for cell in cells)
        self._warehouses = tuple(WarehouseName(cell.warehouse) for cell in cells)
        self._parts = np.zeros((len(self._skus), len(Part)), dtype=np.int64)
        self._seen = -1

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return all figures; a delta is never given."""
        del cursor
        half = self._world.scenario.latency / 2
        await self._clock.sleep(half)
        world, time = self._world, self._clock.time
        watermarks = {ShopName(shop): moment(world.imported_until(shop, time)) for shop in world.tills}
        says = world.scenario.watermark
        parts = self._read()
        await self._clock.sleep(half)
        return Snapshot(
            source=ERP,
            as_of=now,
            kind=SnapshotKind.FULL,
            skus=self._skus,
            warehouses=self._warehouses,
            contains=Containment.WATERMARK if says else Containment.NONE,
            watermarks=watermarks if says else {},
            counts=WatermarkEvent.PAID,
            parts=parts,
        )

    def _read(self) -> Ints:
        """Return the figures as they are; only what moved since the last reading is looked up."""
        erp = self._world.erp
        for row, cell in enumerate(erp.cells.values()):
            if cell.changed > self._seen:
                self._parts[row] = [cell.figures[part.word] for part in Part]
        self._seen = erp.moves
        return self._parts.copy()
