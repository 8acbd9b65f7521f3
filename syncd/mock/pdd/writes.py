"""The interfaces that set counters and put goods or SKUs on and off sale.

A counter is set for one SKU a call, by its id or else by its code, to a figure or by a difference. There is
no key by which a repeated difference could be known: it is applied again.

A `partial` fault refuses the call with its `error`; without one the answer does not say whether it was done,
and the error `not_done` says plainly that it was not (`is_success` false).
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from syncd.mock.core import Call, Line
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.forms import is_id
from syncd.mock.pdd.goods import Goods
from syncd.mock.pdd.params import Params
from syncd.mock.pdd.plan import Interface, Plan, Row
from syncd.mock.pdd.refusal import Refusal, invalid, missing, not_permitted, refused, throttled
from syncd.mock.pdd.state import PddState

_FULL, _INCREMENTAL = 1, 2

Act = Callable[[Call, Strikes], bool]
"""Does what a call is for; returns whether it has taken effect, which an accepted one may do later."""


class Writes:
    """The writing interfaces of one shop."""

    def __init__(self, state: PddState) -> None:
        self._state = state

    def interfaces(self) -> Mapping[str, Interface]:
        """Return each interface by its type."""
        return {
            "pdd.goods.quantity.update": self._quantity,
            "pdd.goods.sale.status.set": self._status,
            "pdd.goods.sku.price.update": self._skus,
        }

    # --- counters ------------------------------------------------------------------------------------------

    def _quantity(self, params: Params) -> Plan:
        goods_id = params.id("goods_id")
        full = params.one_of("update_type", (_FULL, _INCREMENTAL), _FULL) == _FULL
        quantity = params.whole("quantity", least=0 if full else None)
        sku, code = params.text("sku_id", ""), params.text("outer_id", "")
        if not sku and not code:
            raise missing("sku_id")
        line = self._line(goods_id, sku, code, Line("", "", "set" if full else "delta", quantity, 0))
        act = partial(self._write, goods_id, line)
        work = partial(_carried_out, act, line.id)
        return Plan(work=work, listings=(line.id,), quantities=(quantity,))

    def _line(self, goods_id: str, sku: str, code: str, line: Line) -> Line:
        """Return the line with the SKU that is meant, or as one that must be refused."""
        if sku:
            if not is_id(sku):
                raise invalid("sku_id", "a number")
            return line._replace(id=sku)
        found = [one.id for one in self._state.skus(goods_id) if one.code == code]
        if len(found) == 1:
            return line._replace(id=found[0])
        problem = "several SKUs have this code" if found else "no SKU of the goods has this code"
        return line._replace(id=code, problem=problem)

    def _write(self, goods_id: str, line: Line, _: Call, strikes: Strikes) -> bool:
        self._existing(goods_id)
        listing = self._state.listings.get(line.id)
        if line.problem or listing is None or listing.item != goods_id:
            raise refused("SKU_NOT_FOUND", line.problem or f"the goods have no SKU {line.id}")
        obstacle = self._state.obstacle(line)
        if obstacle:
            raise refused(*obstacle)
        late = strikes.get(FaultKind.LATE_APPLY)
        if late and late.seconds is not None and (not late.ids or line.id in late.ids):
            self._state.write_later(line, self._state.now() + timedelta(seconds=late.seconds))
            return False
        self._state.write(line)
        return True

    # --- on and off sale -----------------------------------------------------------------------------------

    def _status(self, params: Params) -> Plan:
        goods_id = params.id("goods_id")
        on_sale = bool(params.one_of("is_onsale", (0, 1)))

        def act(_: Call, __: Strikes) -> bool:
            goods = self._existing(goods_id)
            if on_sale:
                self._may_sell(goods)
            self._state.switch(goods_id, on_sale=on_sale)
            return True

        return Plan(work=partial(_carried_out, act, goods_id), listings=(goods_id,))

    def _skus(self, params: Params) -> Plan:
        goods_id = params.id("goods_id")
        wanted = _read_switches(params)

        def act(_: Call, __: Strikes) -> bool:
            goods = self._existing(goods_id)
            known = {sku.id for sku in self._state.skus(goods_id)}
            if unknown := wanted.keys() - known:
                raise refused("SKU_NOT_FOUND", f"the goods have no SKU {min(unknown)}")
            if any(wanted.values()):
                self._may_sell(goods)
            self._state.switch_skus(goods_id, wanted)
            return True

        return Plan(work=partial(_carried_out, act, goods_id), listings=tuple(wanted))

    # --- inside --------------------------------------------------------------------------------------------

    def _existing(self, goods_id: str) -> Goods:
        if not self._state.is_there(goods_id):
            raise refused("GOODS_NOT_FOUND", f"there are no goods {goods_id}")
        return self._state.goods[goods_id]

    def _may_sell(self, goods: Goods) -> None:
        if any(sku.off_reason == "violation" for sku in self._state.skus(goods.id)):
            raise refused("GOODS_VIOLATION", "the goods were taken off for a violation")


def _carried_out(act: Act, name: str, call: Call, strikes: Strikes) -> Row:
    """Do it as far as the faults let it, and say what became of it as far as they let that."""
    call.applied.append(False)
    throttle, fault = strikes.get(FaultKind.THROTTLE), strikes.get(FaultKind.PARTIAL)
    if throttle:
        raise throttled(throttle.retry_after)
    if fault is None or fault.applied or not fault.strikes_line(name, 0):
        call.applied[0] = act(call, strikes)
    if fault is None or not fault.strikes_line(name, 0):
        return {"is_success": True}
    if fault.error == "not_done":
        return {"is_success": False}
    if fault.error:
        raise _as_refusal(fault)
    return {}


def _read_switches(params: Params) -> dict[str, bool]:
    switches = {}
    for entry in params.objects("sku_price_list"):
        sku, on_sale = str(entry.get("sku_id", "")), entry.get("is_onsale")
        if not is_id(sku) or on_sale not in (0, 1):
            raise invalid("sku_price_list", "a list of objects with sku_id and is_onsale 0 or 1")
        switches[sku] = bool(on_sale)
    if not switches:
        raise missing("sku_price_list")
    return switches


def _as_refusal(fault: Fault) -> Refusal:
    """Return a fault's word as this platform says it."""
    if fault.error == "throttled":
        return throttled(fault.retry_after)
    if fault.error == "permission":
        return not_permitted()
    if fault.error == "busy":
        return Refusal(52102)
    word = "GOODS_NOT_FOUND" if fault.error == "not_found" else fault.error.upper()
    return refused(word, "refused by the fault plan")
