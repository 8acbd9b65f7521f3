"""A Douyin shop without HTTP: the plain mock shop with products, tokens and keys of writes."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Line, Listing, OrderSettings, ShopSettings, ShopState, Stage
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
from syncd.mock.fields import Fields, MockError


class DouyinState(ShopState):
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
        self.now = now
        super().__init__(settings=settings or SHOP_SETTINGS, listings=listings, order_settings=order_settings)

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

    def knows(self, key: str) -> bool:
        """Return True where a write with this key took effect already; an empty one is never known."""
        return bool(key) and key in self._keys

    def remember(self, key: str) -> None:
        """Know a key from now on."""
        self._remember(Line("", key, "", 0, 0))

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
            "douyin": self.douyin.as_json(),
            "products": [product.as_json() for product in self.products.values()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        fresh = fields.flag("replace", default=False)
        douyin = read_douyin_settings(fields, self.douyin)
        known = {} if fresh else self.products
        products = [read_product(entry, known, self.now()) for entry in fields.objects("products")]
        named = _named_listings(fields)
        super().merge(fields)
        self.douyin = douyin
        self.products = {} if fresh else self.products
        self._index()
        for listing_id, switched in named:
            self._after_hand(listing_id, switched=switched)
        self.products |= {product.id: product for product in products if product.id in self._items}

    # --- inside --------------------------------------------------------------------------------------------

    def _index(self) -> None:
        super()._index()
        self.products = {one: self.products.get(one) or Product(id=one) for one in self._items}

    def _after_hand(self, listing_id: str, *, switched: bool) -> None:
        listing = self.listings.get(listing_id)
        if listing is None:
            return
        self._stamp(listing.item)
        for other in self.skus(listing.item) if switched else ():
            other.on_sale, other.off_reason = listing.on_sale, listing.off_reason

    def _stamp(self, product_id: str) -> None:
        # The wire shows whole seconds, and asking for what was changed since must find the same.
        self.products[product_id].updated = whole_second(self._now())

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

    def _apply(self, line: Line) -> int:
        quantity = super()._apply(line)
        self._stamp(self.listings[line.id].item)
        return quantity


def _following(token: str, serial: int) -> str:
    """Return the token that comes after this one; two in one second differ too."""
    stem, _, count = token.partition(".")
    return f"{stem}.{int(count.partition('-')[0] or 0) + 1}-{serial}"


def _named_listings(fields: Fields) -> list[tuple[str, bool]]:
    """Return which listings the document names, and whether it says if they are on sale."""
    named = []
    for entry in fields.objects("listings"):
        for key in ("id", "item"):
            text = entry.text(key, "x")
            if entry.has(key) and not (text.isascii() and text.isdigit()):
                raise MockError(f"{entry.at(key)}: must be digits, as all ids of this platform are")
        named.append((entry.text("id"), entry.has("on_sale")))
    return named
