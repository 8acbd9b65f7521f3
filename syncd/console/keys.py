"""What handlers find in the application and in a request."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from syncd.console.access import Caller

CALLER: web.RequestKey[Caller | None] = web.RequestKey("syncd_caller", Caller)
"""Key of a request: its `Caller`, None where nobody signed in."""

CSRF: web.RequestKey[str] = web.RequestKey("syncd_csrf", str)
"""Key of a request: what forms send as the field `csrf`, scripts as `X-CSRF-Token`; see `csrf`."""

LASTS: web.RequestKey[Callable[[], bool]] = web.RequestKey("syncd_lasts", Callable)  # type: ignore[arg-type]
"""Key of a request: says whether its caller may still be answered; see `is_welcome`."""

ADDRESS: web.RequestKey[str] = web.RequestKey("syncd_address", str)
"""Key of a request: the address that it comes from; see `address_of`."""

LEAVING: web.AppKey[asyncio.Event] = web.AppKey("syncd_leaving", asyncio.Event)
"""Key of the application: set when it is about to close, so that streams end at once and by themselves."""


def caller(request: web.Request) -> Caller:
    """Return who asks; only for handlers that need a role.

    Raises:
        KeyError: nobody signed in, which the gate before every handler has ruled out.
    """
    found = request[CALLER]
    if found is None:
        raise KeyError(CALLER)
    return found


def address_of(request: web.Request) -> str:
    """Return the address that a request comes from, as a proxy of ours says if it comes from one."""
    found = request.get(ADDRESS)
    return found or request.remote or ""


def csrf(request: web.Request) -> str:
    """Return the proof that every form has to send back as its field `csrf`; empty where nobody signed in."""
    found = request.get(CSRF)
    return found or ""


def is_welcome(request: web.Request) -> bool:
    """Return whether the caller may still be answered; streams ask it before they send."""
    lasts = request.get(LASTS)
    return lasts is None or lasts()
