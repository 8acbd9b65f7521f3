"""Server-sent events over HTTP: given as they happen, kept alive, and ended at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Middleware

from syncd.adapters.memory import FakeClock
from syncd.console.access import Handler, Role, needed_by
from syncd.console.keys import LASTS, LEAVING
from syncd.console.live import Hub, routes
from syncd.console.live.stream import KEEP_ALIVE, PATIENCE

Client = TestClient[web.Request, web.Application]


class Stage:
    """An application with nothing but the stream, before which no gate stands."""

    def __init__(self, *, most_clients: int = 5) -> None:
        self.clock = FakeClock()
        self.hub = Hub(self.clock, most_clients=most_clients)
        self.is_welcome = True
        self.app = web.Application(middlewares=[self._gate()])
        self.app[LEAVING] = asyncio.Event()
        self.app.on_shutdown.append(self._leave)
        self.app.router.add_routes(routes(self.hub, self.clock))

    def _gate(self) -> Middleware:
        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            request[LASTS] = lambda: self.is_welcome
            return await handler(request)

        return gate

    async def _leave(self, app: web.Application) -> None:
        app[LEAVING].set()

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Client]:
        async with TestClient(TestServer(self.app)) as client:
            yield client

    async def watching(self) -> None:
        """Return once what was sent is away, and who watches waits for something to happen."""
        for _ in range(20):
            await asyncio.sleep(0)
        await self.clock.until_asleep()

    async def room(self) -> None:
        """Return once somebody has left."""
        for _ in range(10_000):
            if self.hub.has_room:
                return
            await asyncio.sleep(0)


async def frame(response: ClientResponse) -> str:
    """Return the next event or comment."""
    return (await response.content.readuntil(b"\n\n")).decode()[:-2]


async def test_what_happens_is_sent_as_it_happens() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events") as response:
        assert await frame(response) == "retry: 3000"
        stage.hub.tell("shop_failing", shop="tmall", error="down\nfor good")
        number, event, data = (await frame(response)).split("\n")
        assert (number.partition(": ")[0], event) == ("id", "event: shop_failing")
        assert data == (
            'data: {"at": "2026-03-02T10:00:00+00:00", "shop": "tmall", "error": "down\\nfor good"}'
        )


async def test_the_answer_is_a_stream_that_nobody_keeps() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events") as response:
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"


async def test_silence_is_broken_by_a_comment() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events") as response:
        await frame(response)
        await stage.watching()
        stage.clock.advance(KEEP_ALIVE)
        assert await frame(response) == ": still here"


async def test_only_the_named_events_are_sent() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events?names=held,planned") as response:
        await frame(response)
        stage.hub.tell("started")
        stage.hub.tell("held", shop="tmall", because="of many")
        assert "event: held" in await frame(response)


async def test_a_name_that_no_event_has_is_refused() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events?names=held,measured") as response:
        assert (response.status, "measured" in await response.text()) == (400, True)


async def test_who_comes_back_goes_on_where_it_was() -> None:
    stage = Stage()
    stage.hub.tell("shop_failing", shop="a", error="down")
    async with stage.served() as client:
        headers = {"Last-Event-ID": "1"}
        async with client.get("/events", headers=headers) as response:
            await frame(response)
            assert await frame(response) == 'event: lost\ndata: {"count": null}'
            last = (await frame(response)).split("\n")[0].removeprefix("id: ")
        stage.hub.tell("shop_recovered", shop="a")
        async with client.get("/events", headers={"Last-Event-ID": last}) as response:
            await frame(response)
            assert "event: shop_recovered" in await frame(response)


@pytest.mark.parametrize("last", ["", "abc", "-1", "1e9", "9" * 40, "²"])
async def test_an_id_that_is_none_is_as_good_as_none(last: str) -> None:
    stage = Stage()
    async with (
        stage.served() as client,
        client.get("/events", headers={"Last-Event-ID": last}) as response,
    ):
        await frame(response)
        stage.hub.tell("started")
        assert "event: started" in await frame(response)


async def test_no_more_may_watch_than_there_is_room_for() -> None:
    stage = Stage(most_clients=1)
    async with stage.served() as client:
        async with client.get("/events") as first:
            await frame(first)
            async with client.get("/events") as second:
                assert (second.status, second.headers["Retry-After"]) == (503, "30")
            await stage.watching()
        stage.clock.advance(KEEP_ALIVE)
        # It is noticed at the next thing that is sent.
        stage.hub.tell("started")
        await stage.room()
        async with client.get("/events") as third:
            assert third.status == 200


async def test_a_shutdown_ends_the_streams_at_once() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events") as response:
        await frame(response)
        stage.app[LEAVING].set()
        assert await response.content.read() == b""
        assert stage.hub.clients == 0


async def test_who_is_welcome_no_more_is_sent_nothing_more() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events") as response:
        await frame(response)
        await stage.watching()
        stage.is_welcome = False
        stage.hub.tell("held", shop="tmall", because="of many")
        assert await response.content.read() == b""


async def test_who_takes_nothing_is_dropped_after_a_while() -> None:
    stage = Stage()
    async with stage.served() as client, client.get("/events") as response:
        await frame(response)
        # More than all buffers between us hold, of which the client reads nothing.
        while stage.hub.clients:
            for at in range(400):
                stage.hub.tell("row_refused", source="erp", row=at, message="x" * 500)
            await asyncio.sleep(0)
            if stage.clock.sleepers:
                stage.clock.advance(PATIENCE / 1000)
        assert stage.clock.monotonic() >= PATIENCE


async def test_to_ask_for_its_head_is_no_way_to_watch() -> None:
    stage = Stage()
    async with stage.served() as client, client.head("/events") as response:
        assert response.status == 405


def test_who_watches_must_be_known() -> None:
    clock = FakeClock()
    (route,) = routes(Hub(clock), clock)
    assert needed_by(route.handler) is Role.VIEWER
