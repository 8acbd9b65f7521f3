"""The long lists: listings, orders, claims and the ledger, each with its filters."""

from collections.abc import Sequence

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages.asking import asked_of
from syncd.console.pages.frame import PARTS, Page, shown
from syncd.console.pages.terms import TERMS

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


@needs(Role.VIEWER)
async def listings(request: web.Request) -> web.Response:
    """Show what every listing is bound to, or why it is not."""
    asked = asked_of(request)
    found = await request.app[PARTS].desk.listings(asked)
    return await shown(
        request, _LISTINGS, {"listings": found, "asked": asked, "shops": await shop_names(request)}
    )


@needs(Role.VIEWER)
async def orders(request: web.Request) -> web.Response:
    """Show the order lines that the state keeps; it knows no buyer."""
    asked = asked_of(request)
    found = await request.app[PARTS].desk.orders(asked)
    return await shown(
        request, _ORDERS, {"orders": found, "asked": asked, "shops": await shop_names(request)}
    )


@needs(Role.VIEWER)
async def claims(request: web.Request) -> web.Response:
    """Show what was sold and no snapshot contains yet."""
    asked = asked_of(request)
    found = await request.app[PARTS].desk.claims(asked)
    return await shown(
        request, _CLAIMS, {"claims": found, "asked": asked, "shops": await shop_names(request)}
    )


@needs(Role.VIEWER)
async def ledger(request: web.Request) -> web.Response:
    """Show every change of a figure with its cause."""
    asked = asked_of(request, limit=100)
    found = await request.app[PARTS].desk.ledger(asked)
    context = {
        "ledger": found,
        "asked": asked,
        "shops": await shop_names(request),
        "kinds": list(TERMS["what"]),
    }
    return await shown(request, _LEDGER, context)
