"""The shop in memory by the words of the conformance kit; its failures are planned errors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from syncd.adapters.memory import MemoryChannel
from syncd.adapters.memory.channel import TRAITS
from syncd.adapters.memory.channel import Fault as Planned
from syncd.conformance import Ability, Bench, Buyers, Fault, Rig, Stock
from syncd.conformance.meanings import MEANINGS
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, OffReason, Outcome, Write
from syncd.domain.ordering.rules import Restores
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits

ABILITIES = frozenset(Ability) - {
    Ability.DOOR,
    Ability.SILENT_ITEMS,
    Ability.STEADY_LISTS,
    Ability.OLD_VERSIONS,
    Ability.SIGNATURES,
    Ability.SKEW,
    Ability.PERMISSIONS,
    Ability.RENEWAL,
}

ALL_MODES = replace(
    TRAITS,
    write_modes=(Action.COMPARE_AND_SET, Action.DELTA, Action.SET),
    idempotent=True,
    withholds=True,
    order_feed=True,
    restores_unpaid=Restores.YES,
    restores_paid=Restores.YES,
)

RowT = TypeVar("RowT")


class MemoryRig(Rig, Buyers):
    """The shop in memory, with plenty of everything."""

    def __init__(self, traits: ChannelTraits = ALL_MODES) -> None:
        self.shop = MemoryChannel(traits=traits, page_size=5)
        self._planned: tuple[int, Fault] | None = None
        self._hooks: list[tuple[int, Callable[[], object]]] = []
        self._calls = self._writes = 0
        self._held = asyncio.Event()

    def bench(self, *, abilities: frozenset[Ability] = ABILITIES) -> Bench:
        never = {Kind.SIGNATURE: "nothing is signed in memory"}
        if not self.shop.traits.idempotent:
            never[Kind.DUPLICATE] = "this shop knows no keys"
        return Bench(
            channel=Wired(self.shop, self),
            rig=self,
            buyers=self,
            abilities=abilities,
            secrets=("hush-hush-token",),
            line_kinds=frozenset({Kind.REJECTED, Kind.NOT_FOUND, Kind.THROTTLED, Kind.PERMISSION}),
            never=never,
            many=25,
        )

    # --- listings ------------------------------------------------------------------------------------------

    def put(self, stock: Stock) -> ListingId:
        reason = None if stock.on_sale else OffReason.PERSON if stock.quantity else OffReason.SOLD_OUT
        listing = ObservedListing(
            id=ListingId(stock.key),
            code=stock.code,
            item=ItemId(f"item {stock.item}" if stock.item else stock.key),
            quantity=stock.quantity,
            on_sale=stock.on_sale,
            withheld=stock.withheld,
            off_reason=reason,
        )
        self.shop.put(listing)
        return listing.id

    def item_of(self, listing: ListingId) -> ItemId:
        return self.shop.shown(listing).item

    def code_of(self, listing: ListingId) -> str:
        return self.shop.shown(listing).code

    def drop(self, listing: ListingId) -> None:
        self.shop.drop(listing)

    def counter(self, listing: ListingId) -> int:
        quantity = self.shop.shown(listing).quantity
        assert quantity is not None
        return quantity

    def is_on_sale(self, listing: ListingId) -> bool:
        return bool(self.shop.shown(listing).on_sale)

    # --- calls ---------------------------------------------------------------------------------------------

    def calls(self) -> int:
        return self._calls

    def writes(self) -> int:
        return self._writes

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        traits = self.shop.traits
        parts = sizes if traits.one_item_per_call else (sum(sizes),)
        return sum(-(-part // traits.max_batch) for part in parts)

    def before_call(self, number: int, act: Callable[[], object]) -> None:
        self._hooks.append((self._calls + number, act))

    async def called(self, *, writes: bool) -> PortError | None:
        """Take in a call: raise what keeps it from taking effect, return what strikes it afterwards."""
        self._calls += 1
        self._writes += writes
        for number, act in self._hooks:
            if number == self._calls:
                act()
        if self._planned is None or self._planned[0] != self._calls:
            return None
        fault = self._planned[1]
        meaning = MEANINGS[fault]
        kinds = (
            {Kind.AUTH_REVOKED} if fault is Fault.TOKEN_REVOKED else meaning.write if writes else meaning.read
        )
        error = PortError(min(kinds), fault.value, retry_after=meaning.wait)
        if fault is Fault.HANGING:
            self._held.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await asyncio.Event().wait()
        if fault in {Fault.LOST_REPLY, Fault.TIMED_OUT}:
            return error
        raise error

    # --- trouble -------------------------------------------------------------------------------------------

    def fail(self, fault: Fault, *, after: int = 0) -> None:
        self._planned = (self._calls + after + 1, fault)

    async def arrived(self) -> None:
        await self._held.wait()

    def refuse(self, listing: ListingId, kind: Kind) -> None:
        refusal = Outcome(kind=kind, message=f"it was {kind}")
        self.shop.fail_push(Planned(outcomes={listing: refusal}))

    def silence(self, listing: ListingId) -> None:
        self.shop.fail_push(Planned(silent=frozenset({listing}), silent_applied=True))

    # --- orders --------------------------------------------------------------------------------------------

    def order(self, *wanted: tuple[ListingId, int], at: datetime) -> str:
        return self.shop.buyers.order(wanted, at=at)

    def pay(self, order: str, *, at: datetime) -> None:
        self.shop.buyers.pay(order, at=at)

    def cancel(self, order: str, *, at: datetime) -> None:
        self.shop.buyers.cancel(order, at=at)

    def ship(self, order: str, *lines: OrderLine, at: datetime) -> None:
        self.shop.buyers.ship(order, *(line.line for line in lines), at=at)

    def finish(self, order: str, *, at: datetime) -> None:
        self.shop.buyers.finish(order, at=at)

    def ask_refund(self, line: OrderLine, *, at: datetime) -> None:
        self.shop.buyers.ask_refund(line.line, at=at)

    def refund(self, line: OrderLine, *, at: datetime) -> None:
        self.shop.buyers.refund(line.line, at=at)


class Wired:
    """The shop as if behind a wire: every page and every push is a call that can go wrong."""

    def __init__(self, shop: MemoryChannel, rig: MemoryRig) -> None:
        self._shop = shop
        self._rig = rig

    @property
    def traits(self) -> ChannelTraits:
        return self._shop.traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        if listings is None or listings:
            async for page in self._paged(self._shop.observe(listings)):
                yield page

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        error = await self._rig.called(writes=True) if writes else None
        outcomes = await self._shop.push(writes)
        if error is not None:
            raise error
        return outcomes

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        async for page in self._paged(self._shop.orders(since=since, until=until)):
            yield page

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        if orders:
            await self._ask()
        return await self._shop.these_orders(orders)

    async def _paged(self, pages: AsyncIterator[Sequence[RowT]]) -> AsyncIterator[Sequence[RowT]]:
        await self._ask()
        first = True
        async for page in pages:
            if not first:
                await self._ask()
            first = False
            yield page

    async def _ask(self) -> None:
        if error := await self._rig.called(writes=False):
            raise error


@asynccontextmanager
async def memory_bench(traits: ChannelTraits = ALL_MODES) -> AsyncIterator[Bench]:
    """Yield a bench of a shop with these traits."""
    yield MemoryRig(traits).bench()
