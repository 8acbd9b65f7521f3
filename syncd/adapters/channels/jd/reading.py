"""What JD's answers hold, believed only where it is plain."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from syncd.adapters.wire.values import as_object, id_text, objects, plain, whole

SKU_FIELDS = "wareId,skuId,outerId,stockNum,status"
WARE_FIELDS = "wareId,title,wareStatus"

_WARE_ON_SALE = "8"
_WARE_OFF_SALE = frozenset({"1", "2", "4"})
_SKU_OFF_SALE = frozenset({"2", "4"})
"""Off sale, or deleted. What 1 and 8 say of a SKU differs with who tells it: its ware's word counts then."""


class Sku(NamedTuple):
    """A SKU as the list of SKUs shows it; `quantity` None where it cannot be believed."""

    id: str
    ware: str
    code: str
    quantity: int | None
    is_off: bool


class Ware(NamedTuple):
    """What a ware says of all its SKUs; `on_sale` None where its status is not known."""

    on_sale: bool | None
    title: str


class Stock(NamedTuple):
    """The counter of a SKU, and the units in it that are booked; None where they cannot be believed."""

    quantity: int | None
    booked: int | None


Named = tuple[str, bool | None, str]
"""A row that the answer to a write names: its SKU, whether it was written, and why not."""

UNREAD = Ware(None, "")
"""A ware that no list shows."""


def page_rows(body: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return the rows of a page, and how many its list is said to have.

    Raises:
        ValueError, TypeError, LookupError: they cannot be read.
    """
    page = as_object(body["page"])
    found = objects(page.get("data"))
    total = whole(page["totalItem"])
    if total is None:
        raise ValueError("totalItem is no whole number")
    return found, total


def sku_of(row: Mapping[str, Any]) -> Sku:
    """Return a row of the list of SKUs.

    Raises:
        ValueError, LookupError: an id cannot be read.
    """
    return Sku(
        id=id_text(row["skuId"]),
        ware=id_text(row["wareId"]),
        code=plain(row.get("outerId")),
        quantity=whole(row.get("stockNum")),
        is_off=plain(row.get("status")) in _SKU_OFF_SALE,
    )


def ware_of(row: Mapping[str, Any]) -> tuple[str, Ware]:
    """Return the id of a ware, and what it says of its SKUs.

    Raises:
        ValueError, LookupError: its id cannot be read.
    """
    status = plain(row["wareStatus"] if "wareStatus" in row else row.get("status"))
    on_sale = True if status == _WARE_ON_SALE else False if status in _WARE_OFF_SALE else None
    return id_text(row["wareId"]), Ware(on_sale, plain(row.get("title")))


def stock_of(body: Mapping[str, Any], sku: str, store: int) -> Stock:
    """Return what the call for one SKU tells of one store, 0 being the whole country.

    Raises:
        ValueError, TypeError, LookupError: the answer cannot be read, or speaks of another SKU.
    """
    result = as_object(body["returnType"])
    if flag(result["success"]) is not True:
        return Stock(None, None)
    shown = as_object(result["obj"])
    if id_text(shown["skuId"]) != sku:
        raise ValueError("the answer speaks of another SKU")
    found = [row for row in objects(shown["skuStockInfos"]) if whole(row.get("storeId") or 0) == store]
    if len(found) != 1:
        return Stock(None, None)
    (row,) = found
    parts = [whole(row.get("orderBookingNum")), _none_is_zero(row.get("appBookingNum"))]
    booked = None if None in parts else sum(part or 0 for part in parts)
    # A counter must not be written below what is booked, so both are known or none.
    return Stock(None if booked is None else whole(row.get("stockNum")), booked)


def results_of(body: Mapping[str, Any]) -> tuple[bool | None, str, Sequence[Named]]:
    """Return whether a write succeeded as a whole, why not, and each row it names: SKU, success, message.

    Raises:
        ValueError, TypeError, LookupError: the answer cannot be read.
    """
    result = as_object(body["returnType"])
    shown = result.get("obj")
    found = objects(as_object(shown).get("updateStockResult")) if shown is not None else []
    named = [(id_text(row["data"]), flag(row.get("success")), plain(row.get("message"))) for row in found]
    return flag(result.get("success")), plain(result.get("errorMessage")), named


def flag(value: object) -> bool | None:
    """Return a yes or no, which JD writes as such or as a word; None for all else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _none_is_zero(value: object) -> int | None:
    """Return units that only partition warehouses know; one that is left out has none."""
    return 0 if value is None else whole(value)
