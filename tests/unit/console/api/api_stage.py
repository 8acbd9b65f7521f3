"""The API behind the real door on loopback, over a seeded state in memory."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import jsonschema

from syncd.adapters.memory import FakeClock
from syncd.console.api import routes
from syncd.console.api.endpoints import ENDPOINTS, ROOT, Endpoint
from syncd.console.api.openapi import description
from syncd.domain.topology import PoolMode
from syncd.services.desk import Desk
from tests.unit.console.security.stage import ALICE, BOB, Browser, Stage, bearer, browser, settings
from tests.unit.services.cycle_world import World
from tests.unit.services.desk_world import desk_of, seeded

Json = dict[str, Any]

DESCRIBED = description(ENDPOINTS)
LARGE = 1_000_000


class Hurried(FakeClock):
    """A clock on which an hour passes between any two looks: no guess is too soon after another."""

    def monotonic(self) -> float:
        """Return an hour more than the last time."""
        self.advance(3601)
        return super().monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Two who ask, alice who may change things and bob who may not, and what lies behind the API."""

    world: World
    desk: Desk
    stage: Stage
    client: Browser

    async def get(self, path: str, status: int = 200, *, token: str = BOB) -> Json:
        """Return what is answered to a question, which must fit its description."""
        return await self.ask("GET", path, status, token=token)

    async def post(self, path: str, status: int = 202, *, token: str = ALICE, body: object = None) -> Json:
        """Return what is answered to a wish, which must fit its description."""
        return await self.ask("POST", path, status, token=token, body=body)

    async def ask(self, method: str, path: str, status: int, *, token: str, body: object = None) -> Json:
        """Return what is answered, which must have the status and fit its description."""
        more: Json = {} if body is None else {"json": body}
        answer = await self.client.ask(method, f"{ROOT}{path}", headers=bearer(token), **more)
        assert answer.status == status, answer.text
        content: Json = json.loads(answer.text)
        fits(method, path, answer.status, content)
        return content


def fits(method: str, path: str, status: int, content: Json) -> None:
    """Fail if an answer is not as the description has it."""
    operation = DESCRIBED["paths"][endpoint_of(method, path).path][method.lower()]
    (answer,) = operation["responses"][str(status)]["content"].values()
    schema = answer["schema"] | {"components": DESCRIBED["components"]}
    jsonschema.Draft202012Validator(schema).validate(content)


def endpoint_of(method: str, path: str) -> Endpoint:
    """Return the endpoint of a path."""
    parts = path.partition("?")[0].split("/")
    for one in ENDPOINTS:
        names = one.path.split("/")
        if one.method == method and len(names) == len(parts) and all(map(_is_part, names, parts)):
            return one
    raise LookupError(path)


def _is_part(name: str, part: str) -> bool:
    return name.startswith("{") or name == part


@asynccontextmanager
async def api(mode: PoolMode = PoolMode.SHARED, stage: Stage | None = None) -> AsyncIterator[Api]:
    """Yield the API of a seeded world."""
    world = await seeded(mode)
    desk, stage = desk_of(world), stage or Stage()
    shown = stage.showing(settings(body_limit=LARGE), routes=routes(desk))
    async with shown as url, browser(url) as client:
        yield Api(world=world, desk=desk, stage=stage, client=client)
