"""Products and SKUs as Douyin shows them, believed only where they are plain."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.adapters.channels.douyin.keys import ListingKey, optional_id
from syncd.adapters.wire.values import id_text, objects, plain, whole
from syncd.domain.model import Deducts, ObservedListing, OffReason
from syncd.ports.channel import Counter, DeductsAt

_ONLINE, _OFFLINE, _DELETED = "0", "1", "2"
_BANNED = "5"
_NORMAL = "0"

_REDUCE_TYPES = {"1": Deducts.ORDER, "2": Deducts.PAYMENT}

_OF_SHOP = {DeductsAt.ORDER: Deducts.ORDER, DeductsAt.PAYMENT: Deducts.PAYMENT}


def code_of(row: Mapping[str, Any]) -> str:
    """Return the seller's own code of a SKU, else the number that an ERP gave it."""
    code = plain(row.get("code"))
    number = plain(row.get("out_sku_id"))
    return code or ("" if number == "0" else number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What is known of a product beside its SKUs; what it did not say is None, empty or unknown.

    `skus` are the ids that its details name, each with the seller's code.
    """

    id: str
    on_sale: bool | None = None
    off_reason: OffReason | None = None
    title: str = ""
    deducts: Deducts = Deducts.UNKNOWN
    deleted: bool = False
    skus: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, row: Mapping[str, Any], product_id: str) -> "Product":
        """Return what a list or the product's details tell of it.

        Raises:
            ValueError, LookupError, TypeError: they speak of another product, or of a SKU without an id.
        """
        if optional_id(row.get("product_id")) not in {"", product_id}:
            raise ValueError("the answer speaks of another product")
        status, check = plain(row.get("status")), plain(row.get("check_status"))
        banned = check == _BANNED
        on_sale = {_ONLINE: not banned, _OFFLINE: False}.get(status)
        return cls(
            id=product_id,
            on_sale=on_sale,
            off_reason=OffReason.VIOLATION if on_sale is False and banned else None,
            title=plain(row.get("name")),
            deducts=_REDUCE_TYPES.get(plain(row.get("reduce_type")), Deducts.UNKNOWN),
            deleted=status == _DELETED,
            skus=tuple((id_text(one["sku_id"]), code_of(one)) for one in objects(row.get("spec_prices"))),
        )

    def with_details(self, details: "Product") -> "Product":
        """Return the product with what its own details say; the rest stays as it was."""
        known = details if details.on_sale is not None else self
        return Product(
            id=self.id,
            on_sale=known.on_sale,
            off_reason=known.off_reason,
            title=details.title or self.title,
            deducts=details.deducts,
            deleted=details.deleted,
            skus=details.skus,
        )


def listings_of(
    product: Product, skus: Sequence[Mapping[str, Any]], *, counter: Counter, deducts_at: DeductsAt
) -> Iterator[ObservedListing]:
    """Yield a listing for each SKU; `deducts_at` holds for a product that does not say it.

    One that the details name and `skus` leave out is not gone: nobody knows what its counter reads.

    Raises:
        ValueError: an id cannot be read, or a SKU is one of another product.
    """
    deducts = product.deducts
    if deducts is Deducts.UNKNOWN:
        deducts = _OF_SHOP.get(deducts_at, Deducts.UNKNOWN)
    left_out = dict(product.skus)
    for row in skus:
        if optional_id(row.get("product_id")) not in {"", product.id}:
            raise ValueError("the answer speaks of another product")
        key = ListingKey(product=product.id, sku=id_text(row["id"]))
        left_out.pop(key.sku, None)
        withheld = _withheld(row, deducts, counter)
        quantity = whole(row.get("stock_num"))
        # Stock of regions or in steps has several counters, of which only one would be written.
        is_normal = plain(row.get("sku_type")) in {"", _NORMAL}
        yield ObservedListing(
            id=key.listing,
            code=code_of(row),
            item=key.item,
            # A counter must not be written below what is withheld, so both are known or none.
            quantity=quantity if is_normal and withheld is not None else None,
            on_sale=product.on_sale,
            withheld=withheld or 0,
            title=product.title,
            off_reason=product.off_reason,
            deducts=product.deducts,
        )
    for sku, code in left_out.items():
        key = ListingKey(product=product.id, sku=sku)
        yield ObservedListing(
            id=key.listing,
            code=code,
            item=key.item,
            quantity=None,
            on_sale=product.on_sale,
            title=product.title,
            off_reason=product.off_reason,
            deducts=product.deducts,
        )


def _withheld(row: Mapping[str, Any], deducts: Deducts, counter: Counter) -> int | None:
    """Return the units of unpaid orders that still stand in the counter, None where they are not known.

    Where the order takes them at once there are none. Where nobody says when they are taken they count, as
    that sells less; but not where a gross counter would be raised by them.
    """
    if deducts is Deducts.ORDER or (deducts is Deducts.UNKNOWN and counter is Counter.GROSS):
        return 0
    return whole(row.get("prehold_stock_num"))
