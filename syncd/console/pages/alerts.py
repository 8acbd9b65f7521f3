"""What people are told, in their language, and that somebody has seen it."""

from functools import partial

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages.asking import asker
from syncd.console.pages.frame import PARTS, Page
from syncd.console.pages.language import chosen
from syncd.console.pages.lists import listed
from syncd.console.pages.terms import TERMS
from syncd.domain.alerts.words import Language
from syncd.domain.said import say
from syncd.errors import NotThere

_PAGE = Page(template="alerts.html", place="/alerts", events=("alert", "obeyed"))


@needs(Role.VIEWER)
async def alerts(request: web.Request) -> web.Response:
    """Show the alerts that are open, or also those that are over."""
    desk, language = request.app[PARTS].desk, Language(chosen(request).code)
    ask = partial(desk.alerts, language=language)
    return await listed(request, _PAGE, "alerts", ask, levels=list(TERMS["level"]))


@needs(Role.OPERATOR)
async def acknowledge(request: web.Request) -> web.Response:
    """Note that somebody has seen an alert, so that it reminds nobody else."""
    number = int(request.match_info["alert"])
    if not await request.app[PARTS].desk.acknowledge(number, by=asker(request)):
        raise NotThere(say("there is no alert %(alert)s", alert=number))
    raise web.HTTPSeeOther("/alerts")
