"""What handlers find in the application and in a request."""

from aiohttp import web

from syncd.console.access import Caller

CALLER = "syncd_caller"
"""Key of a request: its `Caller`, None where nobody signed in."""


def caller(request: web.Request) -> Caller:
    """Return who asks; only for handlers that need a role.

    Raises:
        KeyError: nobody signed in, which the gate before every handler has ruled out.
    """
    found: Caller = request[CALLER]
    return found
