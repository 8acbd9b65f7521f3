"""The routes of hooks on loopback, with a raw socket where no client would behave so badly."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
from aiohttp import web

from syncd.adapters.hooks import open_hook
from syncd.adapters.memory.clock import FakeClock
from syncd.config.hooks import HooksTable, HookTable
from syncd.console.hooks import HookDoor, routes
from syncd.domain.look import Look
from syncd.domain.model import ShopName
from syncd.ports.hooks import HookRequest
from syncd.services.hooks import HookJob, Hooks
from tests.unit.adapters.hooks_rig import BY_RULE, NOW

PATIENCE = 10.0
"""Seconds until a test gives up on an answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Porch:
    """Where platforms knock: one shop for each rule, named like it."""

    port: int
    clock: FakeClock
    hooks: Hooks
    session: aiohttp.ClientSession
    looks: list[Look]
    told: list[tuple[str, dict[str, object]]]

    async def send(self, shop: str, request: HookRequest) -> Answered:
        """Send a signed request as its platform would."""
        url = f"http://127.0.0.1:{self.port}/hooks/{shop}"
        async with self.session.request(
            request.method,
            url,
            params=request.query.rows,
            headers=request.headers.rows,
            data=request.body or None,
        ) as answer:
            return Answered(answer.status, await answer.read(), answer.headers)

    async def raw(self, *parts: bytes, ends: bool = False) -> bytes:
        """Write bytes as they are, and return all that comes back until the other side closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            if ends:
                writer.write_eof()
            async with asyncio.timeout(PATIENCE):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


class _Teller:
    def __init__(self, told: list[tuple[str, dict[str, object]]]) -> None:
        self._told = told

    def tell(self, name: str, /, **facts: object) -> None:
        self._told.append((name, facts))


@asynccontextmanager
async def porch(**limits: object) -> AsyncIterator[Porch]:
    """Serve hooks of every rule; it is the time at which the rig of the rules signs."""
    clock, looks = FakeClock(NOW), list[Look]()
    told: list[tuple[str, dict[str, object]]] = []
    jobs = {
        ShopName(rule): HookJob(hook=case.hook(), window=timedelta(minutes=5))
        for rule, case in BY_RULE.items()
    }
    other = HookTable.model_validate({"rule": "hmac", "secret": "another"})
    jobs[ShopName("neighbour")] = HookJob(hook=open_hook(other))
    hooks = Hooks(jobs, ring=looks.append, clock=clock, events=_Teller(told))
    made = HookDoor(hooks=hooks, limits=HooksTable.model_validate(limits), clock=clock)
    app = web.Application()
    app.add_routes(routes(made))
    # The signed bytes must come as they are; and nobody lingers for the rest of what was refused.
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=0.1, lingering_time=0.05, auto_decompress=False
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        async with aiohttp.ClientSession() as session:
            yield Porch(
                port=runner.addresses[0][1],
                clock=clock,
                hooks=hooks,
                session=session,
                looks=looks,
                told=told,
            )
    finally:
        await runner.cleanup()
