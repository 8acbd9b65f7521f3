"""Whatever goes wrong becomes an answer that tells what to do, and never how the program looks inside."""

import secrets

from aiohttp import web
from aiohttp.typedefs import Middleware

from syncd.console.access import Handler
from syncd.console.answers import problem, wants_page
from syncd.console.parts import Looks
from syncd.domain.said import say
from syncd.errors import NotThere, StateError, UsageError, whereabouts
from syncd.ports.events import Events

_BAD_REQUEST, _NOT_FOUND, _UNAVAILABLE, _BUG = 400, 404, 503, 500
_KEPT = ("Allow", "Location", "Retry-After", "WWW-Authenticate")


class Mishaps:
    """Turns errors into documents for programs and pages for people; a bug is told with a number."""

    def __init__(self, looks: Looks, events: Events) -> None:
        self._looks = looks
        self._events = events

    @property
    def middleware(self) -> Middleware:
        """Return the middleware; all others run inside it."""

        @web.middleware
        async def shape(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPException as raised:
                return await self._of_exception(request, raised)
            except StateError:
                return await self.answer(
                    request, _UNAVAILABLE, say("the state cannot be used now; see the log")
                )
            except NotThere as error:
                return await self.answer(request, _NOT_FOUND, str(error))
            except UsageError as error:
                return await self.answer(request, _BAD_REQUEST, str(error))
            except Exception as error:  # noqa: BLE001 - a bug must neither end the daemon nor show itself
                return await self._of_bug(request, error)

        return shape

    async def answer(self, request: web.Request, status: int, detail: str = "") -> web.StreamResponse:
        """Return what tells of a problem: a document also where the page for it is a problem itself."""
        if wants_page(request):
            try:
                page = await self._looks.problem(request, status, detail)
            except Exception as error:  # noqa: BLE001 - the library would say nothing of it, here or in the log
                self._tell(request, error)
            else:
                page.set_status(status)
                return page
        return problem(status, detail)

    async def _of_exception(self, request: web.Request, raised: web.HTTPException) -> web.StreamResponse:
        if raised.status < _BAD_REQUEST:
            raise raised
        detail = raised.text or ""
        # What the library writes by itself says the status once more.
        detail = "" if detail.startswith(f"{raised.status}:") else detail
        answer = await self.answer(request, raised.status, detail or _HINTS.get(raised.status, ""))
        for name in _KEPT:
            if name in raised.headers:
                answer.headers[name] = raised.headers[name]
        return answer

    async def _of_bug(self, request: web.Request, error: Exception) -> web.StreamResponse:
        number = self._tell(request, error)
        return await self.answer(
            request, _BUG, say("a fault in syncd; its log tells more under %(number)s", number=number)
        )

    def _tell(self, request: web.Request, error: Exception) -> str:
        """Tell of a bug, and return the number that it has in the log."""
        number = secrets.token_hex(4)
        resource = request.match_info.route.resource
        # Neither the message nor the path: both may hold what a caller sent, a token for one.
        self._events.tell(
            "http_failed",
            number=number,
            method=request.method,
            route=resource.canonical if resource else "",
            error=type(error).__name__,
            where=whereabouts(error),
        )
        return number


_HINTS = {
    401: say("sign in, or send a token as Authorization: Bearer"),
    403: say("this token may not do that"),
    404: say("there is no such thing here"),
}
