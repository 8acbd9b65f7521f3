"""The console on loopback before a desk of the rig, as the daemon shows it, for browsers and for eyes."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from syncd.console.access import Caller, Role, anyone, needed_by, needs
from syncd.console.keys import CALLER
from syncd.console.pages import install
from syncd.console.pages.frame import Parts, furnish
from syncd.console.pages.looks import ConsoleLooks
from syncd.domain.model import ShopName
from tests.browser.desk_rig import FakeDesk
from tests.browser.documents_rig import NOW

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
TOKENS = {"operator-token": Caller(name="anna", role=Role.OPERATOR), "viewer-token": Caller(name="wei", role=Role.VIEWER)}
CSRF = "proof"


class FakeSeries:
    """Three hours of a shop that sells in waves."""

    def document(self, shop: ShopName) -> Mapping[str, Any]:
        """Return two plots that differ by shop."""
        wave = [abs((minute * 7 + len(shop) * 13) % 40 - 20) * (minute % 5 != 2) for minute in range(180)]
        waits = [None if minute < 30 else (minute * len(shop)) % 17 for minute in range(180)]
        return {"since": NOW.isoformat(), "step_seconds": 60, "done": wave, "oldest_decrease_seconds": waits}


@dataclass(slots=True)
class Served:
    """A console that runs: where, its desk, and how a test tells an event."""

    url: str
    desk: FakeDesk
    streams: set["asyncio.Queue[str]"] = field(default_factory=set)

    def tell(self, name: str, **facts: object) -> None:
        """Tell an event to every browser that listens."""
        for stream in self.streams:
            stream.put_nowait(f"event: {name}\ndata: {json.dumps(facts)}\n\n")


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    """Serve a console until the block ends."""
    desk = FakeDesk()
    console = Served(url="", desk=desk)
    app = web.Application(middlewares=[_gate])
    parts = Parts(desk=desk, now=lambda: NOW, csrf=lambda _request: CSRF, series=FakeSeries())
    furnish(app, parts)
    app.add_routes([*install.routes(), *_doors(console)])
    app.on_response_prepare.append(_strict)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        console.url = "http://127.0.0.1:{}".format(runner.addresses[0][1])
        yield console
    finally:
        for stream in console.streams:
            stream.put_nowait("")
        await runner.cleanup()


async def _strict(_request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers["Content-Security-Policy"] = POLICY


@web.middleware
async def _gate(request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401 - aiohttp's own
    looks = ConsoleLooks()
    request[CALLER] = TOKENS.get(request.cookies.get("syncd", ""))
    try:
        role = needed_by(request.match_info.handler) if request.match_info.http_exception is None else None
        if role is not None:
            _let_in(request, role)
        if request.method == "POST" and role is not None and (await request.post()).get("csrf") != CSRF:
            raise web.HTTPForbidden(text="the page is older than the session: load it again")
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        detail = error.text or ""
        return await looks.problem(request, error.status, "" if detail[:3].isdecimal() else detail)


def _let_in(request: web.Request, role: Role) -> None:
    who: Caller | None = request[CALLER]
    if who is None:
        raise web.HTTPSeeOther("/login")
    if not who.role.covers(role):
        raise web.HTTPForbidden


@dataclass(frozen=True)
class _Form:
    target: str = "/"
    is_wrong: bool = False
    wait: int = 0


def _doors(console: Served) -> list[web.RouteDef]:
    looks = ConsoleLooks()

    @anyone
    async def login(request: web.Request) -> web.Response:
        if request.method == "GET":
            return await looks.sign_in(request, _Form())
        token = (await request.post()).get("token")
        if token not in TOKENS:
            return await looks.sign_in(request, _Form(is_wrong=True))
        answer = web.HTTPSeeOther("/")
        answer.set_cookie("syncd", str(token), httponly=True, samesite="Strict")
        raise answer

    @needs(Role.VIEWER)
    async def logout(_request: web.Request) -> web.Response:
        answer = web.HTTPSeeOther("/login")
        answer.del_cookie("syncd")
        raise answer

    @needs(Role.VIEWER)
    async def events(request: web.Request) -> web.StreamResponse:
        stream: asyncio.Queue[str] = asyncio.Queue()
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b": here\n\n")
        console.streams.add(stream)
        try:
            while text := await stream.get():
                await answer.write(text.encode())
        finally:
            console.streams.discard(stream)
        return answer

    @needs(Role.VIEWER)
    async def fault(_request: web.Request) -> web.Response:
        raise web.HTTPInternalServerError(text="a fault in syncd; its log tells more under 1f2e3d4c")

    return [
        web.get("/login", login),
        web.post("/login", login),
        web.post("/logout", logout),
        web.get("/events", events),
        web.get("/fault", fault),
    ]
