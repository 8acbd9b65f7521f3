"""A Douyin shop without HTTP: the plain mock shop with products, tokens and keys of writes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Line, Listing, OrderSettings, PlatformState, ShopSettings, named_listings
from syncd.mock.core.orders import whole_second
from syncd.mock.douyin.product import (
    BANNED,
    ON_ORDER,
    PENDING,
    SHOP_SETTINGS,
    DouyinSettings,
    Product,
    read_douyin_settings,
    read_product,
)
from syncd.mock.douyin.refusal import Word
from syncd.mock.fields import Fields


class DouyinState(PlatformState):
    """The shop as a state machine: a listing is one SKU of a product.

    `/_mock/state` takes the listings of every mock shop, `products` and `douyin` besides. Who sets one SKU of
    a product on or off sale does so with the product. Units of unpaid orders have left the counter already
    where `reduce_type` is 1, and are `withheld` (and told as held before the sale) where it is 2.
    """

    def __init__(
        self,
        *,
        settings: ShopSettings | None = None,
        douyin: DouyinSettings | None = None,
        products: Iterable[Product] = (),
        listings: Iterable[Listing] = (),
        now: Callable[[], datetime] = lambda: START,
        order_settings: OrderSettings | None = None,
    ) -> None:
        self.douyin = douyin or DouyinSettings()
        self.products = {product.id: product for product in products}
        super().__init__(
            settings=settings or SHOP_SETTINGS, listings=listings, now=now, order_settings=order_settings
        )

    # --- what can be asked ---------------------------------------------------------------------------------

    def skus(self, product_id: str) -> Sequence[Listing]:
        """Return the SKUs of a product, none where there is no such product."""
        return self._items.get(product_id, ())

    def on_sale(self, product_id: str) -> bool:
        """Return True where the product is on sale."""
        return any(sku.on_sale for sku in self.skus(product_id))

    def obstacle(self, line: Line) -> tuple[Word, str] | None:
        """Return why a line cannot be applied, None where it can."""
        found = self._obstacle(line)
        return None if found is None else (Word(found[0]), found[1])

    # --- what the API does ---------------------------------------------------------------------------------

    def switch(self, product_id: str, *, on_sale: bool) -> None:
        """Put a product on sale or take it off; one that is so already stays as it is."""
        if self.on_sale(product_id) == on_sale:
            return
        for sku in self.skus(product_id):
            sku.on_sale, sku.off_reason = on_sale, None
        self._stamp(product_id)

    def give_out_tokens(self) -> None:
        """Make new tokens; the old access token is worth nothing from now on."""
        settings, life = self.douyin, timedelta(seconds=self.douyin.token_seconds)
        serial = int(self.now().timestamp())
        token = _following(self.settings.token, serial)
        refresh = (
            _following(settings.refresh_token, serial) if settings.refresh_once else settings.refresh_token
        )
        self.settings = replace(self.settings, token=token)
        self.douyin = replace(
            settings,
            refresh_token=refresh,
            token_until=self.now() + life,
            refresh_until=self.now() + 2 * life,
        )

    # --- buyers --------------------------------------------------------------------------------------------

    def takes_on_order(self, listing: Listing) -> bool:
        """Return True where the product's counters fall as an order is placed (`reduce_type` 1)."""
        return self.products[listing.item].reduce_type == ON_ORDER

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        return super().as_json() | {
            "douyin": self.douyin.as_json(),
            "products": [product.as_json() for product in self.products.values()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        fresh = fields.flag("replace", default=False)
        douyin = read_douyin_settings(fields, self.douyin)
        known = {} if fresh else self.products
        products = [read_product(entry, known, self.now()) for entry in fields.objects("products")]
        named = named_listings(fields)
        super().merge(fields)
        self.douyin = douyin
        self.products = {} if fresh else self.products
        self._index()
        self._after_hand(named)
        self.products |= {product.id: product for product in products if product.id in self._items}

    # --- inside --------------------------------------------------------------------------------------------

    def _index(self) -> None:
        super()._index()
        self.products = {one: self.products.get(one) or Product(id=one) for one in self._items}

    def _stamp(self, item_id: str) -> None:
        # The wire shows whole seconds, and asking for what was changed since must find the same.
        self.products[item_id].updated = whole_second(self._now())

    def _obstacle(self, line: Line) -> tuple[str, str] | None:
        listing = self.listings.get(line.id)
        if line.problem or listing is None:
            return Word.NOT_FOUND, line.problem or f"there is no SKU {line.id}"
        product = self.products[listing.item]
        if product.deleted:
            return Word.DELETED, f"the product {product.id} is deleted"
        if product.check_status == BANNED:
            return Word.BANNED, f"the product {product.id} is banned"
        if product.check_status == PENDING:
            return Word.AUDIT, f"the product {product.id} is under audit"
        if product.regional:
            return Word.LINKED, "the stock of this product is that of warehouses"
        return self._out_of_range(listing, self._target(listing, line))

    def _out_of_range(self, listing: Listing, target: int) -> tuple[str, str] | None:
        activity = self.products[listing.item].activity.get(listing.id, 0)
        if target < 0:
            return Word.INSUFFICIENT, f"the stock is {listing.quantity}, it would be {target}"
        if target > self.settings.max_quantity:
            return Word.PARAMETER, f"the stock must be at most {self.settings.max_quantity}"
        if target < activity:
            return Word.ACTIVITY, f"{activity} units belong to a campaign"
        if target < listing.withheld and self.douyin.refuses_below_withheld:
            return Word.INSUFFICIENT, f"{listing.withheld} units belong to unpaid orders"
        return None


def _following(token: str, serial: int) -> str:
    """Return the token that comes after this one; two in one second differ too."""
    stem, _, count = token.partition(".")
    return f"{stem}.{int(count.partition('-')[0] or 0) + 1}-{serial}"
