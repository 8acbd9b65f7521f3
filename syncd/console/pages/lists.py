"""The long lists: listings, orders, claims and the ledger, each with its filters."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages.asking import asked_of
from syncd.console.pages.frame import PARTS, Json, Page, shown
from syncd.console.pages.terms import TERMS
from syncd.services.desk import Asked

_LISTINGS = Page(
    template="listings.html", place="/listings", events=("cycle_ended", "listing_unbound", "binding_held")
)
_ORDERS = Page(template="orders.html", place="/orders", events=("cycle_ended", "lowered"))
_CLAIMS = Page(template="claims.html", place="/orders", events=("cycle_ended", "lowered"))
_LEDGER = Page(template="ledger.html", place="/ledger", events=("cycle_ended", "lowered", "obeyed"))


async def shop_names(request: web.Request) -> Sequence[str]:
    """Return the shops by which a list can be narrowed, in the order of the configuration."""
    overview = await request.app[PARTS].desk.overview()
    return [shop["shop"] for shop in overview["shops"]]


async def listed(
    request: web.Request, page: Page, name: str, ask: Callable[[Asked], Awaitable[Json]], **more: object
) -> web.Response:
    """Return the page of a list: the part of it that is asked for, under its name in the template."""
    asked = asked_of(request)
    context = {name: await ask(asked), "asked": asked, "shops": await shop_names(request), **more}
    return await shown(request, page, context)


@needs(Role.VIEWER)
async def listings(request: web.Request) -> web.Response:
    """Show what every listing is bound to, or why it is not."""
    return await listed(request, _LISTINGS, "listings", request.app[PARTS].desk.listings)


@needs(Role.VIEWER)
async def orders(request: web.Request) -> web.Response:
    """Show the order lines that the state keeps; it knows no buyer."""
    return await listed(request, _ORDERS, "orders", request.app[PARTS].desk.orders)


@needs(Role.VIEWER)
async def claims(request: web.Request) -> web.Response:
    """Show what was sold and no snapshot contains yet."""
    return await listed(request, _CLAIMS, "claims", request.app[PARTS].desk.claims)


@needs(Role.VIEWER)
async def ledger(request: web.Request) -> web.Response:
    """Show every change of a figure with its cause."""
    kinds = list(TERMS["what"])
    return await listed(request, _LEDGER, "ledger", request.app[PARTS].desk.ledger, kinds=kinds)
