"""The demo's shops under a real daemon, until every metric has something to say; then one scrape."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from syncd.bootstrap import App, Porch, Seams, open_app, open_console, read_configuration
from syncd.cli.demo.configuration import Console, configuration_text, write_configuration
from syncd.cli.demo.world import World, make_world, served
from syncd.domain.model import Sku
from syncd.services.cycle import Selection
from tests.unit.console.scrape import value

KEPT = frozenset({"LAMP"})
"""What the ERP still has when all else is gone from it."""

LATEST = "syncd_tally_timestamp_seconds"
"""What the daemon shows last, once it has counted everything."""

ENVIRON = {
    "SYNCD_LOG__LEVEL": "error",
    "SYNCD_GUARD__FROM_LISTINGS": "2",
    # Nobody is there: the broker is lost from the first moment on.
    "SYNCD_MQTT__HOST": "127.0.0.1",
    "SYNCD_MQTT__PORT": "9",
}


async def scraped(folder: Path) -> bytes:
    """Return what a daemon shows at /metrics that has filled shops, sold, lowered, and holds a plan."""
    world = make_world(1)
    async with served(world, port=0) as urls:
        console = Console.fresh()
        text = configuration_text(urls, console)
        text = text.replace(
            'session = "file:session"', 'session = "file:session"\nsession_expires = 2099-01-01'
        )
        tmall = world.shops["tmall"].state
        secrets = {"token": tmall.settings.token, "secret": tmall.top.app_secret}
        file = write_configuration(folder, text, **secrets)
        async with running(file) as (app, porch):
            await exercise(world, app)
            async with open_console(app, porch) as shown:
                over = asyncio.Event()
                daemon = asyncio.create_task(shown.daemon.run(over))
                try:
                    assert shown.url is not None
                    return await page(shown.url, console.token)
                finally:
                    over.set()
                    await daemon


@asynccontextmanager
async def running(file: Path) -> AsyncIterator[tuple[App, Porch]]:
    """Yield the program of a configuration with its porch; no cycle runs yet."""
    configuration = read_configuration(file, ENVIRON)
    porch = Porch.fresh()
    seams = Seams(listeners=porch.listeners(configuration))
    async with open_app(configuration, seams) as app:
        yield app, porch


async def exercise(world: World, app: App) -> None:
    """Fill the shops, lower something at once, and let the ERP lose so much that it is held."""
    await app.sync(Selection())
    await app.sync(Selection())
    await app.engine.lowering.run(frozenset({Sku("MUG-RED")}))
    for (sku, place), cell in world.erp.state.cells.items():
        if sku not in KEPT:
            world.erp.state.move(sku, place, {"on_hand": -cell.figures["on_hand"]})
    await app.sync(Selection())


async def page(url: str, token: str) -> bytes:
    """Return the scrape once everything was counted; before it a webhook came that nobody waits for."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(60),
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{url}/hooks/nobody") as refused,
    ):
        assert refused.status == 401
        while True:
            async with session.get(f"{url}/metrics") as response:
                found = await response.read()
            assert response.status == 200, found
            if value(found, LATEST) is not None and value(found, "syncd_mqtt_connected") == 0:
                return found
