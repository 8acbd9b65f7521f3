"""The methods that read orders: trades with their sub-orders, as the platform tells them.

The refusal of a trade that is not there is ours, its word is not documented. Fields of buyers are masked, and
shown only where they are asked for. `type` is always `fixed`, which `guarantee_trade` asks for too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from syncd.mock.core import Call, Order, OrderBook, OrderItem, Refund, Stage
from syncd.mock.damage import apart, kept, known_by, spoil, versions
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.forms import show_local
from syncd.mock.taobao.item import Item
from syncd.mock.taobao.params import Params
from syncd.mock.taobao.reads import Plan, Row, asked_of, only
from syncd.mock.taobao.refusal import Refusal, invalid, missing
from syncd.mock.taobao.state import TaobaoState

STATUSES: Mapping[Stage, str] = {
    Stage.UNPAID: "WAIT_BUYER_PAY",
    Stage.PAID: "WAIT_SELLER_SEND_GOODS",
    Stage.PART_SHIPPED: "SELLER_CONSIGNED_PART",
    Stage.SHIPPED: "WAIT_BUYER_CONFIRM_GOODS",
    Stage.FINISHED: "TRADE_FINISHED",
    Stage.CLOSED: "TRADE_CLOSED",
    Stage.CANCELLED: "TRADE_CLOSED_BY_TAOBAO",
}
"""How the platform says how far a trade or a sub-order has come."""

REFUNDS: Mapping[Refund, str] = {
    Refund.NONE: "NO_REFUND",
    Refund.ASKED: "WAIT_SELLER_AGREE",
    Refund.AGREED: "WAIT_BUYER_RETURN_GOODS",
    Refund.SENT_BACK: "WAIT_SELLER_CONFIRM_GOODS",
    Refund.REFUSED: "SELLER_REFUSE_BUYER",
    Refund.WITHDRAWN: "CLOSED",
    Refund.DONE: "SUCCESS",
}
"""How the platform says what became of a refund."""

_ALL_STATUSES = (
    "TRADE_NO_CREATE_PAY",
    "PAY_PENDING",
    "TRADE_BUYER_SIGNED",
    "ALL_WAIT_PAY",
    "ALL_CLOSED",
    *STATUSES.values(),
)
_GROUPS: Mapping[str, frozenset[str]] = {
    "ALL_WAIT_PAY": frozenset({"WAIT_BUYER_PAY", "TRADE_NO_CREATE_PAY"}),
    "ALL_CLOSED": frozenset({"TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"}),
}
_SHOWN_TYPES = frozenset({"fixed", "guarantee_trade"})
_USUAL_TYPES = "guarantee_trade,auto_delivery,ec,cod,step"
_USUAL_ROWS, _MOST_ROWS = 40, 100
_DAY = timedelta(days=1)
_KEPT = timedelta(days=90)
_NO_ITEM = Item(id="0")


class Trades:
    """The reading methods of one shop's orders."""

    def __init__(self, state: TaobaoState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Callable[[Params], Plan]]:
        """Return each method by its name."""
        return {
            "taobao.trades.sold.increment.get": self._increment,
            "taobao.trades.sold.incrementv.get": self._entered,
            "taobao.trades.sold.get": self._sold,
            "taobao.trade.fullinfo.get": self._one,
        }

    @property
    def _book(self) -> OrderBook:
        return self._state.orders

    # --- pages ---------------------------------------------------------------------------------------------

    def _increment(self, params: Params) -> Plan:
        since, until = _read_span(params, "start_modified", "end_modified")
        return self._page(params, lambda: self._book.modified_between(since, until))

    def _entered(self, params: Params) -> Plan:
        since, until = _read_span(params, "start_create", "end_create")
        return self._page(params, lambda: self._book.created_between(since, until))

    def _sold(self, params: Params) -> Plan:
        now = self._state.now()
        since = params.time("start_created") or now - _KEPT
        until = params.time("end_created") or now
        return self._page(params, lambda: self._book.created_between(max(since, now - _KEPT), until))

    def _page(self, params: Params, find: Callable[[], Sequence[Order]]) -> Plan:
        fields = params.names("fields")
        page = params.whole("page_no", 1, least=1)
        size = params.whole("page_size", _USUAL_ROWS, least=1, most=_MOST_ROWS)
        by_next = params.word("use_has_next", "false", ("true", "false")) == "true"
        shows = self._read_filter(params)

        def work(_: Call, strikes: Strikes) -> Row:
            found = [order for order in known_by(self._state.now(), find(), strikes) if shows(order)]
            left = kept(found, lambda order: order.id, strikes, self._seed)
            begin = (page - 1) * size
            rows = self._rows(left[begin : begin + size], fields, strikes)
            count = {"has_next": begin + size < len(left)} if by_next else {"total_results": len(left)}
            return count | {"trades": rows}

        return Plan(work=work, page=page)

    def _read_filter(self, params: Params) -> Callable[[Order], bool]:
        if not _SHOWN_TYPES.intersection(params.text("type", _USUAL_TYPES).split(",")):
            return lambda _: False
        if not params.text("status", ""):
            return lambda _: True
        status = params.word("status", "", _ALL_STATUSES)
        words = _GROUPS.get(status, frozenset({status}))
        return lambda order: self._word(order.stage) in words

    def _one(self, params: Params) -> Plan:
        trade, fields = params.id("tid"), params.names("fields")

        def work(_: Call, strikes: Strikes) -> Row:
            order = self._book.orders.get(trade)
            if order is None or FaultKind.EMPTY in strikes:
                raise Refusal(15, "isv.trade-not-exist", f"there is no trade {trade}")
            rows = self._rows([order], fields, strikes)
            return {"trade": rows[0]} if rows else {}

        return Plan(work=work)

    # --- what faults make of the feed ----------------------------------------------------------------------

    def _word(self, stage: Stage) -> str:
        usual = STATUSES[stage]
        return self._state.top.status_words.get(usual, usual)

    # --- rows ----------------------------------------------------------------------------------------------

    def _rows(self, orders: Sequence[Order], fields: Iterable[str], strikes: Strikes) -> list[Row]:
        # The figures that count are those of the sub-orders; one trade with bad ones is enough.
        bad, other = apart(strikes)
        rows = []
        for n, order in enumerate(versions(orders, self._book.before, strikes)):
            lines = spoil([self._line_row(order, line) for line in order.lines], {} if n else bad, "num")
            rows.append(_trade_row(order, self._word(order.stage)) | {"orders": lines})
        asked = asked_of("orders", fields)
        return [_cut(row, fields, asked) for row in spoil(rows, other, "num")]

    def _line_row(self, order: Order, line: OrderItem) -> Row:
        item = self._state.items.get(line.item, _NO_ITEM)
        has_skus = line.listing != line.item
        row: Row = {
            "oid": int(line.id),
            "oid_str": line.id,
            "num_iid": int(line.item),
            "outer_iid": item.outer_id if has_skus else line.code,
            "num": line.units,
            "status": self._word(line.stage),
            "refund_status": REFUNDS[line.refund],
            "title": f"Article {line.code}",
            "price": "9.90",
            "payment": f"{line.units * 9.9:.2f}",
            "buyer_nick": _masked(order),
        }
        if has_skus:
            row |= {"sku_id": line.listing, "outer_sku_id": line.code}
        if line.refund_id:
            row["refund_id"] = int(line.refund_id)
        return row | _times(consign_time=line.sent, end_time=line.ended)


def _cut(row: Row, fields: Iterable[str], asked: frozenset[str] | None) -> Row:
    """Return a trade with nothing but the fields that were asked for, in its sub-orders too."""
    shown = only(row, fields)
    if asked is not None:
        shown["orders"] = [only(line, asked) if asked else line for line in row["orders"]]
    return shown


def _trade_row(order: Order, status: str) -> Row:
    units = sum(line.units for line in order.lines)
    row: Row = {
        "tid": int(order.id),
        "tid_str": order.id,
        "type": "fixed",
        "status": status,
        # As the platform's own: not the sum of the sub-orders, and of no use.
        "num": 1,
        "payment": f"{units * 9.9:.2f}",
        "seller_nick": "mock-seller",
        "buyer_nick": _masked(order),
        "receiver_name": "张**",
        "receiver_mobile": "*******0000",
        "receiver_address": "***",
    }
    times = _times(
        created=order.created,
        modified=order.modified,
        pay_time=order.paid,
        consign_time=order.sent,
        end_time=order.ended,
    )
    return row | times


def _times(**times: datetime | None) -> Row:
    return {name: show_local(when) for name, when in times.items() if when is not None}


def _masked(order: Order) -> str:
    return f"b**{order.buyer % 10}"


def _read_span(params: Params, start: str, end: str) -> tuple[datetime, datetime]:
    since, until = params.time(start), params.time(end)
    if since is None or until is None:
        raise missing(start if since is None else end)
    if since > until:
        raise invalid(end, f"a time that is not before {start}")
    if until - since > _DAY:
        raise invalid(end, f"at most 1 day after {start}")
    return since, until
