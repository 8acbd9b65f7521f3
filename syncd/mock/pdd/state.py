"""A shop of Pinduoduo without HTTP: the plain mock shop with goods, and what this platform does otherwise."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Listing, OrderSettings, PlatformState, ShopSettings, named_listings
from syncd.mock.fields import Fields
from syncd.mock.pdd.goods import SHOP_SETTINGS, Goods, PddSettings, read_goods, read_pdd_settings


class PddState(PlatformState):
    """The shop as a state machine: a listing is one SKU, and can be bought where it and its goods are on.

    `/_mock/state` takes the listings of every mock shop, `goods` and `pdd` besides. Who sets one SKU on or
    off sale as a listing does so with all its goods; `off` of the goods names single SKUs. Goods whose SKUs
    are all at 0 stay on sale and are shown as sold out.
    """

    def __init__(
        self,
        *,
        settings: ShopSettings | None = None,
        pdd: PddSettings | None = None,
        goods: Iterable[Goods] = (),
        listings: Iterable[Listing] = (),
        now: Callable[[], datetime] = lambda: START,
        order_settings: OrderSettings | None = None,
    ) -> None:
        self.pdd = pdd or PddSettings()
        self.goods = {one.id: one for one in goods}
        super().__init__(
            settings=settings or SHOP_SETTINGS, listings=listings, now=now, order_settings=order_settings
        )

    # --- what can be asked ---------------------------------------------------------------------------------

    def skus(self, goods_id: str) -> Sequence[Listing]:
        """Return the SKUs of goods."""
        return self._items.get(goods_id, ())

    def is_there(self, goods_id: str) -> bool:
        """Return True where there are such goods and nobody deleted them."""
        found = self.goods.get(goods_id)
        return found is not None and not found.deleted

    # --- what the API does ---------------------------------------------------------------------------------

    def switch(self, goods_id: str, *, on_sale: bool) -> None:
        """Put goods on sale or take them off, as they may be already."""
        self.goods[goods_id].on_sale = on_sale
        self._show(goods_id)

    def switch_skus(self, goods_id: str, switched: dict[str, bool]) -> None:
        """Put single SKUs of goods on sale or take them off; the goods stay as they are."""
        goods = self.goods[goods_id]
        off = {sku for sku, on_sale in switched.items() if not on_sale}
        goods.off = (goods.off | off) - {sku for sku, on_sale in switched.items() if on_sale}
        self._show(goods_id)

    def renew(self, *, keeps_refresh: bool) -> None:
        """Replace the access token, and the refresh token unless that is kept."""
        old = self.settings.token
        self._give_tokens(keeps_refresh=keeps_refresh)
        self.pdd = replace(self.pdd, spent=(*self.pdd.spent, old))

    def authorize(self, code: str) -> None:
        """Exchange an authorization for new tokens; the tokens before it are worth nothing any more."""
        self._give_tokens(keeps_refresh=False)
        left = tuple(one for one in self.pdd.codes if one != code)
        self.pdd = replace(self.pdd, codes=left, spent=())

    # --- buyers --------------------------------------------------------------------------------------------

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        return super().as_json() | {
            "pdd": self.pdd.as_json(),
            "goods": [goods.as_json() for goods in self.goods.values()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong."""
        fresh = fields.flag("replace", default=False)
        pdd = read_pdd_settings(fields, self.pdd)
        goods = [read_goods(entry, {} if fresh else self.goods) for entry in fields.objects("goods")]
        named = named_listings(fields)
        super().merge(fields)
        self.pdd = pdd
        self.goods = {} if fresh else self.goods
        self._index()
        for one in named:
            if one.switched and one.listing in self.listings:
                self._switch_by_hand(self.listings[one.listing])
        for changed in goods:
            if changed.id in self._items:
                self.goods[changed.id] = changed
                self._show(changed.id)

    # --- inside --------------------------------------------------------------------------------------------

    def _index(self) -> None:
        super()._index()
        self.goods = {
            goods_id: self.goods.get(goods_id) or Goods(id=goods_id, on_sale=any(sku.on_sale for sku in skus))
            for goods_id, skus in self._items.items()
        }

    def _switch_by_hand(self, listing: Listing) -> None:
        goods = self.goods[listing.item]
        goods.on_sale, goods.off = listing.on_sale, goods.off - {listing.id}
        reason = listing.off_reason
        self._show(goods.id)
        for sku in self.skus(goods.id):
            sku.off_reason = None if sku.on_sale else reason

    def _show(self, goods_id: str) -> None:
        """Let each SKU say whether it can be bought: where its goods are on sale and it is not off itself."""
        goods = self.goods[goods_id]
        for sku in self.skus(goods_id):
            on_sale = goods.on_sale and sku.id not in goods.off
            if on_sale or sku.on_sale:
                sku.off_reason = None
            sku.on_sale = on_sale

    def _give_tokens(self, *, keeps_refresh: bool) -> None:
        now, pdd = self._now(), self.pdd
        number = int(self.settings.token.rpartition("-")[2]) if self.settings.token[-1:].isdigit() else 0
        self.settings = replace(self.settings, token=f"mock-token-{number + 1}")
        self.pdd = replace(
            pdd,
            token_until=now + timedelta(seconds=pdd.token_seconds),
            refresh_token=pdd.refresh_token if keeps_refresh else f"mock-refresh-{number + 1}",
            refresh_until=pdd.refresh_until
            if keeps_refresh
            else now + timedelta(seconds=pdd.refresh_seconds),
        )

    def _out_of_range(self, listing: Listing, target: int) -> tuple[str, str] | None:
        if target < 0:
            return "QUANTITY_BELOW_ZERO", f"the quantity is {listing.quantity}, it would be {target}"
        if target > self.settings.max_quantity:
            return "QUANTITY_TOO_LARGE", f"the quantity must be at most {self.settings.max_quantity}"
        if target < listing.withheld and self.pdd.refuses_below_reserve:
            return "QUANTITY_BELOW_RESERVE", f"{listing.withheld} units are reserved"
        if target < listing.quantity and self.goods[listing.item].promoted:
            return "GOODS_IN_PROMOTION", "the stock of goods in a promotion slot cannot be lowered"
        return None
