"""Products and SKUs as AliExpress shows them, believed only where they are plain."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.aliexpress.keys import ListingKey
from syncd.adapters.wire.values import id_text, plain, rows, whole
from syncd.domain.model import Deducts, ObservedListing, OffReason
from syncd.errors import Kind, PortError

_ON_SALE = {"onSelling": True, "offline": False, "editingRequired": False}
"""A product under audit may be a new one, or one on sale whose change is looked at: it does not say."""

_REASONS = {"editingRequired": OffReason.VIOLATION}
"""What must be edited before it may be sold again; of what is offline nobody says who took it off."""

_STRATEGIES = {"place_order_withhold": Deducts.ORDER, "payment_success_deduct": Deducts.PAYMENT}


def page_of(result: Mapping[str, Any], place: str, *, page: int, size: int) -> tuple[list[str], int]:
    """Return the products on a page of a list, and how many the list is said to have.

    Raises:
        PortError: the page shows fewer than it should.
        ValueError, TypeError, LookupError: it cannot be read.
    """
    total = whole(result["product_count"])
    if total is None:
        raise ValueError("product_count is no whole number")
    found = rows(result, "aeop_a_e_product_display_d_t_o_list", "item_display_dto")
    if len(found) < min(size, max(total - (page - 1) * size, 0)):
        message = f"the list tells of {total} products but its page {page} shows {len(found)}"
        raise PortError(Kind.TRANSIENT, f"{place}: {message}; it is read again later")
    return [id_text(row["product_id"]) for row in found], total


def listings_of(result: Mapping[str, Any], product: str, *, status: str = "") -> Iterator[ObservedListing]:
    """Yield the listings of one product, by the seller's codes; `status` is that of the list that showed it.

    Where several SKUs have the same code, or none, they are one listing whose counter is not known: the
    platform would not know which of them a write means.

    Raises:
        ValueError, TypeError, LookupError: the answer cannot be read, or is of another product.
    """
    if "product_id" in result and id_text(result["product_id"]) != product:
        raise ValueError("the answer speaks of another product")
    skus = _skus(result)
    if not skus:
        raise KeyError("aeop_ae_product_s_k_us")
    named = Counter(plain(sku.get("sku_code")) for sku in skus)
    own = own_status(result) or status
    on_sale = is_on_sale(own)
    for sku in skus:
        code = plain(sku.get("sku_code"))
        if code not in named:
            continue
        count = named.pop(code)
        key = ListingKey(product=product, code=code)
        yield ObservedListing(
            id=key.listing,
            code=code,
            item=key.item_id,
            quantity=_counter(sku) if count == 1 else None,
            on_sale=on_sale,
            title=plain(result.get("subject")),
            off_reason=_REASONS.get(own),
            deducts=_STRATEGIES.get(plain(result.get("reduce_strategy")), Deducts.UNKNOWN),
        )


def unread(listings: Sequence[ListingKey]) -> list[ObservedListing]:
    """Return listings of which nothing could be read; they keep their place."""
    return [
        ObservedListing(id=key.listing, code=key.code, item=key.item_id, quantity=None, on_sale=None)
        for key in listings
    ]


def own_status(result: Mapping[str, Any]) -> str:
    """Return the status that a product tells itself; nothing says that it does, so it may be empty."""
    return plain(result.get("product_status_type"))


def is_on_sale(status: str) -> bool | None:
    """Return whether a product in a status is on sale, None where that does not tell."""
    return _ON_SALE.get(status)


def some_code(result: Mapping[str, Any]) -> str:
    """Return the seller's code of one SKU of a product, empty where none has one.

    Raises:
        TypeError: its SKUs cannot be read.
    """
    return next(filter(None, (plain(sku.get("sku_code")) for sku in _skus(result))), "")


def _skus(result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return rows(result, "aeop_ae_product_s_k_us", "global_aeop_ae_product_sku")


def _counter(sku: Mapping[str, Any]) -> int | None:
    """Return a SKU's counter; a missing one is 0 only if the SKU says itself that it has no stock."""
    if sku.get("ipm_sku_stock") in {None, ""} and sku.get("sku_stock") is False:
        return 0
    return whole(sku.get("ipm_sku_stock"))
