"""What the shops of all platforms do otherwise than a plain shop: nothing is sold without an order."""

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from syncd.mock.clock import START
from syncd.mock.core.listing import Line, Listing, ShopSettings
from syncd.mock.core.orders import OrderSettings, Stage
from syncd.mock.core.shop import ShopState
from syncd.mock.fields import Fields, MockError


class Named(NamedTuple):
    """A listing that a person's document names, and whether it says if the listing is on sale."""

    listing: str
    switched: bool


class PlatformState(ShopState):
    """The shop of a platform, between a plain shop and what one platform does by itself.

    Its items go on and off sale as a whole. What an item holds besides its listings is the platform's.
    """

    def __init__(
        self,
        *,
        settings: ShopSettings,
        listings: Iterable[Listing],
        now: Callable[[], datetime] = lambda: START,
        order_settings: OrderSettings | None = None,
    ) -> None:
        self.now = now
        super().__init__(settings=settings, listings=listings, order_settings=order_settings)

    # --- what can be asked ---------------------------------------------------------------------------------

    def parts(self, item_id: str) -> Sequence[Listing]:
        """Return the listings of an item, none where there is no such item."""
        return self._items.get(item_id, ())

    def obstacle(self, line: Line) -> tuple[str, str] | None:
        """Return why a line cannot be applied, as a word and a sentence; None where it can."""
        return self._obstacle(line)

    def knows(self, key: str) -> bool:
        """Return True where a write with this key took effect already; an empty one is never known."""
        return bool(key) and key in self._keys

    def remember(self, key: str) -> None:
        """Know a key from now on."""
        self._remember(Line("", key, "", 0, 0))

    # --- buyers --------------------------------------------------------------------------------------------

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
        sales: list[tuple[str, int]] = []
        for _ in range(count):
            open_ = [one.id for one in self.order if not self.unbuyable(one.id, 1)]
            if not open_:
                break
            sales.append((rng.choice(open_), 1))
            self.sell(*sales[-1])
        return sales

    # --- inside --------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        """Return the time of what happens: that of the buyers while they catch up, else the clock's."""
        return self._moment or self.now()

    def _stamp(self, item_id: str) -> None:
        """Note that an item was changed now, where the platform tells it."""

    def _apply(self, line: Line) -> int:
        quantity = super()._apply(line)
        self._stamp(self.listings[line.id].item)
        return quantity

    def _after_hand(self, named: Iterable[Named]) -> None:
        """Let the items follow what a person set on single listings of them."""
        for one in named:
            listing = self.listings.get(one.listing)
            if listing is None:
                continue
            self._stamp(listing.item)
            for other in self.parts(listing.item) if one.switched else ():
                other.on_sale, other.off_reason = listing.on_sale, listing.off_reason

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


def named_listings(fields: Fields) -> list[Named]:
    """Return which listings the document names; their ids and those of their items must be digits."""
    named = []
    for entry in fields.objects("listings"):
        listing_id = entry.text("id")
        for key in ("id", "item"):
            text = entry.text(key, listing_id)
            if not (text.isascii() and text.isdigit()):
                raise MockError(f"{entry.at(key)}: must be digits, as all ids of this platform are")
        named.append(Named(listing_id, switched=entry.has("on_sale")))
    return named
