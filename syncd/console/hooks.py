"""`POST /hooks/SHOP`: where platforms send what happened; open to anyone, so nothing is believed unverified.

It answers at once, whatever a cycle does: platforms wait for one to five seconds. Who is refused learns
nothing: not why, and not which shops there are. Bodies are counted while they are read, since chunks tell
no length before.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import parse_qsl

from aiohttp import ClientPayloadError, web
from aiohttp.http import HttpProcessingError

from syncd.config.hooks import HooksTable
from syncd.console.access import anyone
from syncd.console.keys import address_of
from syncd.ports.clock import Clock
from syncd.ports.hooks import Answer, HookRequest, Pairs, Reason
from syncd.services.hooks import REFUSAL, Hooks

MINUTE = 60.0
ADDRESSES = 4096
"""So many addresses that were refused are remembered; whoever was not refused for longest is forgotten."""

_PREFIX_V6 = 64
_REFUSED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDoor:
    """What the routes need: the hooks of all shops, and how much anybody may send."""

    hooks: Hooks
    limits: HooksTable
    clock: Clock


def routes(door: HookDoor) -> list[web.RouteDef]:
    """Return the routes of hooks; GET is for platforms that ask whether an address is ours."""
    here = _Here(door)

    @anyone
    async def take(request: web.Request) -> web.StreamResponse:
        return await here.take(request)

    return [web.post("/hooks/{shop}", take), web.get("/hooks/{shop}", take, allow_head=False)]


class _Here:
    def __init__(self, door: HookDoor) -> None:
        self._hooks = door.hooks
        self._limits = door.limits
        self._clock = door.clock
        self._turnstile = Turnstile(door.limits.refused_per_minute)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take a delivery in."""
        shop, address = request.match_info["shop"], _address(address_of(request))
        if self._turnstile.is_shut(address, self._clock.monotonic()):
            self._hooks.refuse(shop, Reason.TOO_MANY)
            return _closing(429, {"Retry-After": str(int(MINUTE))})
        if request.headers.get("Content-Encoding", "identity") != "identity":
            # What is signed is what came over the wire, and what is small there may be large here.
            return self._unread(shop, address, Reason.PACKED, 415)
        try:
            async with asyncio.timeout(self._limits.read_timeout):
                body = await self._body(request)
        except TimeoutError:
            return self._unread(shop, address, Reason.TOO_SLOW, 408)
        except _TooLargeError:
            return self._unread(shop, address, Reason.TOO_LARGE, 413)
        except (HttpProcessingError, ClientPayloadError, ConnectionError):
            return self._unread(shop, address, Reason.MALFORMED, 400)
        answer = self._hooks.take(shop, self._asked(request, body))
        if answer.status >= _REFUSED:
            self._turnstile.note(address, self._clock.monotonic())
        return _sent(answer)

    async def _body(self, request: web.Request) -> bytes:
        """Return the bytes that came, never more than may come.

        Raises:
            _TooLargeError: they are more.
        """
        most = self._limits.body_limit
        if (request.content_length or 0) > most:
            raise _TooLargeError
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > most:
                raise _TooLargeError
        return bytes(body)

    def _asked(self, request: web.Request, body: bytes) -> HookRequest:
        query = request.raw_path.partition("?")[2]
        return HookRequest(
            method=request.method,
            query=Pairs(tuple(parse_qsl(query, keep_blank_values=True))),
            headers=Pairs.of_headers(request.headers.items()),
            body=body,
            received_at=self._clock.now(),
        )

    def _unread(self, shop: str, address: str, reason: Reason, status: int) -> web.Response:
        self._hooks.refuse(shop, reason)
        self._turnstile.note(address, self._clock.monotonic())
        return _closing(status, {})


class _TooLargeError(Exception):
    """A body that is not read to its end."""


class Turnstile:
    """Shuts for an address that was refused `most` times in a minute, until that minute is over."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._refused: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def is_shut(self, address: str, now: float) -> bool:
        """Return whether the address has to wait."""
        since, count = self._refused.get(address, (now, 0))
        return count >= self._most and now - since < MINUTE

    def note(self, address: str, now: float) -> None:
        """Count one more refusal."""
        since, count = self._refused.pop(address, (now, 0))
        self._refused[address] = (since, count + 1) if now - since < MINUTE else (now, 1)
        if len(self._refused) > ADDRESSES:
            self._refused.popitem(last=False)


def _address(remote: str | None) -> str:
    """Return whom a request counts for: of IPv6 the network, as everybody has a whole one of these."""
    try:
        found = ip_address((remote or "").partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or int(found) >> (found.max_prefixlen - _PREFIX_V6))


def _sent(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)


def _closing(status: int, headers: dict[str, str]) -> web.Response:
    """Return a refusal after which nothing more of this connection is read."""
    response = web.Response(
        status=status, body=REFUSAL.body, content_type=REFUSAL.content_type, headers=headers
    )
    response.force_close()
    return response
