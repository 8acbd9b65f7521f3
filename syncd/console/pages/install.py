"""The routes of the pages."""

from collections.abc import Mapping
from functools import cache

from aiohttp import web

from syncd.console.access import anyone
from syncd.console.pages import alerts, lists, locks, overview, plans, preferences, shops, stock
from syncd.console.pages.language import FOLDER

_YEAR = 365 * 24 * 3600
_TYPES: Mapping[str, str] = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def routes() -> list[web.RouteDef]:
    """Return the routes of the pages; the application needs `frame.furnish` before it serves them."""
    digest, shop, lock = "{digest:[0-9a-f]{8,64}}", "{shop:[a-z0-9_]+}", "{lock:[0-9]{1,15}}"
    verb = "{verb:pause|resume|freeze|unfreeze}"
    return [
        web.get("/", overview.overview),
        web.post("/sync", overview.sync),
        web.get("/stock", stock.stock),
        web.get("/sku", stock.sku),
        web.get("/plans", plans.plans),
        web.get(f"/plans/{digest}", plans.plan),
        web.post(f"/plans/{digest}/approve", plans.approve),
        web.post(f"/plans/{digest}/reject", plans.reject),
        web.get("/shops", shops.shops),
        web.get(f"/shops/{shop}", shops.shop),
        web.post(f"/shops/{shop}/{verb}", shops.set_status),
        web.get("/listings", lists.listings),
        web.get("/orders", lists.orders),
        web.get("/claims", lists.claims),
        web.get("/locks", locks.locks),
        web.post("/locks", locks.add),
        web.post(f"/locks/{lock}/release", locks.release),
        web.post(f"/locks/{lock}/end", locks.end),
        web.get("/ledger", lists.ledger),
        web.get("/alerts", alerts.alerts),
        web.post("/alerts/{alert:[0-9]{1,15}}/acknowledge", alerts.acknowledge),
        web.get("/look", preferences.look),
        web.get("/static/{name}", static),
    ]


@anyone
async def static(request: web.Request) -> web.Response:
    """Return a file of the console; only names that are there are looked for, so none leads out of it."""
    found = _files().get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    body, content_type = found
    # The address carries what the content is, so a browser may keep it for ever.
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable"} if "v" in request.query else {}
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)


@cache
def _files() -> Mapping[str, tuple[bytes, str]]:
    """Return the static files by name, each with its type."""
    files = (FOLDER / "static").iterdir()
    return {file.name: (file.read_bytes(), _TYPES[file.suffix]) for file in files if file.suffix in _TYPES}
