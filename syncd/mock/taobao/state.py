"""A Taobao shop without HTTP: the plain mock shop with items, and with what this platform does otherwise."""

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Line, Listing, OrderSettings, ShopSettings, ShopState, Stage
from syncd.mock.core.orders import whole_second
from syncd.mock.fields import Fields, MockError
from syncd.mock.taobao.item import (
    ON_ORDER,
    SHOP_SETTINGS,
    Item,
    TopSettings,
    read_item,
    read_top_settings,
)

CLIP = "clip"
"""The mode of a difference that is cut at 0 and reported as done; `delta` is refused instead."""


class TaobaoState(ShopState):
    """The shop as a state machine: a listing is one SKU, or an item that has none.

    `/_mock/state` takes the listings of every mock shop, `items` and `top` besides. Who sets one SKU of an
    item on or off sale does so with the item. Units of unpaid orders have left the counter already where
    `sub_stock` is 1, and are `withheld` where it is 2. Units that come back put no sold-out item on sale.
    """

    def __init__(
        self,
        *,
        settings: ShopSettings | None = None,
        top: TopSettings | None = None,
        items: Iterable[Item] = (),
        listings: Iterable[Listing] = (),
        now: Callable[[], datetime] = lambda: START,
        order_settings: OrderSettings | None = None,
    ) -> None:
        self.top = top or TopSettings()
        self.items = {item.id: item for item in items}
        self.now = now
        super().__init__(settings=settings or SHOP_SETTINGS, listings=listings, order_settings=order_settings)

    # --- what can be asked ---------------------------------------------------------------------------------

    def parts(self, item_id: str) -> Sequence[Listing]:
        """Return the listings of an item; an item without SKUs is one listing of its own id."""
        return self._items.get(item_id, ())

    def has_skus(self, item_id: str) -> bool:
        """Return True where the item is sold by SKUs."""
        return any(listing.id != item_id for listing in self.parts(item_id))

    def skus(self, item_id: str) -> Sequence[Listing]:
        """Return the SKUs of an item, none where it is sold as it is."""
        return self.parts(item_id) if self.has_skus(item_id) else ()

    def on_sale(self, item_id: str) -> bool:
        """Return True where the item is on sale."""
        return any(listing.on_sale for listing in self.parts(item_id))

    # --- what the API does ---------------------------------------------------------------------------------

    def obstacle(self, line: Line) -> tuple[str, str] | None:
        """Return why a line cannot be applied, as a word and a sentence; None where it can."""
        return self._obstacle(line)

    def outcome(self, line: Line) -> int:
        """Return what a line that can be applied would leave in the counter."""
        return self._target(self.listings[line.id], line)

    def knows(self, key: str) -> bool:
        """Return True where a write with this key took effect already; an empty one is never known."""
        return bool(key) and key in self._keys

    def remember(self, key: str) -> None:
        """Know a key from now on."""
        self._remember(Line("", key, "", 0, 0))

    def put_off(self, item_id: str) -> None:
        """Take an item off sale; one that is off already stays as it is."""
        if self.on_sale(item_id):
            self._switch(item_id, on_sale=False)

    def put_on(self, item_id: str) -> None:
        """Put an item on sale with all its SKUs, also those at 0; the caller has seen to it that it may."""
        self._switch(item_id, on_sale=True)
        self.items[item_id].list_time = self.items[item_id].modified

    # --- buyers --------------------------------------------------------------------------------------------

    def takes_on_order(self, listing: Listing) -> bool:
        """Return True where the item's counter falls as an order is placed (`sub_stock` 1)."""
        return self.items[listing.item].sub_stock == ON_ORDER

    def sell(self, listing_id: str, units: int, step: str = "buy") -> str:
        """Let a buyer buy, hold (order unpaid), pay or release; return why not, empty if done.

        The platform sells nothing without an order: `buy` places and pays one, `hold` leaves it unpaid, `pay`
        and `release` take the oldest unpaid ones of that listing alone that make up so many units.
        """
        now = self._now()
        if step in ("buy", "hold"):
            return self.orders.place(now, [(listing_id, units)], paid=step == "buy").refusal
        if listing_id not in self.listings:
            return "not_found"
        found = self._unpaid_orders(listing_id, units)
        for order in found:
            if step == "pay":
                self.orders.pay(now, order)
            else:
                self.orders.cancel(now, order)
        return "" if found else "not_withheld"

    def sell_some(self, rng: random.Random, count: int) -> list[tuple[str, int]]:
        """Let `count` buyers order and pay one unit each of what they can see; fewer where little is left."""
        sales = []
        for _ in range(count):
            open_ = [one.id for one in self.order if one.on_sale and one.quantity > one.withheld]
            if not open_:
                break
            sales.append((rng.choice(open_), 1))
            self.sell(*sales[-1])
        return sales

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        return super().as_json() | {
            "top": self.top.as_json(),
            "items": [item.as_json() for item in self.items.values()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        fresh = fields.flag("replace", default=False)
        top = read_top_settings(fields, self.top)
        items = [
            read_item(entry, {} if fresh else self.items, self.now()) for entry in fields.objects("items")
        ]
        named = _named_listings(fields)
        super().merge(fields)
        self.top = top
        self.items = {} if fresh else self.items
        self._index()
        for listing_id, switched in named:
            self._after_hand(listing_id, switched=switched)
        self.items |= {item.id: item for item in items if item.id in self._items}

    # --- inside --------------------------------------------------------------------------------------------

    def _index(self) -> None:
        super()._index()
        self.items = {
            item_id: self.items.get(item_id) or Item(id=item_id, list_time=START) for item_id in self._items
        }

    def _after_hand(self, listing_id: str, *, switched: bool) -> None:
        listing = self.listings.get(listing_id)
        if listing is None:
            return
        self._stamp(listing.item)
        for other in self.parts(listing.item) if switched else ():
            other.on_sale, other.off_reason = listing.on_sale, listing.off_reason

    def _stamp(self, item_id: str) -> None:
        # The wire shows whole seconds, and asking for what was modified since must find the same.
        self.items[item_id].modified = whole_second(self._now())

    def _switch(self, item_id: str, *, on_sale: bool) -> None:
        for listing in self.parts(item_id):
            listing.on_sale, listing.off_reason = on_sale, None
        self._stamp(item_id)

    def _now(self) -> datetime:
        """Return the time of what happens: that of the buyers while they catch up, else the clock's."""
        return self._moment or self.now()

    def _unpaid_orders(self, listing_id: str, units: int) -> list[str]:
        """Return the oldest unpaid orders that make up the units, none where they do not."""
        found = []
        for order in self.orders.orders.values():
            line = order.lines[0]
            alone = len(order.lines) == 1 and line.listing == listing_id
            if alone and line.stage is Stage.UNPAID and line.units <= units:
                found.append(order.id)
                units -= line.units
        return [] if units else found

    def _target(self, listing: Listing, line: Line) -> int:
        if line.mode == CLIP:
            return max(listing.quantity + line.value, 0)
        return super()._target(listing, line)

    def _out_of_range(self, listing: Listing, target: int) -> tuple[str, str] | None:
        if target < 0:
            return "QUANTITY_BELOW_ZERO", f"the quantity is {listing.quantity}, it would be {target}"
        if target > self.settings.max_quantity:
            return "QUANTITY_TOO_LARGE", f"the quantity must be at most {self.settings.max_quantity}"
        if target < listing.withheld and self.top.refuses_below_withheld:
            return "QUANTITY_BELOW_WITHHELD", f"{listing.withheld} units belong to unpaid orders"
        return None

    def _apply(self, line: Line) -> int:
        quantity = super()._apply(line)
        self._stamp(self.listings[line.id].item)
        return quantity

    def _sold_out(self, listing: Listing) -> None:
        was_on_sale = listing.on_sale
        super()._sold_out(listing)
        if was_on_sale and not listing.on_sale:
            self._stamp(listing.item)


def _named_listings(fields: Fields) -> list[tuple[str, bool]]:
    """Return which listings the document names, and whether it says if they are on sale."""
    named = []
    for entry in fields.objects("listings"):
        item = entry.text("item", "x")
        if not (item.isascii() and item.isdigit()) and entry.has("item"):
            raise MockError(f"{entry.at('item')}: must be digits, as all ids of this platform are")
        listing_id = entry.text("id")
        if not (listing_id.isascii() and listing_id.isdigit()):
            raise MockError(f"{entry.at('id')}: must be digits, as all ids of this platform are")
        named.append((listing_id, entry.has("on_sale")))
    return named
