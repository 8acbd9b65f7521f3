"""What somebody outside asks to have looked at now; it only says where, never what is there."""

from dataclasses import dataclass

from syncd.domain.model import ShopName, Sku


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Some `skus`, or some `orders` of a `shop`; everything where neither is named."""

    skus: frozenset[Sku] = frozenset()
    shop: ShopName | None = None
    orders: frozenset[str] = frozenset()
