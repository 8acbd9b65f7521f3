"""The first page: whether every shop is right, and what needs a person."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages import standing
from syncd.console.pages.asking import asker, then_back
from syncd.console.pages.charts.sparkline import Sparkline, sparkline
from syncd.console.pages.frame import PARTS, Page, Parts, shown
from syncd.domain.model import ShopName
from syncd.services.desk import Asked

_PAGE = Page(
    template="overview.html",
    place="/",
    events=(
        *("cycle_ended", "lowered", "pushed", "held", "obeyed", "shop_failing", "shop_recovered"),
        *("orders_failing", "orders_recovered", "source_failing", "source_recovered"),
        *("circuit_opened", "circuit_closed", "shop_retired", "listing_unbound", "alert"),
    ),
)
_LATEST = 8
"""So many rows of the ledger tell what happens just now."""


@needs(Role.VIEWER)
async def overview(request: web.Request) -> web.Response:
    """Show how everything stands."""
    parts = request.app[PARTS]
    document = await parts.desk.overview()
    latest = await parts.desk.ledger(Asked(limit=_LATEST))
    signs = {shop["shop"]: standing.sign_of(shop) for shop in document["shops"]}
    context = {
        "overview": document,
        "needs": standing.needs(document),
        "signs": signs,
        "doubts": {shop["shop"]: standing.doubt_of(shop) for shop in document["shops"]},
        "right": sum(sign is standing.Sign.OK for sign in signs.values()),
        "charts": {name: _charts(ShopName(name), parts) for name in signs},
        "latest": latest["items"],
    }
    return await shown(request, _PAGE, context)


@needs(Role.OPERATOR)
async def sync(request: web.Request) -> web.Response:
    """Ask for a cycle now; the notice tells what it did."""
    return await then_back(request.app[PARTS].desk.sync(by=asker(request)), "/")


def _charts(shop: ShopName, parts: Parts) -> Mapping[str, Any] | None:
    """Return the plots of a shop's last while, None where nothing was counted yet."""
    if parts.series is None:
        return None
    found = parts.series.document(shop)
    if found["since"] is None:
        return None
    plots: dict[str, Sparkline] = {
        name: sparkline(found[key])
        for name, key in (("writes", "done"), ("waits", "oldest_decrease_seconds"))
    }
    return plots | {"sum": sum(figure or 0 for figure in found["done"]), "minutes": len(found["done"])}
