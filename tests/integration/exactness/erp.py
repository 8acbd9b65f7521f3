"""The ERP and its warehouse: what is really there, which orders it knows, and how badly it tells of both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

import numpy as np

from syncd.adapters.memory import FakeClock
from syncd.domain.model import (
    Containment,
    Part,
    ShopName,
    Sku,
    Snapshot,
    SnapshotKind,
    SourceName,
    WarehouseName,
    WatermarkEvent,
)
from syncd.domain.orders import OrderLine, Stage
from syncd.errors import Kind, PortError
from tests.integration.exactness.till import LAG, Till, open_units

NAME, PLACE = SourceName("erp"), WarehouseName("w")
UNSOLD = 2
"""Broken units of every SKU that lie in the warehouse: on hand, and never for sale."""

_TICK = timedelta(seconds=1)

Parts = Callable[[ShopName, OrderLine], Mapping[Sku, int]]
"""Return the units of each SKU in one unit of a line."""

Key = tuple[ShopName, str]


class Mood(Enum):
    """How the ERP answers a call."""

    FRESH = auto()
    LAGGING = auto()
    TORN_ROW = auto()
    TORN_CELL = auto()
    OVERLAPPING = auto()
    FAILING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The figures at one moment; `holds` are the units of each SKU that its O contains, by line.

    `gone` are the lines whose units have left the warehouse.
    """

    at: datetime
    good: Mapping[Sku, int]
    allocated: Mapping[Sku, int]
    watermarks: Mapping[ShopName, datetime]
    holds: Mapping[tuple[Key, Sku], int]
    gone: frozenset[tuple[Key, Sku]]


class Erp:
    """`Source` over a warehouse that learns of orders late.

    `contains` says how it tells what it knows: by a watermark, or not at all; then it knows of every sale
    within the lag that the shops are configured with, as it does of shops that tell no orders.
    """

    def __init__(
        self, clock: FakeClock, stock: Mapping[Sku, int], tills: Sequence[Till], parts: Parts
    ) -> None:
        self.good = dict(stock)
        self.contains = Containment.WATERMARK
        self.counts = WatermarkEvent.PAID
        self.mood = Mood.FRESH
        self.pick = 0
        self.behind = timedelta(0)
        self.served: View | None = None
        self._clock = clock
        self._tills = {till.name: till for till in tills}
        self._parts = parts
        self._known: dict[Key, OrderLine] = {}
        self._shipped: set[Key] = set()
        self._views: list[View] = []

    # --- what happens in it --------------------------------------------------------------------------------

    def due(self) -> list[Key]:
        """Return the orders that it does not know in their newest version, in the order of their payment."""
        found = [
            (till.paid_at[line.line], (till.name, line.line))
            for till in self._tills.values()
            for line in till.lines.values()
            if line.line in till.paid_at and self._known.get((till.name, line.line)) != line
        ]
        return [key for _, key in sorted(found)]

    def learn(self, key: Key) -> None:
        """Import an order as it is now; once more changes nothing."""
        self._known[key] = self._line(key)

    def ship(self, key: Key) -> None:
        """Send an order that it knows, as far as the warehouse has the units."""
        line, known = self._line(key), self._known.get(key)
        parts = self._parts(key[0], line)
        units = open_units(line)
        if known is None or any(self.good[sku] < each * units for sku, each in parts.items()):
            return
        left = self._tills[key[0]].ship(key[1])
        if left:
            for sku, each in parts.items():
                self.good[sku] -= each * left
            self._shipped.add(key)
            self._known[key] = self._line(key)

    def look(self) -> None:
        """Remember the figures as they are, so that a lagging answer can show them."""
        self._learn_all_in_time()
        self._views = [*self._views[-6:], self._view()]

    # --- the port ------------------------------------------------------------------------------------------

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return the figures as the mood has them; none is older than what was told before."""
        del now, cursor
        mood, self.mood = self.mood, Mood.FRESH
        if mood is Mood.FAILING:
            raise PortError(Kind.TRANSIENT, "the ERP does not answer")
        self.look()
        fresh = self._views[-1]
        old = self._views[self.pick % len(self._views)]
        served = self._mixed(mood, old, fresh)
        self._views = [view for view in self._views if view.at >= served.at]
        self.served = served
        return self._snapshot(served)

    # --- inside --------------------------------------------------------------------------------------------

    def _line(self, key: Key) -> OrderLine:
        return self._tills[key[0]].lines[key[1]]

    def _learn_all_in_time(self) -> None:
        for key in self.due():
            if self.contains is not Containment.NONE and self._tills[key[0]].habits.tells:
                continue
            line = self._line(key)
            known = self._known.get(key)
            if known is None or open_units(line) > open_units(known):
                paid = self._tills[key[0]].paid_at[key[1]]
                if paid + LAG <= self._clock.now():
                    self.learn(key)

    def _view(self) -> View:
        holds: dict[tuple[Key, Sku], int] = {}
        for key, line in self._known.items():
            for sku, each in self._parts(key[0], line).items():
                if key not in self._shipped:
                    holds[key, sku] = each * open_units(line)
        allocated = dict.fromkeys(self.good, 0)
        for (_, sku), units in holds.items():
            allocated[sku] += units
        return View(
            at=self._clock.now(),
            good=dict(self.good),
            allocated=allocated,
            watermarks={name: self._watermark(till) for name, till in self._tills.items()},
            holds=holds,
            gone=frozenset(
                (key, sku) for key in self._shipped for sku in self._parts(key[0], self._known[key])
            ),
        )

    def _watermark(self, till: Till) -> datetime:
        """Return until when all orders of a shop are known; one that is missing holds it back."""
        gaps = [
            line.created if self.counts is WatermarkEvent.CREATED else line.paid or line.created
            for line in till.lines.values()
            if line.line in till.paid_at and (till.name, line.line) not in self._known
        ]
        if self.counts is WatermarkEvent.CREATED:
            gaps += [line.created for line in till.lines.values() if line.stage is Stage.UNPAID]
        return min([self._clock.now() - self.behind, *(gap - _TICK for gap in gaps)])

    def _mixed(self, mood: Mood, old: View, fresh: View) -> View:
        if mood is Mood.LAGGING:
            return old
        if mood is Mood.OVERLAPPING:
            return View(
                at=fresh.at,
                good=fresh.good,
                allocated=fresh.allocated,
                watermarks=old.watermarks,
                holds=fresh.holds,
                gone=fresh.gone,
            )
        if mood is Mood.TORN_ROW:
            return _torn(old, fresh, self._torn_sku(), goods_of=old)
        if mood is Mood.TORN_CELL:
            return _torn(old, fresh, self._torn_sku(), goods_of=fresh)
        return fresh

    def _torn_sku(self) -> Sku:
        return sorted(self.good)[self.pick % len(self.good)]

    def _snapshot(self, view: View) -> Snapshot:
        skus = tuple(sorted(view.good))
        parts = np.zeros((len(skus), len(Part)), dtype=np.int64)
        parts[:, Part.ON_HAND] = [view.good[sku] + UNSOLD for sku in skus]
        parts[:, Part.UNSELLABLE] = UNSOLD
        parts[:, Part.ALLOCATED] = [view.allocated[sku] for sku in skus]
        says = self.contains is Containment.WATERMARK
        return Snapshot(
            source=NAME,
            as_of=view.at,
            kind=SnapshotKind.FULL,
            skus=skus,
            warehouses=(PLACE,) * len(skus),
            parts=parts,
            contains=self.contains,
            watermarks=dict(view.watermarks) if says else {},
            counts=self.counts,
        )


def _torn(old: View, fresh: View, sku: Sku, *, goods_of: View) -> View:
    """Return fresh figures with the orders of one SKU as they were; the watermark was read before both."""
    holds = {key: units for key, units in fresh.holds.items() if key[1] != sku}
    holds |= {key: units for key, units in old.holds.items() if key[1] == sku}
    gone = {key for key in fresh.gone if key[1] != sku} | {key for key in goods_of.gone if key[1] == sku}
    return View(
        at=old.at,
        good=dict(fresh.good) | {sku: goods_of.good[sku]},
        allocated=dict(fresh.allocated) | {sku: old.allocated[sku]},
        watermarks=old.watermarks,
        holds=holds,
        gone=frozenset(gone),
    )
