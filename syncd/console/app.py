"""The application: every part's routes behind one gate."""

import asyncio

from aiohttp import web

from syncd.console.keys import LEAVING
from syncd.console.parts import Parts
from syncd.console.security.gate import Gate, let_stream
from syncd.console.security.headers import security_headers
from syncd.console.security.login import Login, PlainLooks
from syncd.console.security.mishaps import Mishaps
from syncd.console.security.tokens import Tokens


def make_app(parts: Parts) -> web.Application:
    """Return the application, to be served once.

    Sessions of tokens that the settings no longer have, or have otherwise, end here.
    """
    looks = parts.looks or PlainLooks()
    tokens = Tokens(parts.settings.tokens)
    parts.kept.sessions.configure(parts.settings, tokens.stamp)
    gate = Gate(parts, tokens)
    app = web.Application(
        # The outermost first: what the gate refuses is shaped as whatever else goes wrong.
        middlewares=[*parts.outermost, Mishaps(looks, parts.events).middleware, gate.middleware],
        client_max_size=parts.settings.body_limit,
    )
    app[LEAVING] = asyncio.Event()
    app.on_response_prepare.extend((security_headers(parts.settings), let_stream))
    app.on_shutdown.append(_leave)
    for routes in (*parts.routes, Login(gate, looks, parts).routes()):
        app.router.add_routes(routes)
    for prepare in parts.prepare:
        prepare(app)
    return app


async def _leave(app: web.Application) -> None:
    app[LEAVING].set()
