"""A Taobao shop without HTTP: the plain mock shop with items, and with what this platform does otherwise."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Line, Listing, OrderSettings, PlatformState, ShopSettings, named_listings
from syncd.mock.core.orders import whole_second
from syncd.mock.fields import Fields
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


class TaobaoState(PlatformState):
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
        super().__init__(
            settings=settings or SHOP_SETTINGS, listings=listings, now=now, order_settings=order_settings
        )

    # --- what can be asked ---------------------------------------------------------------------------------

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

    def outcome(self, line: Line) -> int:
        """Return what a line that can be applied would leave in the counter."""
        return self._target(self.listings[line.id], line)

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
        named = named_listings(fields)
        super().merge(fields)
        self.top = top
        self.items = {} if fresh else self.items
        self._index()
        self._after_hand(named)
        self.items |= {item.id: item for item in items if item.id in self._items}

    # --- inside --------------------------------------------------------------------------------------------

    def _index(self) -> None:
        super()._index()
        self.items = {
            item_id: self.items.get(item_id) or Item(id=item_id, list_time=START) for item_id in self._items
        }

    def _stamp(self, item_id: str) -> None:
        # The wire shows whole seconds, and asking for what was modified since must find the same.
        self.items[item_id].modified = whole_second(self._now())

    def _switch(self, item_id: str, *, on_sale: bool) -> None:
        for listing in self.parts(item_id):
            listing.on_sale, listing.off_reason = on_sale, None
        self._stamp(item_id)

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

    def _sold_out(self, listing: Listing) -> None:
        was_on_sale = listing.on_sale
        super()._sold_out(listing)
        if was_on_sale and not listing.on_sale:
            self._stamp(listing.item)
