"""One shop of the channel `jd`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.adapters.channels.jd.client import JdClient, JdRefused
from syncd.adapters.channels.jd.orders import OrderPages
from syncd.adapters.channels.jd.pages import Pages
from syncd.adapters.channels.jd.reading import (
    SKU_FIELDS,
    UNREAD,
    WARE_FIELDS,
    Sku,
    Stock,
    Ware,
    flag,
    page_rows,
    sku_of,
    stock_of,
    ware_of,
)
from syncd.adapters.channels.jd.settings import MOST_ROWS, JdSettings
from syncd.adapters.channels.jd.stock import SET, outcomes, request
from syncd.adapters.channels.jd.tokens import AHEAD
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import HttpClient, expecting
from syncd.adapters.wire.channel import PlatformChannel, check_call, shared_traits
from syncd.adapters.wire.settings import ACTIONS
from syncd.adapters.wire.values import is_id, plain
from syncd.domain.model import Action, Deducts, ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits, DeductsAt
from syncd.ports.plugin import Adapter

_WARES = "jingdong.ware.read.searchWare4Valid"
_SKUS = "jingdong.sku.read.searchSkuList"
_STOCK = "jingdong.ware.stock.sku.query"
_SWITCH = "jingdong.ware.write.upOrDown"

_SWITCHES = (Action.DELIST, Action.RELIST)
_OF_ONE_LINE = frozenset({Kind.REJECTED, Kind.NOT_FOUND})


class JdChannel(PlatformChannel[JdClient]):
    """A shop on JD; `now` dates the calls.

    A listing is a SKU, by its `skuId`; its item is the ware, which goes on and off sale with all its SKUs. A
    call that writes takes SKUs of any wares and judges each row apart. `stockNum` is called a total that
    orders and application forms book units of: these are `withheld`, and cost a call for each SKU. Whether
    JD sells the total less what is booked is not documented; the default sells no more either way.
    """

    def __init__(
        self, settings: JdSettings, name: str, http: HttpClient, *, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._name = name
        client = JdClient(settings, name, http, now=now)
        super().__init__(client, OrderPages(settings, name, client), _traits(settings), ahead=AHEAD)

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a page of SKUs at a time.

        Raises:
            PortError: a call failed, or a list showed fewer rows than it told of.
        """
        if listings is not None:
            asked = [one for one in dict.fromkeys(listings) if is_id(one)]
            for start in range(0, len(asked), self._settings.page_size):
                yield await self._some(asked[start : start + self._settings.page_size])
            return
        wares = await self._all_wares()
        seen: set[str] = set()
        pages = self._pages(_SKUS, "SKUs")
        while not pages.is_over:
            found, total = await self._skus(pages.page, {})
            pages.take([sku.id for sku in found], total)
            new = [sku for sku in _once(found) if sku.id not in seen]
            seen.update(sku.id for sku in new)
            yield await self._shown(new, wares)

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call.

        Raises:
            PortError: the call failed as a whole.
            ValueError: the writes are no call, as the traits say.
        """
        if not writes:
            return []
        action = writes[0].action
        check_call(writes, self._traits)
        if action in _SWITCHES:
            return [await self._switch(writes[0])]
        return await self._write(writes)

    # --- reading -------------------------------------------------------------------------------------------

    def _pages(self, method: str, what: str) -> Pages:
        return Pages(f"{self._name}: {method}", max_pages=self._settings.max_pages, what=what)

    async def _all_wares(self) -> dict[str, Ware]:
        wares: dict[str, Ware] = {}
        pages = self._pages(_WARES, "wares")
        while not pages.is_over:
            found, total = await self._wares(pages.page, {})
            pages.take(found, total)
            wares |= found
        return wares

    async def _wares(self, page: int, wanted: Mapping[str, Any]) -> tuple[dict[str, Ware], int]:
        params = {**wanted, "field": WARE_FIELDS, "pageNo": page, "pageSize": self._settings.page_size}
        body = await self._client.call(_WARES, params, writes=False)
        with expecting(f"{self._name}: {_WARES}"):
            found, total = page_rows(body)
            return dict(ware_of(row) for row in found), total

    async def _skus(self, page: int, wanted: Mapping[str, Any]) -> tuple[list[Sku], int]:
        params = {**wanted, "field": SKU_FIELDS, "pageNo": page, "page_size": self._settings.page_size}
        body = await self._client.call(_SKUS, params, writes=False)
        with expecting(f"{self._name}: {_SKUS}"):
            found, total = page_rows(body)
            return [sku_of(row) for row in found], total

    async def _some(self, asked: Sequence[str]) -> list[ObservedListing]:
        """Return the listings that JD knows of `asked`; the others are silently absent from its list."""
        found: dict[str, Sku] = {}
        pages = self._pages(_SKUS, "SKUs")
        while not pages.is_over:
            skus, total = await self._skus(pages.page, {"skuId": ",".join(asked)})
            pages.take([sku.id for sku in skus], total)
            found |= {sku.id: sku for sku in skus if sku.id in asked}
        wares: dict[str, Ware] = {}
        for ware in dict.fromkeys(sku.ware for sku in found.values()):
            shown, _ = await self._wares(1, {"wareId": ware})
            wares[ware] = shown.get(ware, UNREAD)
        return await self._shown(list(found.values()), wares)

    async def _shown(self, skus: Sequence[Sku], wares: Mapping[str, Ware]) -> list[ObservedListing]:
        if self._settings.booked:
            stocks = await self._stocks(skus)
        else:
            stocks = [Stock(sku.quantity, 0) for sku in skus]
        pairs = zip(skus, stocks, strict=True)
        return [_listing(sku, wares.get(sku.ware, UNREAD), stock, self._settings) for sku, stock in pairs]

    async def _stocks(self, skus: Sequence[Sku]) -> list[Stock]:
        """Return the counter of each SKU; the first call that fails ends the others."""
        found: list[Stock] = []
        for start in range(0, len(skus), self._settings.stock_calls):
            part = skus[start : start + self._settings.stock_calls]
            try:
                async with asyncio.TaskGroup() as group:
                    calls = [group.create_task(self._stock(sku)) for sku in part]
            except BaseExceptionGroup as failed:
                raise failed.exceptions[0] from None
            found += [call.result() for call in calls]
        return found

    async def _stock(self, sku: Sku) -> Stock:
        try:
            body = await self._client.call(_STOCK, {"skuId": int(sku.id)}, writes=False)
        except JdRefused as error:
            if error.kind not in _OF_ONE_LINE:
                raise
            # The list shows it, so it is not gone; one SKU stops no others.
            return Stock(None, None)
        with expecting(f"{self._name}: {_STOCK}: SKU {sku.id}"):
            return stock_of(body, sku.id, self._settings.store_id)

    # --- writing -------------------------------------------------------------------------------------------

    async def _write(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        known = [write for write in writes if is_id(write.listing)]
        results = dict(zip((write.listing for write in known), await self._sent(known), strict=True))
        refused = Outcome(kind=Kind.REJECTED, message="not sent: its id is no skuId")
        return [results.get(write.listing, refused) for write in writes]

    async def _sent(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        if not writes:
            return []
        try:
            body = await self._client.call(SET, request(writes, self._settings), writes=True)
        except JdRefused as error:
            if error.kind not in _OF_ONE_LINE or len(writes) > 1:
                raise
            return [Outcome(kind=error.kind, message=error.reason)]
        with expecting(f"{self._name}: {SET}"):
            found = outcomes(writes, body, self._settings)
        return [_with_words(outcome, self._client.told(words)) for outcome, words in found]

    async def _switch(self, write: Write) -> Outcome:
        if not is_id(write.item):
            return Outcome(kind=Kind.REJECTED, message="not sent: its item is no wareId")
        puts_on = write.action is Action.RELIST
        kind = self._settings.put_on if puts_on else self._settings.put_off
        params = {"wareId": int(write.item), "opType": int(kind) if is_id(kind) else kind}
        try:
            body = await self._client.call(_SWITCH, params, writes=True)
        except JdRefused as error:
            if error.kind not in _OF_ONE_LINE:
                raise
            return await self._as_it_was(write, Outcome(kind=error.kind, message=error.reason))
        success = flag(body.get("success"))
        if success is None:
            return Outcome(kind=Kind.UNKNOWN, message="the answer does not say whether it was done")
        if success:
            return Outcome(kind=Kind.DONE)
        refused = Outcome(kind=Kind.REJECTED, message="refused without a reason")
        # Only `success` is documented: its reason may be called as that of a write, or of a row.
        words = plain(body.get("errorMessage")) or plain(body.get("message"))
        return await self._as_it_was(write, _with_words(refused, self._client.told(words)))

    async def _as_it_was(self, write: Write, refused: Outcome) -> Outcome:
        """Return that it was so already, if the ware shows it; else the refusal."""
        if refused.kind is not Kind.REJECTED:
            return refused
        try:
            shown, _ = await self._wares(1, {"wareId": write.item})
        except PortError:
            return refused
        if shown.get(write.item, UNREAD).on_sale is (write.action is Action.RELIST):
            return Outcome(kind=Kind.DONE, message="it was so already")
        return refused


def _once(skus: Sequence[Sku]) -> list[Sku]:
    return list({sku.id: sku for sku in skus}.values())


def _with_words(outcome: Outcome, words: str) -> Outcome:
    return outcome._replace(message=words) if words else outcome


def _listing(sku: Sku, ware: Ware, stock: Stock, settings: JdSettings) -> ObservedListing:
    total = settings.deducts_at is DeductsAt.UNKNOWN
    return ObservedListing(
        id=ListingId(sku.id),
        code=sku.code,
        item=ItemId(sku.ware),
        quantity=stock.quantity,
        on_sale=False if sku.is_off else ware.on_sale,
        withheld=stock.booked or 0,
        title=ware.title,
        deducts=Deducts.SHIPPING if total else Deducts.UNKNOWN,
    )


def _traits(settings: JdSettings) -> ChannelTraits:
    return replace(
        shared_traits(settings),
        max_batch=1 if settings.keyed_calls else MOST_ROWS,
        max_batch_listing=1,
        write_modes=tuple(ACTIONS[mode] for mode in settings.write_modes),
        # A code is that of a call, and each write has a key of its own.
        idempotent=settings.keyed_calls,
        withholds=settings.booked,
        max_quantity=settings.max_quantity,
    )


@asynccontextmanager
async def _open(settings: JdSettings, name: str, http: HttpClient) -> AsyncIterator[Channel]:
    """Yield the channel of one shop; makes no call."""
    yield JdChannel(settings, name, http, now=SystemClock().now)


ADAPTER: Adapter[Channel] = Adapter(
    settings=JdSettings, open=_open, summary="a shop on JD, by the gateway routerjson of its open platform"
)
