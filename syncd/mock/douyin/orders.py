"""The methods that read orders, with their sub-orders, and refunds.

Pages count from 0. The numbers of `after_sale_info` and the shape of the list of refunds are not in the
documents at hand: they are what programs on the platform are known to meet, and must be settable there.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.mock.core import Call, Order, OrderBook, OrderItem, Refund, Stage
from syncd.mock.damage import apart, kept, known_by, spoil, thin_out, versions
from syncd.mock.douyin.params import Asked, Body, to_unix
from syncd.mock.douyin.product import Product
from syncd.mock.douyin.refusal import Refusal, invalid, missing
from syncd.mock.douyin.state import DouyinState
from syncd.mock.douyin.wire import Method, Plan, Reply, Row
from syncd.mock.faults import FaultKind, Strikes

STATUSES: Mapping[Stage, int] = {
    Stage.UNPAID: 1,
    Stage.PAID: 2,
    Stage.PART_SHIPPED: 101,
    Stage.SHIPPED: 3,
    Stage.FINISHED: 5,
    Stage.CLOSED: 4,
    Stage.CANCELLED: 4,
}
"""How the platform says how far an order or a sub-order has come."""

AFTER_SALES: Mapping[Refund, tuple[int, int]] = {
    Refund.NONE: (0, 0),
    Refund.ASKED: (6, 1),
    Refund.AGREED: (7, 1),
    Refund.SENT_BACK: (11, 1),
    Refund.REFUSED: (27, 4),
    Refund.WITHDRAWN: (28, 4),
    Refund.DONE: (12, 3),
}
"""What became of a refund: `after_sale_status` and `refund_status`."""

_REFUNDED_BEFORE, _REFUNDED_AFTER = 21, 22
_RETURN, _MONEY_AFTER, _MONEY_BEFORE = 0, 1, 2
_MOST_ROWS = 100
_KEPT = timedelta(days=90)
_NO_PRODUCT = Product(id="0")


class Orders:
    """The reading methods of one shop's orders."""

    def __init__(self, state: DouyinState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Method]:
        """Return each method by its path."""
        return {
            "/order/searchList": self._search,
            "/order/orderDetail": self._detail,
            "/afterSale/List": self._refunds,
        }

    @property
    def _book(self) -> OrderBook:
        return self._state.orders

    # --- orders --------------------------------------------------------------------------------------------

    def _search(self, asked: Asked) -> Plan:
        body = asked.body
        page, size = self._read_page(body)
        find = self._read_span(body)
        word = body.text("order_by", "create_time")
        if word not in ("create_time", "update_time"):
            raise invalid("order_by", "create_time or update_time")
        ascending, statuses = body.flag("order_asc", default=False), _read_statuses(body)

        def work(_: Call, strikes: Strikes) -> Reply:
            found = [
                order
                for order in known_by(self._state.now(), find(), strikes)
                if self._shown_for(order, statuses)
            ]
            found.sort(key=lambda order: (_time_of(order, word), order.id), reverse=not ascending)
            left = kept(found, lambda order: order.id, strikes, self._seed)
            rows = self._rows(left[page * size : (page + 1) * size], strikes)
            return Reply(data={"shop_order_list": rows, "total": len(left), "page": page, "size": size})

        return Plan(work=work, page=page + 1)

    def _detail(self, asked: Asked) -> Plan:
        order_id = asked.body.id("shop_order_id")

        def work(_: Call, strikes: Strikes) -> Reply:
            order = self._book.orders.get(order_id)
            if order is None:
                raise Refusal(50002, "isv.business-failed:order-not-exist", f"there is no order {order_id}")
            rows = () if FaultKind.EMPTY in strikes else self._rows([order], strikes)
            return Reply(data={"shop_order_detail": rows[0]} if rows else {})

        return Plan(work=work)

    def _read_page(self, body: Body) -> tuple[int, int]:
        page, size = body.whole("page"), body.whole("size", least=1, most=_MOST_ROWS)
        if (page + 1) * size > self._state.douyin.deep_rows:
            raise invalid("page", f"a page that ends before row {self._state.douyin.deep_rows}")
        return page, size

    def _read_span(self, body: Body) -> Callable[[], Sequence[Order]]:
        """Return what finds the orders of the time that is asked for; one pair must be there."""
        for column in ("update_time", "create_time"):
            since, until = body.time(f"{column}_start"), body.time(f"{column}_end")
            if since is None and until is None:
                continue
            if since is None or until is None:
                raise missing(f"{column}_{'start' if since is None else 'end'}")
            if since > until or self._state.now() - since > _KEPT:
                raise invalid(f"{column}_start", "before the end, and at most 90 days ago")
            return self._finder(column, since, until)
        raise missing("update_time_start")

    def _finder(self, column: str, since: datetime, until: datetime) -> Callable[[], Sequence[Order]]:
        find = self._book.modified_between if column == "update_time" else self._book.created_between
        return lambda: find(since, until)

    # --- refunds -------------------------------------------------------------------------------------------

    def _refunds(self, asked: Asked) -> Plan:
        body = asked.body
        page, size = self._read_page(body)
        since, until = body.time("update_start_time"), body.time("update_end_time")
        named = body.id("order_id", "")

        def work(_: Call, strikes: Strikes) -> Reply:
            if named:
                found = [self._book.orders[named]] if named in self._book.orders else []
            else:
                found = self._book.modified_between(since or _oldest(), until or self._state.now())
            told = known_by(self._state.now(), found, strikes)
            rows = [_refund_row(order, line) for order in told for line in order.lines if line.refund_id]
            left = thin_out(rows, strikes, "id", self._seed)
            shown = spoil(left[page * size : (page + 1) * size], strikes, "id")
            data = {"items": shown, "total": len(left), "page": page, "size": size}
            return Reply(data=data | {"has_more": (page + 1) * size < len(left)})

        return Plan(work=work, page=page + 1)

    # --- what faults make of the feed ----------------------------------------------------------------------

    # --- rows ----------------------------------------------------------------------------------------------

    def _rows(self, orders: Sequence[Order], strikes: Strikes) -> list[Row]:
        # The figures that count are those of the sub-orders; one order with bad ones is enough.
        bad, other = apart(strikes)
        rows = []
        for n, order in enumerate(versions(orders, self._book.before, strikes)):
            lines = spoil([self._line_row(order, line) for line in order.lines], {} if n else bad, "item_num")
            rows.append(self._order_row(order) | {"sku_order_list": lines})
        return spoil(rows, other, "order_status")

    def _status(self, stage: Stage) -> int:
        return self._state.douyin.paid_status if stage is Stage.PAID else STATUSES[stage]

    def _sending(self, sent: datetime | None) -> Row:
        return {} if self._state.douyin.terse else {"ship_time": to_unix(sent)}

    def _shown_for(self, order: Order, statuses: frozenset[int]) -> bool:
        return not statuses or self._status(order.stage) in statuses

    def _order_row(self, order: Order) -> Row:
        status = self._status(order.stage)
        refunded = _REFUNDED_AFTER if order.sent else _REFUNDED_BEFORE
        return {
            "order_id": order.id,
            "order_status": status,
            "main_status": refunded if order.stage is Stage.CLOSED else status,
            "order_type": 0,
            "biz": 2,
            "shop_id": self._state.douyin.shop_id,
            "create_time": to_unix(order.created),
            "pay_time": to_unix(order.paid),
            "update_time": to_unix(order.modified),
            **self._sending(order.sent),
            "finish_time": to_unix(order.ended) if order.stage is Stage.FINISHED else 0,
            "mask_post_receiver": "张**",
            "mask_post_tel": "*******0000",
        }

    def _line_row(self, order: Order, line: OrderItem) -> Row:
        product = self._state.products.get(line.item, _NO_PRODUCT)
        status, money = AFTER_SALES[line.refund]
        return {
            "order_id": line.id,
            "parent_order_id": order.id,
            "product_id": int(line.item),
            "product_id_str": line.item,
            "sku_id": int(line.listing),
            "out_sku_id": 0,
            "outer_sku_id": line.code,
            "code": line.code,
            "item_num": line.units,
            "order_status": self._status(line.stage),
            "reduce_stock_type": product.reduce_type,
            "create_time": to_unix(order.created),
            "pay_time": to_unix(order.paid),
            "update_time": to_unix(order.modified),
            **self._sending(line.sent),
            "finish_time": to_unix(line.ended) if line.stage is Stage.FINISHED else 0,
            "inventory_list": [],
            "after_sale_info": {
                "after_sale_status": status,
                "after_sale_type": _refund_type(line),
                "refund_status": money,
            },
            "bundle_sku_info": [],
            "given_product_type": "",
            "trade_type": 0,
            "pre_sale_type": 0,
        }


def _read_statuses(body: Body) -> frozenset[int]:
    """Return the statuses of which one is asked for, none for all of them."""
    if not body.has("combine_status"):
        return frozenset()
    words: set[int] = set()
    for part in body.objects("combine_status", most=10):
        for word in part.text("order_status").split(","):
            if not word.isdigit():
                raise invalid("combine_status", "numbers between commas")
            words.add(int(word))
    return frozenset(words)


def _refund_row(order: Order, line: OrderItem) -> Row:
    status, money = AFTER_SALES[line.refund]
    related: dict[str, Any] = {
        "sku_order_id": line.id,
        "product_id": int(line.item),
        "sku_id": int(line.listing),
        "item_num": line.units,
    }
    return {
        "id": line.refund_id,
        "aftersale_info": {
            "aftersale_id": line.refund_id,
            "aftersale_status": status,
            "aftersale_type": _refund_type(line),
            "refund_status": money,
            "aftersale_num": line.refunded or line.units,
            "update_time": to_unix(order.modified),
        },
        "order_info": {"shop_order_id": order.id, "related_order_info": [related]},
    }


def _refund_type(line: OrderItem) -> int:
    if line.sent is None:
        return _MONEY_BEFORE
    return _RETURN if line.refund in (Refund.AGREED, Refund.SENT_BACK) else _MONEY_AFTER


def _time_of(order: Order, column: str) -> datetime:
    return order.modified if column == "update_time" else order.created


def _oldest() -> datetime:
    return datetime.min.replace(tzinfo=UTC)
