"""The shops: how they are, how late they are, and stopping and starting them."""

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages import standing
from syncd.console.pages.asking import asker, then_back
from syncd.console.pages.charts.scale import Scale
from syncd.console.pages.frame import PARTS, Page, shown
from syncd.domain.model import ShopName

_EVENTS = (
    *("cycle_ended", "obeyed", "shop_failing", "shop_recovered", "held", "shop_retired"),
    *("orders_failing", "orders_recovered", "circuit_opened", "circuit_closed", "tokens_renewed"),
)
_TABLE = Page(template="shops.html", place="/shops", events=_EVENTS)
_ONE = Page(template="shop.html", place="/shops", events=_EVENTS)

VERBS = {
    "active": ("pause", "freeze"),
    "paused": ("resume",),
    "frozen": ("unfreeze",),
    "retiring": ("resume",),
    "retired": ("resume",),
}
"""What an operator may ask of a shop in each state."""


@needs(Role.VIEWER)
async def shops(request: web.Request) -> web.Response:
    """Show every shop, and what its pools would need."""
    found = await request.app[PARTS].desk.shops()
    doubts = {shop["shop"]: standing.doubt_of(shop) for shop in found["shops"]}
    return await shown(request, _TABLE, {"shops": found["shops"], "pools": found["pools"], "doubts": doubts})


@needs(Role.VIEWER)
async def shop(request: web.Request) -> web.Response:
    """Show one shop with its limits, delays and what can be asked of it."""
    found = await request.app[PARTS].desk.shop(ShopName(request.match_info["shop"]))
    bars = {
        what: _bars(delays["histogram"])
        for what, delays in found["delays"].items()
        if delays.get("histogram")
    }
    context = {
        "shop": found,
        "sign": standing.sign_of(found),
        "doubt": standing.doubt_of(found),
        "verbs": VERBS.get(found["status"], ()),
        "bars": bars,
    }
    return await shown(request, _ONE, context)


def _bars(histogram: list[tuple[float, float]]) -> list[tuple[float, float, float]]:
    """Return the buckets of a histogram as (seconds, count, width)."""
    scale = Scale.around([count for _, count in histogram])
    return [(seconds, count, scale.at(count)) for seconds, count in histogram]


@needs(Role.OPERATOR)
async def set_status(request: web.Request) -> web.Response:
    """Ask for a shop to be paused, resumed, frozen or unfrozen."""
    name, verb = ShopName(request.match_info["shop"]), request.match_info["verb"]
    asked = request.app[PARTS].desk.set_status(name, verb, by=asker(request))
    return await then_back(asked, f"/shops/{name}")
