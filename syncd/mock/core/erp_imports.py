"""How a mock ERP learns of a shop's orders: after a delay, with what can go wrong, and how it ships them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any, NamedTuple, Protocol

from syncd.mock.core.orders import Order, OrderItem, Stage, read_order, whole_second
from syncd.mock.core.orders_book import OrderBook
from syncd.mock.fields import Fields, show_time

_NEVER = datetime.max.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_EVENTS = ("created", "paid")
_LEFT = frozenset({Stage.SHIPPED, Stage.FINISHED})


class Warehouse(Protocol):
    """What orders are promised from."""

    def move(self, sku: str, warehouse: str, differences: Mapping[str, int]) -> str:
        """Change the figures of one cell; return why not, empty if done."""
        ...


class LinkedShop(Protocol):
    """What the ERP must see of a shop to learn of its orders by itself."""

    @property
    def orders(self) -> OrderBook:
        """Return the orders of the shop."""
        ...

    @property
    def reached(self) -> datetime:
        """Return up to when everything has happened in the shop."""
        ...

    def settle(self, now: datetime) -> None:
        """Let everything happen whose time has come."""
        ...


class Content(NamedTuple):
    """What one unit of a shop's code is in the warehouse."""

    sku: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSettings:
    """How the orders of one shop come into the ERP.

    Each change comes `delay` seconds after it happened. An order takes units from its `event` on, of what
    `codes` say that a code is; a code that is not there is a SKU of its own where `codes` is empty, and else
    not understood. Goods leave `ship_after` seconds after the import, never by themselves where that is None.

    The next `lose` imports fail and hold the watermark back until `mend`, or are lost without a word where
    `silent`; the next `duplicate` ones promise their units twice.
    """

    delay: float = 300.0
    event: str = "paid"
    warehouse: str = "main"
    codes: Mapping[str, Content] = field(default_factory=dict)
    ship_after: float | None = None
    lose: int = 0
    duplicate: int = 0
    silent: bool = False


@dataclass(slots=True, kw_only=True)
class Promise:
    """What the ERP knows of one order line: units allocated, gone, and of those the ones that came back."""

    sku: str
    allocated: int = 0
    gone: int = 0
    returned: int = 0


class ShopImport:
    """The orders of one shop as the ERP knows them; `promises` is by the id of the line.

    With a `shop` it learns every change by itself and tells the shop what it ships. `unknown` counts the
    codes that it did not understand.
    """

    def __init__(
        self, warehouse: Warehouse, settings: ImportSettings | None = None, shop: LinkedShop | None = None
    ) -> None:
        self.settings = settings or ImportSettings()
        self.promises: dict[str, Promise] = {}
        self.failed: list[Order] = []
        self.unknown: Counter[str] = Counter()
        self._warehouse = warehouse
        self._shop = shop
        self._coming: list[tuple[datetime, int, Order]] = []
        self._shipping: list[tuple[datetime, int, str]] = []
        self._known: dict[str, Order] = {}
        self._ghosts: list[tuple[str, int]] = []
        self._count = 0
        if shop is not None:
            for order in shop.orders.orders.values():
                self.hear(order)
            shop.orders.listeners.append(self.hear)

    @property
    def included(self) -> tuple[str, ...]:
        """Return the lines whose units the figures have: allocated, or gone already."""
        return tuple(name for name, one in self.promises.items() if one.allocated or one.gone)

    @property
    def next_shipping(self) -> datetime:
        """Return when goods leave next; the end of all time where none will."""
        return self._shipping[0][0] if self._shipping else _NEVER

    def hear(self, order: Order) -> None:
        """Take in a version of an order; it is imported once its time has come."""
        self._count += 1
        due = order.modified + timedelta(seconds=self.settings.delay)
        heappush(self._coming, (due, self._count, order))

    def imported_until(self, now: datetime) -> datetime:
        """Return the last second of which nothing is missing; a failed import holds it back."""
        # A second that is not over can still bring more orders with its stamp.
        until = whole_second(now - timedelta(seconds=self.settings.delay)) - _SECOND
        return min([until, *(order.modified - _SECOND for order in self.failed)])

    def settle(self, now: datetime) -> None:
        """Import and ship what has come due, in the order of time, and the shop's own doings between them."""
        while True:
            due = min(self._next_import, self.next_shipping, now)
            if self._shop is not None:
                # The shop first: a watermark must not run ahead of orders that are still to be placed.
                self._shop.settle(due)
            if min(self._next_import, self.next_shipping) > due:
                if due == now:
                    return
            elif self._next_import <= self.next_shipping:
                due, _, order = heappop(self._coming)
                self._import(due, order)
            else:
                due, _, order_id = heappop(self._shipping)
                self._ship(due, order_id)

    def ship(self, now: datetime, order_id: str, *, lines: tuple[str, ...] = ()) -> str:
        """Let an order leave, or only some of its lines; return why not, empty if something left."""
        known = self._known.get(order_id)
        if known is None:
            return "not_found"
        chosen = [line.id for line in known.lines if not lines or line.id in lines]
        left = [line for line in chosen if self._sent_out(now, order_id, line)]
        return "" if left else "nothing_to_ship"

    def take_back(self, line_id: str, units: int, *, good: bool = True) -> str:
        """Receive returned units of a line that was shipped; bad ones are not sellable. Return why not."""
        promise = self.promises.get(line_id)
        if promise is None or promise.gone - promise.returned < units:
            return "not_shipped"
        parts = {"on_hand": units} if good else {"on_hand": units, "unsellable": units}
        promise.returned += units
        return self._warehouse.move(promise.sku, self.settings.warehouse, parts)

    def mend(self) -> None:
        """Import what failed, and free what was promised twice."""
        failed, self.failed = self.failed, []
        for order in failed:
            self._learn(order)
        for sku, units in self._ghosts:
            self._move(sku, {"allocated": -units})
        self._ghosts = []

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the settings and what is known, in a form that `read` takes."""
        told = self.settings
        return {
            "delay": told.delay,
            "event": told.event,
            "warehouse": told.warehouse,
            "codes": [{"code": code, **content._asdict()} for code, content in told.codes.items()],
            "ship_after": told.ship_after,
            "lose": told.lose,
            "duplicate": told.duplicate,
            "silent": told.silent,
            "lines": [
                {
                    "id": name,
                    "sku": one.sku,
                    "allocated": one.allocated,
                    "gone": one.gone,
                    "returned": one.returned,
                }
                for name, one in self.promises.items()
            ],
            "orders": [order.as_json() for order in self._known.values()],
            "coming": [order.as_json() for _, _, order in sorted(self._coming, key=lambda one: one[:2])],
            "shipping": [{"at": show_time(at), "order": order} for at, _, order in sorted(self._shipping)],
        }

    def read(self, entry: Fields) -> Callable[[], None]:
        """Return what takes in that which a person set; what is not named stays as it is."""
        settings = _read_settings(entry, self.settings)
        promises = {part.text("id"): _read_promise(part) for part in entry.objects("lines")}
        orders = [read_order(part) for part in entry.objects("orders")]
        coming = [read_order(part) for part in entry.objects("coming")]
        shipping = [(part.time("at"), part.text("order")) for part in entry.objects("shipping")]
        entry.done()

        def take_in() -> None:
            self.settings = settings
            self.promises |= promises
            self._known |= {order.id: order for order in orders}
            for order in coming:
                self.hear(order)
            for at, order_id in shipping:
                self._plan_shipping(at, order_id)

        return take_in

    # --- inside --------------------------------------------------------------------------------------------

    @property
    def _next_import(self) -> datetime:
        return self._coming[0][0] if self._coming else _NEVER

    def _import(self, now: datetime, order: Order) -> None:
        told = self.settings
        if told.lose:
            self.settings = replace(told, lose=told.lose - 1)
            if not told.silent:
                self.failed.append(order)
            return
        before = {line.id: self._allocated(line.id) for line in order.lines}
        self._learn(order)
        risen = [line for line in order.lines if self._allocated(line.id) > before[line.id]]
        if told.duplicate and risen:
            self.settings = replace(told, duplicate=told.duplicate - 1)
            for line in risen:
                self._haunt(self.promises[line.id].sku, self._allocated(line.id) - before[line.id])
        if risen and told.ship_after is not None:
            self._plan_shipping(now + timedelta(seconds=told.ship_after), order.id)

    def _learn(self, order: Order) -> None:
        """Make the promises those of this version; an older one than is known changes nothing."""
        known = self._known.get(order.id)
        if known is not None and known.modified > order.modified:
            return
        self._known[order.id] = order
        # What came later says it all; the version that failed before it is not missing any more.
        self.failed = [one for one in self.failed if one.id != order.id]
        for line in order.lines:
            self._learn_line(line)

    def _learn_line(self, line: OrderItem) -> None:
        content = self._content(line.code)
        if content is None:
            self.unknown[line.code] += 1
            return
        promise = self.promises.setdefault(line.id, Promise(sku=content.sku))
        units = (line.units - line.refunded) * content.units
        if line.stage in _LEFT:
            self._leave(promise, units - promise.gone)
            return
        counts = line.stage is Stage.PAID or (line.stage is Stage.UNPAID and self.settings.event == "created")
        wanted = max(units - promise.gone, 0) if counts else 0
        self._move(promise.sku, {"allocated": wanted - promise.allocated})
        promise.allocated = wanted

    def _leave(self, promise: Promise, units: int) -> bool:
        """Let units leave the warehouse; without so many there they stay promised."""
        parts = {"on_hand": -units, "allocated": -promise.allocated}
        if units <= 0 or self._move(promise.sku, parts):
            return False
        promise.allocated = 0
        promise.gone += units
        return True

    def _ship(self, now: datetime, order_id: str) -> None:
        self.ship(now, order_id)
        waits = any(self._allocated(line.id) for line in self._known[order_id].lines)
        if waits:
            # Out of stock: tried again as often as orders are shipped.
            self._plan_shipping(now + timedelta(seconds=max(self.settings.ship_after or 0, 60.0)), order_id)

    def _sent_out(self, now: datetime, order_id: str, line_id: str) -> bool:
        """Ship one line and tell the shop; one that ended there meanwhile is only given free."""
        promise = self.promises.get(line_id)
        if promise is None or not promise.allocated:
            return False
        if self._may_leave(order_id, line_id):
            left = self._leave(promise, promise.allocated)
            if left and self._shop is not None:
                # A platform stamps what it hears with its own time: a feed may have been read up to there.
                self._shop.orders.ship(max(now, self._shop.reached), order_id, lines=[line_id])
            return left
        self._move(promise.sku, {"allocated": -promise.allocated})
        promise.allocated = 0
        return False

    def _may_leave(self, order_id: str, line_id: str) -> bool:
        if self._shop is None:
            return True
        order = self._shop.orders.orders.get(order_id)
        line = None if order is None else order.line(line_id)
        # One that left already went with another part of it, which another link to the shop ships.
        return line is not None and (line.stage is Stage.PAID or line.stage in _LEFT)

    def _plan_shipping(self, at: datetime, order_id: str) -> None:
        self._count += 1
        heappush(self._shipping, (at, self._count, order_id))

    def _haunt(self, sku: str, units: int) -> None:
        self._move(sku, {"allocated": units})
        self._ghosts.append((sku, units))

    def _allocated(self, line_id: str) -> int:
        promise = self.promises.get(line_id)
        return 0 if promise is None else promise.allocated

    def _content(self, code: str) -> Content | None:
        return self.settings.codes.get(code) if self.settings.codes else Content(code, 1)

    def _move(self, sku: str, parts: Mapping[str, int]) -> str:
        if not any(parts.values()):
            return ""
        return self._warehouse.move(sku, self.settings.warehouse, parts)


def _read_settings(entry: Fields, base: ImportSettings) -> ImportSettings:
    event = entry.text("event", base.event)
    if event not in _EVENTS:
        raise entry.wrong("event", f"one of {', '.join(_EVENTS)}")
    codes = base.codes
    if entry.has("codes"):
        codes = {part.text("code"): _read_content(part) for part in entry.objects("codes")}
    ship_after = base.ship_after
    if entry.has("ship_after"):
        ship_after = None if entry.raw("ship_after") is None else entry.number("ship_after", 0.0)
    return ImportSettings(
        delay=entry.number("delay", base.delay),
        event=event,
        warehouse=entry.text("warehouse", base.warehouse),
        codes=codes,
        ship_after=ship_after,
        lose=entry.whole("lose", base.lose, least=0),
        duplicate=entry.whole("duplicate", base.duplicate, least=0),
        silent=entry.flag("silent", default=base.silent),
    )


def _read_content(part: Fields) -> Content:
    content = Content(part.text("sku"), part.whole("units", 1, least=1))
    part.done()
    return content


def _read_promise(part: Fields) -> Promise:
    promise = Promise(
        sku=part.text("sku"),
        allocated=part.whole("allocated", 0, least=0),
        gone=part.whole("gone", 0, least=0),
        returned=part.whole("returned", 0, least=0),
    )
    part.done()
    return promise
