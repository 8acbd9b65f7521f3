"""One shop of the channel `taobao`."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.adapters.channels.taobao.client import TopClient, TopRefused
from syncd.adapters.channels.taobao.keyed import KEYED, keyed_form, keyed_outcome
from syncd.adapters.channels.taobao.keys import ListingKey, items_of
from syncd.adapters.channels.taobao.orders import TradeFeed
from syncd.adapters.channels.taobao.reading import ITEM_FIELDS, is_on_sale, listings_of
from syncd.adapters.channels.taobao.session import AHEAD
from syncd.adapters.channels.taobao.settings import MOST_SKUS, TaobaoSettings
from syncd.adapters.channels.taobao.walk import Walk
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import HttpClient, expecting
from syncd.adapters.wire.channel import PlatformChannel, keys_of, shared_traits
from syncd.adapters.wire.settings import ACTIONS
from syncd.adapters.wire.top import TOLERANCE, beijing
from syncd.adapters.wire.values import id_text, rows, whole
from syncd.domain.model import Action, ListingId, ObservedListing, OffReason, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.plugin import Adapter

_LIST_FIELDS = "num_iid,modified"
_ONSALE = "taobao.items.onsale.get"
_INVENTORY = "taobao.items.inventory.get"
_DETAILS = "taobao.items.seller.list.get"
_DETAIL = "taobao.item.seller.get"
_MANY = "taobao.skus.quantity.update"
_ONE = "taobao.item.quantity.update"
_SWITCHES = {Action.DELIST: "taobao.item.update.delisting", Action.RELIST: "taobao.item.update.listing"}
_TYPES = {Action.SET: "1", Action.DELTA: "2"}

_REASONS = {"sold_out": OffReason.SOLD_OUT, "violation_off_shelf": OffReason.VIOLATION}
"""What the lists of items off sale tell; `off_shelf` may be the seller's hand or ours, so it tells none."""

_OF_ONE_LINE = frozenset({Kind.REJECTED, Kind.NOT_FOUND, Kind.DUPLICATE})

_MOST_SWITCHED = 1000
"""Listings of one item that one call takes off sale; the item goes whole, however many SKUs it has."""


class TaobaoChannel(PlatformChannel[TopClient]):
    """A shop on Taobao or Tmall; `now` dates the calls.

    A listing is a SKU of an item (`num_iid:sku_id`), or an item without SKUs (`num_iid:`). TOP applies a call
    whole or not at all: a refused call with one line is that line's outcome, one with several lines fails as
    a whole. A difference below zero is cut to 0 by the call for 20 SKUs; the call for a single quantity,
    which items without SKUs always need, refuses it. What the call with a key does is not documented: it is
    taken to cut, and to know its key for differences only. An item goes on and off sale with all its SKUs.
    """

    access_setting = "session"

    def __init__(
        self,
        settings: TaobaoSettings,
        name: str,
        http: HttpClient,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._name = name
        self._now = now
        client = TopClient(settings, name, http, now=now)
        super().__init__(client, TradeFeed(settings, name, client), _traits(settings), ahead=AHEAD)

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, some items at a time; of an item that is asked for all its SKUs.

        Raises:
            PortError: a call failed, or a list showed fewer items than it told of.
        """
        if listings is not None:
            async for shown in self._details(items_of(listings), None):
                yield shown
            return
        seen: set[str] = set()
        began = self._now() - TOLERANCE
        lists = [(_ONSALE, ""), *((_INVENTORY, banner) for banner in self._settings.banners)]
        for method, banner in lists:
            async for shown in self._list(method, banner, seen, since=""):
                yield shown
        # What was put on sale while its list was read and the other was not yet is in neither.
        async for shown in self._list(_ONSALE, "", seen, since=beijing(began)):
            yield shown

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call for one item; writes of several listings may switch their item only once.

        Raises:
            PortError: the call failed as a whole.
            ValueError: the writes are no call, as the traits say.
        """
        if not writes:
            return []
        keys = keys_of(writes, self._traits, ListingKey.read, lambda key: key.item_id)
        if keys is None:
            refused = Outcome(kind=Kind.REJECTED, message="not sent: its id is not num_iid:sku_id")
            return [refused] * len(writes)
        try:
            if writes[0].action in _SWITCHES:
                return [await self._switch(writes[0].action, keys)] * len(writes)
            return await self._write(writes, keys)
        except TopRefused as error:
            if error.kind not in _OF_ONE_LINE or len(writes) > 1:
                raise
            return [_refused(error)]

    # --- reading -------------------------------------------------------------------------------------------

    async def _list(
        self, method: str, banner: str, seen: set[str], *, since: str
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        settings = self._settings
        place = f"{self._name}: {method}{f' ({banner})' if banner else ''}"
        walk = Walk(place, page_size=settings.page_size, max_pages=settings.max_pages, since=since)
        while not walk.is_over:
            params = {"fields": _LIST_FIELDS, "banner": banner, **walk.params()}
            body = await self._client.call(method, params, writes=False)
            with expecting(place):
                new = [item for item in dict.fromkeys(walk.take(body)) if item not in seen]
            seen.update(new)
            async for shown in self._details(new, _REASONS.get(banner), listed=True):
                yield shown

    async def _details(
        self, items: Sequence[str], off_reason: OffReason | None, *, listed: bool = False
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield the listings of `items`; one that does not exist is silently absent from TOP's answer.

        Of one that a list showed just now, `listed`, silence proves nothing: TOP must say that it is gone.
        """
        size = self._settings.items_per_call
        for start in range(0, len(items), size):
            asked = items[start : start + size]
            found = list(await self._items(asked))
            if listed:
                shown_ids = {id_text(item["num_iid"]) for item in found}
                again = [await self._item(item) for item in asked if item not in shown_ids]
                found += [item for item in again if item is not None]
            with expecting(f"{self._name}: {_DETAILS}"):
                shown = [listing for item in found for listing in self._shown(item, off_reason)]
            yield shown

    def _shown(self, item: Mapping[str, Any], off_reason: OffReason | None) -> Iterator[ObservedListing]:
        return listings_of(item, off_reason=off_reason, deducts_at=self._settings.deducts_at)

    async def _items(self, asked: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        params = {"fields": ITEM_FIELDS, "num_iids": ",".join(asked)}
        body = await self._client.call(_DETAILS, params, writes=False)
        with expecting(f"{self._name}: {_DETAILS}"):
            shown = rows(body, "items", "item")
            return [item for item in shown if id_text(item["num_iid"]) in asked]

    async def _item(self, asked: str) -> Mapping[str, Any] | None:
        """Return an item by the call that tells whether it exists, None if TOP says that it does not."""
        params = {"fields": ITEM_FIELDS, "num_iid": asked}
        try:
            body = await self._client.call(_DETAIL, params, writes=False)
        except TopRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            message = f"{error} (item {asked}, which a list shows)"
            raise PortError(error.kind, message, retry_after=error.retry_after) from None
        with expecting(f"{self._name}: {_DETAIL}"):
            return _own_item(body, asked)

    # --- writing -------------------------------------------------------------------------------------------

    async def _write(self, writes: Sequence[Write], keys: Sequence[ListingKey]) -> Sequence[Outcome]:
        if self._settings.keyed_calls:
            return [await self._write_keyed(writes[0], keys[0])]
        first = keys[0]
        params = {"num_iid": first.item, "type": _TYPES[writes[0].action]}
        if self._settings.single_calls or not all(key.sku for key in keys):
            if len(keys) > 1:
                message = f"{self._name}: item {first.item} got SKUs or lost them: its writes go apart"
                raise PortError(Kind.REJECTED, message, sent=False)
            params |= {"quantity": str(writes[0].value), "sku_id": first.sku}
            method = _ONE
        else:
            pairs = zip(writes, keys, strict=True)
            params["skuid_quantities"] = ";".join(f"{key.sku}:{write.value}" for write, key in pairs)
            method = _MANY
        body = await self._client.call(self._named(method), params, writes=True)
        with expecting(f"{self._name}: {method}"):
            counters = _counters(body, first.item)
            return [_outcome(write, counters.get(key)) for write, key in zip(writes, keys, strict=True)]

    async def _write_keyed(self, write: Write, key: ListingKey) -> Outcome:
        body = await self._client.call(KEYED, keyed_form(write, key), writes=True)
        with expecting(f"{self._name}: {KEYED}"):
            return keyed_outcome(body, key)

    async def _switch(self, action: Action, keys: Sequence[ListingKey]) -> Outcome:
        item = keys[0].item
        params = {"num_iid": item}
        if action is Action.RELIST:
            # TOP wants a number, which counts only for an item without SKUs.
            num = 1 if keys[0].sku else await self._num(item)
            if not num:
                return Outcome(kind=Kind.REJECTED, message="not sent: its counter is 0 or unknown")
            params["num"] = str(num)
        method = _SWITCHES[action]
        try:
            body = await self._client.call(self._named(method), params, writes=True)
        except TopRefused as error:
            if error.kind is Kind.REJECTED and await self._is_on_sale(item) is (action is Action.RELIST):
                return Outcome(kind=Kind.DONE, message="it was so already")
            if error.kind not in _OF_ONE_LINE:
                raise
            return _refused(error)
        with expecting(f"{self._name}: {method}"):
            _own_item(body, item)
        return Outcome(kind=Kind.DONE)

    async def _num(self, item: str) -> int | None:
        """Return the counter of an item without SKUs: listing it writes the counter, so it must be the same.

        Raises:
            PortError: it could not be read, so nothing was written.
        """
        try:
            shown = await self._items([item])
        except PortError as error:
            raise PortError(error.kind, str(error), retry_after=error.retry_after, sent=False) from None
        return whole(shown[0].get("num")) if shown and not rows(shown[0], "skus", "sku") else None

    async def _is_on_sale(self, item: str) -> bool | None:
        try:
            shown = await self._items([item])
        except PortError:
            return None
        return is_on_sale(shown[0]) if shown else None

    def _named(self, method: str) -> str:
        return f"{method}.tmall" if self._settings.tmall_calls else method


def _own_item(body: Mapping[str, Any], item: str) -> Mapping[str, Any]:
    """Return the item of an answer to a write, which must be the one that was asked for."""
    shown = body["item"]
    if id_text(shown["num_iid"]) != item:
        raise ValueError("the answer speaks of another item")
    found: Mapping[str, Any] = shown
    return found


def _counters(body: Mapping[str, Any], item: str) -> dict[ListingKey, int | None]:
    """Return the counters that an answer tells; the item's own stands for an item without SKUs."""
    shown = _own_item(body, item)
    counters = {ListingKey(item=item, sku=""): whole(shown.get("num"))}
    for row in rows(shown, "skus", "sku"):
        counters[ListingKey(item=item, sku=id_text(row["sku_id"]))] = whole(row.get("quantity"))
    return counters


def _outcome(write: Write, counter: int | None) -> Outcome:
    """Return the outcome of a write that TOP accepted; one whose counter it does not tell is unknown."""
    if counter is None:
        return Outcome(kind=Kind.UNKNOWN, message="the answer does not tell its counter")
    if write.action is Action.SET and counter != write.value:
        message = f"it reads {counter} though {write.value} was written"
        return Outcome(kind=Kind.DONE, message=message, counter=counter)
    return Outcome(kind=Kind.DONE, counter=counter)


def _refused(error: TopRefused) -> Outcome:
    return Outcome(kind=error.kind, message=error.reason, retry_after=error.retry_after)


def _traits(settings: TaobaoSettings) -> ChannelTraits:
    return replace(
        shared_traits(settings),
        max_batch=1 if settings.single_calls or settings.keyed_calls else MOST_SKUS,
        max_batch_listing=_MOST_SWITCHED,
        one_item_per_call=True,
        write_modes=tuple(ACTIONS[mode] for mode in settings.write_modes),
        # A key is that of a call, and each write has its own.
        idempotent=settings.keyed_calls,
        keyed_sets=False,
        delta_clips=not settings.single_calls,
        withholds=True,
        max_quantity=settings.max_quantity,
    )


@asynccontextmanager
async def _open(settings: TaobaoSettings, name: str, http: HttpClient) -> AsyncIterator[Channel]:
    """Yield the channel of one shop; makes no call."""
    yield TaobaoChannel(settings, name, http, now=SystemClock().now)


ADAPTER: Adapter[Channel] = Adapter(
    settings=TaobaoSettings, open=_open, summary="a shop on Taobao or Tmall, by their open platform TOP"
)
