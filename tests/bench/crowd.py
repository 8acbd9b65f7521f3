"""Many mock shops in one process of their own, each at a port of its own."""

import asyncio
import sys
from contextlib import AsyncExitStack

from syncd.mock.clock import RealClock
from syncd.mock.core import ShopState
from syncd.mock.core.listing import Listing
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.shop import shop_app
from tests.bench.mocking import OLD


def listing_id(at: int) -> str:
    """Return the id of a shop's listing, the same in every shop."""
    return f"{600_000_000_000 + at}"


async def serve(shops: int, listings: int) -> None:
    """Serve so many shops with so many listings each until the process is ended; say where they listen."""
    async with AsyncExitStack() as stack:
        for at in range(shops):
            shown = [
                Listing(id=listing_id(n), item=listing_id(n), code=f"1-{n}", quantity=OLD)
                for n in range(listings)
            ]
            rig = Rig(name=f"shop-{at}", state=ShopState(listings=shown), clock=RealClock())
            print("listening", await stack.enter_async_context(running(shop_app(rig))), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))
