"""Units locked for a shop or for nobody, and units on their way between shares."""

from collections.abc import Mapping

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages.asking import asked_of, asker, lock_of, text_of, then_back, whole
from syncd.console.pages.frame import PARTS, Page, shown
from syncd.errors import UsageError

_PAGE = Page(template="locks.html", place="/locks", events=("cycle_ended", "lowered", "obeyed"))
_FIELDS = ("sku", "units", "shop", "pool", "mode", "release", "releases")
_REFUSED = 422


@needs(Role.VIEWER)
async def locks(request: web.Request) -> web.Response:
    """Show the locks that live and what is on its way; those that have ended where asked."""
    return await _shown(request, {"sku": text_of(request.query, "sku")})


async def _shown(
    request: web.Request, typed: Mapping[str, str], *, refused: str = "", status: int = 200
) -> web.Response:
    desk, asked = request.app[PARTS].desk, asked_of(request)
    overview = await desk.overview()
    context = {
        "locks": await desk.locks(ended=asked.ended),
        "transfers": await desk.transfers(asked),
        "asked": asked,
        "shops": [shop["shop"] for shop in overview["shops"]],
        "pools": [pool["pool"] for pool in overview["pools"]],
        "typed": {**dict.fromkeys(_FIELDS, ""), **typed},
        "refused": refused,
    }
    return await shown(request, _PAGE, context, status=status)


@needs(Role.OPERATOR)
async def add(request: web.Request) -> web.Response:
    """Ask for units to be locked; what cannot be is said beside the form, with what was typed."""
    form = await request.post()
    try:
        number = await request.app[PARTS].desk.add_lock(lock_of(form), by=asker(request))
    except UsageError as error:
        typed = {name: str(form.get(name, "")) for name in _FIELDS}
        return await _shown(request, typed, refused=str(error), status=_REFUSED)
    raise web.HTTPSeeOther(f"/locks?asked={number}")


@needs(Role.OPERATOR)
async def release(request: web.Request) -> web.Response:
    """Ask for units of a lock to be released, all that are left where no number is typed."""
    form = await request.post()
    units = whole(form, "units") if text_of(form, "units") else None
    asked = request.app[PARTS].desk.release_lock(_number(request), units, by=asker(request))
    return await then_back(asked, "/locks")


@needs(Role.OPERATOR)
async def end(request: web.Request) -> web.Response:
    """Ask for a lock to be ended."""
    asked = request.app[PARTS].desk.end_lock(_number(request), by=asker(request))
    return await then_back(asked, "/locks")


def _number(request: web.Request) -> int:
    return int(request.match_info["lock"])
