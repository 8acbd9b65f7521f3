"""What must be so once buyers have gone, faults have ended and everything has settled.

For every SKU, by the mocks' own books: what the ERP has on hand is what it began with less what has left,
what it has allocated is what buyers paid and wait for, and the rest is what nobody has bought. No claim is
open, no write is without an answer, nothing moves. Then each counter reads exactly what syncd expects of it;
in the shared pool every shop sells all that is left; in the split pool each shop sells its share, and the
shares come to what is left.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from syncd.bootstrap import App
from syncd.mock import Stage
from tests.integration.five.world import SHARED, SPLIT, World

MOST_CYCLES = 60
"""So many cycles after which a world that does not agree never will."""


async def disagreements(world: World, app: App) -> list[str]:
    """Return in words what is not as it should be at last."""
    found = [f"{claim} is open" for claim in await app.store.claims()]
    found += [f"{intent} has no answer" for intent in await app.store.unresolved()]
    found += [f"{move} moves" for move in await app.store.moves()]
    found += _of_the_erp(world)
    found += [text for sku in world.scenario.skus_by_pool[SHARED] for text in _of_shared(world, sku)]
    found += await _of_split(world, app)
    found += await _of_counters(world, app)
    return found


async def unclaimed(world: World, app: App, *, until: datetime) -> list[str]:
    """Return in words what was ordered, has not left, is not in the ERP, and is not claimed for an order.

    It must be nothing of what was so before `until`, when a cycle began in which nothing failed. Only orders
    that the platform tells are asked for; a presumed sale is no claim for an order.
    """
    owed: Counter[tuple[str, str]] = Counter()
    for shop, rig in world.shops.items():
        known = world.erp.state.imports[shop].promises
        orders = [order for order in rig.state.orders.orders.values() if order.modified < until]
        for line in (line for order in orders for line in order.lines):
            promise = known.get(line.id)
            there = promise.allocated + promise.gone if promise else 0
            if line.stage is not Stage.UNPAID or world.platforms[shop].tells_unpaid:
                owed[shop, line.code] += max(line.open_units - there, 0)
    for row in [row for row in await app.store.claims() if row.line.startswith("order:")]:
        owed[row.shop, row.sku] -= row.units
    return [
        f"{shop}: {units} of {sku} are claimed for no order"
        for (shop, sku), units in owed.items()
        if units > 0
    ]


async def settled(world: World, app: App) -> int:
    """Run cycles without buyers and faults until everything agrees; return how many it took.

    Raises:
        AssertionError: it never does; the message says what does not agree, and what went wrong last.
    """
    for rig in world.rigs:
        rig.faults.replace([])
    failures: list[str] = []
    for count in range(1, MOST_CYCLES + 1):
        report = await world.cycle(app)
        failures = report.failures
        if not failures and not len(report.view.decision.plan) and not await disagreements(world, app):
            return count
    raise AssertionError("; ".join([*await disagreements(world, app), *failures]) or "it never calms down")


def _of_the_erp(world: World) -> Iterator[str]:
    books = world.books
    for (sku, _), cell in world.erp.state.cells.items():
        on_hand, allocated = cell.figures["on_hand"], cell.figures["allocated"]
        if on_hand != books.start(sku) - books.shipped(sku):
            yield f"{sku}: the ERP has {on_hand} of {books.start(sku)}, {books.shipped(sku)} have left"
        if allocated != books.open_units(sku):
            yield f"{sku}: the ERP has {allocated} allocated, buyers wait for {books.open_units(sku)}"
        if on_hand - allocated != books.left(sku):
            yield f"{sku}: the ERP has {on_hand - allocated} to sell, nobody has bought {books.left(sku)}"


def _of_shared(world: World, sku: str) -> Iterator[str]:
    left = max(world.books.left(sku), 0)
    for shop, units in world.on_sale(sku).items():
        if units != left:
            yield f"{shop} sells {units} of {sku}, {left} are left"


async def _of_split(world: World, app: App) -> list[str]:
    found, shares = [], {(row.shop, row.sku): row.units for row in await app.store.shares()}
    for sku in world.scenario.skus_by_pool[SPLIT]:
        left, shown = max(world.books.left(sku), 0), world.on_sale(sku)
        mine = {str(shop): units for (shop, one), units in shares.items() if one == sku}
        if {shop: units for shop, units in shown.items() if units != mine.get(shop, 0)}:
            found.append(f"{sku}: on sale are {shown}, the shares are {mine}")
        if sum(shown.values()) != left:
            found.append(f"{sku}: on sale are {shown} of {left}")
    return found


async def _of_counters(world: World, app: App) -> list[str]:
    found = []
    for row in await app.store.listings():
        real = world.counters(row.code)[row.shop]
        if (row.expected_lo, row.expected_hi) != (real, real):
            found.append(
                f"{row.shop} {row.code} reads {real}, syncd expects {row.expected_lo} to {row.expected_hi}"
            )
    return found
