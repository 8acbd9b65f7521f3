"""What every answer tells the browser not to do."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from syncd.config.http import HttpTable

_ALWAYS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it a browser sends `Origin: null` even from our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # The library would name itself and Python, both with their versions.
    "Server": "syncd",
}
_YEAR = 365 * 86_400

Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def security_headers(settings: HttpTable) -> Signal:
    """Return what puts the headers on every answer, streams too, just before it is sent.

    Data is kept in no cache; a handler of static files may say otherwise for these.
    """

    async def put(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_ALWAYS)
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.is_encrypted:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"

    return put
