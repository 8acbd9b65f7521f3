"""The methods of stock: what a SKU's counter holds, and the writing of up to thirty of them.

A call is remembered by its `stockRfId` row by row: those that were written are skipped when it comes again,
and only those that were refused are tried anew. The text of a refused row is ours, JD has no codes for them.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from syncd.mock.core import Call, Line
from syncd.mock.damage import spoil
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.jd.params import Business
from syncd.mock.jd.refusal import foreign, invalid, missing
from syncd.mock.jd.state import JdState
from syncd.mock.jd.wire import Plan, Row

NATIONWIDE = "0"
"""The `storeId` of stock that belongs to no partition; the mock has no other."""

_MODES = {"fullStockIn": ("set", "stockNum"), "incrStockIn": ("delta", "incrStockNum")}
_MODELS = ("", "POP_SOP", "POP_PARTITION")
_BUSY, _FOREIGN, _NO_STORE = "系统繁忙, 请稍后重试", "SKU不存在或不属于该商家", "仓库不存在"


class _Done(NamedTuple):
    """What became of one row; `message` is empty where it was written, `told` False where it is left out."""

    line: Line
    message: str
    told: bool = True


class Stock:
    """The methods of one shop's stock."""

    def __init__(self, state: JdState) -> None:
        self._state = state

    def methods(self) -> dict[str, Callable[[Business], Plan]]:
        """Return each method by its name."""
        return {
            "jingdong.ware.stock.sku.query": self._query,
            "jingdong.ware.stock.sku.set": self._set,
        }

    # --- reading -------------------------------------------------------------------------------------------

    def _query(self, asked: Business) -> Plan:
        sku_id = asked.id("skuId")

        def work(_: Call, strikes: Strikes) -> Row:
            sku = self._state.listings.get(sku_id)
            if sku is None:
                raise foreign("skuId")
            row: Row = {
                "storeId": 0,
                "stockNum": sku.quantity,
                "orderBookingNum": self._state.booked(sku_id),
                "appBookingNum": sku.withheld,
                "orderTransferNum": 0,
            }
            rows = [] if FaultKind.EMPTY in strikes else spoil([row], strikes, "stockNum")
            held = {"skuId": int(sku_id), "stockModel": "POP_SOP", "skuStockInfos": rows}
            return {"returnType": {"success": True, "errorMessage": None, "obj": held}}

        return Plan(work=work, listings=(sku_id,))

    # --- writing -------------------------------------------------------------------------------------------

    def _set(self, asked: Business) -> Plan:
        req = asked.object("req")
        model = req.text("updateModel")
        if model not in _MODES:
            raise invalid("req.updateModel", f"one of {', '.join(_MODES)}")
        if req.text("stockModel", "") not in _MODELS:
            raise invalid("req.stockModel", "POP_SOP or POP_PARTITION")
        key = req.text("stockRfId")
        lines = [_read_line(row, model, key) for row in req.objects("skuStocks")]
        return Plan(
            work=partial(self._write, lines),
            listings=tuple(line.id for line in lines),
            quantities=tuple(line.value for line in lines),
            keys=(key,) * len(lines),
        )

    def _write(self, lines: Sequence[Line], call: Call, strikes: Strikes) -> Row:
        call.applied.extend([False] * len(lines))
        most = self._state.settings.max_batch
        if len(lines) > most:
            refused = {"success": False, "errorMessage": f"skuStocks 最多 {most} 个", "obj": None}
            return {"returnType": refused}
        done = [self._write_row(line, n, call, strikes) for n, line in enumerate(lines)]
        failed = any(row.message and row.told for row in done)
        success = self._state.jd.success_with_failures or not failed
        told = [row for row in done if row.told and (row.message or self._state.jd.lists_successes)]
        return {
            "returnType": {
                "success": success,
                "errorMessage": None if success else "部分库存更新失败",
                "obj": {"updateStockResult": [_shown(row) for row in told]},
            }
        }

    def _write_row(self, line: Line, n: int, call: Call, strikes: Strikes) -> _Done:
        if self._state.knows(line.key):
            return _Done(line, "")
        if line.problem or line.id not in self._state.listings:
            return _Done(line, line.problem or _FOREIGN)
        if _meant(strikes.get(FaultKind.THROTTLE), line, n):
            return _Done(line, _BUSY)
        if obstacle := self._state.obstacle(line):
            return _Done(line, obstacle[1])
        fault = strikes.get(FaultKind.PARTIAL)
        struck = _meant(fault, line, n)
        if not struck or (fault and fault.applied):
            self._apply(line, n, call, strikes.get(FaultKind.LATE_APPLY))
        if struck and fault:
            return _Done(line, fault.error, told=bool(fault.error))
        return _Done(line, "")

    def _apply(self, line: Line, n: int, call: Call, late: Fault | None) -> None:
        if late and late.seconds is not None and (not late.ids or line.id in late.ids):
            self._state.write_later(line, self._state.now() + timedelta(seconds=late.seconds))
            return
        call.applied[n] = True
        self._state.write(line)


def _read_line(row: Business, model: str, key: str) -> Line:
    mode, name = _MODES[model]
    sku, store = row.id("skuId"), row.text("storeId", NATIONWIDE)
    if not row.has(name):
        raise missing(name)
    figure = row.whole(name, least=None)
    problem = "" if store == NATIONWIDE else _NO_STORE
    return Line(sku, f"{key}/{sku}", mode, figure, 0, problem)


def _meant(fault: Fault | None, line: Line, n: int) -> bool:
    return fault is not None and fault.strikes_line(line.id, n)


def _shown(row: _Done) -> Row:
    return {
        "data": int(row.line.id),
        "storeId": 0,
        "success": not row.message,
        "message": row.message or None,
    }
