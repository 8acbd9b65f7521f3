"""The language and the look, kept by the browser in cookies that say nothing else."""

from aiohttp import web

from syncd.console.access import anyone
from syncd.console.pages import language
from syncd.console.pages.asking import local
from syncd.console.pages.frame import THEME, THEMES

_YEAR = 365 * 24 * 3600


@anyone
async def look(request: web.Request) -> web.Response:
    """Remember a language or a look, and go back to where it was chosen."""
    answer = web.HTTPSeeOther(local(request.query.get("back", "/")))
    for name, known in ((language.COOKIE, language.languages()), (THEME, THEMES)):
        chosen = request.query.get(name)
        if chosen is not None and chosen in known:
            answer.set_cookie(name, chosen, max_age=_YEAR, samesite="Lax", httponly=True, path="/")
    raise answer
