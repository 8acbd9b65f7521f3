"""The stream behind the true door: for who may, for as long as they may."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from syncd.console.live import Hub, routes
from tests.unit.console.security.stage import BOB, ROUTES, Browser, Stage, bearer, browser


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Stage, Hub, Browser]]:
    stage = Stage()
    hub = Hub(stage.clock)
    async with (
        stage.showing(routes=[*ROUTES, *routes(hub, stage.clock)]) as url,
        browser(url) as made,
    ):
        yield stage, hub, made


async def test_who_has_no_token_cannot_watch() -> None:
    async with opened() as (_, hub, made):
        answer = await made.get("/events")
        assert (answer.status, hub.clients) == (401, 0)


async def test_a_viewer_may_watch() -> None:
    async with (
        opened() as (_, hub, made),
        made.client.get(f"{made.url}/events", headers=bearer(BOB)) as answer,
    ):
        await answer.content.readuntil(b"\n\n")
        hub.tell("shop_recovered", shop="tmall")
        assert b"event: shop_recovered" in await answer.content.readuntil(b"\n\n")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_who_signs_out_is_sent_nothing_more() -> None:
    async with opened() as (_, hub, made):
        proof = await made.sign_in()
        async with made.client.get(f"{made.url}/events") as answer:
            await answer.content.readuntil(b"\n\n")
            assert (await made.post("/logout", data={"csrf": proof})).status == 303
            hub.tell("held", shop="tmall", because="of many")
            assert await answer.content.read() == b""


async def test_a_reload_ends_the_streams_at_once_and_who_comes_back_misses_nothing() -> None:
    stage = Stage()
    hub = Hub(stage.clock)
    shown = [*ROUTES, *routes(hub, stage.clock)]
    async with (
        stage.showing(routes=shown) as url,
        browser(url) as made,
        made.client.get(f"{url}/events", headers=bearer(BOB)) as answer,
    ):
        await answer.content.readuntil(b"\n\n")
        hub.tell("started")
        last = (await answer.content.readuntil(b"\n\n")).decode().split("\n")[0].removeprefix("id: ")
        async with stage.showing(routes=shown) as again:
            async with asyncio.timeout(10):
                assert await answer.content.read() == b""
            hub.tell("reloaded")
            headers = bearer(BOB) | {"Last-Event-ID": last}
            async with made.client.get(f"{again}/events", headers=headers) as next_answer:
                await next_answer.content.readuntil(b"\n\n")
                assert b"event: reloaded" in await next_answer.content.readuntil(b"\n\n")
