"""What is in every warehouse, counted from Tryton's moves and documents; runs in Tryton's environment.

Nothing here asks Tryton for a quantity but to check the sum: done moves make what is on hand, and the open
documents say what of it is promised. Per cell, in the default unit of the product:

- on_hand: done moves into the warehouse less those out of it, every zone of it, quarantine and input too.
- unsellable: the part of it in a location whose code begins with `QUAR-`, or below one.
- allocated: what open customer shipments will still send (draft to packed, and `shipped`, since 8.2 moves
  nothing before `done`), and what open returns to suppliers will. A draft counts: the shipment of a
  confirmed sale can be put back to it, and Tryton's forecast counts it too. Draft sales have no shipment.
- transfer_out: what transfers to another warehouse will still send, from draft to packed. A request is a
  proposal of the supply module that nobody has accepted; its moves are staging, and promise nothing.
- in_air: what left the warehouse by a transfer and has not arrived, under the warehouse that sent it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from proteus import Model, config  # type: ignore[import-not-found]

FIGURES = ("on_hand", "unsellable", "allocated", "transfer_out", "in_air")
_OPEN = ("draft", "waiting", "assigned", "picked", "packed", "shipped")
_TO_COME = ("draft", "assigned")
# A draft goes straight from one warehouse to the other: it has neither outgoing nor incoming moves yet.
_WAY = {"draft": ("transfer_out", "moves"), "shipped": ("in_air", "incoming_moves")}
Row = Mapping[str, Any]


def _rows(model: str, domain: list[Any], *fields: str, **context: Any) -> dict[int, Row]:  # noqa: ANN401
    """Return the matching records by id, inactive ones too."""
    everything = config.get_config().context | {"active_test": False} | context
    found = Model.get(model)._proxy.search_read(domain, 0, None, None, list(fields), everything)
    return {row["id"]: row for row in found}


class _Places:
    """Which warehouse a location lies in, and which locations are quarantine."""

    def __init__(self) -> None:
        self._rows = _rows("stock.location", [], "code", "type", "parent")
        self.codes = {key: row["code"] for key, row in self._rows.items() if row["type"] == "warehouse"}
        self.warehouse = {key: self._above(key, set(self.codes)) for key in self._rows}
        bad = {key for key, row in self._rows.items() if (row["code"] or "").startswith("QUAR-")}
        self.quarantine = {key for key in self._rows if self._above(key, bad)}
        (self.transit,) = (key for key, row in self._rows.items() if row["code"] == "TRANSIT")

    def _above(self, location: int | None, wanted: set[int]) -> int | None:
        while location is not None and location not in wanted:
            location = self._rows[location]["parent"]
        return location


class _Truth:
    def __init__(self) -> None:
        self.places = _Places()
        self.goods = _rows(
            "product.product", [("type", "=", "goods"), ("active", "=", True)], "code", "default_uom"
        )
        self._units = _rows("product.uom", [], "factor", "digits")
        self._factor = {key: Decimal(str(row["factor"])) for key, row in self._units.items()}
        self._default = {
            key: row["default_uom"] for key, row in _rows("product.product", [], "default_uom").items()
        }
        self._sums: dict[str, dict[tuple[int, int], Decimal]] = {
            name: defaultdict(Decimal) for name in FIGURES
        }
        self._moves = _rows(
            "stock.move", [], "product", "unit", "quantity", "state", "from_location", "to_location"
        )

    def _units_of(self, move: Row) -> Decimal:
        """Return the quantity of a move in the default unit of its product."""
        own = self._factor[self._default[move["product"]]]
        return Decimal(str(move["quantity"])) * self._factor[move["unit"]] / own

    def _add(self, figure: str, move: Row, warehouse: int | None, sign: int = 1) -> None:
        if warehouse is not None:
            self._sums[figure][move["product"], warehouse] += sign * self._units_of(move)

    def count_done(self) -> Decimal:
        """Count what lies where; return what is in transit, over all products."""
        transit = Decimal(0)
        for move in self._moves.values():
            if move["state"] != "done":
                continue
            for end, sign in (("from_location", -1), ("to_location", 1)):
                place = move[end]
                self._add("on_hand", move, self.places.warehouse[place], sign)
                if place in self.places.quarantine:
                    self._add("unsellable", move, self.places.warehouse[place], sign)
                transit += sign * self._units_of(move) * (place == self.places.transit)
        return transit

    def count_promised(self) -> None:
        """Count what open shipments will still take out."""
        opened = [("state", "in", _OPEN)]
        for row in _rows("stock.shipment.out", opened, "warehouse", "outgoing_moves").values():
            self._promise("allocated", row["outgoing_moves"], row["warehouse"])
        for row in _rows("stock.shipment.in.return", opened, "from_location", "moves").values():
            self._promise("allocated", row["moves"], self.places.warehouse[row["from_location"]])
        fields = ("warehouse", "to_warehouse", "moves", "outgoing_moves", "incoming_moves", "state")
        for row in _rows("stock.shipment.internal", opened, *fields).values():
            if row["warehouse"] == row["to_warehouse"]:
                continue
            figure, end = _WAY.get(row["state"], ("transfer_out", "outgoing_moves"))
            self._promise(figure, row[end], row["warehouse"])

    def _promise(self, figure: str, moves: Iterable[int], warehouse: int | None) -> None:
        for move in (self._moves[key] for key in moves):
            if move["state"] in _TO_COME:
                self._add(figure, move, warehouse)

    def in_air(self) -> Decimal:
        """Return what is on its way between warehouses, over all products."""
        return sum(self._sums["in_air"].values(), start=Decimal(0))

    def figure(self, name: str, product: int, warehouse: int) -> Decimal:
        """Return one figure, rounded to what the unit of the product can show."""
        digits: int = self._units[self._default[product]]["digits"]
        return round(self._sums[name][product, warehouse], digits)


def figures() -> list[list[str]]:
    """Return SKU, warehouse and `FIGURES` of every active product of goods with a code, also where all are 0.

    AssertionError where Tryton's own sums are others, or where the transit location holds other units than
    the documents say.
    """
    truth = _Truth()
    transit = truth.count_done()
    truth.count_promised()
    assert transit == truth.in_air(), f"{transit} in transit, {truth.in_air()} by documents"
    rows = []
    for warehouse, code in truth.places.codes.items():
        asked = _rows("product.product", [("id", "in", list(truth.goods))], "quantity", locations=[warehouse])
        for product, row in truth.goods.items():
            found = [truth.figure(name, product, warehouse) for name in FIGURES]
            tryton = Decimal(str(asked[product]["quantity"]))
            assert found[0] == tryton, f"{row['code']} in {code}: {found[0]} by moves, {tryton} by Tryton"
            if row["code"]:
                rows.append([row["code"], code, *map(str, found)])
    return rows
