"""Shops on Douyin (抖店), by the calls of their open platform."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from syncd.adapters.channels.douyin.client import DouyinClient, DouyinRefused
from syncd.adapters.channels.douyin.keys import ListingKey, products_of
from syncd.adapters.channels.douyin.orders import Orders
from syncd.adapters.channels.douyin.products import Products
from syncd.adapters.channels.douyin.settings import MOST_ROWS, Calls, DouyinSettings
from syncd.adapters.channels.douyin.writing import PATHS, outcomes, request
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import HttpClient, expecting
from syncd.adapters.wire.settings import ACTIONS
from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits, Unlists
from syncd.ports.plugin import Adapter
from syncd.ports.tokens import Tokens

_SWITCHES = {Action.DELIST: "/product/setOffline", Action.RELIST: "/product/setOnline"}

_OF_ONE_LINE = frozenset({Kind.REJECTED, Kind.NOT_FOUND, Kind.DUPLICATE})

_MOST_SWITCHED = 1000
"""Listings of one product that one call takes off sale; it goes whole, however many SKUs it has."""


class DouyinChannel:
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
        self._client = DouyinClient(settings, name, http, now=now)
        self._products = Products(settings, name, self._client, now=now)
        self._orders = Orders(settings, name, self._client)
        self._traits = _traits(settings)

    @property
    def traits(self) -> ChannelTraits:
        """Return what the platform's calls do, as the settings choose among them."""
        return self._traits

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
        keys = self._keys(writes)
        if keys is None:
            refused = Outcome(kind=Kind.REJECTED, message="not sent: its id is not product_id:sku_id")
            return [refused] * len(writes)
        if writes[0].action in _SWITCHES:
            return [await self._switch(writes[0].action, keys[0].product)] * len(writes)
        return await self._write(writes, keys)

    def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that changed from `since` to `until`, a page at a time.

        Raises:
            PortError: a call failed; without the API package for orders it is `PERMISSION`.
        """
        return self._orders.orders(since=since, until=until)

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders as they are now.

        Raises:
            PortError: a call failed.
        """
        return await self._orders.these_orders(orders)

    # --- tokens --------------------------------------------------------------------------------------------

    @property
    def tokens(self) -> Tokens:
        """Return the tokens that calls are made with."""
        return self._client.tokens

    @property
    def token_settings(self) -> tuple[str, ...]:
        """Return the settings that the first tokens come from."""
        return ("access_token", "refresh_token") if self.tokens.refresh else ("access_token",)

    @property
    def renew_ahead(self) -> timedelta:
        """Return how long before its end the access token is to be renewed."""
        return timedelta(seconds=self._settings.renew_ahead)

    def use(self, tokens: Tokens) -> None:
        """Make every call from now on with `tokens`."""
        self._client.tokens = tokens

    async def renew(self, tokens: Tokens) -> Tokens:
        """Ask the platform once for the tokens that come after `tokens`; a refresh token serves once.

        Raises:
            PortError: there are none.
        """
        return await self._client.renew(tokens)

    # --- writing -------------------------------------------------------------------------------------------

    def _keys(self, writes: Sequence[Write]) -> list[ListingKey] | None:
        """Return what the writes are of, None where an id is not ours."""
        action, traits = writes[0].action, self._traits
        most = traits.max_batch_listing if action in _SWITCHES else traits.max_batch
        if any(write.action is not action for write in writes) or len(writes) > most:
            raise ValueError("a call carries one action and no more lines than the traits say")
        keys = [ListingKey.read(write.listing) for write in writes]
        known = [key for key in keys if key is not None]
        if len(known) < len(keys):
            return None
        if traits.one_item_per_call and len({key.product for key in known}) > 1:
            raise ValueError("a call carries one product")
        return known

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
    return ChannelTraits(
        max_batch={Calls.ROWS: MOST_ROWS, Calls.PRODUCT: settings.skus_per_call, Calls.SKU: 1}[calls],
        # The call takes one product, which a call for rows need not keep to.
        max_batch_listing=_MOST_SWITCHED if alone else 1,
        one_item_per_call=alone,
        write_modes=tuple(ACTIONS[mode] for mode in settings.write_modes),
        idempotent=calls is Calls.SKU,
        # Of a key with an absolute quantity the documents say only that it may be there.
        keyed_sets=False,
        counter=settings.counter,
        deducts_at=settings.deducts_at,
        withholds=True,
        can_unlist=True,
        unlists=Unlists.ITEM,
        auto_delists_at_zero=settings.auto_delists_at_zero,
        max_apply_delay=settings.max_apply_delay,
        max_quantity=settings.max_quantity,
        observes_some=True,
        order_feed=settings.orders,
        restores_unpaid=settings.restores_unpaid,
        restores_paid=settings.restores_paid,
    )


@asynccontextmanager
async def _open(settings: DouyinSettings, name: str, http: HttpClient) -> AsyncIterator[Channel]:
    """Yield the channel of one shop; makes no call."""
    yield DouyinChannel(settings, name, http, now=SystemClock().now)


ADAPTER: Adapter[Channel] = Adapter(
    settings=DouyinSettings, open=_open, summary="a shop on Douyin (抖店), by their open platform"
)
