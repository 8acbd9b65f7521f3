"""A mock that delivers: signed by its platform's rule, and lost, twice or late as asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web

from syncd.adapters.hooks import open_hook
from syncd.adapters.wire.douyin import verify_event
from syncd.config.hooks import HookTable
from syncd.mock import (
    START,
    DouyinState,
    Listing,
    Rig,
    ShopState,
    VirtualClock,
    douyin_app,
    running,
    shop_app,
)
from syncd.mock.douyin import Product
from syncd.ports.hooks import HookRequest, Pairs, Signed


@dataclass(slots=True, kw_only=True)
class Post:
    """A mock, an address it delivers to, and what came there."""

    mock: str
    here: str
    rig: Rig[DouyinState]
    session: aiohttp.ClientSession
    came: list[tuple[dict[str, str], bytes]]

    async def aim(self, **percents: float) -> int:
        target = {"url": f"{self.here}/hooks/dy", **percents}
        async with self.session.post(f"{self.mock}/_mock/hook", json=target) as answer:
            return answer.status

    def buy(self, count: int = 1) -> None:
        for _ in range(count):
            self.rig.state.sell("7001", 1)

    async def shown(self, answered: int = 0) -> dict[str, object]:
        async with self.session.get(f"{self.mock}/_mock/hook?answered={answered}") as answer:
            found: dict[str, object] = await answer.json()
            return found

    def orders(self) -> list[bytes]:
        return [body for _, body in self.came]


@asynccontextmanager
async def post() -> AsyncIterator[Post]:
    came: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        came.append(({name.lower(): text for name, text in request.headers.items()}, await request.read()))
        return web.json_response({"code": 0})

    app = web.Application()
    app.router.add_post("/hooks/dy", take)
    clock = VirtualClock()
    state = DouyinState(
        products=[Product(id="7000", updated=clock.now())],
        listings=[Listing(id="7001", item="7000", code="MUG", quantity=100)],
        now=clock.now,
    )
    rig = Rig(name="douyin", state=state, clock=clock)
    async with (
        running(douyin_app(rig)) as mock,
        running(app) as here,
        aiohttp.ClientSession() as session,
    ):
        yield Post(mock=mock, here=here, rig=rig, session=session, came=came)


async def test_every_change_of_an_order_is_delivered_and_signed() -> None:
    async with post() as office:
        await office.aim()
        office.buy(2)
        shown = await office.shown(answered=2)
        assert shown["statuses"] == [200, 200]
        settings = office.rig.state.douyin
        for headers, body in office.came:
            assert verify_event(
                body,
                headers["event-sign"],
                app_id=headers["app-id"],
                app_key=settings.app_key,
                secret=settings.app_secret,
            )


async def test_nothing_is_delivered_before_there_is_an_address_and_after() -> None:
    async with post() as office:
        office.buy()
        await office.aim()
        office.buy()
        await office.shown(answered=1)
        async with office.session.delete(f"{office.mock}/_mock/hook"):
            office.buy()
        assert len(office.came) == 1
        assert "url" not in await office.shown()


async def test_a_state_that_is_replaced_delivers_on() -> None:
    async with post() as office:
        await office.aim()
        async with office.session.get(f"{office.mock}/_mock/state") as answer:
            state = await answer.json()
        async with office.session.post(f"{office.mock}/_mock/state", json={**state, "replace": True}):
            office.buy()
        assert (await office.shown(answered=1))["statuses"] == [200]


async def test_what_is_lost_never_comes() -> None:
    async with post() as office:
        await office.aim(lost=100)
        office.buy(3)
        shown = await office.shown()
        assert (shown["not_sent"], shown["statuses"]) == (3, [])


async def test_what_comes_twice_is_the_same() -> None:
    async with post() as office:
        await office.aim(twice=100)
        office.buy()
        await office.shown(answered=2)
        assert office.came[0][1] == office.came[1][1]


async def test_what_is_late_comes_behind_the_next_one() -> None:
    async with post() as office:
        await office.aim(late=100)
        office.buy()
        await office.aim()
        office.buy()
        await office.shown(answered=2)
        first, second = office.rig.state.orders.orders
        assert [first.encode() in body for body in office.orders()] == [False, True]
        assert [second.encode() in body for body in office.orders()] == [True, False]


async def test_an_address_where_nobody_is_counts_as_no_answer() -> None:
    async with post() as office:
        gone = {"url": "http://127.0.0.1:1/hooks/dy"}
        async with office.session.post(f"{office.mock}/_mock/hook", json=gone):
            office.buy()
        assert (await office.shown(answered=1))["statuses"] == [0]


@pytest.mark.parametrize("body", [{}, {"url": "file:///etc"}, {"url": "http://x", "lost": 101}, {"uri": "x"}])
async def test_what_makes_no_sense_is_refused(body: dict[str, object]) -> None:
    async with (
        post() as office,
        office.session.post(f"{office.mock}/_mock/hook", json=body) as answer,
    ):
        assert answer.status == 400


async def test_the_count_to_wait_for_is_a_number() -> None:
    async with (
        post() as office,
        office.session.get(f"{office.mock}/_mock/hook?answered=x") as answer,
    ):
        assert answer.status == 400


async def test_the_plain_shop_signs_by_standard_webhooks() -> None:
    state = ShopState(listings=[Listing(id="7001", item="7000", code="MUG", quantity=100)])
    came: list[HookRequest] = []

    async def take(request: web.Request) -> web.Response:
        headers = Pairs.of_headers(request.headers.items())
        came.append(HookRequest(method="POST", headers=headers, body=await request.read(), received_at=START))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hooks/plain", take)
    rig = Rig(name="shop", state=state, clock=VirtualClock())
    async with (
        running(shop_app(rig)) as mock,
        running(app) as here,
        aiohttp.ClientSession() as session,
        session.post(f"{mock}/_mock/hook", json={"url": f"{here}/hooks/plain"}),
    ):
        state.orders.place(rig.clock.now(), [("7001", 1)], paid=True)
        async with session.get(f"{mock}/_mock/hook?answered=1") as answer:
            assert (await answer.json())["statuses"] == [204]
    hook = open_hook(HookTable.model_validate({"rule": "hmac", "secret": "mock-token"}))
    verdict = hook.read(came[0])
    assert isinstance(verdict, Signed)
    assert verdict.at == START
