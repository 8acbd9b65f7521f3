"""Is it alive, and does it do its work: `/healthz` and `/readyz`, for anyone who can connect."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiohttp import web

from syncd.console.access import anyone
from syncd.errors import StateError
from syncd.ports.clock import Clock

FRESH = 1.0
"""Seconds for which one look at the state answers for all who ask."""

_UNAVAILABLE = 503


class Vitals(Protocol):
    """What the daemon knows of itself."""

    def complaints(self) -> Sequence[str]:
        """Return why it is not ready, in words without secrets; nothing if all is well."""
        ...


class Health:
    """Answers the pair; however many ask, the state is looked at once a second.

    `look` has `within` seconds to find the state well.
    """

    def __init__(
        self,
        vitals: Vitals,
        look: Callable[[], Awaitable[object]],
        clock: Clock,
        *,
        within: float = 2.0,
    ) -> None:
        self._vitals = vitals
        self._look = look
        self._clock = clock
        self._within = within
        self._one = asyncio.Lock()
        self._looked_at = float("-inf")
        self._state = ""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""

        @anyone
        async def healthz(_request: web.Request) -> web.Response:
            # That it answers says that the loop turns.
            return web.json_response({"status": "alive"})

        @anyone
        async def readyz(_request: web.Request) -> web.Response:
            reasons = [*self._vitals.complaints(), *await self._state_complaints()]
            if reasons:
                return web.json_response({"status": "not ready", "reasons": reasons}, status=_UNAVAILABLE)
            return web.json_response({"status": "ready", "reasons": []})

        return [web.get("/healthz", healthz), web.get("/readyz", readyz)]

    async def _state_complaints(self) -> list[str]:
        async with self._one:
            if self._clock.monotonic() - self._looked_at > FRESH:
                self._state = await self._seen()
                self._looked_at = self._clock.monotonic()
        return [self._state] if self._state else []

    async def _seen(self) -> str:
        try:
            async with asyncio.timeout(self._within):
                await self._look()
        except TimeoutError:
            return "the state does not answer"
        except StateError:
            return "the state cannot be used"
        return ""
