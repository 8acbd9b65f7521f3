"""The methods that read items and SKUs.

Only the fields that were asked for are shown, and an unknown one is left out without a word. Rows are damaged
by the faults before they lose fields.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from syncd.mock import gateway
from syncd.mock.core import Call, Listing
from syncd.mock.damage import spoil, thin_out
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.forms import show_local
from syncd.mock.taobao.item import Item
from syncd.mock.taobao.params import Params
from syncd.mock.taobao.refusal import Refusal, deleted, invalid
from syncd.mock.taobao.state import TaobaoState

Row = dict[str, Any]
Work = Callable[[Call, Strikes], Row]
"""Carries out one call that was let in, and returns what its answer holds."""

BANNERS: Mapping[str, frozenset[str]] = {
    "regular_shelved": frozenset({"regular_shelved"}),
    "never_on_shelf": frozenset({"never_on_shelf"}),
    "off_shelf": frozenset({"off_shelf"}),
    "for_shelved": frozenset({"regular_shelved", "never_on_shelf", "off_shelf"}),
    "sold_out": frozenset({"sold_out"}),
    "violation_off_shelf": frozenset({"violation_off_shelf"}),
}
"""Which items each word of `banner` shows; the default `for_shelved` has no sold-out ones, no violations."""

_LIST_FIELDS = frozenset(
    {
        "approve_status",
        "list_time",
        "modified",
        "nick",
        "num",
        "num_iid",
        "outer_id",
        "price",
        "sold_quantity",
        "title",
        "type",
    }
)
"""What lists of items can show; anything else takes `taobao.item.seller.get` or the like."""

_ORDERS = ("list_time", "delist_time", "num", "modified")
_NEVER = datetime.min.replace(tzinfo=UTC)
_USUAL_ROWS, _MOST_ROWS = 40, 200
_MOST_PAGES_IN_STOCK = 101
_MOST_ITEMS, _MOST_ITEMS_OF_SKUS, _MOST_CODES = 20, 40, 40
_DAMAGES_OF_SKUS = (FaultKind.BAD_NUMBERS, FaultKind.DUPLICATE_ROWS)

Plan = gateway.Plan[Row]
"""What one call is about, and what it does once it is let in."""


class Reads:
    """The reading methods of one shop."""

    def __init__(self, state: TaobaoState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Callable[[Params], Plan]]:
        """Return each method by its name."""
        return {
            "taobao.items.onsale.get": self._on_sale,
            "taobao.items.inventory.get": self._in_stock,
            "taobao.items.seller.list.get": self._several,
            "taobao.item.seller.get": self._one,
            "taobao.item.skus.get": self._skus,
            "taobao.skus.custom.get": self._skus_of_code,
            "taobao.items.custom.get": self._items_of_codes,
        }

    # --- pages ---------------------------------------------------------------------------------------------

    def _on_sale(self, params: Params) -> Plan:
        page, size = _read_page(params)
        if page * size > self._state.top.deep_rows:
            raise invalid("page_no", "a row that is not so deep, ask by the time of modification")
        return self._listing(params, page, lambda item: self._state.on_sale(item.id))

    def _in_stock(self, params: Params) -> Plan:
        page, _ = _read_page(params)
        if page > _MOST_PAGES_IN_STOCK:
            raise invalid("page_no", f"at most {_MOST_PAGES_IN_STOCK}")
        shown = BANNERS[params.word("banner", "for_shelved", tuple(BANNERS))]
        return self._listing(params, page, lambda item: self._banner(item) in shown)

    def _listing(self, params: Params, page: int, shows: Callable[[Item], bool]) -> Plan:
        fields = _LIST_FIELDS.intersection(params.names("fields"))
        since, until = params.time("start_modified"), params.time("end_modified")
        part = params.text("q", "")
        column, _, direction = params.text("order_by", "list_time:desc").partition(":")
        if column not in _ORDERS or direction not in ("asc", "desc"):
            raise invalid("order_by", f"one of {', '.join(_ORDERS)} with :asc or :desc")

        def work(_: Call, strikes: Strikes) -> Row:
            found = [
                item
                for item in self._state.items.values()
                if not item.deleted
                and shows(item)
                and (since is None or item.modified >= since)
                and (until is None or item.modified <= until)
                and (not part or part in self._title(item))
            ]
            found.sort(key=partial(self._rank, column), reverse=direction == "desc")
            return self._page(params, found, fields, strikes)

        return Plan(work=work, page=page)

    def _page(self, params: Params, found: Sequence[Item], fields: Iterable[str], strikes: Strikes) -> Row:
        page, size = _read_page(params)
        left = self._thinned(found, strikes)
        rows = [self._item_row(item) for item in left[(page - 1) * size : page * size]]
        return {
            "total_results": len(left),
            "items": [only(row, fields) for row in spoil(rows, strikes, "num")],
        }

    def _rank(self, column: str, item: Item) -> tuple[Any, str]:
        if column == "num":
            return _total(self._state.parts(item.id)), item.id
        when = item.modified if column == "modified" else item.list_time
        return when or _NEVER, item.id

    # --- by id and by code ---------------------------------------------------------------------------------

    def _several(self, params: Params) -> Plan:
        ids, fields = params.ids("num_iids", _MOST_ITEMS), params.names("fields")

        def work(_: Call, strikes: Strikes) -> Row:
            known = self._state.items
            found = [known[one] for one in ids if one in known and not known[one].deleted]
            return {"items": self._items_with_skus(found, fields, strikes)}

        return Plan(work=work, listings=ids)

    def _one(self, params: Params) -> Plan:
        item_id, fields = params.id("num_iid"), params.names("fields")

        def work(_: Call, strikes: Strikes) -> Row:
            item = self._state.items.get(item_id)
            if item is None or FaultKind.EMPTY in strikes:
                raise Refusal(15, "isv.item-get-service-error:ITEM_NOT_FOUND", f"there is no item {item_id}")
            if item.deleted:
                raise deleted(item_id)
            rows = self._items_with_skus([item], fields, strikes)
            return {"item": rows[0]} if rows else {}

        return Plan(work=work, listings=(item_id,))

    def _skus(self, params: Params) -> Plan:
        ids, fields = params.ids("num_iids", _MOST_ITEMS_OF_SKUS), params.names("fields")

        def work(_: Call, strikes: Strikes) -> Row:
            found = [sku for one in ids if self._is_there(one) for sku in self._state.skus(one)]
            return {"skus": self._sku_rows(found, fields, strikes)}

        return Plan(work=work, listings=ids)

    def _skus_of_code(self, params: Params) -> Plan:
        code, fields = params.text("outer_id"), params.names("fields")

        def work(_: Call, strikes: Strikes) -> Row:
            found = [
                sku
                for item in self._state.items
                if self._is_there(item)
                for sku in self._state.skus(item)
                if sku.code == code
            ]
            return {"skus": self._sku_rows(found, fields, strikes)}

        return Plan(work=work)

    def _items_of_codes(self, params: Params) -> Plan:
        codes, fields = set(params.names("outer_id", _MOST_CODES)), params.names("fields")

        def work(_: Call, strikes: Strikes) -> Row:
            items = self._state.items.values()
            found = [item for item in items if not item.deleted and self._code(item) in codes]
            return {"items": self._items_with_skus(found, fields, strikes)}

        return Plan(work=work)

    # --- rows ----------------------------------------------------------------------------------------------

    def _items_with_skus(self, items: Sequence[Item], fields: Iterable[str], strikes: Strikes) -> list[Row]:
        rows = spoil([self._item_row(item) for item in self._thinned(items, strikes)], strikes, "num")
        asked = asked_of("sku", fields)
        shown = [only(row, fields) for row in rows]
        if asked is None:
            return shown
        # One item's SKUs are enough to be damaged; the rest show what such a page looks like otherwise.
        damage = {kind: strikes[kind] for kind in _DAMAGES_OF_SKUS if kind in strikes}
        for n, row in enumerate(rows):
            skus = [_sku_row(sku, self._state) for sku in self._state.skus(str(row["num_iid"]))]
            damaged = spoil(skus, {} if n else damage, "quantity")
            shown[n]["skus"] = [only(sku, asked) if asked else sku for sku in damaged]
        return shown

    def _sku_rows(self, skus: Sequence[Listing], fields: Iterable[str], strikes: Strikes) -> list[Row]:
        rows = thin_out([_sku_row(sku, self._state) for sku in skus], strikes, "sku_id", self._seed)
        return [only(row, fields) for row in spoil(rows, strikes, "quantity")]

    def _thinned(self, items: Sequence[Item], strikes: Strikes) -> Sequence[Item]:
        if not strikes:
            return items
        names = thin_out([{"num_iid": item.id} for item in items], strikes, "num_iid", self._seed)
        return [self._state.items[row["num_iid"]] for row in names]

    def _item_row(self, item: Item) -> Row:
        parts = self._state.parts(item.id)
        listed = {} if item.list_time is None else {"list_time": show_local(item.list_time)}
        return listed | {
            "num_iid": int(item.id),
            "title": self._title(item),
            "nick": "mock-seller",
            "type": "fixed",
            "price": "9.90",
            "num": _total(parts),
            "with_hold_quantity": sum(listing.withheld for listing in parts),
            "sold_quantity": sum(listing.sold for listing in parts),
            "outer_id": self._code(item),
            "approve_status": "onsale" if self._state.on_sale(item.id) else "instock",
            "sub_stock": item.sub_stock,
            "modified": show_local(item.modified),
        }

    def _is_there(self, item_id: str) -> bool:
        item = self._state.items.get(item_id)
        return item is not None and not item.deleted

    def _code(self, item: Item) -> str:
        return item.outer_id if self._state.has_skus(item.id) else self._state.parts(item.id)[0].code

    def _title(self, item: Item) -> str:
        return self._state.parts(item.id)[0].title

    def _banner(self, item: Item) -> str:
        if self._state.on_sale(item.id):
            return ""
        if item.list_time is None:
            return "never_on_shelf"
        reasons = {listing.off_reason for listing in self._state.parts(item.id)}
        if "violation" in reasons:
            return "violation_off_shelf"
        return "sold_out" if "sold_out" in reasons else "off_shelf"


def _read_page(params: Params) -> tuple[int, int]:
    page = params.whole("page_no", 1, least=1)
    return page, params.whole("page_size", _USUAL_ROWS, least=1, most=_MOST_ROWS)


def asked_of(part: str, fields: Iterable[str]) -> frozenset[str] | None:
    """Return which fields of its parts a row is asked for: all as an empty set, None for no parts."""
    asked = frozenset(name.removeprefix(f"{part}.") for name in fields if name.startswith(f"{part}."))
    return frozenset() if part in fields else asked or None


def _sku_row(sku: Listing, state: TaobaoState) -> Row:
    return {
        "sku_id": int(sku.id),
        "num_iid": int(sku.item),
        "outer_id": sku.code,
        "quantity": sku.quantity,
        "with_hold_quantity": sku.withheld,
        "status": "normal",
        "price": "9.90",
        "properties": f"1627207:{sku.id[-6:]}",
        "properties_name": f"1627207:{sku.id[-6:]}:颜色分类:{sku.code}",
        "modified": show_local(state.items[sku.item].modified),
    }


def only(row: Row, fields: Iterable[str]) -> Row:
    """Return the row with nothing but the fields that were asked for."""
    return {name: row[name] for name in row if name in fields}


def _total(listings: Iterable[Listing]) -> int:
    return sum(listing.quantity for listing in listings)
