"""The gate before every handler: who asks, may they, and did they mean it."""

import asyncio
import math
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Middleware

from syncd.console.access import Caller, Handler, Role, needed_by
from syncd.console.answers import wants_page
from syncd.console.keys import ADDRESS, CALLER, CSRF, LASTS
from syncd.console.parts import Parts
from syncd.console.security.bodies import check_body, form, read_body
from syncd.console.security.front import Front
from syncd.console.security.sessions import Session
from syncd.console.security.tokens import Busy, Proven, Tokens, named_in
from syncd.domain.said import keep

CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf"
LOGIN = "/login"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PATIENCE: web.RequestKey[asyncio.Timeout] = web.RequestKey("syncd_patience", asyncio.Timeout)
_OURSELVES = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>syncd</title>'
)


class Gate:
    """Lets a request through to its handler, or refuses it by an HTTP exception.

    A token counts before a session: a page elsewhere can make a browser send its cookie, but no token.
    """

    def __init__(self, parts: Parts, tokens: Tokens) -> None:
        self._parts = parts
        self._kept = parts.kept
        self._events = parts.events
        self._tokens = tokens
        self.front = Front(parts.settings)
        self.cookie = "__Host-syncd" if parts.settings.is_encrypted else "syncd"

    @property
    def middleware(self) -> Middleware:
        """Return the middleware, the innermost of all."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._check_surroundings(request)
            request[ADDRESS] = self.front.address_of(request)
            if request.match_info.http_exception is not None:
                raise request.match_info.http_exception
            needed = _needed(request)
            session = await self._identify(request, needed)
            if needed is not None:
                # Those whom anyone may call have rules of their own: hooks need the very bytes that came.
                await read_body(request, self._parts.settings.body_limit, within=self._parts.body_within)
                await check_body(request)
            if request.method not in _SAFE:
                await self._check_intent(request, session, needed)
            return await _within_time(request, handler, self._parts.answer_within)

        return guard

    # --- who asks ------------------------------------------------------------------------------------------

    async def _identify(self, request: web.Request, needed: Role | None) -> Session | None:
        """Note who asks in the request, and return the session that says so, if it was one.

        Raises:
            web.HTTPException: whoever asks may not do this.
        """
        request[CALLER], session = None, None
        if needed is not None and "Authorization" in request.headers:
            request[CALLER] = await self._bearer(request)
        else:
            session = self._session(request)
        caller = request[CALLER]
        if needed is None:
            return session
        if caller is None:
            raise self._unknown(request)
        if not caller.role.covers(needed):
            raise web.HTTPForbidden
        return session

    async def _bearer(self, request: web.Request) -> Caller:
        scheme, _, token = request.headers["Authorization"].partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer":
            raise _unauthorized(keep("only Authorization: Bearer is understood"))
        proven = self._tokens.remembered(token) or await self.prove(request, token)
        if proven is None:
            raise _unauthorized(keep("this token is not known"))
        return proven.caller

    async def prove(self, request: web.Request, token: str) -> Proven | None:
        """Return whose token it is, None if it is nobody's; failures are counted, and slowed down.

        Raises:
            web.HTTPTooManyRequests: too many of them failed lately.
            web.HTTPServiceUnavailable: too many tokens are looked at just now.
        """
        try:
            async with self._tokens.turn():
                # Somebody with the same token may have been before us.
                return self._tokens.remembered(token) or await self._prove(request, token)
        except Busy:
            raise web.HTTPServiceUnavailable(
                text=keep("busy, try again"), headers={"Retry-After": "1"}
            ) from None

    async def _prove(self, request: web.Request, token: str) -> Proven | None:
        address, name = self.front.caller_of(request), named_in(token)
        # Looked at when it is our turn: of many at once the later ones hear what became of the first.
        wait = self._kept.attempts.wait(address)
        if wait > 0:
            raise too_many(wait)
        proven = await self._tokens.prove(token)
        if proven is None:
            self._kept.attempts.failed(address)
            self._tell_refused(address, name)
        else:
            self._kept.attempts.succeeded(address)
        return proven

    def _tell_refused(self, address: str, name: str | None) -> None:
        # A name that is not ours may be part of a secret that somebody pasted.
        known = name if name is not None and name in self._tokens else None
        wait = math.ceil(self._kept.attempts.wait(address))
        self._events.tell("login_refused", address=address, name=known, wait=wait or None)

    def _session(self, request: web.Request) -> Session | None:
        session = self._kept.sessions.find(request.cookies.get(self.cookie, ""))
        if session is not None:
            request[CALLER] = session.caller
            request[CSRF] = session.csrf
            request[LASTS] = lambda: self._kept.sessions.lasts(session)
        return session

    def _unknown(self, request: web.Request) -> web.HTTPException:
        if request.method in _SAFE and wants_page(request):
            if request.headers.get("Sec-Fetch-Site", "") in {"cross-site", "same-site"}:
                # A link in a chat: SameSite=Strict kept the cookie back, which our own page may send.
                return web.HTTPOk(text=_OURSELVES, content_type="text/html")
            return web.HTTPSeeOther(f"{LOGIN}?next={quote(request.path_qs, safe='')}")
        return _unauthorized("")

    # --- did they mean it ----------------------------------------------------------------------------------

    def _check_surroundings(self, request: web.Request) -> None:
        if not self.front.is_let_in(request):
            raise web.HTTPForbidden(text=keep("come by the proxy in front"))
        if not self.front.knows_host(request):
            raise web.HTTPMisdirectedRequest(text=keep("call it by its address, or by a name in http.hosts"))

    async def _check_intent(self, request: web.Request, session: Session | None, needed: Role | None) -> None:
        """Refuse what another page made a browser send; tokens are sent by no page but on purpose."""
        is_by_token = needed is not None and session is None
        if is_by_token:
            return
        if not self.front.is_from_ourselves(request):
            raise web.HTTPForbidden(text=keep("sent by a page of another origin"))
        if needed is None or session is None:
            return
        sent = request.headers.get(CSRF_HEADER) or (await form(request)).get(CSRF_FIELD) or ""
        if not session.allows(sent):
            raise web.HTTPForbidden(text=keep("the page is older than the session: load it again"))


def too_many(wait: float) -> web.HTTPTooManyRequests:
    """Return what slows down who guesses."""
    seconds = str(math.ceil(wait))
    return web.HTTPTooManyRequests(
        text=keep("too many failures, wait %(seconds)s s", seconds=seconds), headers={"Retry-After": seconds}
    )


async def _within_time(request: web.Request, handler: Handler, seconds: float) -> web.StreamResponse:
    request[_PATIENCE] = patience = asyncio.timeout(seconds)
    try:
        async with patience:
            return await handler(request)
    except TimeoutError:
        if not patience.expired():
            raise
        raise web.HTTPServiceUnavailable(
            text=keep("no answer within %(seconds)s s", seconds=f"{seconds:g}")
        ) from None


async def let_stream(request: web.Request, response: web.StreamResponse) -> None:
    """Take the time limit off an answer that is sent piece by piece, once it begins."""
    patience = request.get(_PATIENCE)
    if patience is not None and not isinstance(response, web.Response):
        patience.reschedule(None)


def _unauthorized(detail: str) -> web.HTTPUnauthorized:
    status = HTTPStatus.UNAUTHORIZED
    text = detail or f"{status.value}: {status.phrase}"
    return web.HTTPUnauthorized(text=text, headers={"WWW-Authenticate": 'Bearer realm="syncd"'})


def _needed(request: web.Request) -> Role | None:
    try:
        return needed_by(request.match_info.handler)
    except LookupError:
        raise web.HTTPForbidden(text=keep("nobody may call this: it does not say who may")) from None
