"""What all pages share: an environment of templates for each language, and what every template is given."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import aiohttp_jinja2
import jinja2
from aiohttp import web

from syncd.console.access import Caller, Role
from syncd.console.keys import CALLER
from syncd.console.pages.language import FOLDER, Language, chosen, languages, term
from syncd.console.pages.shown import Shown
from syncd.errors import NotThere, StateError
from syncd.services.desk import Desk
from syncd.services.series import Series

Json = dict[str, Any]

THEME = "theme"
THEMES = {"auto": term("as the device"), "light": term("light"), "dark": term("dark")}
"""The looks of the console; the value of the cookie and its word."""

PIECE = "fragment"
"""The parameter by which the script asks for the live part of a page alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the pages are made of: the desk, a clock, what a form must carry, and the last three hours."""

    desk: Desk
    now: Callable[[], datetime]
    csrf: Callable[[web.Request], str]
    series: Series | None = None


PARTS: web.AppKey[Parts] = web.AppKey("pages", Parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entry of the navigation."""

    path: str
    icon: str
    words: str


PLACES = (
    Place(path="/", icon="overview", words=term("Overview")),
    Place(path="/stock", icon="stock", words=term("Stock")),
    Place(path="/plans", icon="plans", words=term("Plans")),
    Place(path="/shops", icon="shops", words=term("Shops")),
    Place(path="/listings", icon="listings", words=term("Listings")),
    Place(path="/orders", icon="orders", words=term("Orders")),
    Place(path="/locks", icon="locks", words=term("Locks")),
    Place(path="/ledger", icon="ledger", words=term("Ledger")),
    Place(path="/alerts", icon="alerts", words=term("Alerts")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: its template, under which entry of the navigation it stands, and the events it shows."""

    template: str
    place: str = ""
    events: Sequence[str] = ()


def furnish(app: web.Application, parts: Parts) -> None:
    """Give an application the environments of the templates and what the pages are made of."""
    app[PARTS] = parts
    for language in languages().values():
        environment = aiohttp_jinja2.setup(
            app,
            app_key=_key(language.code),
            loader=jinja2.FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            filters=Shown(language).filters(),
        )
        install = environment.install_gettext_callables  # type: ignore[attr-defined]
        install(language.gettext, language.ngettext, newstyle=True)
        environment.globals |= {"asset": asset, "places": PLACES, "themes": THEMES, "languages": languages()}


@cache
def _key(code: str) -> web.AppKey[jinja2.Environment]:
    return web.AppKey(f"templates_{code}", jinja2.Environment)


@cache
def asset(name: str) -> str:
    """Return the address of a static file, which is another one when its content is."""
    content = (FOLDER / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


async def shown(
    request: web.Request, page: Page, context: Mapping[str, Any], *, status: int = 200
) -> web.Response:
    """Return a page, or its live part alone where the script asks for that."""
    language = chosen(request)
    layout = "piece.html" if PIECE in request.query else "base.html"
    given = _common(request, language) | {"page": page, "layout": layout, "notice": await _notice(request)}
    answer = aiohttp_jinja2.render_template(
        page.template, request, {**given, **context}, app_key=_key(language.code), status=status
    )
    # What a figure was is no answer to what it is, and a page for one person is none for another.
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


def _common(request: web.Request, language: Language) -> Json:
    parts = request.app[PARTS]
    who: Caller | None = request.get(CALLER)
    theme = request.cookies.get(THEME, "auto")
    return {
        "language": language,
        "theme": theme if theme in THEMES else "auto",
        "who": who,
        "operates": who is not None and who.role.covers(Role.OPERATOR),
        "csrf": parts.csrf(request) if who is not None else "",
        "now": parts.now(),
        "back": _back(request),
        "again": lambda **changed: again(request, **changed),
    }


def _back(request: web.Request) -> str:
    """Return the address of this page; of an answer to a form that of the page where the form stands."""
    if request.method in {"GET", "HEAD"}:
        return again(request)
    # What takes a form shows nothing by itself: /shops/jd/pause belongs to /shops.
    path = f"/{request.path.split('/')[1]}"
    return path if path in {place.path for place in PLACES} else "/"


def again(request: web.Request, **changed: str | None) -> str:
    """Return the address of this page with other parameters; those set to None are left out."""
    dropped = {PIECE, "asked", *changed}
    kept = [(name, value) for name, value in request.query.items() if name not in dropped]
    kept += [(name, value) for name, value in changed.items() if value is not None]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


async def _notice(request: web.Request) -> Json | None:
    """Return what came of the change that was asked for just now; no text while the daemon has not obeyed."""
    asked = request.query.get("asked", "")
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > _DIGITS or request.get(CALLER) is None:
        return None
    try:
        return await request.app[PARTS].desk.request(int(asked))
    except (NotThere, StateError):
        # Forgotten, somebody else's address, or out of reach: no page fails for its notice.
        return None


_DIGITS = 15
"""No request has a longer number, and the state could not look for one."""
