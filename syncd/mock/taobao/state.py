"""A Taobao shop without HTTP: the plain mock shop with items, and with what this platform does otherwise."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Line, Listing, ShopSettings, ShopState
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

_WITH_UNPAID = ("hold", "pay", "release")


class TaobaoState(ShopState):
    """The shop as a state machine: a listing is one SKU, or an item that has none.

    `/_mock/state` takes the listings of every mock shop, `items` and `top` besides. Who sets one SKU of an
    item on or off sale does so with the item. `unpaid` are units of orders that took them from the counter
    and are not paid yet (`sub_stock` 1); those of `sub_stock` 2 are `withheld`.
    """

    def __init__(
        self,
        *,
        settings: ShopSettings | None = None,
        top: TopSettings | None = None,
        items: Iterable[Item] = (),
        listings: Iterable[Listing] = (),
        now: Callable[[], datetime] = lambda: START,
    ) -> None:
        self.top = top or TopSettings()
        self.items = {item.id: item for item in items}
        self.unpaid: dict[str, int] = {}
        self.now = now
        super().__init__(settings=settings or SHOP_SETTINGS, listings=listings)

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

    def put_off(self, item_id: str) -> None:
        """Take an item off sale; one that is off already stays as it is."""
        if self.on_sale(item_id):
            self._switch(item_id, on_sale=False)

    def put_on(self, item_id: str) -> None:
        """Put an item on sale with all its SKUs, also those at 0; the caller has seen to it that it may."""
        self._switch(item_id, on_sale=True)
        self.items[item_id].list_time = self.items[item_id].modified

    # --- buyers --------------------------------------------------------------------------------------------

    def sell(self, listing_id: str, units: int, step: str = "buy") -> str:
        """Let a buyer buy, hold (order unpaid), pay or release; return why not, empty if done.

        Where an order takes the units, `hold` lowers the counter and `release` raises it again; it does not
        put a sold-out item back on sale.
        """
        listing = self.listings.get(listing_id)
        if listing is None or step not in _WITH_UNPAID or self.items[listing.item].sub_stock != ON_ORDER:
            return super().sell(listing_id, units, step)
        if step == "hold":
            refusal = super().sell(listing_id, units)
            if not refusal:
                self.unpaid[listing_id] = self.unpaid.get(listing_id, 0) + units
            return refusal
        return self._end_order(listing, units, paid=step == "pay")

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        return super().as_json() | {
            "top": self.top.as_json(),
            "items": [item.as_json() for item in self.items.values()],
            "unpaid": [{"id": listing, "units": units} for listing, units in self.unpaid.items()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        fresh = fields.flag("replace", default=False)
        top = read_top_settings(fields, self.top)
        items = [
            read_item(entry, {} if fresh else self.items, self.now()) for entry in fields.objects("items")
        ]
        unpaid = [_read_unpaid(entry) for entry in fields.objects("unpaid")]
        named = _named_listings(fields)
        super().merge(fields)
        self.top = top
        self.items = {} if fresh else self.items
        self._index()
        for listing_id, switched in named:
            self._after_hand(listing_id, switched=switched)
        self.items |= {item.id: item for item in items if item.id in self._items}
        self.unpaid = dict(unpaid) if fresh or fields.has("unpaid") else self.unpaid

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
        self.items[item_id].modified = self.now().replace(microsecond=0)

    def _switch(self, item_id: str, *, on_sale: bool) -> None:
        for listing in self.parts(item_id):
            listing.on_sale, listing.off_reason = on_sale, None
        self._stamp(item_id)

    def _end_order(self, listing: Listing, units: int, *, paid: bool) -> str:
        left = self.unpaid.get(listing.id, 0) - units
        if left < 0:
            return "not_withheld"
        self.unpaid[listing.id] = left
        if not left:
            del self.unpaid[listing.id]
        if not paid:
            listing.quantity += units
            listing.sold -= units
        return ""

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


def _read_unpaid(entry: Fields) -> tuple[str, int]:
    pair = entry.text("id"), entry.whole("units", least=1)
    entry.done()
    return pair


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
