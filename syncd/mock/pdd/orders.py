"""The interfaces that read orders and their refunds.

The platform sells one SKU an order, so each line of a basket is told as an order of its own. Only confirmed
orders are told: paid, and their group complete. What is unpaid, or waits for a group, is to be seen in
`reserve_quantity` alone, and one that ended before it was paid is never told. An order whose refund gave up
only some units is told as if nothing were; the platform's own refunds are of whole orders.

Fields of buyers are masked.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.mock.core import Call, Order, OrderBook, OrderItem, Refund, Stage
from syncd.mock.damage import apart, kept, known_by, spoil, versions
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.forms import BEIJING, show_local
from syncd.mock.pdd.goods import Goods
from syncd.mock.pdd.params import Params
from syncd.mock.pdd.plan import Interface, Plan, Row
from syncd.mock.pdd.reads import read_page
from syncd.mock.pdd.refusal import invalid, refused
from syncd.mock.pdd.state import PddState

TO_SHIP, SHIPPED, SIGNED, ALL = 1, 2, 3, 5
"""What `order_status` says, and what asks for any."""

NO_REFUND, IN_AFTER_SALE, REFUNDING, REFUNDED = 1, 2, 3, 4
"""What `refund_status` says; 5 asks for any."""

REFUNDS: Mapping[Refund, tuple[int, int]] = {
    Refund.NONE: (NO_REFUND, 0),
    Refund.ASKED: (IN_AFTER_SALE, 2),
    Refund.AGREED: (REFUNDING, 7),
    Refund.SENT_BACK: (REFUNDING, 8),
    Refund.REFUSED: (IN_AFTER_SALE, 6),
    Refund.WITHDRAWN: (NO_REFUND, 11),
    Refund.DONE: (REFUNDED, 10),
}
"""`refund_status` and `after_sales_status` of a refund; where two words fit, the choice is ours."""

_NEVER_CONFIRMED = frozenset({Stage.UNPAID, Stage.CANCELLED})
_HALF_HOUR, _DAY, _KEPT = timedelta(minutes=30), timedelta(days=1), timedelta(days=90)
_NO_GOODS = Goods(id="0")


class Told(NamedTuple):
    """One order as the platform has it: a line of a basket."""

    basket: Order
    line: OrderItem

    @property
    def sn(self) -> str:
        """Return the number of the order, which is no number."""
        return f"{self.basket.created.astimezone(BEIJING):%y%m%d}-{self.line.id}"

    @property
    def status(self) -> int:
        """Return how far it has come."""
        if self.line.stage is Stage.FINISHED:
            return SIGNED
        return SHIPPED if self.line.sent else TO_SHIP

    @property
    def refund(self) -> tuple[int, int]:
        """Return `refund_status` and `after_sales_status`."""
        partly = self.line.refund is Refund.DONE and self.line.stage is not Stage.CLOSED
        return REFUNDS[Refund.NONE if partly else self.line.refund]


Shows = Callable[[Told], bool]


class Orders:
    """The reading interfaces of one shop's orders."""

    def __init__(self, state: PddState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def interfaces(self) -> Mapping[str, Interface]:
        """Return each interface by its type."""
        return {
            "pdd.order.number.list.increment.get": self._increment,
            "pdd.order.list.get": self._confirmed,
            "pdd.order.information.get": self._one,
            "pdd.refund.list.increment.get": self._refunds,
        }

    @property
    def _book(self) -> OrderBook:
        return self._state.orders

    # --- pages ---------------------------------------------------------------------------------------------

    def _increment(self, params: Params) -> Plan:
        since, until = _read_span(params, "start_updated_at", "end_updated_at", _HALF_HOUR)
        lucky = params.one_of("is_lucky_flag", (0, 1, 2))
        kinds = params.one_of("trade_type", (0, 1), 0)
        shows = _read_statuses(params)

        def find(strikes: Strikes) -> list[Told]:
            found = self._versions(
                known_by(self._state.now(), self._book.modified_between(since, until), strikes), strikes
            )
            # Nothing is raffled here, and nothing is ordered with a deposit.
            return [one for one in found if shows(one) and lucky != 2 and not kinds]  # noqa: PLR2004 - 2 is such

        return self._page(params, find, "order_sn_list")

    def _confirmed(self, params: Params) -> Plan:
        since, until = _read_span(params, "start_confirm_at", "end_confirm_at", _DAY)
        shows = _read_statuses(params)

        def find(strikes: Strikes) -> list[Told]:
            paid = [
                order
                for order in self._book.orders.values()
                if order.paid is not None and since <= order.paid <= until
            ]
            paid.sort(key=lambda order: (order.paid, order.id), reverse=True)
            return [
                one
                for one in self._versions(known_by(self._state.now(), paid, strikes), strikes)
                if shows(one)
            ]

        return self._page(params, find, "order_list")

    def _page(self, params: Params, find: Callable[[Strikes], list[Told]], name: str) -> Plan:
        page, size = read_page(params)
        by_next = params.text("use_has_next", "false") == "true"

        def work(_: Call, strikes: Strikes) -> Row:
            left = kept([one for one in find(strikes) if self._is_told(one)], _number, strikes, self._seed)
            begin = (page - 1) * size
            rows = self._rows(left[begin : begin + size], strikes)
            count = {"has_next": begin + size < len(left)} if by_next else {"total_count": len(left)}
            return {**count, name: rows}

        return Plan(work=work, page=page)

    def _refunds(self, params: Params) -> Plan:
        since, until = _read_span(params, "start_updated_at", "end_updated_at", _HALF_HOUR)
        status = params.whole("after_sales_status", least=0)
        params.whole("after_sales_type", least=0)
        page, size = read_page(params)

        def work(_: Call, strikes: Strikes) -> Row:
            orders = known_by(self._state.now(), self._book.modified_between(since, until), strikes)
            found = [one for one in self._versions(orders, strikes) if one.line.refund_id]
            asked = [one for one in found if status in (1, REFUNDS[one.line.refund][1])]
            left = kept(asked, _number, strikes, self._seed)
            rows = [self._refund_row(one) for one in left[(page - 1) * size : page * size]]
            return {"total_count": len(left), "refund_list": spoil(rows, strikes, "goods_number")}

        return Plan(work=work, page=page)

    def _one(self, params: Params) -> Plan:
        number = params.text("order_sn")

        def work(_: Call, strikes: Strikes) -> Row:
            found = [one for one in self._versions(list(self._book.orders.values()), {}) if one.sn == number]
            if not found or not self._is_told(found[0]) or FaultKind.EMPTY in strikes:
                raise refused("ORDER_NOT_FOUND", "there is no such order")
            old = self._versions([found[0].basket], strikes)
            rows = self._rows([one for one in old if one.sn == number], strikes)
            return {"order_info": rows[0]} if rows else {}

        return Plan(work=work)

    # --- which orders --------------------------------------------------------------------------------------

    def _is_told(self, told: Told) -> bool:
        if told.line.stage in _NEVER_CONFIRMED:
            return self._state.pdd.shows_unconfirmed
        return told.basket.paid is None or told.basket.paid >= self._state.now() - _KEPT

    def _versions(self, orders: Sequence[Order], strikes: Strikes) -> list[Told]:
        """Return each line as an order, the first baskets as they were before their newest change."""
        shown = versions(orders, self._book.before, strikes)
        return [Told(order, line) for order in shown for line in order.lines]

    # --- rows ----------------------------------------------------------------------------------------------

    def _rows(self, orders: Sequence[Told], strikes: Strikes) -> list[Row]:
        # The figures that count are those of the items; one order with bad ones is enough.
        bad, other = apart(strikes)
        rows = [
            self._row(one) | {"item_list": spoil([self._item(one)], {} if n else bad, "goods_count")}
            for n, one in enumerate(orders)
        ]
        return spoil(rows, other, "order_status")

    def _row(self, told: Told) -> Row:
        basket, line = told.basket, told.line
        refund, after_sale = told.refund
        confirm = {Stage.UNPAID: 0, Stage.CANCELLED: 2}.get(line.stage, 1)
        return {
            "order_sn": told.sn,
            "order_status": told.status,
            "refund_status": refund,
            "after_sales_status": after_sale,
            "confirm_status": confirm,
            "group_status": confirm,
            "risk_control_status": int(self._in_review(basket)),
            "is_pre_sale": 0,
            "is_stock_out": 0,
            "is_lucky_flag": 1,
            "trade_type": 0,
            "step_order_info": None,
            "created_time": self._time(basket.created),
            "pay_time": self._time(basket.paid),
            "confirm_time": self._time(basket.paid),
            "shipping_time": self._time(line.sent),
            "updated_at": self._time(basket.modified),
            "gift_list": [],
            "order_depot_info": None,
            "receiver_name": "张**",
            "receiver_phone": "*******0000",
            "address": "***",
        }

    def _item(self, told: Told) -> Row:
        line = told.line
        goods = self._state.goods.get(line.item, _NO_GOODS)
        return {
            "goods_id": int(line.item),
            "sku_id": int(line.listing),
            "outer_id": line.code,
            "outer_goods_id": goods.outer_id,
            "goods_count": line.units,
            "goods_spec": f"颜色:{line.code}",
        }

    def _refund_row(self, told: Told) -> Row:
        line = told.line
        return {
            "id": int(line.refund_id),
            "order_sn": told.sn,
            "goods_id": int(line.item),
            "sku_id": line.listing,
            "outer_id": line.code,
            "goods_number": str(line.units),
            "after_sales_status": REFUNDS[line.refund][1],
            "after_sales_type": 3 if line.sent else 2,
            "confirm_time": self._time(told.basket.paid),
            "updated_time": self._time(told.basket.modified),
        }

    def _in_review(self, basket: Order) -> bool:
        seconds = self._state.pdd.review_seconds
        return basket.paid is not None and self._state.now() < basket.paid + timedelta(seconds=seconds)

    def _time(self, when: datetime | None) -> str | int | None:
        if when is None:
            return None
        if self._state.pdd.text_times:
            return show_local(when)
        return int(when.timestamp())


def _number(told: Told) -> str:
    return told.sn


def _read_span(params: Params, start: str, end: str, longest: timedelta) -> tuple[datetime, datetime]:
    since, until = params.seconds(start), params.seconds(end)
    if since > until:
        raise invalid(end, f"a time that is not before {start}")
    if until - since > longest:
        raise invalid(end, f"at most {int(longest.total_seconds() // 60)} minutes after {start}")
    return since, until


def _read_statuses(params: Params) -> Shows:
    status = params.one_of("order_status", (TO_SHIP, SHIPPED, SIGNED, ALL))
    refund = params.one_of("refund_status", (NO_REFUND, IN_AFTER_SALE, REFUNDING, REFUNDED, ALL))
    return lambda told: status in (ALL, told.status) and refund in (ALL, told.refund[0])
