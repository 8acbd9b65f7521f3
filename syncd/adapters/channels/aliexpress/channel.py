"""One shop of the channel `aliexpress`."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.adapters.channels.aliexpress.client import IopClient, IopRefused
from syncd.adapters.channels.aliexpress.keys import ListingKey, products_of
from syncd.adapters.channels.aliexpress.orders import OrdersFeed
from syncd.adapters.channels.aliexpress.reading import (
    is_on_sale,
    listings_of,
    own_status,
    page_of,
    some_code,
    unread,
)
from syncd.adapters.channels.aliexpress.session import AHEAD
from syncd.adapters.channels.aliexpress.settings import MOST_SKUS, AliexpressSettings
from syncd.adapters.channels.aliexpress.writing import (
    UPDATE,
    outcomes_of,
    refused_whole,
    told_of_line,
    update_params,
)
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import HttpClient, expecting
from syncd.adapters.wire.channel import PlatformChannel, shared_traits
from syncd.adapters.wire.values import object_at, whole
from syncd.domain.batches import broken
from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.plugin import Adapter

_LIST = "aliexpress.solution.product.list.get"
_PRODUCT = "aliexpress.solution.product.info.get"
_SWITCHES = {
    Action.DELIST: "aliexpress.postproduct.redefining.offlineaeproduct",
    Action.RELIST: "aliexpress.postproduct.redefining.onlineaeproduct",
}

_ROUNDS = 2
"""Times that the lists are read: what slips from page to page while one is read is found by the next."""

_OF_ONE_PRODUCT = frozenset({Kind.REJECTED, Kind.UNKNOWN})
_OF_ONE_LINE = frozenset({Kind.REJECTED, Kind.NOT_FOUND})
_MOST_SWITCHED = 1000


class AliexpressChannel(PlatformChannel[IopClient]):
    """A shop on AliExpress; `now` dates the calls.

    A listing is a SKU of a product by the seller's code (`product_id:sku_code`), as the platform writes and
    tells orders by no other. Counters are only ever set, up to 20 products in a call, and each product is
    done or fails as a whole: a refused SKU takes the others of its product with it, and a call of which
    nothing was done is refused whole, so that less is sent at once. No key makes a write count once. The
    platform does not show how many units it withholds. A product goes on and off sale with all its SKUs.
    """

    def __init__(
        self,
        settings: AliexpressSettings,
        name: str,
        http: HttpClient,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._name = name
        client = IopClient(settings, name, http, now=now)
        super().__init__(client, OrdersFeed(settings, name, client, now=now), _traits(settings), ahead=AHEAD)

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a product at a time; of a product that is asked for all its SKUs.

        Whether a product is on sale is what a list says of it, unless it says it itself: the page that showed
        it just before, or for one that is asked for the lists of those with its seller's code.

        Raises:
            PortError: a call failed, or a list showed fewer products than it told of.
        """
        if listings is not None:
            for product in products_of(listings):
                asked = [key for key in map(ListingKey.read, listings) if key and key.product == product]
                yield await self._asked(product, asked)
            return
        seen: set[str] = set()
        for _ in range(_ROUNDS):
            for status in self._settings.statuses:
                async for product in self._listed(status, seen):
                    yield await self._shown(product, status)

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call; writes of several listings may switch their product only once.

        Raises:
            PortError: the call failed as a whole.
            ValueError: the writes are no call, as the traits say.
        """
        if not writes:
            return []
        if message := broken(writes, self._traits):
            raise ValueError(message)
        if writes[0].action not in {Action.SET, *_SWITCHES}:
            raise ValueError("a call carries absolute counters only, or puts products on or off sale")
        keys = [ListingKey.read(write.listing) for write in writes]
        if writes[0].action in _SWITCHES:
            return await self._switch_all(writes, keys)
        sent = [(write, key) for write, key in zip(writes, keys, strict=True) if key is not None and key.code]
        outcomes = await self._write([write for write, _ in sent], [key for _, key in sent])
        return [_outcome(key, outcomes) for key in keys]

    # --- reading -------------------------------------------------------------------------------------------

    async def _listed(self, status: str, seen: set[str]) -> AsyncIterator[str]:
        """Yield the products of a list that were not seen before, and note them."""
        for page in range(1, self._settings.max_pages + 1):
            found, total = await self._page(status, page)
            for product in dict.fromkeys(found):
                if product not in seen:
                    seen.add(product)
                    yield product
            if page * self._settings.page_size >= total:
                return
        message = "more pages than max_pages; raise it if the shop is really so large"
        raise PortError(Kind.REJECTED, f"{self._name}: {_LIST} ({status}): {message}")

    async def _page(self, status: str, page: int, code: str = "") -> tuple[list[str], int]:
        """Return the products on a page of a list, and how many it has; with `code` of those that have it."""
        size, place = self._settings.page_size, f"{self._name}: {_LIST} ({status})"
        query: dict[str, Any] = {"product_status_type": status, "current_page": page, "page_size": size}
        query |= {"sku_code": code} if code else {}
        text = json.dumps(query, ensure_ascii=False, separators=(",", ":"))
        result = await self._client.read(_LIST, {"aeop_a_e_product_list_query": text})
        with expecting(place):
            return page_of(result, place, page=page, size=size)

    async def _shown(self, product: str, status: str) -> Sequence[ObservedListing]:
        """Return the listings of a product that a list shows; one that is gone meanwhile has none."""
        try:
            result = await self._product(product)
        except PortError as error:
            if error.kind is Kind.NOT_FOUND:
                return []
            raise
        with expecting(f"{self._name}: {_PRODUCT}: product {product}"):
            return list(listings_of(result, product, status=status))

    async def _asked(self, product: str, asked: Sequence[ListingKey]) -> Sequence[ObservedListing]:
        """Return the listings of a product that is asked for; one that is refused alone stops no other."""
        try:
            result = await self._product(product)
        except IopRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return []
            if error.kind in _OF_ONE_PRODUCT:
                return unread(asked)
            raise
        with expecting(f"{self._name}: {_PRODUCT}: product {product}"):
            shown, code = list(listings_of(result, product)), some_code(result)
        if own_status(result):
            return shown
        status = await self._status(product, code)
        return list(listings_of(result, product, status=status))

    async def _status(self, product: str, code: str) -> str:
        """Return which list shows a product, by the code of one of its SKUs; empty where none does."""
        for status in self._settings.statuses if code else ():
            found, _ = await self._page(status, 1, code)
            if product in found:
                return status
        return ""

    async def _product(self, product: str) -> Mapping[str, Any]:
        return await self._client.read(_PRODUCT, {"product_id": product})

    # --- writing -------------------------------------------------------------------------------------------

    async def _write(self, writes: Sequence[Write], keys: Sequence[ListingKey]) -> Mapping[str, Outcome]:
        if not writes:
            return {}
        body = await self._client.call(UPDATE, update_params(writes, keys), writes=True)
        place, sizes = f"{self._name}: {UPDATE}", Counter(key.product for key in keys)
        with expecting(place):
            outcomes = outcomes_of(body, self._client.meaning)
        refusal = refused_whole(outcomes, sizes)
        if refusal is not None:
            raise PortError(refusal.kind, f"{place}: {refusal.message}")
        return {product: told_of_line(outcome, sizes[product]) for product, outcome in outcomes.items()}

    async def _switch_all(
        self, writes: Sequence[Write], keys: Sequence[ListingKey | None]
    ) -> Sequence[Outcome]:
        first = keys[0]
        if first is None or None in keys:
            return [_NOT_OURS] * len(writes)
        return [await self._switch(writes[0].action, first.product)] * len(writes)

    async def _switch(self, action: Action, product: str) -> Outcome:
        method = _SWITCHES[action]
        try:
            body = await self._client.call(method, {"product_ids": product}, writes=True)
        except IopRefused as error:
            if error.kind not in _OF_ONE_LINE:
                raise
            return Outcome(kind=error.kind, message=error.reason)
        with expecting(f"{self._name}: {method}"):
            result = object_at(body, "result")
            count = whole(result.get("modify_count"))
            done = result.get("success") is True
        if done and count:
            return Outcome(kind=Kind.DONE)
        if await self._is_on_sale(product) is (action is Action.RELIST):
            return Outcome(kind=Kind.DONE, message="it is so already")
        kind, reason = self._client.meaning(result)
        return Outcome(kind=kind, message=reason)

    async def _is_on_sale(self, product: str) -> bool | None:
        try:
            result = await self._product(product)
            with expecting(f"{self._name}: {_PRODUCT}: product {product}"):
                status, code = own_status(result), some_code(result)
            return is_on_sale(status or await self._status(product, code))
        except PortError:
            return None


_NOT_OURS = Outcome(kind=Kind.REJECTED, message="not sent: its id is not product_id:sku_code")
_NO_CODE = Outcome(
    kind=Kind.REJECTED, message="not sent: the SKU has no sku_code, give it one in the seller's console"
)
_SILENT = Outcome(kind=Kind.UNKNOWN, message="the answer does not name its product")


def _outcome(key: ListingKey | None, outcomes: Mapping[str, Outcome]) -> Outcome:
    if key is None:
        return _NOT_OURS
    return outcomes.get(key.product, _SILENT) if key.code else _NO_CODE


def _traits(settings: AliexpressSettings) -> ChannelTraits:
    return replace(
        shared_traits(settings),
        max_batch=settings.products_per_call * MOST_SKUS,
        max_batch_listing=_MOST_SWITCHED,
        max_items=settings.products_per_call,
        # The answer counts the products that it switched, but does not name them.
        max_items_listing=1,
        max_per_item=MOST_SKUS,
        write_modes=(Action.SET,),
        zero_allowed=settings.zero_allowed,
        max_quantity=settings.max_quantity,
    )


@asynccontextmanager
async def _open(settings: AliexpressSettings, name: str, http: HttpClient) -> AsyncIterator[Channel]:
    """Yield the channel of one shop; makes no call."""
    yield AliexpressChannel(settings, name, http, now=SystemClock().now)


ADAPTER: Adapter[Channel] = Adapter(
    settings=AliexpressSettings, open=_open, summary="a shop on AliExpress, by its open platform IOP"
)
