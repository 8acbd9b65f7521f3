"""The ERP as syncd reads it: every figure as it was in the middle of the call."""

from datetime import datetime

import numpy as np

from syncd.domain.model import Part, Sku, Snapshot, SnapshotKind, SourceName, WarehouseName
from tests.bench.exact.clock import WorldClock
from tests.bench.exact.world import World

ERP = SourceName("erp")


class InProcessErp:
    """`Source` over the world's ERP; it says nothing about which orders its figures contain."""

    def __init__(self, world: World, clock: WorldClock) -> None:
        self._world = world
        self._clock = clock

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return all figures; a delta is never given."""
        del cursor
        half = self._world.scenario.latency / 2
        await self._clock.sleep(half)
        cells = list(self._world.erp.cells.values())
        parts = [[cell.figures[part.word] for part in Part] for cell in cells]
        await self._clock.sleep(half)
        return Snapshot(
            source=ERP,
            as_of=now,
            kind=SnapshotKind.FULL,
            skus=tuple(Sku(cell.sku) for cell in cells),
            warehouses=tuple(WarehouseName(cell.warehouse) for cell in cells),
            parts=np.array(parts, dtype=np.int64).reshape(-1, len(Part)),
        )
