"""Fill an empty Tryton database with a small company; runs in Tryton's environment, in its process.

Usage: `python -m tests.integration.tryton.seed trytond.conf DATABASE facts.json`. No server may have the
database open. The first `PLAIN` SKUs have stock and no story, so that tests may do with them what they like;
each of `STORIES` has a SKU of its own after them.
"""

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from proteus import Model, config  # type: ignore[import-not-found]

from tests.integration.tryton.steps import PRICE, TO_GONE, TO_PACKED, TO_SENT, Clerk

PLAIN = 240
"""So many SKUs nothing but inventories has touched."""
CALL = 40
"""So many records a call: the check for unique codes nests, and 100 overflow SQLite's parser."""
STORIES = (
    "weighed",
    "weighed in another unit",
    "sold in dozens",
    "partly in quarantine",
    "all in quarantine",
    "moving into quarantine",
    "retired",
    "component of two",
    "component of one",
    "draft sale",
    "quotation",
    "waiting",
    "assigned",
    "partly assigned",
    "packed",
    "marked as shipped",
    "shipped",
    "overdue",
    "of next month",
    "cancelled",
    "returned",
    "return received",
    "purchased",
    "delivered, not put away",
    "supplier return waiting",
    "supplier return done",
    "transfer requested",
    "transfer drafted",
    "transfer waiting",
    "transfer assigned",
    "transfer packed",
    "transfer sent",
    "transfer received",
    "transfer back",
    "put back to draft",
)
MANY = 30.0
"""What a SKU with a story begins with in each warehouse."""
USERS = {
    "desk": ("admin-of-the-desk-1", ()),
    "syncd": ("reader-of-stock-1", ("stock.group_stock", "sale.group_sale", "purchase.group_purchase")),
}
"""Passwords and groups of the users beside `admin`; one without groups is in all of them."""


def sku(number: int) -> str:
    """Return the code of the numbered product."""
    return f"SKU-{number:04}"


SKU_OF = {story: sku(PLAIN + place) for place, story in enumerate(STORIES, start=1)}


class Seed(Clerk):
    """The company as it is first made; the order of the methods matters."""

    def company(self) -> None:
        """Make the company, its currency, its users and its partners."""
        from trytond.modules.company.tests.tools import (  # type: ignore[import-not-found]  # noqa: PLC0415
            create_company,
            get_company,
        )

        create_company(currency="EUR")
        for name in ("Customer", "Supplier"):
            party = Model.get("party.party")(name=name)
            party.addresses.new()
            party.save()
        for login, (password, groups) in USERS.items():
            self._user(login, password, groups, get_company())

    def _user(self, login: str, password: str, groups: tuple[str, ...], company: Any) -> None:  # noqa: ANN401
        Group, find = Model.get("res.group"), Model.get("ir.model.data").get_id  # noqa: N806
        user = Model.get("res.user")(name=login, login=login, password=password)
        user.companies.append(Model.get("company.company")(company.id))
        user.company = company
        wanted = [find(group, config.get_config().context) for group in groups]
        for group in wanted or [group.id for group in Group.find()]:
            if group not in [has.id for has in user.groups]:
                user.groups.append(Group(group))
        user.save()

    def warehouses(self) -> None:
        """Make both warehouses with their zones, a place for quarantine and the way between them."""
        Location = Model.get("stock.location")  # noqa: N806
        (main,) = Location.find([("type", "=", "warehouse")])
        main.name, main.code = "Main", "MAIN"
        main.save()
        zones = {}
        for zone in ("input", "output", "storage"):
            zones[zone] = Location(name=f"East {zone}", code=f"EAST-{zone.upper()}", type="storage")
            zones[zone].save()
        east = Location(
            name="East", code="EAST", type="warehouse", lost_found_location=main.lost_found_location
        )
        for zone, place in zones.items():
            setattr(east, f"{zone}_location", place)
        east.save()
        # Beside the storage zone, not in it: what lies in storage can be picked.
        Location(name="Quarantine", code="QUAR-MAIN", type="storage", parent=main).save()
        lead = Model.get("stock.location.lead_time")(warehouse_from=main, warehouse_to=east)
        lead.lead_time = timedelta(days=1)
        lead.save()
        transit = Model.get("stock.configuration")(1).shipment_internal_transit
        transit.code = "TRANSIT"
        transit.save()

    def goods(self) -> None:
        """Make every product: the plain ones, those with a story and those that syncd must leave alone."""
        (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
        (kilogram,) = Model.get("product.uom").find([("name", "=", "Kilogram")])
        dozen = Model.get("product.uom")(name="Dozen", symbol="dz", category=unit.category)
        dozen.factor, dozen.rounding, dozen.digits = 12.0, 1.0, 0
        dozen.save()
        rows = [_template(sku(number), unit) for number in range(1, PLAIN + 1)]
        rows += [
            _template(code, kilogram if story.startswith("weighed") else unit)
            for story, code in SKU_OF.items()
        ]
        rows += [
            _template("", unit),
            _template("SVC-0001", unit, type="service"),
            _template("KIT-0001", unit, type="kit"),
        ]
        for some in _calls(rows):
            Model.get("product.template")._proxy.create(some, config.get_config().context)
        kit = self.product("KIT-0001")
        for story, units in (("component of two", 2.0), ("component of one", 1.0)):
            component = kit.components.new()
            component.product, component.quantity = self.product(SKU_OF[story]), units
        kit.save()

    def stock(self) -> None:
        """Count both warehouses; every 17th plain SKU is nowhere and every 13th not in the east."""
        ids = {
            row["code"]: row["id"]
            for row in Model.get("product.product")._proxy.search_read(
                [("code", "like", "SKU-%")], 0, None, None, ["code"], config.get_config().context
            )
        }
        numbers = range(1, PLAIN + 1)
        main = {sku(n): 20.0 + n % 50 for n in numbers if n % 17}
        east = {sku(n): 5.0 + n % 20 for n in numbers if n % 17 and n % 13}
        for place, found, weight in (("MAIN", main, 12.75), ("EAST", east, 3.4)):
            told = dict.fromkeys(SKU_OF.values(), MANY) | {SKU_OF["weighed"]: weight}
            for some in _calls(list((found | told).items())):
                self._inventory(place, [(ids[code], units) for code, units in some])
        (nameless,) = Model.get("product.product").find([("code", "in", ["", None]), ("type", "=", "goods")])
        self._inventory("MAIN", [(nameless.id, 9.0)])

    def _inventory(self, place: str, lines: list[tuple[int, float]]) -> None:
        Inventory = Model.get("stock.inventory")  # noqa: N806
        new = [("create", [{"product": product, "quantity": units} for product, units in lines])]
        row = {"location": self.location(place).storage_location.id, "lines": new}
        (made,) = Inventory._proxy.create([row], config.get_config().context)
        self.press(Inventory(made), "confirm")

    def sales(self) -> None:
        """Sell, and stop at every state that a sale and its shipment can be in."""
        of = SKU_OF.__getitem__
        self.sale(of("draft sale"), "MAIN", 3)
        self.press(self.sale(of("quotation"), "MAIN", 2), "quote")
        self.sell(of("waiting"), "MAIN", 4)
        self.sell(of("waiting"), "EAST", 1)
        self.press(self.shipment(self.sell(of("assigned"), "MAIN", 6)), "assign_try")
        self.shipment(self.sell(of("partly assigned"), "MAIN", MANY + 20)).click("assign_try")
        self.press(self.shipment(self.sell(of("packed"), "MAIN", 5)), *TO_PACKED)
        self.press(self.shipment(self.sell(of("marked as shipped"), "MAIN", 2)), *TO_PACKED, "ship")
        self.press(self.shipment(self.sell(of("shipped"), "EAST", 7)), *TO_GONE)
        self.cancel(self.sell(of("cancelled"), "MAIN", 8))
        late = self.press(self.shipment(self.sell(of("overdue"), "MAIN", 3)), "draft")
        late.planned_date = date.today() - timedelta(days=30)  # noqa: DTZ011
        self.press(late, "wait")
        self.press(self.shipment(self.sell(of("put back to draft"), "MAIN", 3)), "draft")
        self.sell(of("of next month"), "MAIN", 3, shipping_date=date.today() + timedelta(days=30))  # noqa: DTZ011
        self.sell(of("weighed"), "MAIN", 1.5)
        self.sell(of("weighed in another unit"), "MAIN", 250, unit="Gram")
        self.sell(of("sold in dozens"), "MAIN", 2, unit="Dozen")
        self.press(self.shipment(self.sell(of("sold in dozens"), "EAST", 1, unit="Dozen")), *TO_GONE)
        self.sell("KIT-0001", "MAIN", 3)

    def returns_and_supply(self) -> None:
        """Bring goods back from customers, in from suppliers and back to them."""
        of = SKU_OF.__getitem__
        for story, buttons in (("returned", ("receive", "do")), ("return received", ("receive",))):
            self.press(self.shipment(self.sell(of(story), "MAIN", 3)), *TO_GONE)
            self.customer_return(of(story), "MAIN", 1, *buttons)
        self.purchase(of("purchased"), "MAIN", 20)
        self.receive(of("delivered, not put away"), "MAIN", 10, "receive")
        self.supplier_return(of("supplier return waiting"), "MAIN", 3, "wait")
        self.supplier_return(of("supplier return done"), "MAIN", 2, "wait", "assign_try", "do")

    def moves(self) -> None:
        """Move goods into quarantine and between the warehouses, and stop at every state on the way."""
        of = SKU_OF.__getitem__
        inside, east = ("MAIN", "QUAR-MAIN"), ("MAIN", "EAST")
        done = ("wait", "assign_try", "do")
        self.transfer(of("partly in quarantine"), inside, 7, *done)
        self.transfer(of("all in quarantine"), inside, MANY, *done)
        self.transfer(of("moving into quarantine"), inside, 4, "wait")
        self._request(of("transfer requested"), 4)
        self.transfer(of("transfer drafted"), east, 3)
        for story, buttons, units in (
            ("transfer waiting", TO_SENT[:1], 5),
            ("transfer assigned", TO_SENT[:2], 6),
            ("transfer packed", TO_SENT[:3], 2),
            ("transfer sent", TO_SENT, 7),
            ("transfer received", (*TO_SENT, "do"), 8),
        ):
            self.transfer(of(story), east, units, *buttons)
        self.transfer(of("transfer back"), ("EAST", "MAIN"), 9, *TO_SENT)
        retired = self.product(of("retired"))
        retired.active = False
        retired.save()

    def _request(self, code: str, units: float) -> None:
        """Ask for a transfer as the supply module does, which a client cannot by buttons."""
        drafted = self.transfer(code, ("MAIN", "EAST"), units)
        proxies = [(Model.get("stock.shipment.internal"), drafted.id, "request")]
        proxies += [(Model.get("stock.move"), move.id, "staging") for move in drafted.moves]
        unchecked = config.get_config().context | {"_check_access": False}
        for model, number, state in proxies:
            model._proxy.write([number], {"state": state}, unchecked)


def _template(code: str, unit: Any, **fields: str) -> dict[str, Any]:  # noqa: ANN401
    row = {
        "name": code or "Nameless",
        "type": "goods",
        "default_uom": unit.id,
        "list_price": PRICE,
        "salable": True,
        "sale_uom": unit.id,
        "purchasable": True,
        "purchase_uom": unit.id,
        "products": [("create", [{"suffix_code": code}])],
    }
    return row | fields


def _calls(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), CALL):
        yield rows[start : start + CALL]


def main(settings: str, database: str, facts: str) -> None:
    """Seed the database and write down what it holds; any surprise of Tryton's is an error."""
    config.set_trytond(database, user="admin", config_file=settings).skip_warning = True
    seed = Seed()
    seed.company()
    seed.warehouses()
    seed.goods()
    seed.stock()
    seed.sales()
    seed.returns_and_supply()
    seed.moves()
    told = {
        "warehouses": ["MAIN", "EAST"],
        "plain": [sku(number) for number in range(1, PLAIN + 1)],
        "stocked": [sku(number) for number in range(1, PLAIN + 1) if number % 17 and number % 13],
        "stories": SKU_OF,
        "users": {login: password for login, (password, _) in USERS.items()},
    }
    Path(facts).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
