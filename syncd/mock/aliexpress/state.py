"""An AliExpress shop without HTTP: the plain mock shop with products, and with what differs here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from syncd.mock.aliexpress.product import (
    ON_ORDER,
    SHOP_SETTINGS,
    AliexpressSettings,
    Product,
    read_product,
    read_settings,
    sku_id,
)
from syncd.mock.clock import START
from syncd.mock.core import Listing, Named, OrderSettings, PlatformState, ShopSettings
from syncd.mock.core.orders import whole_second
from syncd.mock.fields import Fields, MockError

SHOWN = ("onSelling", "offline", "auditing", "editingRequired")
"""What a product's status can be."""

Job = Callable[[], None]


class AliexpressState(PlatformState):
    """The shop as a state machine: a listing is one SKU, or a product that has none.

    `/_mock/state` takes the listings of every mock shop, `products` and `aliexpress` besides. Who sets one
    SKU of a product on or off sale does so with the product. Units of unpaid orders have left the counter
    already where `reduce_strategy` is place_order_withhold; else they are `withheld`, which no method shows.
    """

    def __init__(
        self,
        *,
        settings: ShopSettings | None = None,
        aliexpress: AliexpressSettings | None = None,
        products: Iterable[Product] = (),
        listings: Iterable[Listing] = (),
        now: Callable[[], datetime] = lambda: START,
        order_settings: OrderSettings | None = None,
    ) -> None:
        self.aliexpress = aliexpress or AliexpressSettings()
        self.products = {product.id: product for product in products}
        self.jobs: list[tuple[datetime, Job]] = []
        super().__init__(
            settings=settings or SHOP_SETTINGS, listings=listings, now=now, order_settings=order_settings
        )

    # --- what can be asked ---------------------------------------------------------------------------------

    def listing_of(self, product_id: str, sku: str) -> str:
        """Return the listing that shows this SKU id; where there is none, an id that does not exist."""
        found = (one.id for one in self.parts(product_id) if sku_id(one) == sku)
        return next(found, f"{product_id}/{sku}")

    def status(self, product: Product) -> str:
        """Return the word for how a product stands."""
        if product.held:
            return product.held
        parts = self.parts(product.id)
        if any(listing.on_sale for listing in parts):
            return "onSelling"
        return "editingRequired" if any(one.off_reason == "violation" for one in parts) else "offline"

    # --- what the API does ---------------------------------------------------------------------------------

    def settle(self, now: datetime) -> None:
        """Let everything happen whose time has come, the jobs of feeds last."""
        super().settle(now)
        ready = [job for due, job in self.jobs if due <= now]
        self.jobs = [entry for entry in self.jobs if entry[0] > now]
        for job in ready:
            job()

    def switch(self, product_id: str, *, on_sale: bool) -> None:
        """Put a product on or off sale with all its SKUs; one that stands so already stays as it is."""
        parts = self.parts(product_id)
        if all(listing.on_sale == on_sale for listing in parts):
            return
        for listing in parts:
            listing.on_sale, listing.off_reason = on_sale, None
        self._stamp(product_id)

    def renew(self) -> AliexpressSettings:
        """Give out a new pair of tokens, and return the settings that hold it."""
        now, old = self.now(), self.aliexpress
        number = self._pairs = self._pairs + 1
        self.settings = replace(self.settings, token=f"mock-token-{number}")
        self.aliexpress = replace(
            old,
            token_until=now + timedelta(seconds=old.token_seconds),
            refresh_token=f"mock-refresh-{number}" if old.refresh_once else old.refresh_token,
            refresh_until=now + timedelta(seconds=old.refresh_seconds),
        )
        return self.aliexpress

    # --- buyers --------------------------------------------------------------------------------------------

    def takes_on_order(self, listing: Listing) -> bool:
        """Return True where the product's counters fall as an order is placed."""
        return self.products[listing.item].reduce_strategy == ON_ORDER

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes; the jobs of feeds are not part of it."""
        return super().as_json() | {
            "aliexpress": self.aliexpress.as_json(),
            "products": [product.as_json() for product in self.products.values()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        fresh = fields.flag("replace", default=False)
        settings = read_settings(fields, self.aliexpress)
        known = {} if fresh else self.products
        products = [read_product(entry, known, self.now()) for entry in fields.objects("products")]
        named = _named_listings(fields, {} if fresh else self.listings)
        super().merge(fields)
        self.aliexpress = settings
        self.products = {} if fresh else self.products
        self._index()
        self._after_hand(named)
        self.products |= {product.id: product for product in products if product.id in self._items}

    # --- inside --------------------------------------------------------------------------------------------

    _pairs = 0

    def _index(self) -> None:
        super()._index()
        self.products = {one: self.products.get(one) or Product(id=one) for one in self._items}

    def _stamp(self, item_id: str) -> None:
        # The wire shows whole seconds, and asking for what was modified since must find the same.
        self.products[item_id].modified = whole_second(self._now())

    def _out_of_range(self, listing: Listing, target: int) -> tuple[str, str] | None:
        least = 0 if self.settings.zero_allowed else 1
        if not least <= target <= self.settings.max_quantity:
            return "STOCK_OUT_OF_RANGE", f"the stock must be from {least} to {self.settings.max_quantity}"
        if target < listing.withheld and self.aliexpress.refuses_below_withheld:
            return "STOCK_BELOW_WITHHELD", f"{listing.withheld} units belong to unpaid orders"
        return None

    def _sold_out(self, listing: Listing) -> None:
        was_on_sale = listing.on_sale
        super()._sold_out(listing)
        if was_on_sale and not listing.on_sale:
            self._stamp(listing.item)


def _named_listings(fields: Fields, known: Mapping[str, Listing]) -> list[Named]:
    """Return which listings the document names, and whether it says if they are on sale."""
    named = []
    for entry in fields.objects("listings"):
        listing_id = entry.text("id")
        old = known.get(listing_id)
        item = entry.text("item", listing_id if old is None else old.item)
        if not (item.isascii() and item.isdigit()):
            raise MockError(f"{entry.at('item')}: must be digits, as the ids of products are")
        named.append(Named(listing_id, switched=entry.has("on_sale")))
    return named
