"""What makes a cycle come before its time: somebody rings, for all SKUs or for some."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from syncd.domain.look import Look
from syncd.domain.model import ShopName, Sku
from syncd.domain.topology import Topology
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import StockStore
from syncd.runtime.companions import Companion
from syncd.runtime.haste import Haste, Lowerer
from syncd.services.cycle import CycleReport, Selection
from syncd.services.feeds import NamedOrders

PAUSE = 1.0
"""Least seconds between the begin of one cycle and the begin of one that was rung for."""

MOST_NAMED = 1000
"""So many named SKUs are no longer some."""

_SHOWN = 10


class Wake:
    """A bell: rings add up until they are taken, and are heard a second after the last take at the earliest.

    Who begins a cycle takes; what rings from then on may have come after the look, and rings for another.
    What rings softly keeps no cycle from its end.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()
        self._rung_aloud = asyncio.Event()
        self._skus: set[Sku] = set()
        self._all = False
        self._may_ring_at = float("-inf")

    def ring(self, skus: Collection[Sku] = (), *, softly: bool = False) -> None:
        """Ask for a look at `skus`, or at all where none are named."""
        self._all = self._all or not skus or len(self._skus) + len(skus) > MOST_NAMED
        if self._all:
            self._skus.clear()
        else:
            self._skus.update(skus)
        self._rung.set()
        if not softly:
            self._rung_aloud.set()

    @property
    def is_heard(self) -> bool:
        """Return whether somebody has rung and a cycle may begin."""
        return self._rung.is_set() and self._clock.monotonic() >= self._may_ring_at

    async def heard(self) -> None:
        """Return once somebody has rung and a cycle may begin."""
        await self._heard(self._rung)

    async def heard_aloud(self) -> None:
        """Return once somebody has rung aloud and a cycle may begin."""
        await self._heard(self._rung_aloud)

    async def _heard(self, rung: asyncio.Event) -> None:
        await self._clock.sleep(self._may_ring_at - self._clock.monotonic())
        await rung.wait()

    def take(self) -> frozenset[Sku]:
        """Silence the bell; return the SKUs that were named, empty where all were meant, or nobody rang."""
        skus = frozenset(self._skus)
        self._skus.clear()
        self._all = False
        self._rung.clear()
        self._rung_aloud.clear()
        self._may_ring_at = self._clock.monotonic() + PAUSE
        return skus


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """Hears where somebody outside points, and rings; `named` keeps the orders for who looks next.

    Who names SKUs or orders is in haste; who names nothing means all, and waits for a cycle.
    """

    wake: Wake
    haste: Haste
    named: NamedOrders
    shops: Collection[ShopName]

    def hear(self, look: Look) -> None:
        """Ring for what `look` names.

        Raises:
            ValueError: it names a shop that is not configured; nobody is rung for.
        """
        if look.shop is not None:
            if look.shop not in self.shops:
                raise ValueError(f"there is no shop {look.shop}; ours are {', '.join(sorted(self.shops))}")
            self.named.name(look.shop, look.orders)
        if look.skus or look.orders:
            self.haste.ring(look.skus)
        else:
            self.wake.ring()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What the daemon needs to be woken.

    `cycle` runs one for named SKUs. `listen` runs beside the cycles until the event it is given is set, and
    then has to return soon. With `haste` others lower at once what is named.
    """

    wake: Wake
    cycle: Callable[[frozenset[Sku]], Awaitable[CycleReport]]
    listen: Companion
    haste: Lowerer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSkus:
    """Runs cycles that write no more than what named SKUs touch."""

    cycle: Callable[[Selection], Awaitable[CycleReport]]
    store: StockStore
    topology: Topology
    events: Events

    async def run(self, skus: frozenset[Sku]) -> CycleReport:
        """Run a cycle for `skus`; for all where one of them is unknown: the ERP may have just made it."""
        unknown = sorted(skus - await self._known(skus))
        if unknown:
            names = ", ".join(unknown[:_SHOWN])
            self.events.tell("sku_unknown", skus=names, count=len(unknown), hint="all SKUs are looked at")
            return await self.cycle(Selection())
        return await self.cycle(Selection(skus=self._touched(skus)))

    async def _known(self, skus: frozenset[Sku]) -> set[Sku]:
        stocked = {row.sku for row in await self.store.stock(skus)}
        bundles = {bundle.sku for bundle in self.topology.bundles}
        return stocked | bundles | {extra.sku for extra in self.topology.virtual}

    def _touched(self, skus: frozenset[Sku]) -> frozenset[Sku]:
        """Return `skus` with the bundles that hold them; a bundle stands for its components."""
        bundles = self.topology.bundles
        inside = {sku for bundle in bundles if bundle.sku in skus for sku in bundle.components}
        named = skus | inside
        return named | {bundle.sku for bundle in bundles if not named.isdisjoint(bundle.components)}
