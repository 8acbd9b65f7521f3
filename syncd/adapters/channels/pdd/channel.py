"""The channel of one shop on Pinduoduo."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from syncd.adapters.channels.pdd.client import PddClient, PddRefused
from syncd.adapters.channels.pdd.keys import ListingKey, by_goods
from syncd.adapters.channels.pdd.orders import PddOrders
from syncd.adapters.channels.pdd.reading import count, detailed_goods, flag, is_deleted, listed_goods
from syncd.adapters.channels.pdd.settings import PddSettings
from syncd.adapters.channels.pdd.tokens import AHEAD
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import HttpClient, expecting
from syncd.adapters.wire.channel import PlatformChannel, keys_of, shared_traits
from syncd.adapters.wire.settings import ACTIONS
from syncd.adapters.wire.values import id_text, objects
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.plugin import Adapter

_LIST = "pdd.goods.list.get"
_DETAIL = "pdd.goods.detail.get"
_QUANTITY = "pdd.goods.quantity.update"
_SALE_STATUS = "pdd.goods.sale.status.set"

_SWITCHES = {Action.DELIST: "0", Action.RELIST: "1"}
_TYPES = {Action.SET: "1", Action.DELTA: "2"}

_OF_ONE_LINE = frozenset({Kind.REJECTED, Kind.NOT_FOUND, Kind.UNKNOWN})

_MOST_SWITCHED = 1000
"""Listings of the same goods that one call takes off sale; they go whole, however many SKUs they have."""


class PddChannel(PlatformChannel[PddClient]):
    """A shop on Pinduoduo; `now` dates the calls.

    A listing is a SKU of goods (`goods_id:sku_id`), and each quantity is a call of its own. A difference that
    would leave less than 0 is refused. Goods go on and off sale with all their SKUs. Units of unpaid orders
    are told as withheld; when a counter falls for them is documented nowhere.
    """

    def __init__(
        self, settings: PddSettings, name: str, http: HttpClient, *, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._name = name
        client = PddClient(settings, name, http, now=now)
        super().__init__(client, PddOrders(settings, name, client), _traits(settings), ahead=AHEAD)

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a page or one of the goods at a time; of goods asked for, all SKUs.

        Raises:
            PortError: a call failed, or the list changed while it was read.
        """
        if listings is None:
            async for shown in self._whole_shop():
                yield shown
            return
        for goods, keys in by_goods(listings).items():
            yield await self._goods(goods, keys)

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call: one quantity, or the switch of one of the goods for any of its listings.

        Raises:
            PortError: the call failed as a whole.
            ValueError: the writes are no call, as the traits say.
        """
        if not writes:
            return []
        keys = keys_of(writes, self._traits, ListingKey.read, lambda key: key.item_id)
        if keys is None:
            refused = Outcome(kind=Kind.REJECTED, message="not sent: its id is not goods_id:sku_id")
            return [refused] * len(writes)
        method, params = _written(writes[0], keys[0])
        try:
            body = await self._client.call(method, params, writes=True)
        except PddRefused as error:
            # A fault of the platform is unknown too, but no word about this line.
            if error.kind not in _OF_ONE_LINE or (error.kind is Kind.UNKNOWN and not error.is_of_service):
                raise
            return [Outcome(kind=error.kind, message=error.reason)] * len(writes)
        return [_outcome(flag(body.get("is_success")), is_final=self._settings.refusals_are_final)] * len(
            writes
        )

    # --- tokens --------------------------------------------------------------------------------------------

    @property
    def token_settings(self) -> tuple[str, ...]:
        """Return the settings that the tokens came from."""
        return ("access_token", "refresh_token")

    # --- reading -------------------------------------------------------------------------------------------

    async def _whole_shop(self) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield the list of all goods; one whose rows moved while it was read proves nothing and raises."""
        size, seen, total, page = self._settings.page_size, set[str](), 1, 0
        first = None
        while page * size < total:
            page += 1
            place = f"{self._name}: {_LIST} (page {page})"
            if page > self._settings.max_pages:
                raise PortError(Kind.TRANSIENT, f"{place}: more pages than max_pages allows")
            body = await self._client.call(_LIST, {"page": str(page), "page_size": str(size)}, writes=False)
            with expecting(place):
                total, found = count(body), objects(body.get("goods_list"))
                first = total if first is None else first
                before, ids = len(seen), [id_text(goods["goods_id"]) for goods in found]
                seen.update(ids)
                if total != first or len(seen) - before < min(size, total - before):
                    message = f"the list of {total} goods changed while it was read; it is read again later"
                    raise PortError(Kind.TRANSIENT, f"{place}: {message}")
                shown = {key: list(listed_goods(goods)) for key, goods in zip(ids, found, strict=True)}
            yield [
                listing
                for goods, listings in shown.items()
                for listing in listings or await self._goods(goods, ())
            ]

    async def _goods(self, goods: str, keys: Sequence[ListingKey]) -> Sequence[ObservedListing]:
        """Return the listings of one of the goods, none where the platform says that it is gone.

        What the service refuses to show may be gone or not: those of `keys` then stay, with no quantity.
        """
        place = f"{self._name}: {_DETAIL}: goods {goods}"
        try:
            body = await self._client.call(_DETAIL, {"goods_id": goods}, writes=False)
        except PddRefused as error:
            if error.kind is Kind.NOT_FOUND:
                return []
            if not (error.kind is Kind.REJECTED and error.is_of_service and keys):
                raise
            return [_unread(key) for key in keys]
        with expecting(place):
            # The documents do not name the id among what the details tell.
            if id_text(body.get("goods_id", goods)) != goods:
                raise ValueError("the answer speaks of other goods")
            shown = list(detailed_goods(goods, body))
            # Goods that are there and show no SKUs say nothing of those that they had.
            return shown or ([] if is_deleted(body) else [_unread(key) for key in keys])


def _written(write: Write, key: ListingKey) -> tuple[str, dict[str, str]]:
    """Return the call that carries out a write, and its parameters."""
    if write.action in _SWITCHES:
        return _SALE_STATUS, {"goods_id": key.goods, "is_onsale": _SWITCHES[write.action]}
    return _QUANTITY, {
        "goods_id": key.goods,
        "sku_id": key.sku,
        "quantity": str(write.value),
        "update_type": _TYPES[write.action],
    }


def _outcome(success: bool | None, *, is_final: bool) -> Outcome:  # noqa: FBT001 - the platform's own word
    """Return what an answer without an error says; silence is not consent, and a no may have been applied."""
    if success:
        return Outcome(kind=Kind.DONE)
    if success is None:
        return Outcome(kind=Kind.UNKNOWN, message="the answer does not tell is_success")
    kind = Kind.REJECTED if is_final else Kind.UNKNOWN
    return Outcome(kind=kind, message="the answer tells is_success false, without a reason")


def _unread(key: ListingKey) -> ObservedListing:
    return ObservedListing(
        id=key.listing, code="", item=ItemId(key.goods), quantity=None, on_sale=None, withheld=0
    )


def _traits(settings: PddSettings) -> ChannelTraits:
    return replace(
        shared_traits(settings),
        max_batch=1,
        max_batch_listing=_MOST_SWITCHED,
        one_item_per_call=True,
        write_modes=tuple(ACTIONS[mode] for mode in settings.write_modes),
        withholds=True,
        max_quantity=settings.max_quantity,
    )


@asynccontextmanager
async def _open(settings: PddSettings, name: str, http: HttpClient) -> AsyncIterator[Channel]:
    """Yield the channel of one shop; makes no call."""
    yield PddChannel(settings, name, http, now=SystemClock().now)


ADAPTER: Adapter[Channel] = Adapter(
    settings=PddSettings, open=_open, summary="a shop on Pinduoduo, by its open platform"
)
