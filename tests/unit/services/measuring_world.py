"""What the state knows of delays and of decreases that wait, for tests to read."""

from syncd.domain.delays import BOUNDS
from syncd.domain.records import Measure
from tests.unit.services.cycle_world import World


async def measured(world: World, what: Measure) -> dict[tuple[str, float], float]:
    """Return what was counted of a measure, by shop and the bucket's longest delay in seconds."""
    rows = [row for row in await world.store.measures() if row.what is what]
    return {(row.shop, round(float(BOUNDS[row.bucket]), 2)): round(row.amount, 2) for row in rows}


async def waiting(world: World) -> dict[tuple[str, str], float]:
    """Return the decreases that wait, and since how many seconds."""
    now = world.clock.now()
    rows = await world.store.pending()
    return {(row.shop, row.listing): (now - row.since).total_seconds() for row in rows}
