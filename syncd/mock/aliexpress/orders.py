"""The methods that read orders, as the platform tells them.

All times are US Pacific. The words of `logistics_status`, `issue_status` and `end_reason`, what stands in the
`data` of a detail, and the code for an order that is not there are ours: they are not documented. An order
that ends for whatever reason is FINISH, and only `fund_status` and `end_reason` tell why. What was sent stays
sent in `logistics_status`, whatever becomes of its money.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from syncd.mock.aliexpress.params import Params, Query, show_pacific
from syncd.mock.aliexpress.plan import Method, Plan, Row
from syncd.mock.aliexpress.refusal import missing
from syncd.mock.aliexpress.state import AliexpressState
from syncd.mock.core import Call, Order, OrderBook, OrderItem, Refund, Stage
from syncd.mock.core.orders import ENDED
from syncd.mock.damage import apart, kept, known_by, spoil, versions
from syncd.mock.faults import FaultKind, Strikes

STATUSES: Mapping[Stage, str] = {
    Stage.UNPAID: "PLACE_ORDER_SUCCESS",
    Stage.PAID: "WAIT_SELLER_SEND_GOODS",
    Stage.PART_SHIPPED: "SELLER_PART_SEND_GOODS",
    Stage.SHIPPED: "WAIT_BUYER_ACCEPT_GOODS",
    Stage.FINISHED: "FINISH",
    Stage.CLOSED: "FINISH",
    Stage.CANCELLED: "FINISH",
}
"""How the platform says how far an order or a line has come, as long as nothing is amiss."""

_LOGISTICS: Mapping[Stage, str] = {
    Stage.PAID: "WAIT_SELLER_SEND_GOODS",
    Stage.PART_SHIPPED: "SELLER_SEND_PART_GOODS",
    Stage.SHIPPED: "SELLER_SEND_GOODS",
    Stage.FINISHED: "BUYER_ACCEPT_GOODS",
}
_ENDS: Mapping[Stage, str] = {
    Stage.FINISHED: "buyer_accept_goods",
    Stage.CLOSED: "refunded",
    Stage.CANCELLED: "cancelled",
}
_OPEN_REFUNDS = frozenset({Refund.ASKED, Refund.AGREED, Refund.SENT_BACK, Refund.REFUSED})
_ENDED_REFUNDS = frozenset({Refund.DONE, Refund.WITHDRAWN})
_MOST_ROWS = 50
_MOST_PAGES = 10_000
_NO_ORDER = "ORDER_NOT_FOUND"

Find = Callable[[], Sequence[Order]]


class Orders:
    """The reading methods of one shop's orders."""

    def __init__(self, state: AliexpressState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Method]:
        """Return each method by its name."""
        return {
            "aliexpress.solution.order.get": self._page,
            "aliexpress.solution.order.info.get": self._one,
        }

    @property
    def _book(self) -> OrderBook:
        return self._state.orders

    # --- pages ---------------------------------------------------------------------------------------------

    def _page(self, params: Params) -> Plan:
        query = params.object("param0")
        page = query.whole("current_page", least=1, most=_MOST_PAGES)
        size = query.whole("page_size", least=1, most=_MOST_ROWS)
        find, shows = self._read_find(query), self._read_filter(query)

        def work(_: Call, strikes: Strikes) -> Row:
            found = [order for order in known_by(self._state.now(), find(), strikes) if shows(order)]
            if self._state.aliexpress.oldest_first:
                found.reverse()
            left = kept(found, lambda order: order.id, strikes, self._seed)
            begin = (page - 1) * size
            result = {
                "success": True,
                "total_count": len(left),
                "total_page": -(-len(left) // size),
                "current_page": page,
                "page_size": size,
                "target_list": self._rows(left[begin : begin + size], strikes),
            }
            return {"result": result}

        return Plan(work=work, page=page)

    def _read_find(self, query: Query) -> Find:
        for part, find in self._finds().items():
            since, until = query.time(f"{part}_start"), query.time(f"{part}_end")
            if since is None and until is None:
                continue
            if since is None or until is None:
                raise missing(f"param0.{part}_{'start' if since is None else 'end'}")
            if since > until:
                raise query.wrong(f"{part}_end", "a time that is not before the start")
            return partial(find, since, until)
        raise missing("param0.create_date_start")

    def _finds(self) -> Mapping[str, Callable[[datetime, datetime], Sequence[Order]]]:
        return {"modified_date": self._book.modified_between, "create_date": self._book.created_between}

    def _read_filter(self, query: Query) -> Callable[[Order], bool]:
        words = {query.text("order_status")} if query.has("order_status") else set()
        if query.has("order_status_list"):
            several = query.values["order_status_list"]
            if not isinstance(several, list):
                raise query.wrong("order_status_list", "a list")
            words |= {str(word) for word in several}
        return lambda order: not words or self._word(order) in words

    def _one(self, params: Params) -> Plan:
        order_id = params.object("param1").id("order_id")

        def work(_: Call, strikes: Strikes) -> Row:
            order = self._book.orders.get(order_id)
            if order is None or FaultKind.EMPTY in strikes:
                code = self._state.aliexpress.word(_NO_ORDER)
                return {"result": {"error_code": code, "error_message": f"there is no order {order_id}"}}
            rows = self._rows([order], strikes)
            return {"result": {"error_code": 0} | ({"data": rows[0]} if rows else {})}

        return Plan(work=work)

    # --- what faults make of the feed ----------------------------------------------------------------------

    # --- rows ----------------------------------------------------------------------------------------------

    def _rows(self, orders: Sequence[Order], strikes: Strikes) -> list[Row]:
        # The figures that count are those of the lines; one order with bad ones is enough.
        bad, other = apart(strikes)
        rows = []
        for n, order in enumerate(versions(orders, self._book.before, strikes)):
            lines = spoil([self._line_row(line) for line in order.lines], {} if n else bad, "product_count")
            rows.append(self._order_row(order) | {"product_list": lines})
        return spoil(rows, other, "order_id")

    def _order_row(self, order: Order) -> Row:
        status = self._word(order)
        paid = "NOT_PAY" if order.paid is None else "PAY_SUCCESS"
        row: Row = {
            "order_id": int(order.id),
            "order_status": status,
            "fund_status": "WAIT_SELLER_CHECK" if status == "WAIT_SELLER_EXAMINE_MONEY" else paid,
            "logistics_status": _logistics(order),
            "issue_status": _issue(order.lines),
            "gmt_create": show_pacific(order.created),
            "gmt_update": show_pacific(order.modified),
        }
        if order.paid is not None:
            row["gmt_pay_time"] = show_pacific(order.paid)
        end = _ENDS.get(order.stage)
        return row if end is None else row | {"end_reason": self._state.aliexpress.word(end)}

    def _line_row(self, line: OrderItem) -> Row:
        status = self._state.aliexpress.word(_status(line.stage, [line]))
        return {
            "child_id": int(line.id),
            "product_id": int(line.item),
            "sku_code": line.code,
            "product_count": line.units,
            "son_order_status": status,
            "show_status": status,
            "issue_status": _issue([line]),
        }

    def _word(self, order: Order) -> str:
        settings = self._state.aliexpress
        return settings.shown_as.get(order.id) or settings.word(_status(order.stage, order.lines))


def _status(stage: Stage, lines: Sequence[OrderItem]) -> str:
    """Return the usual word for an order or a line; a buyer who wants the money back changes it."""
    going_on = [line for line in lines if line.refund in _OPEN_REFUNDS]
    if stage is Stage.PAID and any(line.refund is Refund.ASKED for line in going_on):
        return "IN_CANCEL"
    if going_on and stage in (Stage.PART_SHIPPED, Stage.SHIPPED):
        return "IN_ISSUE"
    return STATUSES[stage]


def _logistics(order: Order) -> str:
    """Return how far the goods have come; money that was given back afterwards does not bring them back."""
    sent = [line.sent for line in order.lines if line.sent]
    if order.stage not in ENDED or not sent:
        return _LOGISTICS.get(order.stage, "NO_LOGISTICS")
    return _LOGISTICS[Stage.SHIPPED if len(sent) == len(order.lines) else Stage.PART_SHIPPED]


def _issue(lines: Sequence[OrderItem]) -> str:
    refunds = {line.refund for line in lines}
    if refunds & _OPEN_REFUNDS:
        return "IN_ISSUE"
    return "END_ISSUE" if refunds & _ENDED_REFUNDS else "NO_ISSUE"
