"""Signing in and out: a token becomes a session, which the browser knows by a cookie."""

import math
from html import escape

from aiohttp import web

from syncd.console.access import Role, anyone, needs
from syncd.console.answers import title_of
from syncd.console.keys import CALLER, caller
from syncd.console.parts import Looks, Parts, SignIn
from syncd.console.security.bodies import form, read_body
from syncd.console.security.gate import LOGIN, Gate

_UNAUTHORIZED = 401
_LARGEST = 8192
_LONGEST_TARGET = 2000


class Login:
    """`/login` and `/logout`."""

    def __init__(self, gate: Gate, looks: Looks, parts: Parts) -> None:
        self._gate = gate
        self._looks = looks
        self._kept = parts.kept
        self._events = parts.events
        self._body_within = parts.body_within

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""

        @anyone
        async def show(request: web.Request) -> web.StreamResponse:
            target = inner_path(request.query.get("next", ""))
            if request.get(CALLER) is not None:
                raise web.HTTPSeeOther(target)
            return await self._looks.sign_in(request, SignIn(target=target))

        @anyone
        async def sign_in(request: web.Request) -> web.StreamResponse:
            return await self._sign_in(request)

        @needs(Role.VIEWER)
        async def sign_out(request: web.Request) -> web.StreamResponse:
            self._kept.sessions.end(request.cookies.get(self._gate.cookie, ""))
            self._events.tell("signed_out", name=caller(request).name)
            answer = web.HTTPSeeOther(LOGIN)
            self._set_cookie(answer, "", max_age=0)
            raise answer

        return [web.get(LOGIN, show), web.post(LOGIN, sign_in), web.post("/logout", sign_out)]

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        await read_body(request, _LARGEST, within=self._body_within)
        fields = await form(request)
        target = inner_path(fields.get("next", ""))
        try:
            proven = await self._gate.prove(request, fields.get("token", "").strip())
        except web.HTTPTooManyRequests as slow:
            wait = math.ceil(float(slow.headers["Retry-After"]))
            page = await self._looks.sign_in(request, SignIn(target=target, wait=wait))
            page.set_status(slow.status)
            page.headers["Retry-After"] = str(wait)
            return page
        if proven is None:
            page = await self._looks.sign_in(request, SignIn(target=target, is_wrong=True))
            page.set_status(_UNAUTHORIZED)
            return page
        # Never the id that the browser came with: somebody else may have put it there.
        self._kept.sessions.end(request.cookies.get(self._gate.cookie, ""))
        identity, session = self._kept.sessions.begin(proven)
        self._events.tell("signed_in", name=session.caller.name, address=self._gate.front.caller_of(request))
        answer = web.HTTPSeeOther(target)
        self._set_cookie(answer, identity)
        raise answer

    def _set_cookie(self, answer: web.StreamResponse, value: str, *, max_age: int | None = None) -> None:
        answer.set_cookie(
            self._gate.cookie,
            value,
            max_age=max_age,
            path="/",
            secure=self._gate.cookie.startswith("__Host-"),
            httponly=True,
            samesite="Strict",
        )


def inner_path(text: str) -> str:
    """Return a path of this server to go to, `/` for anything that could lead elsewhere."""
    is_inner = text.startswith("/") and not text.startswith(("//", "/\\", LOGIN, "/logout"))
    return text if is_inner and text.isprintable() and len(text) <= _LONGEST_TARGET else "/"


class PlainLooks:
    """Pages without any ornament, for a console without its own."""

    async def sign_in(self, _request: web.Request, form: SignIn) -> web.Response:
        """Return a bare form."""
        words = f"Too many failures: wait {form.wait} s." if form.wait else ""
        if form.is_wrong:
            words = "This token is not known."
        body = (
            f"<p>{words}</p>"
            f'<form method="post" action="{LOGIN}"><input type="hidden" name="next" '
            f'value="{escape(form.target)}"><label>Token <input type="password" name="token" '
            'autocomplete="current-password" required autofocus></label> <button>Sign in</button></form>'
        )
        return _page("syncd", body)

    async def problem(self, _request: web.Request, status: int, detail: str) -> web.Response:
        """Return the bare words."""
        return _page(f"{status} {title_of(status)}", f"<p>{escape(detail)}</p>", status=status)


def _page(title: str, body: str, *, status: int = 200) -> web.Response:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1>{body}</html>"
    )
    return web.Response(text=text, content_type="text/html", status=status)
