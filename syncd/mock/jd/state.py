"""A JD shop without HTTP: the plain mock shop with wares, and with what this platform does otherwise."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Listing, OrderSettings, PlatformState, ShopSettings, named_listings
from syncd.mock.core.orders import whole_second
from syncd.mock.fields import Fields, MockError
from syncd.mock.jd.book import JdBook
from syncd.mock.jd.settings import SHOP_SETTINGS, JdSettings, Ware, read_jd_settings, read_ware

ON_SALE, OFF, OFF_BY_SELLER, OFF_BY_SYSTEM = 8, 1, 2, 4
"""The status of a ware; the document is sure of the first two."""


class JdState(PlatformState):
    """The shop as a state machine: a listing is one SKU of a ware.

    Its `quantity` is what the wire calls `stockNum`, its `withheld` what it calls `appBookingNum`, set by
    hand; `orderBookingNum` follows from the orders, and `/_mock/state` shows it as `booked`. A buyer sees
    what all of these leave. `/_mock/state` takes `wares` and `jd` besides what every mock shop has. Who sets
    one SKU of a ware on or off sale does so with the ware.
    """

    orders: JdBook

    def __init__(
        self,
        *,
        settings: ShopSettings | None = None,
        jd: JdSettings | None = None,
        wares: Iterable[Ware] = (),
        listings: Iterable[Listing] = (),
        now: Callable[[], datetime] = lambda: START,
        order_settings: OrderSettings | None = None,
    ) -> None:
        self.jd = jd or JdSettings()
        self.wares = {ware.id: ware for ware in wares}
        super().__init__(settings=settings or SHOP_SETTINGS, listings=listings, now=now)
        self.orders = JdBook(self, order_settings, holds=self.jd.holds_booked)

    # --- what can be asked ---------------------------------------------------------------------------------

    def skus(self, ware_id: str) -> Sequence[Listing]:
        """Return the SKUs of a ware."""
        return self._items.get(ware_id, ())

    def booked(self, listing_id: str) -> int:
        """Return the units of open orders, paid and unpaid."""
        return self.orders.booked[listing_id]

    def on_sale(self, ware_id: str) -> bool:
        """Return True where the ware is on sale."""
        return any(sku.on_sale for sku in self.skus(ware_id))

    def status(self, ware_id: str) -> int:
        """Return the status that the wire shows for a ware and its SKUs."""
        if self.on_sale(ware_id):
            return ON_SALE
        reasons = {sku.off_reason for sku in self.skus(ware_id)}
        if "violation" in reasons:
            return OFF_BY_SYSTEM
        return OFF_BY_SELLER if "person" in reasons else OFF

    # --- what the API does ---------------------------------------------------------------------------------

    def knows(self, key: str) -> bool:
        """Return True where a row with this key took effect already."""
        return self.settings.idempotent and key in self._keys

    def switch(self, ware_id: str, *, on_sale: bool) -> None:
        """Put a ware on sale or take it off; one that stands so already stays as it is."""
        if self.on_sale(ware_id) == on_sale:
            return
        for sku in self.skus(ware_id):
            sku.on_sale, sku.off_reason = on_sale, None if on_sale else "person"
        self._stamp(ware_id)

    # --- buyers --------------------------------------------------------------------------------------------

    def unbuyable(self, listing_id: str, units: int) -> str:
        """Return why nobody can buy so many units now, empty where they can."""
        booked = self.booked(listing_id) if self.jd.holds_booked else 0
        return super().unbuyable(listing_id, units + booked)

    def takes_on_order(self, listing: Listing) -> bool:  # noqa: ARG002 - this platform has one way for all
        """Return True: an order books its units at once, paid or not."""
        return True

    def take(self, listing: Listing, units: int) -> None:
        """Count ordered units as sold, and take them from the counter where it does not hold them."""
        if self.jd.holds_booked:
            listing.sold += units
            return
        super().take(listing, units)

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        return super().as_json() | {
            "jd": self.jd.as_json(),
            "wares": [ware.as_json() for ware in self.wares.values()],
            "booked": {listing: units for listing, units in self.orders.booked.items() if units},
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong. `booked` is shown, never set."""
        fresh = fields.flag("replace", default=False)
        fields.raw("booked")
        jd = read_jd_settings(fields, self.jd)
        if jd.holds_booked != self.jd.holds_booked and self.orders.orders and not fresh:
            raise MockError("jd.holds_booked: cannot be changed while there are orders")
        wares = [
            read_ware(entry, {} if fresh else self.wares, self.now()) for entry in fields.objects("wares")
        ]
        named = named_listings(fields)
        super().merge(fields)
        self.jd, self.orders.holds = jd, jd.holds_booked
        self.wares = {} if fresh else self.wares
        self._index()
        self._after_hand(named)
        self.wares |= {ware.id: ware for ware in wares if ware.id in self._items}

    # --- inside --------------------------------------------------------------------------------------------

    def _index(self) -> None:
        super()._index()
        self.wares = {ware_id: self.wares.get(ware_id) or Ware(id=ware_id) for ware_id in self._items}

    def _stamp(self, item_id: str) -> None:
        # The wire shows whole seconds, and asking for what was modified since must find the same.
        self.wares[item_id].modified = whole_second(self._now())

    def _out_of_range(self, listing: Listing, target: int) -> tuple[str, str] | None:
        booked = listing.withheld + (self.booked(listing.id) if self.jd.holds_booked else 0)
        if target < 0:
            return "below_zero", f"库存不足, 当前 {listing.quantity}"
        if target > self.settings.max_quantity:
            return "too_large", f"库存不能大于 {self.settings.max_quantity}"
        if target < booked and self.jd.refuses_below_booked:
            return "below_booked", f"库存不能小于预占 {booked}"
        return None
