"""What the guard holds: what and why, and the two answers of an operator."""

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages.asking import asked_of, asker, then_back
from syncd.console.pages.frame import PARTS, Page, shown

_EVENTS = ("cycle_ended", "held", "obeyed", "pushed")
_TABLE = Page(template="plans.html", place="/plans", events=_EVENTS)
_ONE = Page(template="plan.html", place="/plans", events=_EVENTS)


@needs(Role.VIEWER)
async def plans(request: web.Request) -> web.Response:
    """Show what is held now."""
    return await shown(request, _TABLE, {"plans": await request.app[PARTS].desk.plans()})


@needs(Role.VIEWER)
async def plan(request: web.Request) -> web.Response:
    """Show one held plan with its changes."""
    asked = asked_of(request)
    found = await request.app[PARTS].desk.plan(request.match_info["digest"], asked)
    return await shown(request, _ONE, {"plan": found, "asked": asked})


@needs(Role.OPERATOR)
async def approve(request: web.Request) -> web.Response:
    """Ask for what is held to be let go."""
    digest = request.match_info["digest"]
    asked = request.app[PARTS].desk.approve(digest, by=asker(request))
    return await then_back(asked, f"/plans/{digest}")


@needs(Role.OPERATOR)
async def reject(request: web.Request) -> web.Response:
    """Ask for what is held to stay back."""
    digest = request.match_info["digest"]
    asked = request.app[PARTS].desk.reject(digest, by=asker(request))
    return await then_back(asked, f"/plans/{digest}")
