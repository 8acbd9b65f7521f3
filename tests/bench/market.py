"""A mock ERP, a mock Taobao shop and many plain mock shops in one process: `python -m tests.bench.market`.

It says the URL of each at its own line, in this order, and serves them until it is ended.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

from aiohttp import web

from syncd.mock import Cell, ErpState, Listing, Rig, ShopState, erp_app, running, shop_app
from syncd.mock.clock import RealClock
from syncd.mock.taobao import Item, TaobaoState, taobao_app
from tests.bench.latency import FIRST_UNITS, sku_names


def applications(skus: int, shops: int) -> list[web.Application]:
    """Return the ERP and the shops, which all show what the ERP has."""
    clock, names = RealClock(), sku_names(skus)
    cells = [Cell(sku=name, warehouse="main") for name in names]
    for cell in cells:
        cell.figures["on_hand"] = FIRST_UNITS
    numbers = [str(100_000 + at) for at in range(skus)]
    listings = [
        Listing(id=number, item=number, code=name, quantity=FIRST_UNITS)
        for number, name in zip(numbers, names, strict=True)
    ]
    state = TaobaoState(listings=listings, items=[Item(id=number) for number in numbers], now=clock.now)
    return [
        erp_app(Rig(name="erp", clock=clock, state=ErpState(cells=cells))),
        taobao_app(Rig(name="taobao", clock=clock, state=state)),
        *(
            shop_app(
                Rig(
                    name=f"shop-{at}",
                    clock=clock,
                    state=ShopState(
                        listings=[
                            Listing(id=name, item=name, code=name, quantity=FIRST_UNITS) for name in names
                        ]
                    ),
                )
            )
            for at in range(shops - 1)
        ),
    ]


async def main(skus: int, shops: int) -> None:
    """Serve until cancelled."""
    async with AsyncExitStack() as stack:
        for app in applications(skus, shops):
            print("listening", await stack.enter_async_context(running(app)), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
