"""A console of a few routes behind the real door on loopback, a clock by hand, and browsers to try it."""

import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from argon2 import PasswordHasher
from pydantic import SecretStr

from syncd.adapters.memory import FakeClock
from syncd.config.http import HttpTable, TokenRole, TokenTable
from syncd.console.access import Role, anyone, needs
from syncd.console.app import make_app
from syncd.console.health import Health
from syncd.console.keys import caller, csrf
from syncd.console.parts import Kept, Parts
from syncd.console.server import Door
from syncd.runtime.vitals import Vitals

CHEAP = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1)
"""The weakest that a configuration may hold: tests prove many tokens."""

ALICE, BOB = f"alice.{'qW7-xY_9' * 5}abc", f"bob.{'Zk3_mN-5' * 5}def"
_HASHES = {"alice": CHEAP.hash(ALICE), "bob": CHEAP.hash(BOB)}
TOKENS: Mapping[str, Mapping[str, str]] = {
    "alice": {"role": "operator", "hash": _HASHES["alice"]},
    "bob": {"role": "viewer", "hash": _HASHES["bob"]},
}
LIMIT = 4096


def settings(**keys: object) -> HttpTable:
    """Return the table `[http]` with a free port, an operator alice and a viewer bob."""
    tokens = {
        name: TokenTable(role=TokenRole(table["role"]), hash=SecretStr(table["hash"]))
        for name, table in TOKENS.items()
    }
    return HttpTable.model_validate({"port": 0, "body_limit": LIMIT, "tokens": tokens} | keys)


class Told:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    def tell(self, name: str, /, **facts: object) -> None:
        self.events.append((name, facts))

    def named(self, name: str) -> list[dict[str, object]]:
        """Return the facts of every event of that name."""
        return [facts for each, facts in self.events if each == name]


@needs(Role.VIEWER)
async def _read(request: web.Request) -> web.Response:
    return web.json_response({"name": caller(request).name, "csrf": csrf(request)})


@needs(Role.OPERATOR)
async def _change(request: web.Request) -> web.Response:
    return web.json_response({"name": caller(request).name, "sent": (await request.read()).decode()})


@anyone
async def _hook(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@needs(Role.VIEWER)
async def _fail(_request: web.Request) -> web.Response:
    raise RuntimeError(f"the secret is {ALICE}")


async def _unmarked(_request: web.Request) -> web.Response:
    return web.Response(text="nobody said who may call me")


ROUTES = (
    web.get("/api/v1/read", _read),
    web.get("/page", _read),
    web.post("/api/v1/change", _change),
    web.post("/change", _change),
    web.delete("/api/v1/change", _change),
    web.post("/hooks/shop", _hook),
    web.get("/api/v1/fail", _fail),
    web.get("/fail", _fail),
    web.get("/unmarked", _unmarked),
    web.options("/unmarked", _unmarked),
)


class Browser:
    """Somebody with a cookie jar, who follows no redirects; `url` is the console's."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self.client = client
        self.url = url

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: object = None,
        json: object = None,
    ) -> "Answer":
        """Send a request and return the whole answer."""
        asked = self.client.request(
            method, f"{self.url}{path}", allow_redirects=False, headers=headers, data=data, json=json
        )
        async with asked as answer:
            return Answer(status=answer.status, headers=answer.headers, text=await answer.text())

    async def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> "Answer":
        return await self.ask("GET", path, headers=headers)

    async def post(
        self,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: object = None,
        json: object = None,
    ) -> "Answer":
        return await self.ask("POST", path, headers=headers, data=data, json=json)

    async def sign_in(self, token: str = ALICE) -> str:
        """Sign in and return the proof that forms must send."""
        answer = await self.post("/login", data={"token": token})
        assert answer.status == 303, answer.text
        found = re.search(r'"csrf": "([^"]+)"', (await self.get("/api/v1/read")).text)
        assert found
        return found[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as a whole."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(slots=True, kw_only=True)
class Stage:
    """What outlives applications, as in a daemon, and the console that is shown."""

    clock: FakeClock = field(default_factory=FakeClock)
    told: Told = field(default_factory=Told)
    door: Door = field(default_factory=Door)
    within: float = 15.0
    kept: Kept = field(init=False)
    vitals: Vitals = field(init=False)

    def __post_init__(self) -> None:
        self.kept = Kept.fresh(self.clock)
        self.vitals = Vitals(self.clock)

    async def look(self) -> None:
        """Find the state well."""

    @asynccontextmanager
    async def showing(
        self, table: HttpTable | None = None, routes: Sequence[web.RouteDef] = ROUTES
    ) -> AsyncIterator[str]:
        """Show a console and yield its URL."""
        table = table or settings()
        health = Health(self.vitals, self.look, self.clock, within=self.within / 10).routes()
        parts = Parts(
            settings=table,
            clock=self.clock,
            events=self.told,
            kept=self.kept,
            routes=(routes, health),
            body_within=self.within,
            answer_within=self.within,
        )
        shown = self.door.showing(make_app(parts), table, file=Path("syncd.toml"), events=self.told)
        async with shown as url:
            yield url


@asynccontextmanager
async def browser(url: str, *, trusting: ssl.SSLContext | None = None) -> AsyncIterator[Browser]:
    """Yield a browser for a console; cookies of addresses count, too."""
    jar = aiohttp.CookieJar(unsafe=True)
    connector = aiohttp.TCPConnector(ssl=trusting or True)
    async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as client:
        yield Browser(client, url)


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {token}"}
