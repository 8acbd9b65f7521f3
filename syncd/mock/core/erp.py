"""An ERP without HTTP: stock that moves, with a log of what changed when, and orders that it imports."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from syncd.mock.core.erp_imports import ImportSettings, LinkedShop, ShopImport
from syncd.mock.core.settings import CallSettings, read_call_settings
from syncd.mock.fields import Fields, MockError

PARTS = ("on_hand", "allocated", "unsellable", "locked", "virtual", "transfer_out", "in_air")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSettings(CallSettings):
    """How the ERP behaves.

    `torn_reads` shows every page as it is when asked for, instead of as all were at page 1. `as_of_lag` is
    how many seconds its figures claim to be older than they are. `names_orders` says which order lines are in
    the figures, by their ids.
    """

    torn_reads: bool = False
    names_orders: bool = False
    as_of_lag: float = 0.0


@dataclass(slots=True, kw_only=True)
class Cell:
    """One SKU in one warehouse; `changed` is the number of the last move that touched it."""

    sku: str
    warehouse: str
    figures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    changed: int = 0

    def wire(self) -> Row:
        """Return the cell as the ERP's API shows it."""
        return {"sku": self.sku, "warehouse": self.warehouse, **self.figures}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader gets, page after page; `cursor` is where the next delta goes on.

    `imported_until` says by shop up to when the figures contain its orders, `included` which lines of them;
    both are older than every row.
    """

    as_of: datetime
    kind: str
    cursor: str
    rows: tuple[Row, ...]
    imported_until: Mapping[str, datetime] = field(default_factory=dict)
    included: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class ErpState:
    """The whole ERP as a state machine; the time comes in from outside."""

    def __init__(
        self,
        *,
        settings: ErpSettings | None = None,
        cells: Iterable[Cell] = (),
        unrouted: Mapping[str, int] | None = None,
    ) -> None:
        self.settings = settings or ErpSettings()
        self.cells = {(cell.sku, cell.warehouse): cell for cell in cells}
        self.unrouted = dict(unrouted or {})
        self.imports: dict[str, ShopImport] = {}
        self.moves = 0

    def settle(self, now: datetime) -> None:
        """Import and ship the orders whose time has come."""
        for shop in self.imports.values():
            shop.settle(now)

    # --- orders --------------------------------------------------------------------------------------------

    def link(
        self, name: str, settings: ImportSettings | None = None, shop: LinkedShop | None = None
    ) -> ShopImport:
        """Import the orders of a shop from now on, those that it has already too."""
        self.imports[name] = ShopImport(self, settings, shop)
        return self.imports[name]

    def imported_until(self, now: datetime) -> dict[str, datetime]:
        """Return by shop up to when its orders are in the figures."""
        return {shop: one.imported_until(now) for shop, one in self.imports.items()}

    # --- what the ERP's API does ---------------------------------------------------------------------------

    def read(self, now: datetime, since: str = "") -> Reading:
        """Return all rows, or those that changed after the cursor `since`, with all that is due by now."""
        self.settle(now)
        seen = self._read_cursor(since) if since else 0
        return Reading(
            imported_until=self.imported_until(now),
            included=self._included(),
            as_of=now - timedelta(seconds=self.settings.as_of_lag),
            kind="delta" if since else "full",
            cursor=str(self.moves),
            rows=tuple(cell.wire() for cell in self.cells.values() if not since or cell.changed > seen),
        )

    def _included(self) -> dict[str, tuple[str, ...]]:
        if not self.settings.names_orders:
            return {}
        return {shop: one.included for shop, one in self.imports.items()}

    def _read_cursor(self, since: str) -> int:
        if not since.isascii() or not since.isdigit() or int(since) > self.moves:
            raise MockError("since: is no cursor of this ERP, read everything without it")
        return int(since)

    # --- what happens in the warehouse ---------------------------------------------------------------------

    def move(self, sku: str, warehouse: str, differences: Mapping[str, int]) -> str:
        """Change the figures of one cell, a new one where it is not there; return why not, empty if done."""
        cell = self.cells.get((sku, warehouse)) or Cell(sku=sku, warehouse=warehouse)
        figures = {part: cell.figures[part] + differences.get(part, 0) for part in PARTS}
        below = [part for part in differences if figures[part] < 0]
        if below:
            return f"{below[0]} of {sku} in {warehouse} would be {figures[below[0]]}"
        self.moves += 1
        cell.figures, cell.changed = figures, self.moves
        self.cells[sku, warehouse] = cell
        return ""

    def move_some(self, rng: random.Random, count: int) -> list[Row]:
        """Let `count` ordinary things happen: an order, a shipment, a receipt; return the differences."""
        moves = []
        for _ in range(count if self.cells else 0):
            cell = rng.choice(list(self.cells.values()))
            differences = _ordinary_move(cell, rng)
            self.move(cell.sku, cell.warehouse, differences)
            moves.append({"sku": cell.sku, "warehouse": cell.warehouse, **differences})
        return moves

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        return {
            "settings": asdict(self.settings),
            "cursor": self.moves,
            "rows": [cell.wire() | {"changed": cell.changed} for cell in self.cells.values()],
            "unrouted": [{"sku": sku, "units": units} for sku, units in self.unrouted.items()],
            "imports": [{"shop": shop, **one.as_json()} for shop, one in self.imports.items()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong.

        Rows are found by SKU and warehouse, keep what is not named and count as changed; an unknown one is
        added. A figure may be set below 0 here. `replace` true forgets everything else first.
        """
        fresh = fields.flag("replace", default=False)
        settings = _read_settings(fields, self.settings)
        moves = fields.whole("cursor", self.moves, least=0)
        moves += 1 if fields.has("rows") and not fields.has("cursor") else 0
        known = {} if fresh else self.cells
        cells = [_read_cell(entry, known, moves) for entry in fields.objects("rows")]
        removed = set(fields.texts("remove"))
        unrouted = {e.text("sku"): e.whole("units", least=0) for e in fields.objects("unrouted")}
        imports, taken_in = self._read_imports(fields, {} if fresh else self.imports)
        fields.done()
        self.imports = imports
        for take_in in taken_in:
            take_in()
        self.settings, self.moves = settings, moves
        kept = {} if fresh else self.cells
        kept = kept | {(cell.sku, cell.warehouse): cell for cell in cells}
        self.cells = {key: cell for key, cell in kept.items() if key[0] not in removed}
        if fresh or fields.has("unrouted"):
            self.unrouted = unrouted

    def _read_imports(
        self, fields: Fields, known: Mapping[str, ShopImport]
    ) -> tuple[dict[str, ShopImport], list[Callable[[], None]]]:
        imports, taken_in = dict(known), []
        for entry in fields.objects("imports"):
            shop = imports.setdefault(entry.text("shop"), ShopImport(self))
            taken_in.append(shop.read(entry))
        return imports, taken_in


def _ordinary_move(cell: Cell, rng: random.Random) -> dict[str, int]:
    free = cell.figures["on_hand"] - cell.figures["allocated"]
    happening = rng.choice(("order", "order", "ship", "receipt"))
    if happening == "order" and free > 0:
        return {"allocated": 1}
    if happening == "ship" and cell.figures["allocated"] and cell.figures["on_hand"]:
        return {"on_hand": -1, "allocated": -1}
    return {"on_hand": rng.randint(1, 12)}


def _read_settings(fields: Fields, base: ErpSettings) -> ErpSettings:
    if not fields.has("settings"):
        return base
    part = fields.object("settings")
    settings = replace(
        read_call_settings(part, base),
        torn_reads=part.flag("torn_reads", default=base.torn_reads),
        names_orders=part.flag("names_orders", default=base.names_orders),
        as_of_lag=part.number("as_of_lag", base.as_of_lag),
    )
    part.done()
    return settings


def _read_cell(entry: Fields, known: Mapping[tuple[str, str], Cell], moves: int) -> Cell:
    sku, warehouse = entry.text("sku"), entry.text("warehouse")
    old = known.get((sku, warehouse)) or Cell(sku=sku, warehouse=warehouse)
    figures = {part: entry.whole(part, old.figures[part]) for part in PARTS}
    changed = entry.whole("changed", moves, least=0)
    entry.done()
    return Cell(sku=sku, warehouse=warehouse, figures=figures, changed=changed)
