"""Orders as JD tells them, as lines of orders."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from syncd.adapters.channels.jd.settings import JdSettings
from syncd.adapters.wire.jd import BEIJING
from syncd.adapters.wire.values import id_text, objects, plain, whole
from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage

_TIMES = "orderStartTime,paymentConfirmTime,orderEndTime,modified"

ORDER_FIELDS = f"orderId,parentOrderId,orderState,{_TIMES},itemInfoList"
"""All that claims need: nothing of the buyer, and no price."""

_STAGES: Mapping[str, Stage] = {
    # WAIT_SELLER_DELIVERY is an order from overseas; whether its goods have left is not said.
    **dict.fromkeys(
        ("WAIT_SELLER_STOCK_OUT", "WAIT_SELLER_DELIVERY", "PAUSE", "POP_ORDER_PAUSE", "LOCKED"), Stage.PAID
    ),
    "WAIT_GOODS_RECEIVE_CONFIRM": Stage.SHIPPED,
    "FINISHED_L": Stage.DONE,
    "TRADE_CANCELED": Stage.CLOSED,
}

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_NEVER = "0001-01-01"
_UNPAID = "it was never paid: nobody has paid it yet, or it is paid on delivery; it occupies in any case"
_WORD = re.compile(r"[A-Za-z0-9_]{1,40}")


class _Item(NamedTuple):
    """What an order has of one SKU; `sku` is empty where it does not say which one."""

    sku: str
    code: str
    units: int


def lines_of(order: Mapping[str, Any], settings: JdSettings) -> Iterator[OrderLine]:
    """Yield a line for each SKU of an order.

    An order in a state that is not known counts as paid and not shipped, so that it occupies, and says so in
    `doubt`. So does one that waits for the seller and was never paid: either nobody has paid it yet, or it is
    paid on delivery. It occupies, and no figures of paid orders contain it. JD splits orders into new ones
    that name their parent: their lines take the place of its lines. When goods were sent is not told: the
    change that first shows it stands for it.

    Raises:
        ValueError: an id or a time cannot be read.
        LookupError, TypeError: something that a claim needs is missing.
    """
    order_id = id_text(order["orderId"])
    parent = _parent(order, order_id)
    modified = _time(order["modified"])
    state = plain(order.get("orderState"))
    told = settings.order_statuses.get(state) or _STAGES.get(state)
    stage, doubt = told or Stage.PAID, "" if told else _unknown(state)
    paid = _optional_time(order.get("paymentConfirmTime"))
    if stage is Stage.PAID and paid is None and order.get("paymentConfirmTime"):
        stage, doubt = Stage.UNPAID, doubt or _UNPAID
    created = _optional_time(order.get("orderStartTime")) or paid or modified
    left, over = stage in {Stage.SHIPPED, Stage.DONE}, stage in {Stage.DONE, Stage.CLOSED}
    for item in _items(objects(order["itemInfoList"])):
        yield OrderLine(
            order=order_id,
            line=f"{order_id}:{item.sku}",
            listing=ListingId(item.sku),
            code=item.code,
            units=item.units,
            released=item.units if stage is Stage.CLOSED else 0,
            shipped=item.units if left else 0,
            stage=stage,
            created=min(created, modified),
            paid=None if told is Stage.UNPAID else paid,
            sent=modified if left else None,
            ended=(_optional_time(order.get("orderEndTime")) or modified) if over else None,
            modified=modified,
            replaces=f"{parent}:{item.sku}" if parent else "",
            doubt=doubt,
        )


def _items(listed: Sequence[Mapping[str, Any]]) -> list[_Item]:
    """Return what an order has of each SKU; JD may name one twice, as a purchase and as a gift."""
    if not listed:
        raise KeyError("itemInfoList")
    found: dict[str, _Item] = {}
    for row in listed:
        units = whole(row.get("itemTotal"))
        if units is None:
            raise KeyError("a plain itemTotal")
        sku = _optional_id(row.get("skuId"))
        before = found.get(sku)
        found[sku] = _Item(sku, plain(row.get("outerSkuId")), units + (before.units if before else 0))
    return list(found.values())


def _parent(order: Mapping[str, Any], order_id: str) -> str:
    """Return the order that this one is a part of, empty for none."""
    parent = _optional_id(order.get("parentOrderId"))
    return "" if parent == order_id else parent


def _unknown(state: str) -> str:
    shown = state if _WORD.fullmatch(state) else "(unreadable)"
    return f"its orderState {shown} is not known; if you know it, say in order_statuses what it means"


def _optional_id(value: object) -> str:
    """Return an id as text, empty where there is none, which JD may also write as 0."""
    return "" if value in (None, "", "0", 0) else id_text(value)


def _optional_time(value: object) -> datetime | None:
    """Return a time, None where there is none, which JD writes as one of the year 1."""
    if value in (None, "") or (isinstance(value, str) and value.startswith(_NEVER)):
        return None
    return _time(value)


def _time(value: object) -> datetime:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("no time of the form 2026-11-20 10:00:00")
    return datetime.fromisoformat(value).replace(tzinfo=BEIJING).astimezone(UTC)
