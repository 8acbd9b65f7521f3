"""What a person does in Tryton, by its own client library; runs in Tryton's environment, not in ours.

The seed uses it inside Tryton's process and the desk over the network: proteus hides the difference.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from proteus import Model, Wizard  # type: ignore[import-not-found]

PRICE = Decimal(10)
TO_PACKED = ("assign_try", "pick", "pack")
"""The buttons of a customer shipment until its goods stand in the output zone."""
TO_GONE = (*TO_PACKED, "do")
"""The buttons of a customer shipment until the goods have left; `ship` alone moves nothing in 8.2."""
TO_SENT = ("wait", "assign_try", "pack", "ship")
"""The buttons of a transfer until its goods are in the transit location."""


class Clerk:
    """Sells, ships, receives, transfers and counts; a button that does not do its work is an error."""

    def __init__(self) -> None:
        self._products: dict[str, Any] = {}
        self._locations: dict[str, Any] = {}

    def product(self, code: str) -> Any:  # noqa: ANN401 - proteus makes its classes at run time
        """Return the product with the code, also a retired one; ValueError where there is not exactly one."""
        if code not in self._products:
            (self._products[code],) = Model.get("product.product").find([("code", "=", code)])
        return self._products[code]

    def location(self, code: str) -> Any:  # noqa: ANN401
        """Return the location with the code; ValueError where there is not exactly one."""
        if code not in self._locations:
            (self._locations[code],) = Model.get("stock.location").find([("code", "=", code)])
        return self._locations[code]

    def party(self, name: str) -> Any:  # noqa: ANN401
        """Return the party with the name; ValueError where there is not exactly one."""
        (party,) = Model.get("party.party").find([("name", "=", name)])
        return party

    def press(self, document: Any, *buttons: str) -> Any:  # noqa: ANN401
        """Return the document after the buttons; AssertionError where one left its state as it was."""
        for button in buttons:
            before = document.state
            document.click(button)
            document.reload()
            assert document.state != before, f"{button} left {document.rec_name} {before}"
        return document

    # --- sales

    def sale(self, sku: str, warehouse: str, units: float, **fields: Any) -> Any:  # noqa: ANN401
        """Return a draft sale of one line; `unit` names another unit than the product's own."""
        sale = Model.get("sale.sale")(party=self.party("Customer"), warehouse=self.location(warehouse))
        sale.invoice_method = "manual"
        unit = fields.pop("unit", "")
        for name, value in fields.items():
            setattr(sale, name, value)
        line = sale.lines.new()
        line.product = self.product(sku)
        if unit:
            (line.unit,) = Model.get("product.uom").find([("name", "=", unit)])
        line.quantity = units
        line.unit_price = PRICE
        sale.save()
        return sale

    def sell(self, sku: str, warehouse: str, units: float, **fields: Any) -> Any:  # noqa: ANN401
        """Return a confirmed sale whose shipment waits."""
        sale = self.press(self.sale(sku, warehouse, units, **fields), "quote")
        sale.click("confirm")
        sale.reload()
        assert sale.state == "processing", sale.state
        return sale

    def shipment(self, sale: Any) -> Any:  # noqa: ANN401
        """Return the only shipment of a sale; ValueError where there are more."""
        (shipment,) = sale.shipments
        return shipment

    def cancel(self, sale: Any) -> None:  # noqa: ANN401
        """Cancel what a confirmed sale has not shipped, and have the sale accept it."""
        self.press(self.shipment(sale), "cancel")
        sale.reload()
        assert sale.shipment_state == "exception", sale.shipment_state
        wizard = Wizard("sale.handle.shipment.exception", [sale])
        wizard.form.ignore_moves.extend(wizard.form.ignore_moves.find())
        wizard.execute("handle")
        sale.reload()
        assert sale.shipment_state != "exception", sale.shipment_state

    def customer_return(self, sku: str, warehouse: str, units: float, *buttons: str) -> Any:  # noqa: ANN401
        """Return the return shipment of a sale with a negative line, after the buttons."""
        sale = self.sell(sku, warehouse, -units)
        (shipment,) = sale.shipment_returns
        return self.press(shipment, *buttons)

    # --- supply

    def receive(self, sku: str, warehouse: str, units: float, *buttons: str) -> Any:  # noqa: ANN401
        """Return a supplier's shipment after the buttons; `receive` fills the input zone, `do` stores."""
        # Of a purchase: without an origin Tryton asks the clerk whether the goods are meant.
        purchase = self.purchase(sku, warehouse, units)
        place = self.location(warehouse)
        shipment = Model.get("stock.shipment.in")(supplier=purchase.party, warehouse=place)
        for move in purchase.moves:
            shipment.incoming_moves.append(Model.get("stock.move")(move.id))
        shipment.save()
        return self.press(shipment, *buttons)

    def purchase(self, sku: str, warehouse: str, units: float) -> Any:  # noqa: ANN401
        """Return a confirmed purchase of which nothing has come."""
        party = self.party("Supplier")
        purchase = Model.get("purchase.purchase")(party=party, warehouse=self.location(warehouse))
        purchase.invoice_method = "manual"
        line = purchase.lines.new()
        line.product = self.product(sku)
        line.quantity = units
        line.unit_price = PRICE
        self.press(purchase, "quote").click("confirm")
        purchase.reload()
        assert purchase.state == "processing", purchase.state
        return purchase

    def supplier_return(self, sku: str, warehouse: str, units: float, *buttons: str) -> Any:  # noqa: ANN401
        """Return a shipment back to the supplier after the buttons."""
        origin, target = self.location(warehouse).storage_location, self.location("SUP")
        shipment = Model.get("stock.shipment.in.return")(supplier=self.party("Supplier"))
        shipment.from_location, shipment.to_location = origin, target
        self._move(shipment.moves, sku, units, (origin, target), priced=True)
        shipment.save()
        return self.press(shipment, *buttons)

    # --- inside and between warehouses

    def transfer(self, sku: str, route: tuple[str, str], units: float, *buttons: str) -> Any:  # noqa: ANN401
        """Return an internal shipment after the buttons; `route` are codes of warehouses or locations."""
        origin, target = (self._floor(code) for code in route)
        shipment = Model.get("stock.shipment.internal")(planned_date=date.today())  # noqa: DTZ011
        shipment.from_location, shipment.to_location = origin, target
        self._move(shipment.moves, sku, units, (origin, target))
        shipment.save()
        return self.press(shipment, *buttons)

    def count(self, location: str, found: Mapping[str, float]) -> None:
        """Make an inventory of these products; what is too much or too little comes from lost and found."""
        inventory = Model.get("stock.inventory")(location=self._floor(location))
        for sku, units in found.items():
            line = inventory.lines.new()
            line.product = self.product(sku)
            line.quantity = units
        inventory.save()
        self.press(inventory, "confirm")

    def write_off(self, sku: str, warehouse: str, units: float) -> None:
        """Count fewer in the storage zone than there are; AssertionError where there are too few."""
        with Model.get("product.product")._config.set_context(locations=[self._floor(warehouse).id]):
            there = Model.get("product.product")(self.product(sku).id).quantity
        assert there >= units, f"{warehouse} stores {there} of {sku}"
        self.count(warehouse, {sku: there - units})

    def _floor(self, code: str) -> Any:  # noqa: ANN401
        place = self.location(code)
        return place.storage_location if place.type == "warehouse" else place

    def _move(
        self,
        moves: Any,  # noqa: ANN401
        sku: str,
        units: float,
        route: tuple[Any, Any],
        *,
        priced: bool = False,
    ) -> None:
        move = moves.new()
        move.product = self.product(sku)
        move.quantity = units
        move.from_location, move.to_location = route
        if priced:
            move.unit_price = PRICE
            (move.currency,) = Model.get("currency.currency").find([("code", "=", "EUR")])
