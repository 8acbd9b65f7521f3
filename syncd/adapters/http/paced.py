"""Calls that read wait for their turn; who writes has waited before it wrote down what it is about to do."""

from collections.abc import Awaitable, Callable

from syncd.adapters.http.client import HttpAnswer, HttpCall, HttpClient


class PacedHttp(HttpClient):
    """`http` for one shop: each call that reads first awaits `turn`, one that writes goes out at once."""

    def __init__(self, http: HttpClient, turn: Callable[[], Awaitable[object]]) -> None:
        self._http = http
        self._turn = turn

    async def exchange(self, call: HttpCall) -> HttpAnswer:
        """Return the answer to `call`; waiting for the turn is no part of its time-out.

        Raises:
            PortError: no whole answer.
        """
        if not call.writes:
            await self._turn()
        return await self._http.exchange(call)
