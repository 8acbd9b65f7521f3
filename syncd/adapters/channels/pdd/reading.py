"""Goods and SKUs as Pinduoduo shows them, believed only where they are plain."""

from collections.abc import Iterator, Mapping
from typing import Any

from syncd.adapters.channels.pdd.keys import ListingKey
from syncd.adapters.wire.values import id_text, objects, plain, whole
from syncd.domain.model import ObservedListing, OffReason

_ON_SALE: Mapping[int | None, bool] = {1: True, 0: False}
_SOLD_OUT, _DELETED = 3, 4
_BY_STATUS: Mapping[int | None, bool] = {1: True, 2: False, _SOLD_OUT: False}


def count(body: Mapping[str, Any]) -> int:
    """Return how many rows a list is said to have.

    Raises:
        LookupError, ValueError: it does not say so plainly.
    """
    total = whole(body["total_count"])
    if total is None:
        raise ValueError("total_count is no whole number")
    return total


def listed_goods(goods: Mapping[str, Any]) -> Iterator[ObservedListing]:
    """Yield the listings of one of the goods in a list; none where the list does not show its SKUs.

    Raises:
        ValueError: an id cannot be read.
        TypeError: the SKUs are no list.
    """
    yield from _listings(
        goods,
        is_on_sale=flag(goods.get("is_onsale")),
        off_reason=None,
        names=("sku_quantity", "outer_id", "is_sku_onsale"),
    )


def detailed_goods(goods_id: str, details: Mapping[str, Any]) -> Iterator[ObservedListing]:
    """Yield the listings of one of the goods from its details; none where it is deleted.

    Raises:
        ValueError: an id cannot be read.
        TypeError: the SKUs are no list.
    """
    if is_deleted(details):
        return
    status = whole(details.get("status"))
    yield from _listings(
        {**details, "goods_id": goods_id},
        is_on_sale=_BY_STATUS.get(status),
        off_reason=OffReason.SOLD_OUT if status == _SOLD_OUT else None,
        names=("quantity", "out_sku_sn", "is_onsale"),
    )


def is_deleted(details: Mapping[str, Any]) -> bool:
    """Return whether the details of goods say that they are gone."""
    return whole(details.get("status")) == _DELETED


def flag(value: object) -> bool | None:
    """Return what a 1 or 0 says, None for anything else."""
    if isinstance(value, bool):
        return value
    return _ON_SALE.get(whole(value))


def _listings(
    goods: Mapping[str, Any],
    *,
    is_on_sale: bool | None,
    off_reason: OffReason | None,
    names: tuple[str, str, str],
) -> Iterator[ObservedListing]:
    """Yield a listing for each SKU; `names` are those of its quantity, its code and its own switch.

    Only a person switches single SKUs off sale, so one that is off though its goods are on says so.
    """
    quantity, code, switch = names
    goods_id = id_text(goods["goods_id"])
    for row in objects(goods.get("sku_list")):
        own = flag(row.get(switch))
        key = ListingKey(goods=goods_id, sku=id_text(row["sku_id"]))
        held = whole(row.get("reserve_quantity"))
        by_hand = is_on_sale is True and own is False
        yield ObservedListing(
            id=key.listing,
            code=plain(row.get(code)),
            item=key.item_id,
            # Units of unpaid orders are told nowhere else: a counter without them says too little.
            quantity=None if held is None else whole(row.get(quantity)),
            on_sale=_both(is_on_sale, own),
            withheld=held or 0,
            title=plain(goods.get("goods_name")),
            off_reason=OffReason.PERSON if by_hand else off_reason,
        )


def _both(goods: bool | None, sku: bool | None) -> bool | None:  # noqa: FBT001 - two answers of one kind
    """Return whether a SKU can be bought: where one of the two is off, the other does not matter."""
    if goods is False or sku is False:
        return False
    return True if goods and sku else None
