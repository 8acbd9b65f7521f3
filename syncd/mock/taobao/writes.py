"""The methods that set counters and put items on and off sale.

A call takes effect as a whole or not at all. In a batch a difference that is larger than the counter leaves 0
and is told as done; the single call refuses it. The call of Tmall carries a key: a second one with that key
changes nothing and is told as done. That it cuts at 0 too is ours; its document does not say.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from syncd.mock.core import Call, Line
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.forms import read_whole, show_local
from syncd.mock.taobao.item import Item
from syncd.mock.taobao.params import Params
from syncd.mock.taobao.reads import Plan, Row
from syncd.mock.taobao.refusal import (
    Refusal,
    deleted,
    invalid,
    listing_refused,
    missing,
    not_permitted,
    quantity_refused,
    throttled,
)
from syncd.mock.taobao.state import CLIP, TaobaoState

_FULL, _INCREMENTAL = 1, 2
_HEX = re.compile(r"[0-9a-fA-F]+")

Refuse = Callable[[str, str], Refusal]
Switch = Callable[[Item], None]


class Named(NamedTuple):
    """What an entry of the keyed call is about: a SKU (or an item without any), or a merchant code.

    That `properties` can name a SKU, too, is left out: the items of this mock have none.
    """

    sku: str = ""
    code: str = ""


class Writes:
    """The writing methods of one shop."""

    def __init__(self, state: TaobaoState) -> None:
        self._state = state

    def methods(self) -> dict[str, Callable[[Params], Plan]]:
        """Return each method by its name, also by the one for Tmall shops."""
        methods: dict[str, Callable[[Params], Plan]] = {
            "taobao.item.quantity.update": self._single,
            "taobao.skus.quantity.update": self._batch,
            "taobao.item.update.listing": self._put_on,
            "taobao.item.update.delisting": self._put_off,
        }
        tmall = {f"{name}.tmall": method for name, method in methods.items()}
        return methods | tmall | {"tmall.item.quantity.update": self._keyed}

    # --- counters ------------------------------------------------------------------------------------------

    def _single(self, params: Params) -> Plan:
        item, mode = params.id("num_iid"), _read_mode(params, "delta")
        quantity = params.whole("quantity", least=0 if mode == "set" else None)
        sku, code = params.text("sku_id", ""), params.text("outer_id", "")
        line = Line(sku or item, "", mode, quantity, 0)
        if sku == item:
            line = line._replace(problem="this is the item, not one of its SKUs")
        elif code and not sku:
            lines = self._of_code(item, code, line)
            if len(lines) > 1:
                raise quantity_refused("OUTER_ID_NOT_UNIQUE", "several SKUs have this merchant code")
            line = lines[0]
        return self._plan(item, [line])

    def _batch(self, params: Params) -> Plan:
        item, mode = params.id("num_iid"), _read_mode(params, CLIP)
        by_id = bool(params.text("skuid_quantities", ""))
        name = "skuid_quantities" if by_id else "outerid_quantities"
        if not params.text(name, ""):
            raise missing("skuid_quantities")
        pairs = _read_pairs(name, params.text(name))
        if len(pairs) > self._state.settings.max_batch:
            raise invalid(name, f"at most {self._state.settings.max_batch} SKUs")
        if mode == "set" and any(quantity < 0 for _, quantity in pairs):
            raise invalid(name, "quantities of at least 0, or differences with type 2")
        lines = [Line(key, "", mode, quantity, 0) for key, quantity in pairs]
        if not by_id:
            lines = [found for line in lines for found in self._of_code(item, line.id, line)]
        not_a_sku = "this is the item, not one of its SKUs"
        return self._plan(item, [one._replace(problem=not_a_sku) if one.id == item else one for one in lines])

    def _keyed(self, params: Params) -> Plan:
        item, options = params.id("item_id"), _read_options(params)
        mode = "set" if options.get("type", _FULL) == _FULL else CLIP
        key = str(options.get("outer_biz_key", ""))
        pairs = _read_sku_quantities(params)
        if len(pairs) > self._state.settings.max_batch:
            raise invalid("sku_quantities", f"at most {self._state.settings.max_batch} SKUs")
        if not pairs:
            pairs = [(Named(sku=item), params.whole("item_quantity", least=None))]
        if mode == "set" and any(quantity < 0 for _, quantity in pairs):
            raise invalid("sku_quantities", "quantities of at least 0, or differences with type 2")
        lines = [found for name, quantity in pairs for found in self._named(item, name, mode, quantity)]
        return Plan(
            work=partial(self._write_once, item, key, lines),
            listings=tuple(line.id for line in lines),
            quantities=tuple(line.value for line in lines),
        )

    def _named(self, item: str, name: Named, mode: str, quantity: int) -> list[Line]:
        """Return a line for each SKU that an entry of the keyed call names."""
        line = Line(name.sku, "", mode, quantity, 0)
        return [line] if name.sku else self._of_code(item, name.code, line)

    def _plan(self, item: str, lines: Sequence[Line]) -> Plan:
        return Plan(
            work=partial(self._write, item, lines),
            listings=tuple(line.id for line in lines),
            quantities=tuple(line.value for line in lines),
        )

    def _of_code(self, item: str, code: str, line: Line) -> list[Line]:
        """Return the line once for each SKU of this merchant code, or as one that must be refused."""
        found = [line._replace(id=sku.id) for sku in self._state.skus(item) if sku.code == code]
        return found or [line._replace(id=code, problem="no SKU of the item has this merchant code")]

    def _write(self, item_id: str, lines: Sequence[Line], call: Call, strikes: Strikes) -> Row:
        call.applied.extend([False] * len(lines))
        item = self._existing(item_id, quantity_refused)
        for line in lines:
            self._allow(item, line)
        fault = strikes.get(FaultKind.PARTIAL)
        struck = _struck(fault, lines)
        # One that names lines strikes a call that has one of them, and such a call fails as a whole.
        if throttle := strikes.get(FaultKind.THROTTLE):
            raise throttled(throttle.retry_after)
        if fault and struck and fault.error and not fault.applied:
            raise _as_refusal(fault, quantity_refused)
        done = []
        for n, line in enumerate(lines):
            if n in struck and fault and not fault.applied:
                continue
            quantity = self._apply(line, n, call, strikes)
            if n not in struck:
                done.append((line, quantity))
        if fault and struck and fault.error:
            raise _as_refusal(fault, quantity_refused)
        return {"item": self._written(item, done)}

    def _write_once(self, item_id: str, key: str, lines: Sequence[Line], call: Call, strikes: Strikes) -> Row:
        """Write unless the key is known; one that took effect is known even where no answer told so."""
        if self._state.knows(key):
            call.applied.extend([False] * len(lines))
            return {"quantity_update_result": item_id}
        try:
            self._write(item_id, lines, call, strikes)
        except Refusal:
            if any(call.applied):
                self._state.remember(key)
            raise
        self._state.remember(key)
        return {"quantity_update_result": item_id}

    def _allow(self, item: Item, line: Line) -> None:
        if item.warehouse_managed:
            raise quantity_refused("ITEM_IN_WAREHOUSE", "the stock of this item belongs to a warehouse")
        if line.id == item.id and not line.problem and self._state.has_skus(item.id):
            raise quantity_refused("SKU_ID_NEEDED", "the item has SKUs, its stock is theirs")
        listing = self._state.listings.get(line.id)
        if line.problem or listing is None or listing.item != item.id:
            raise quantity_refused("SKU_NOT_FOUND", line.problem or f"the item has no SKU {line.id}")
        obstacle = self._state.obstacle(line)
        if obstacle:
            raise quantity_refused(*obstacle)

    def _apply(self, line: Line, n: int, call: Call, strikes: Strikes) -> int:
        late = strikes.get(FaultKind.LATE_APPLY)
        outcome = self._state.outcome(line)
        if late and late.seconds is not None and (not late.ids or line.id in late.ids):
            self._state.write_later(line, self._state.now() + timedelta(seconds=late.seconds))
            return outcome
        call.applied[n] = True
        self._state.write(line)
        return outcome

    def _written(self, item: Item, done: Sequence[tuple[Line, int]]) -> Row:
        modified = show_local(item.modified)
        return {
            "iid": item.id,
            "num_iid": int(item.id),
            "modified": modified,
            "num": sum(listing.quantity for listing in self._state.parts(item.id)),
            "skus": [
                {"sku_id": int(line.id), "modified": modified, "quantity": quantity}
                for line, quantity in done
                if line.id != item.id
            ],
        }

    # --- on and off sale -----------------------------------------------------------------------------------

    def _put_on(self, params: Params) -> Plan:
        item, num = params.id("num_iid"), params.whole("num", least=1)
        if self._state.has_skus(item):
            return Plan(work=partial(self._switch, item, self._list), listings=(item,))
        # Whoever puts an item without SKUs on sale writes its counter, whatever it was.
        work = partial(self._switch, item, partial(self._list_with, num))
        return Plan(work=work, listings=(item,), quantities=(num,))

    def _put_off(self, params: Params) -> Plan:
        item = params.id("num_iid")
        return Plan(
            work=partial(self._switch, item, lambda found: self._state.put_off(found.id)), listings=(item,)
        )

    def _list(self, item: Item) -> None:
        self._may_list(item)
        if not any(sku.quantity for sku in self._state.skus(item.id)):
            raise listing_refused("ITEM_QUANTITY_ZERO", "nothing to sell, write a quantity first")
        self._state.put_on(item.id)

    def _list_with(self, num: int, item: Item) -> None:
        self._may_list(item)
        line = Line(item.id, "", "set", num, 0)
        self._allow(item, line)
        self._state.write(line)
        self._state.put_on(item.id)

    def _may_list(self, item: Item) -> None:
        if any(listing.off_reason == "violation" for listing in self._state.parts(item.id)):
            raise listing_refused("IC_CHECKSTEP_NO_PERMISSION", "the item was taken off for a violation")

    def _switch(self, item_id: str, act: Switch, call: Call, strikes: Strikes) -> Row:
        call.applied.append(False)
        item = self._existing(item_id, listing_refused)
        if throttle := strikes.get(FaultKind.THROTTLE):
            raise throttled(throttle.retry_after)
        fault = strikes.get(FaultKind.PARTIAL)
        if fault is None or fault.applied:
            act(item)
            call.applied[0] = True
        if fault is None:
            return {"item": {"num_iid": int(item_id), "modified": show_local(item.modified)}}
        if fault.error:
            raise _as_refusal(fault, listing_refused)
        return {}

    # --- inside --------------------------------------------------------------------------------------------

    def _existing(self, item_id: str, refuse: Refuse) -> Item:
        item = self._state.items.get(item_id)
        if item is None:
            raise refuse("ITEM_NOT_FOUND", f"there is no item {item_id}")
        if item.deleted:
            raise deleted(item_id)
        return item


def _read_mode(params: Params, incremental: str) -> str:
    kind = params.whole("type", _FULL, least=_FULL, most=_INCREMENTAL)
    return "set" if kind == _FULL else incremental


def _read_pairs(name: str, text: str) -> list[tuple[str, int]]:
    pairs = []
    for part in text.split(";"):
        # A merchant code may hold a colon itself, the quantity never does.
        key, colon, figure = part.rpartition(":")
        quantity = read_whole(figure)
        if not key or not colon or quantity is None:
            raise invalid(name, "written as ID:QUANTITY;ID:QUANTITY")
        pairs.append((key, quantity))
    if len(dict(pairs)) < len(pairs):
        raise invalid(name, "named once each")
    return pairs


def _read_options(params: Params) -> Mapping[str, Any]:
    options: dict[str, Any] = _read_json("options", params.text("options", "{}"), dict)
    if options.get("type", _FULL) not in (_FULL, _INCREMENTAL):
        raise invalid("options", "an object with type 1 or 2")
    if "outer_biz_key" in options and not _HEX.fullmatch(str(options["outer_biz_key"])):
        raise invalid("options", "an object with an outer_biz_key of hexadecimal digits")
    return options


def _read_sku_quantities(params: Params) -> list[tuple[Named, int]]:
    pairs = []
    for entry in _read_json("sku_quantities", params.text("sku_quantities", "[]"), list):
        match entry:
            case {"sku_id": int(sku), "quantity": int(quantity)}:
                pairs.append((Named(sku=str(sku)), quantity))
            case {"outer_id": str(code), "quantity": int(quantity)} if code:
                pairs.append((Named(code=code), quantity))
            case _:
                raise invalid("sku_quantities", "a list of objects with sku_id or outer_id, and quantity")
    return pairs


def _read_json(name: str, text: str, kind: type) -> Any:  # noqa: ANN401 - JSON is anything
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise invalid(name, "JSON")
    return value


def _struck(fault: Fault | None, lines: Sequence[Line]) -> frozenset[int]:
    if fault is None:
        return frozenset()
    return frozenset(n for n, line in enumerate(lines) if fault.strikes_line(line.id, n))


def _as_refusal(fault: Fault, refuse: Refuse) -> Refusal:
    """Return a fault's word as this platform says it; there it is always the call that is refused."""
    if fault.error == "throttled":
        return throttled(fault.retry_after)
    if fault.error == "permission":
        return not_permitted()
    word = "ITEM_NOT_FOUND" if fault.error == "not_found" else fault.error.upper()
    return refuse(word, "refused by the fault plan")
