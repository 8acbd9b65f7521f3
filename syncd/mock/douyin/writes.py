"""The methods that write counters and put products on and off sale.

The call of one SKU and that of one product take effect as a whole or not at all, and answer nothing but that.
The call for several products judges every row apart. A `partial` fault without an `error` leaves rows out of
that answer, and takes the `code` out of the others.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from syncd.mock.core import Call, Line, Listing
from syncd.mock.douyin.params import Asked, Body, read_whole
from syncd.mock.douyin.product import BANNED
from syncd.mock.douyin.refusal import (
    BATCH,
    MULTI,
    SINGLE,
    Family,
    Refusal,
    Word,
    business,
    gone,
    invalid,
    missing,
    not_permitted,
    throttled,
)
from syncd.mock.douyin.state import DouyinState
from syncd.mock.douyin.wire import DONE, Method, Plan, Reply, Row
from syncd.mock.faults import Fault, FaultKind, Strikes

_MOST_ROWS, _MOST_SKUS, _MOST_PRODUCTS = 50, 200, 50
_FAULT_WORDS = {"not_found": Word.NOT_FOUND, "duplicate": Word.DUPLICATE, "transient": Word.BUSY}


class _Want(NamedTuple):
    """One row of the call for several products, with the word by which its answer is found."""

    line: Line
    uniq_id: str


class Writes:
    """The writing methods of one shop."""

    def __init__(self, state: DouyinState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """Return each method by its path."""
        return {
            "/sku/syncStock": self._single,
            "/sku/syncStockBatch": self._batch,
            "/sku/syncStockBatchMultiProducts": self._multi,
            "/product/setOnline": partial(self._switch, on_sale=True),
            "/product/setOffline": partial(self._switch, on_sale=False),
            "/product/batchOfflineProducts": self._offline,
        }

    # --- whole or not at all -------------------------------------------------------------------------------

    def _single(self, asked: Asked) -> Plan:
        body, mode = asked.body, _read_mode(asked.body, needed=False)
        quantity = body.whole("stock_num", least=0 if mode == "set" else None)
        key = body.text("idempotent_id", "")
        if mode == "delta" and not key:
            raise missing("idempotent_id")
        product = body.id("product_id", "")
        line = Line(self._name(body, product), key, mode, quantity, 0)
        return self._planned(SINGLE, product, key, [line])

    def _batch(self, asked: Asked) -> Plan:
        body, mode = asked.body, _read_mode(asked.body, needed=True)
        product, key = body.id("product_id"), body.text("idempotent_id", "")
        rows = body.objects("sku_sync_list", most=_MOST_SKUS)
        lines = [
            Line(
                row.id("sku_id"),
                key,
                mode,
                row.whole("stock_num", least=0 if mode == "set" else None),
                0,
                "" if row.whole("sku_type") == 0 else "the SKU is of another type",
            )
            for row in rows
        ]
        if len({line.id for line in lines}) < len(lines):
            raise invalid("sku_sync_list", "a list that names every SKU once")
        return self._planned(BATCH, product, key, lines)

    def _name(self, body: Body, product: str) -> str:
        """Return which SKU is meant, by its id or by the code that the merchant gave it."""
        if body.has("sku_id"):
            return body.id("sku_id")
        code = body.text("code")
        if not product:
            raise missing("product_id")
        found = [sku.id for sku in self._state.skus(product) if sku.code == code]
        return found[0] if found else ""

    def _planned(self, family: Family, product: str, key: str, lines: Sequence[Line]) -> Plan:
        return Plan(
            work=partial(self._write, family, product, lines),
            listings=tuple(line.id for line in lines),
            quantities=tuple(line.value for line in lines),
            keys=(key,) * len(lines),
        )

    def _write(
        self, family: Family, product: str, lines: Sequence[Line], call: Call, strikes: Strikes
    ) -> Reply:
        call.applied.extend([False] * len(lines))
        if self._state.knows(lines[0].key):
            raise business(family, Word.DUPLICATE, "this idempotent_id was applied already")
        for line in lines:
            if reason := self._against(line, product):
                raise business(family, *reason)
        if throttle := strikes.get(FaultKind.THROTTLE):
            raise throttled(throttle.retry_after)
        fault = strikes.get(FaultKind.PARTIAL)
        if fault is None or fault.applied:
            for n, line in enumerate(lines):
                self._apply(line, n, call, strikes)
        if fault is None:
            return Reply(data={})
        if fault.error:
            raise _as_refusal(fault, family)
        return Reply(data=None, code=None)

    # --- row by row ----------------------------------------------------------------------------------------

    def _multi(self, asked: Asked) -> Plan:
        body, mode = asked.body, _read_mode(asked.body, needed=True)
        key = body.text("idempotent_id")
        wants = []
        for row in body.objects("items", most=_MOST_ROWS):
            product = row.id("product_id")
            sku = row.id("sku_id", "") or self._sku_of_code(product, row.text("outer_sku_id", ""))
            quantity = row.whole("stock_num", least=0 if mode == "set" else None)
            line = Line(sku, key, mode, quantity, 0, self._misplaced(sku, product))
            wants.append(_Want(line, row.text("uniq_id", "")))
        return Plan(
            work=partial(self._write_rows, key, wants),
            listings=tuple(want.line.id for want in wants),
            quantities=tuple(want.line.value for want in wants),
            keys=(key,) * len(wants),
        )

    def _write_rows(self, key: str, wants: Sequence[_Want], call: Call, strikes: Strikes) -> Reply:
        call.applied.extend([False] * len(wants))
        if not self._state.douyin.keys_by_row and self._state.knows(key):
            raise business(MULTI, Word.DUPLICATE, "this idempotent_id was applied already")
        rows = [self._write_row(want, n, call, strikes) for n, want in enumerate(wants)]
        self._state.remember(key)
        shown = [row for row in rows if row is not None]
        failed = any(row["status_code"] for row in shown)
        return Reply(data={"results": shown}, code=self._state.douyin.partial_code if failed else DONE)

    def _write_row(self, want: _Want, n: int, call: Call, strikes: Strikes) -> Row | None:
        line, state = want.line, self._state
        row_key = f"{line.key}/{line.id}"
        if state.knows(row_key):
            return self._row(want, MULTI.numbers[Word.DUPLICATE], "this token was used already")
        throttle, fault = strikes.get(FaultKind.THROTTLE), strikes.get(FaultKind.PARTIAL)
        if throttle and throttle.strikes_line(line.id, n):
            return self._row(want, MULTI.numbers[Word.BUSY], "too many writes of this SKU")
        struck = fault if fault and fault.strikes_line(line.id, n) else None
        reason = state.obstacle(line)
        if reason is None and (struck is None or struck.applied):
            state.remember(row_key)
            self._apply(line, n, call, strikes)
        if struck:
            number = MULTI.numbers[_fault_word(struck)]
            return self._row(want, number, "refused by the fault plan") if struck.error else None
        if reason:
            return self._row(want, MULTI.numbers[reason[0]], reason[1])
        return self._row(want, 0, "", change=line.value if line.mode == "delta" else 0)

    def _row(self, want: _Want, status: int, message: str, *, change: int = 0) -> Row:
        listing = self._state.listings.get(want.line.id)
        return {
            "uniq_id": want.uniq_id,
            "sku_id": int(want.line.id or 0),
            "warehouse_id": 0,
            "stock_num": listing.quantity if listing else 0,
            "step_stock_num": 0,
            "change_num": change,
            "step_change_num": 0,
            "status_code": status,
            "status_message": message,
        }

    # --- on and off sale -----------------------------------------------------------------------------------

    def _switch(self, asked: Asked, *, on_sale: bool) -> Plan:
        product = asked.body.id("product_id")

        def work(call: Call, strikes: Strikes) -> Reply:
            call.applied.append(False)
            if reason := self._cannot_switch(product, on_sale=on_sale):
                raise reason
            if throttle := strikes.get(FaultKind.THROTTLE):
                raise throttled(throttle.retry_after)
            fault = strikes.get(FaultKind.PARTIAL)
            if fault is None or fault.applied:
                self._state.switch(product, on_sale=on_sale)
                call.applied[0] = True
            if fault and fault.error:
                raise _as_refusal(fault, BATCH)
            return Reply(data={}) if fault is None else Reply(data=None, code=None)

        return Plan(work=work, listings=(product,))

    def _offline(self, asked: Asked) -> Plan:
        ids = [read_whole(one) for one in asked.body.items("product_ids", most=_MOST_PRODUCTS)]
        if None in ids:
            raise invalid("product_ids", "a list of numbers")
        products = [str(one) for one in ids]

        def work(call: Call, strikes: Strikes) -> Reply:
            call.applied.extend([False] * len(products))
            rows = [self._put_off(product, n, call, strikes) for n, product in enumerate(products)]
            return Reply(data={"resp_list": [row for row in rows if row is not None]})

        return Plan(work=work, listings=tuple(products))

    def _put_off(self, product: str, n: int, call: Call, strikes: Strikes) -> Row | None:
        fault = strikes.get(FaultKind.PARTIAL)
        struck = fault if fault and fault.strikes_line(product, n) else None
        reason = self._cannot_switch(product, on_sale=False)
        if reason is None and (struck is None or struck.applied):
            self._state.switch(product, on_sale=False)
            call.applied[n] = True
        if struck and not struck.error:
            return None
        if struck:
            reason = _as_refusal(struck, BATCH)
        code = reason.sub_code.rpartition(":")[2] if reason else "0"
        return {"product_id": int(product), "code": code, "msg": reason.sub_msg if reason else "success"}

    def _cannot_switch(self, product_id: str, *, on_sale: bool) -> Refusal | None:
        product = self._state.products.get(product_id)
        if product is None:
            return gone(product_id)
        if product.deleted:
            return business(BATCH, Word.DELETED, f"the product {product_id} is deleted")
        violation = any(sku.off_reason == "violation" for sku in self._state.skus(product_id))
        if on_sale and (violation or product.check_status == BANNED):
            return business(BATCH, Word.BANNED, f"the product {product_id} is banned")
        return None

    # --- inside --------------------------------------------------------------------------------------------

    def _against(self, line: Line, product: str) -> tuple[Word, str] | None:
        if line.problem:
            return Word.PARAMETER, line.problem
        if misplaced := self._misplaced(line.id, product):
            return Word.NOT_FOUND, misplaced
        return self._state.obstacle(line)

    def _misplaced(self, sku_id: str, product: str) -> str:
        sku = self._state.listings.get(sku_id)
        if sku is None or (product and sku.item != product):
            return f"the product has no SKU {sku_id}"
        return ""

    def _sku_of_code(self, product: str, code: str) -> str:
        if not code:
            raise missing("sku_id")
        named: Callable[[Listing], bool] = lambda sku: sku.code == code  # noqa: E731 - a filter, and its type
        return next((sku.id for sku in filter(named, self._state.skus(product))), "")

    def _apply(self, line: Line, n: int, call: Call, strikes: Strikes) -> None:
        late = strikes.get(FaultKind.LATE_APPLY)
        if late and late.seconds is not None and (not late.ids or line.id in late.ids):
            self._state.write_later(line, self._state.now() + timedelta(seconds=late.seconds))
            return
        call.applied[n] = True
        self._state.write(line)


def _read_mode(body: Body, *, needed: bool) -> str:
    return "delta" if body.flag("incremental", default=None if needed else False) else "set"


def _fault_word(fault: Fault) -> Word:
    return _FAULT_WORDS.get(fault.error, Word.ACTIVITY)


def _as_refusal(fault: Fault, family: Family) -> Refusal:
    """Return a fault's word as this platform says it; other words are said as a refusal of its rules."""
    if fault.error == "throttled":
        return throttled(fault.retry_after)
    if fault.error == "permission":
        return not_permitted()
    return business(family, _fault_word(fault), "refused by the fault plan")
