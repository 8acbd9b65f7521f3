"""What Tryton's open moves mean for the warehouses that they leave."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from syncd.adapters.sources.tryton.places import Places
from syncd.adapters.sources.tryton.values import amount
from syncd.domain.figures import Unbelievable

FIELDS = ("product", "internal_quantity", "from_location", "to_location", "shipment")
"""`internal_quantity` is in the product's own unit; `quantity` would be in the move's, such as dozens."""

INTERNAL = "stock.shipment.internal"

Cell = tuple[int, int]
"""A product and a warehouse, by Tryton's ids."""

_NONE = Decimal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What open moves take from each cell, and the products of which a move could not be understood."""

    allocated: Mapping[Cell, Decimal] = field(default_factory=dict)
    transfer_out: Mapping[Cell, Decimal] = field(default_factory=dict)
    in_air: Mapping[Cell, Decimal] = field(default_factory=dict)
    bad: Mapping[int, str] = field(default_factory=dict)


def internal_shipment(move: Mapping[str, Any]) -> int | None:
    """Return the id of the internal shipment that a move is part of; None if it is part of none."""
    model, _, number = str(move["shipment"] or "").partition(",")
    return int(number) if model == INTERNAL else None


def is_in_the_air(move: Mapping[str, Any], places: Places) -> bool:
    """Return whether a move may bring goods in from transit; it does if its shipment has been sent."""
    return internal_shipment(move) is not None and move["from_location"] not in places.homes


def promised(moves: Iterable[Mapping[str, Any]], *, places: Places, senders: Mapping[int, int]) -> Promised:
    """Return what open moves take away; `senders` gives the warehouse of each shipment that was sent."""
    tally = _Tally(places, senders)
    for move in moves:
        try:
            tally.add(move)
        except Unbelievable as error:
            tally.bad[move["product"]] = f"the internal_quantity of move {move['id']} {error}"
    return Promised(
        allocated=tally.allocated(),
        transfer_out=dict(tally.transfer_out),
        in_air=dict(tally.in_air),
        bad=tally.bad,
    )


class _Tally:
    """Adds up moves, cell by cell."""

    def __init__(self, places: Places, senders: Mapping[int, int]) -> None:
        self._places = places
        self._senders = senders
        self._counted = {each.id for each in places.counted}
        self._leaving: dict[tuple[Cell, object], Decimal] = defaultdict(Decimal)
        self._from_spoilt: dict[tuple[Cell, object], Decimal] = defaultdict(Decimal)
        self.transfer_out: dict[Cell, Decimal] = defaultdict(Decimal)
        self.in_air: dict[Cell, Decimal] = defaultdict(Decimal)
        self.bad: dict[int, str] = {}

    def add(self, move: Mapping[str, Any]) -> None:
        places, source, target = self._places, move["from_location"], move["to_location"]
        if not {source, target} <= places.known:
            message = f"move {move['id']} is at a location that is new or that the user may not read"
            self.bad[move["product"]] = message
            return
        units = amount(move["internal_quantity"])
        home = places.homes.get(source)
        if home is None:
            self._arrive(move, units)
        elif home in self._counted:
            self._leave(move, (move["product"], home), units, places.homes.get(target))

    def _leave(self, move: Mapping[str, Any], cell: Cell, units: Decimal, target: int | None) -> None:
        stays = target == cell[1]
        if move["from_location"] in self._places.spoilt:
            # These units are in U until they leave. Picked for a shipment they are in its O as well.
            if stays and move["shipment"] and move["to_location"] not in self._places.spoilt:
                self._from_spoilt[cell, move["shipment"]] += units
        elif stays:
            return
        elif target is not None or internal_shipment(move) is not None:
            self.transfer_out[cell] += units
        else:
            self._leaving[cell, move["shipment"]] += units

    def _arrive(self, move: Mapping[str, Any], units: Decimal) -> None:
        """Take a move from outside all warehouses: of a shipment that has been sent its units are in the air.

        Before it is sent they are still in the warehouse, and another move of it says that they will leave.
        """
        sender = self._senders.get(internal_shipment(move) or 0)
        if sender in self._counted and sender is not None:
            self.in_air[move["product"], sender] += units

    def allocated(self) -> dict[Cell, Decimal]:
        """Return what leaves, without what a shipment takes from unsellable units."""
        result: dict[Cell, Decimal] = defaultdict(Decimal)
        for (cell, shipment), units in self._leaving.items():
            result[cell] += max(units - self._from_spoilt.get((cell, shipment), _NONE), _NONE)
        return dict(result)
