"""Shops on Douyin (抖店), by the calls of their open platform."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.adapters.channels.douyin.client import DouyinClient, DouyinRefused
from syncd.adapters.channels.douyin.keys import ListingKey, products_of
from syncd.adapters.channels.douyin.orders import Orders
from syncd.adapters.channels.douyin.products import Products
from syncd.adapters.channels.douyin.settings import MOST_ROWS, Calls, DouyinSettings
from syncd.adapters.channels.douyin.writing import PATHS, outcomes, request
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import HttpClient, expecting
from syncd.adapters.wire.channel import PlatformChannel, keys_of, shared_traits
from syncd.adapters.wire.settings import ACTIONS
from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.plugin import Adapter

_SWITCHES = {Action.DELIST: "/product/setOffline", Action.RELIST: "/product/setOnline"}

_OF_ONE_LINE = frozenset({Kind.REJECTED, Kind.NOT_FOUND, Kind.DUPLICATE})

_MOST_SWITCHED = 1000
"""Listings of one product that one call takes off sale; it goes whole, however many SKUs it has."""


class DouyinChannel(PlatformChannel[DouyinClient]):
    """A shop on Douyin; `now` dates the calls.

    A listing is a SKU of a product (`product_id:sku_id`). By `calls` the settings choose how quantities go
    out: rows of any products, each judged alone; SKUs of one product, which are written all or none; or one
    SKU in a call of its own. A key belongs to a call, so only the last of them can repeat a difference. A
    difference below zero is refused. A product goes on and off sale with all its SKUs.
    """

    def __init__(
        self,
        settings: DouyinSettings,
        name: str,
        http: HttpClient,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._name = name
        client = DouyinClient(settings, name, http, now=now)
        super().__init__(
            client,
            Orders(settings, name, client),
            _traits(settings),
            ahead=timedelta(seconds=settings.renew_ahead),
        )
        self._products = Products(settings, name, client, now=now)

    def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a product at a time; of one that is asked for all its SKUs.

        Raises:
            PortError: a call failed, or the list showed fewer products than it told of.
        """
        if listings is None:
            return self._products.everything()
        return self._products.these(products_of(listings))

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call; writes of several listings may switch their product only once.

        Raises:
            PortError: the call failed as a whole.
            ValueError: the writes are no call, as the traits say.
        """
        if not writes:
            return []
        keys = keys_of(writes, self._traits, ListingKey.read, lambda key: key.item)
        if keys is None:
            refused = Outcome(kind=Kind.REJECTED, message="not sent: its id is not product_id:sku_id")
            return [refused] * len(writes)
        if writes[0].action in _SWITCHES:
            return [await self._switch(writes[0].action, keys[0].product)] * len(writes)
        return await self._write(writes, keys)

    # --- writing -------------------------------------------------------------------------------------------

    async def _write(self, writes: Sequence[Write], keys: Sequence[ListingKey]) -> Sequence[Outcome]:
        calls = self._settings.calls
        path, family = PATHS[calls]
        try:
            said = await self._client.call(path, request(calls, writes, keys), writes=True, family=family)
        except DouyinRefused as error:
            return self._refused(error, len(writes))
        with expecting(f"{self._name}: {path}"):
            return outcomes(calls, said, keys, self._settings.errors)

    def _refused(self, error: DouyinRefused, lines: int) -> Sequence[Outcome]:
        """Return what a refused call means for its lines, where it says something of them."""
        if error.kind is Kind.DUPLICATE and lines > 1 and self._settings.calls is Calls.ROWS:
            # The call was known, but which of its rows were refused then is not told again.
            message = f"{error.reason}; which of its rows were done is not told"
            return [Outcome(kind=Kind.UNKNOWN, message=message)] * lines
        if error.kind is Kind.DUPLICATE or (lines == 1 and _is_of_line(error)):
            return [Outcome(kind=error.kind, message=error.reason)] * lines
        raise error

    async def _switch(self, action: Action, product: str) -> Outcome:
        path = _SWITCHES[action]
        try:
            await self._client.call(path, {"product_id": int(product)}, writes=True)
        except DouyinRefused as error:
            if not _is_of_line(error):
                raise
            if error.kind is not Kind.NOT_FOUND and await self._is_on_sale(product) is (
                action is Action.RELIST
            ):
                return Outcome(kind=Kind.DONE, message="it was so already")
            return Outcome(kind=error.kind, message=error.reason)
        return Outcome(kind=Kind.DONE)

    async def _is_on_sale(self, product: str) -> bool | None:
        try:
            return (await self._products.product(product)).on_sale
        except PortError:
            return None


def _is_of_line(error: DouyinRefused) -> bool:
    """Return whether a refusal speaks of what was to be written; a number that is not known may do so too."""
    return error.kind in _OF_ONE_LINE or (error.kind is Kind.UNKNOWN and error.of_business)


def _traits(settings: DouyinSettings) -> ChannelTraits:
    calls = settings.calls
    alone = calls is not Calls.ROWS
    return replace(
        shared_traits(settings),
        max_batch={Calls.ROWS: MOST_ROWS, Calls.PRODUCT: settings.skus_per_call, Calls.SKU: 1}[calls],
        # The call takes one product, which a call for rows need not keep to.
        max_batch_listing=_MOST_SWITCHED if alone else 1,
        one_item_per_call=alone,
        write_modes=tuple(ACTIONS[mode] for mode in settings.write_modes),
        idempotent=calls is Calls.SKU,
        # Of a key with an absolute quantity the documents say only that it may be there.
        keyed_sets=False,
        withholds=True,
        max_quantity=settings.max_quantity,
    )


@asynccontextmanager
async def _open(settings: DouyinSettings, name: str, http: HttpClient) -> AsyncIterator[Channel]:
    """Yield the channel of one shop; makes no call."""
    yield DouyinChannel(settings, name, http, now=SystemClock().now)


ADAPTER: Adapter[Channel] = Adapter(
    settings=DouyinSettings, open=_open, summary="a shop on Douyin (抖店), by their open platform"
)
