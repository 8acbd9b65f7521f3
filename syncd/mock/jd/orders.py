"""The methods that read orders, as JD tells them: a state for the whole order, and what it is of.

What the document does not say is ours: that an order whose money is asked back before it is shipped is
`LOCKED`, that an order of several lines is to ship as long as one of them is, that a line keeps its
`itemTotal` whatever was refunded of it, the codes of `apiResult`, and the frame of `jingdong.pop.order.get`.
When an order was placed and ended is background knowledge, see `JdSettings.tells_order_times`. Nothing of
buyers is ever told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.mock.core import Call, Order, OrderItem, Refund, Stage
from syncd.mock.damage import apart, kept, known_by, spoil
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.forms import show_local
from syncd.mock.jd.params import Business
from syncd.mock.jd.refusal import foreign, missing
from syncd.mock.jd.state import JdState
from syncd.mock.jd.wire import Plan, Row

STATES: Mapping[Stage, str] = {
    Stage.PAID: "WAIT_SELLER_STOCK_OUT",
    Stage.PART_SHIPPED: "WAIT_SELLER_STOCK_OUT",
    Stage.SHIPPED: "WAIT_GOODS_RECEIVE_CONFIRM",
    Stage.FINISHED: "FINISHED_L",
    Stage.CLOSED: "TRADE_CANCELED",
    Stage.CANCELLED: "TRADE_CANCELED",
}
"""How the platform says how far an order has come; unpaid ones see `JdSettings.unpaid_word`."""

LOCKED = "LOCKED"
"""The state of an order that must not be shipped for now."""

NEVER = "0001-01-01 00:00:00"
"""How the platform writes that an order is not paid."""

_USUAL_ROWS, _MOST_ROWS = 20, 100
_LONGEST, _KEPT = timedelta(days=31), timedelta(days=92)
_VENDER = 80001
_FINE: Row = {"success": True, "errorCode": "0", "englishErrCode": "success", "chineseErrCode": "成功"}


class _Tale(NamedTuple):
    """One order as it is told: the whole of it, or the child of one line."""

    id: str
    parent: str
    order: Order
    lines: tuple[OrderItem, ...]

    @property
    def stage(self) -> Stage:
        return self.order._replace(lines=self.lines).stage


class Orders:
    """The reading methods of one shop's orders."""

    def __init__(self, state: JdState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Callable[[Business], Plan]]:
        """Return each method by its name."""
        return {"jingdong.pop.order.search": self._search, "jingdong.pop.order.get": self._get}

    # --- pages ---------------------------------------------------------------------------------------------

    def _search(self, asked: Business) -> Plan:
        states, fields = frozenset(asked.names("order_state")), _read_fields(asked)
        for name in ("page", "page_size"):
            if not asked.has(name):
                raise missing(name)
        page = asked.whole("page", least=1)
        size = asked.whole("page_size", _USUAL_ROWS, least=1, most=_MOST_ROWS)
        begin, end = asked.time("start_date"), asked.time("end_date")

        def work(_: Call, strikes: Strikes) -> Row:
            until = end or self._state.now()
            since = begin or until - _LONGEST
            if wrong := self._wrong(since, until, by_creation=_by_creation(asked)):
                return {"searchorderinfo_result": {"apiResult": _refused(wrong)}}
            tales = self._found(asked, since, until, strikes)
            left = kept(
                [tale for tale in tales if self._word(tale) in states],
                lambda tale: tale.id,
                strikes,
                self._seed,
            )
            rows = self._rows(left[(page - 1) * size : page * size], fields, strikes)
            return {
                "searchorderinfo_result": {
                    "apiResult": _FINE,
                    "orderTotal": len(left),
                    "orderInfoList": rows,
                }
            }

        return Plan(work=work, page=page)

    def _found(self, asked: Business, since: datetime, until: datetime, strikes: Strikes) -> list[_Tale]:
        book = self._state.orders
        between = book.created_between if _by_creation(asked) else book.modified_between
        orders = known_by(self._state.now(), between(since, until), strikes)
        if asked.text("sortType", "") != "1":
            orders = orders[::-1]
        return [tale for order in orders for tale in self._tales(order)]

    def _wrong(self, since: datetime, until: datetime, *, by_creation: bool) -> str:
        if since > until:
            return "end_date is before start_date"
        if until - since > _LONGEST:
            return "the span is longer than a month"
        if not by_creation and since < self._state.now() - _KEPT:
            return "start_date is more than three months ago"
        return ""

    def _get(self, asked: Business) -> Plan:
        name = "order_id" if asked.has("order_id") else "orderId"
        order_id, fields = asked.id(name), _read_fields(asked)

        def work(_: Call, strikes: Strikes) -> Row:
            tale = None if FaultKind.EMPTY in strikes else self._tale(order_id)
            if tale is None:
                raise foreign(name)
            rows = self._rows([tale], fields, strikes)
            return {"orderDetailInfo": {"apiResult": _FINE} | ({"orderInfo": rows[0]} if rows else {})}

        return Plan(work=work)

    # --- what is told --------------------------------------------------------------------------------------

    def _tales(self, order: Order) -> list[_Tale]:
        """Return the order as it is told, or its children; none where unpaid ones are not told."""
        if order.stage is Stage.UNPAID and not self._state.jd.unpaid_word:
            return []
        if self._state.jd.splits_orders and len({line.stage for line in order.lines}) > 1:
            return [_Tale(line.id, order.id, order, (line,)) for line in order.lines]
        return [_Tale(order.id, "0", order, order.lines)]

    def _tale(self, order_id: str) -> _Tale | None:
        orders = self._state.orders.orders
        order = orders.get(order_id)
        parents = [order] if order else [one for one in orders.values() if one.line(order_id)]
        tales = [tale for one in parents for tale in self._tales(one)]
        return next((tale for tale in tales if tale.id == order_id), None)

    def _word(self, tale: _Tale) -> str:
        if word := self._state.jd.order_words.get(tale.id):
            return word
        if tale.stage is Stage.UNPAID:
            # Lines of a paid order that are at different stages look unpaid as a whole.
            return STATES[Stage.PAID] if tale.order.paid else self._state.jd.unpaid_word
        asked = any(line.refund is Refund.ASKED and line.stage is Stage.PAID for line in tale.lines)
        return LOCKED if asked else STATES[tale.stage]

    def _older(self, tale: _Tale) -> _Tale:
        before = self._state.orders.before.get(tale.order.id)
        if before is None:
            return tale
        ids = {line.id for line in tale.lines}
        return tale._replace(order=before, lines=tuple(line for line in before.lines if line.id in ids))

    # --- rows ----------------------------------------------------------------------------------------------

    def _rows(self, tales: Sequence[_Tale], fields: Iterable[str], strikes: Strikes) -> list[Row]:
        # The figures that count are those of the lines; one order with bad ones is enough.
        bad, other = apart(strikes)
        old = strikes.get(FaultKind.OLD_ORDERS)
        rows = []
        for n, newest in enumerate(tales):
            tale = self._older(newest) if old and n < max(old.lines, 1) else newest
            row = self._row(tale)
            rows.append(row | {"itemInfoList": spoil(row["itemInfoList"], {} if n else bad, "itemTotal")})
        shown = {"orderId", *fields}
        return [
            {name: value for name, value in row.items() if name in shown}
            for row in spoil(rows, other, "storeId")
        ]

    def _row(self, tale: _Tale) -> Row:
        order = tale.order
        times = {"orderStartTime": order.created, "orderEndTime": order._replace(lines=tale.lines).ended}
        known = times if self._state.jd.tells_order_times else {}
        return {
            "orderId": int(tale.id),
            "venderId": _VENDER,
            "parentOrderId": int(tale.parent),
            "orderState": self._word(tale),
            "storeId": 0,
            **{name: show_local(when) for name, when in known.items() if when},
            "paymentConfirmTime": NEVER if order.paid is None else show_local(order.paid),
            "modified": show_local(order.modified),
            "itemInfoList": [
                {
                    "skuId": int(line.listing),
                    "wareId": int(line.item),
                    "outerSkuId": line.code,
                    "itemTotal": line.units,
                }
                for line in tale.lines
            ],
        }


def _read_fields(asked: Business) -> tuple[str, ...]:
    return asked.names("optional_fields")


def _by_creation(asked: Business) -> bool:
    return asked.text("dateType", "") == "1"


def _refused(why: str) -> Row:
    return {"success": False, "errorCode": "1", "englishErrCode": why, "chineseErrCode": "查询条件错误"}
