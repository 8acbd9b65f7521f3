"""Items and SKUs as TOP shows them, believed only where they are plain."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.taobao.keys import ListingKey
from syncd.adapters.wire.values import id_text, plain, rows, whole
from syncd.domain.model import Deducts, ObservedListing, OffReason
from syncd.errors import Kind, PortError
from syncd.ports.channel import DeductsAt

ITEM_FIELDS = "num_iid,title,outer_id,num,with_hold_quantity,sub_stock,approve_status,modified,sku"

_ON_SALE = {"onsale": True, "instock": False}
_DELETED = "delete"

_SUB_STOCK = {"1": Deducts.ORDER, "2": Deducts.PAYMENT}


def listed(body: Mapping[str, Any], plural: str) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return the rows of a page, and how many its list is said to have.

    Raises:
        ValueError, TypeError, LookupError: they cannot be read.
    """
    total = whole(body["total_results"])
    if total is None:
        raise ValueError("total_results is no whole number")
    return rows(body, plural, plural.removesuffix("s")), total


def page_of(
    body: Mapping[str, Any], plural: str, place: str, *, page: int, size: int
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return the rows on a page of a list that tells how many it has, and that number.

    Raises:
        PortError: the page shows fewer than it should.
        ValueError, TypeError, LookupError: it cannot be read.
    """
    found, total = listed(body, plural)
    if len(found) < min(size, max(total - (page - 1) * size, 0)):
        message = f"the list tells of {total} {plural} but its page shows {len(found)}"
        raise PortError(Kind.TRANSIENT, f"{place}: {message}; it is read again later")
    return found, total


def listings_of(
    item: Mapping[str, Any], *, off_reason: OffReason | None, deducts_at: DeductsAt
) -> Iterator[ObservedListing]:
    """Yield the listings of one item: each of its SKUs that is not deleted, or the item where it has none.

    `deducts_at` holds for an item that does not say it. `off_reason` is dropped where the item is on sale.

    Raises:
        ValueError: an id cannot be read.
        TypeError: the SKUs are no list.
    """
    skus = rows(item, "skus", "sku")
    num_iid = id_text(item["num_iid"])
    deducts = _SUB_STOCK.get(str(item.get("sub_stock")), Deducts.UNKNOWN)
    payment = Deducts.PAYMENT in {deducts, deducts_at.value if deducts is Deducts.UNKNOWN else ""}
    on_sale = _ON_SALE.get(plain(item.get("approve_status")))
    for row in skus or [item]:
        if skus and plain(row.get("status")) == _DELETED:
            continue
        key = ListingKey(item=num_iid, sku=id_text(row["sku_id"]) if skus else "")
        # Only where payment lowers the counter do unpaid orders still stand in it.
        held = row.get("with_hold_quantity") if payment else None
        withheld = 0 if held is None else whole(held)
        quantity = whole(row.get("quantity" if skus else "num"))
        yield ObservedListing(
            id=key.listing,
            code=plain(row.get("outer_id")),
            item=key.item_id,
            # A counter must not be written below what is withheld, so both are known or none.
            quantity=None if withheld is None else quantity,
            on_sale=on_sale,
            withheld=withheld or 0,
            title=plain(item.get("title")),
            off_reason=off_reason if on_sale is False else None,
            deducts=deducts,
        )


def is_on_sale(item: Mapping[str, Any]) -> bool | None:
    """Return whether an item is on sale, None where it does not say."""
    return _ON_SALE.get(plain(item.get("approve_status")))
