"""The five platforms as this run has them: a mock, the real adapter on virtual time, and a shop's table."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from syncd.adapters.channels.aliexpress import ADAPTER as ALIEXPRESS
from syncd.adapters.channels.aliexpress.channel import AliexpressChannel
from syncd.adapters.channels.douyin import ADAPTER as DOUYIN
from syncd.adapters.channels.douyin.channel import DouyinChannel
from syncd.adapters.channels.jd import ADAPTER as JD
from syncd.adapters.channels.jd.channel import JdChannel
from syncd.adapters.channels.pdd import ADAPTER as PDD
from syncd.adapters.channels.pdd.channel import PddChannel
from syncd.adapters.channels.taobao import ADAPTER as TAOBAO
from syncd.adapters.channels.taobao.channel import TaobaoChannel
from syncd.mock import (
    AliexpressState,
    Clock,
    DouyinState,
    JdState,
    Listing,
    PddState,
    Rig,
    ShopState,
    TaobaoState,
    aliexpress_app,
    douyin_app,
    jd_app,
    pdd_app,
    taobao_app,
)
from syncd.ports.channel import Channel
from syncd.ports.plugin import Adapter

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform: how its mock is made and served, and how syncd is told of a shop on it.

    `keys` are the shop's own lines of the configuration, `path` what follows the mock's address in `url`.
    `writes` and `orders` are the calls of the mock's log that write, and those that tell of orders;
    `tells_unpaid` says whether these have orders that nobody has paid yet.
    """

    name: str
    adapter: Adapter[Channel]
    state: Callable[..., ShopState]
    app: Callable[[Any], web.Application]
    channel: Callable[..., Channel] | None = None
    keys: tuple[str, ...] = ()
    path: str = ""
    writes: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    tells_unpaid: bool = True

    def rig(self, listings: Sequence[Listing], clock: Clock, *, seed: int = 0) -> Rig[ShopState]:
        """Return the mock with these listings on sale."""
        state = self.state(listings=listings, now=clock.now)
        return Rig(name=self.name, state=state, seed=seed, clock=clock)

    def on(self, now: Now) -> Adapter[Channel]:
        """Return the adapter with another clock than the machine's: calls are stamped, and mocks check it."""
        make = self.channel
        if make is None:
            return self.adapter

        @asynccontextmanager
        async def opened(settings: object, name: str, http: object) -> AsyncIterator[Channel]:
            yield make(settings, name, http, now=now)

        def open_(settings: object, name: str, http: object) -> AbstractAsyncContextManager[Channel]:
            return opened(settings, name, http)

        return Adapter(settings=self.adapter.settings, open=open_, summary=self.adapter.summary)


_ACCOUNT = ('app_secret = "env:SECRET"', 'access_token = "env:TOKEN"', 'refresh_token = "env:REFRESH"')
# What ends unpaid comes back into the counter of every mock, what is refunded later does not but on JD.
_RESTORES = ('restores_unpaid = "yes"', 'restores_paid = "no"')

_PLATFORMS = (
    Platform(
        name="taobao",
        adapter=TAOBAO,
        channel=TaobaoChannel,
        state=TaobaoState,
        app=taobao_app,
        path="/router/rest",
        keys=(
            'app_key = "mock-app"',
            'app_secret = "env:SECRET"',
            'session = "env:TOKEN"',
            'refresh_token = "env:REFRESH"',
            "auto_delists_at_zero = true",
            *_RESTORES,
        ),
        writes=("*.quantity.update", "*.quantity.update.tmall", "taobao.item.update.*"),
        orders=("taobao.trade*",),
    ),
    Platform(
        name="pdd",
        adapter=PDD,
        channel=PddChannel,
        state=PddState,
        app=pdd_app,
        path="/api/router",
        keys=(
            'client_id = "mock-client"',
            'client_secret = "env:SECRET"',
            *_ACCOUNT[1:],
            'deducts_at = "payment"',
            # Its counter holds the units of unpaid orders and may not be written below them: what is to be
            # sold must come on top of these, or each order that nobody has paid yet blocks its listing.
            'counter = "gross"',
            *_RESTORES,
        ),
        writes=("pdd.goods.quantity.update", "pdd.goods.sale.status.set"),
        orders=("pdd.order.*",),
        tells_unpaid=False,
    ),
    Platform(
        name="jd",
        adapter=JD,
        channel=JdChannel,
        state=JdState,
        app=jd_app,
        path="/routerjson",
        keys=(
            'app_key = "mock-app"',
            *_ACCOUNT[:2],
            # As with pdd, but until the goods have left: the booked units of paid orders are in it too.
            'counter = "gross"',
            'restores_unpaid = "yes"',
            'restores_paid = "yes"',
        ),
        writes=("jingdong.ware.stock.sku.set", "jingdong.ware.write.upOrDown"),
        orders=("jingdong.pop.order.*",),
    ),
    Platform(
        name="douyin",
        adapter=DOUYIN,
        channel=DouyinChannel,
        state=DouyinState,
        app=douyin_app,
        keys=('app_key = "7000000000000000001"', *_ACCOUNT, *_RESTORES),
        writes=("/sku/syncStock*", "/product/setO*", "/product/batchOffline*"),
        orders=("/order/*",),
    ),
    Platform(
        name="aliexpress",
        adapter=ALIEXPRESS,
        channel=AliexpressChannel,
        state=AliexpressState,
        app=aliexpress_app,
        keys=('app_key = "mock-app"', *_ACCOUNT, *_RESTORES),
        writes=(
            "aliexpress.solution.batch.product.inventory.update",
            "aliexpress.postproduct.redefining.o*lineaeproduct",
        ),
        orders=("aliexpress.solution.order.*",),
    ),
)

PLATFORMS: Mapping[str, Platform] = {one.name: one for one in _PLATFORMS}
"""The platforms by the names of their shops in this run."""
