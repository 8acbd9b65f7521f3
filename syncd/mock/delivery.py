"""How a mock sends an answer, whole or broken as the faults say; the same for every platform."""

import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from aiohttp import web

from syncd.mock.core import Call
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.rig import Rig, State

_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An answer as it goes out."""

    body: bytes
    content_type: str
    status: int = _OK
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        """Return the headers with the type of the body."""
        return {**self.headers, "Content-Type": self.content_type}


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A call that was let in, as its platform answers it.

    `refused` is asked first: its answer, if any, keeps the call from taking effect. `done` carries it out.
    """

    refused: Callable[[Strikes], Parcel | None]
    done: Callable[[Strikes], Parcel]


async def carry_out(
    rig: Rig[State], request: web.Request, call: Call, treatment: Treatment
) -> web.StreamResponse:
    """Let the call strike what must strike it, carry it out, and answer it or not."""
    strikes = rig.faults.draw(call)
    call.faults = tuple(strikes)
    delay = strikes.get(FaultKind.DELAY)
    await rig.hold(delay, "before")
    rig.state.settle(rig.clock.now())
    parcel = treatment.refused(strikes)
    reset = strikes.get(FaultKind.RESET)
    if parcel is None and (reset is None or reset.applied):
        parcel = treatment.done(strikes)
    await rig.hold(delay, "after")
    return await _deliver(rig, request, call, strikes, parcel)


def send(rig: Rig[State], call: Call, parcel: Parcel) -> web.Response:
    """Send a whole answer."""
    rig.calls.answered(call, parcel.status)
    return web.Response(body=parcel.body, status=parcel.status, headers=parcel.all_headers)


async def _deliver(
    rig: Rig[State], request: web.Request, call: Call, strikes: Strikes, parcel: Parcel | None
) -> web.StreamResponse:
    if parcel is None or FaultKind.RESET in strikes:
        return _hang_up(rig, request, call, reset=True)
    if FaultKind.LOST_REPLY in strikes:
        return _hang_up(rig, request, call, reset=False)
    if FaultKind.CUT_BODY in strikes:
        return await _send_half(rig, request, call, parcel)
    if garbage := strikes.get(FaultKind.GARBAGE):
        parcel = replace(parcel, body=garbage.body.encode(), status=_OK, headers={})
    return send(rig, call, parcel)


def _hang_up(rig: Rig[State], request: web.Request, call: Call, *, reset: bool) -> web.Response:
    rig.calls.answered(call, 0)
    transport = request.transport
    if transport is not None:
        if reset:
            # Without lingering the kernel sends RST, not FIN: what a crashed proxy looks like.
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    # aiohttp wants a response in any case; it finds the connection closed and drops it.
    return web.Response()


async def _send_half(rig: Rig[State], request: web.Request, call: Call, parcel: Parcel) -> web.StreamResponse:
    rig.calls.answered(call, parcel.status)
    response = web.StreamResponse(status=parcel.status, headers=parcel.all_headers)
    response.content_length = len(parcel.body)
    await response.prepare(request)
    await response.write(parcel.body[: len(parcel.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
