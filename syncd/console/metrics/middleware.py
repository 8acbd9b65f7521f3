"""Count requests by the template of their route, never by their path: paths name SKUs, and anybody asks."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from syncd.console.metrics import families as f
from syncd.console.metrics.book import Book
from syncd.ports.clock import Clock

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

UNMATCHED = "unmatched"
"""The route of a request that none takes."""

STREAMS = frozenset({"/events"})
"""Routes whose answers have no end; how long they took says nothing."""

_METHODS = frozenset(map(str, hdrs.METH_ALL))
_SERVER_ERROR = 500


def counting(book: Book, clock: Clock) -> Middleware:
    """Return the middleware that counts every request; it must be the outermost."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = clock.monotonic()
        status = _SERVER_ERROR
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            route = _template(request)
            method = request.method if request.method in _METHODS else "other"
            book.add(f.HTTP_REQUESTS, method, route, str(status))
            if route not in STREAMS:
                book.observe(f.HTTP_SECONDS, clock.monotonic() - began, route)
        return response

    return count


def _template(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return UNMATCHED if resource is None else resource.canonical
