"""Whatever happens to orders, no unit is made or lost by it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.mock.clock import START
from syncd.mock.core import Cause, OrderBook, OrderSettings, Refund, Stage
from syncd.mock.taobao import TaobaoState
from tests.unit.mock.taobao_desk import make_state

ON_ORDER, ON_PAYMENT = "801", "701"
MINUTE = timedelta(minutes=1)

Step = Callable[[OrderBook, datetime, str], object]

CHANGES: Mapping[str, Step] = {
    "pay": lambda book, now, order: book.pay(now, order),
    "cancel": lambda book, now, order: book.cancel(now, order),
    "ship": lambda book, now, order: book.ship(now, order),
    "finish": lambda book, now, order: book.finish(now, order),
    "ask": lambda book, now, order: book.ask_refund(now, order),
    "agree": lambda book, now, order: book.agree_refund(now, order),
    "agree in part": lambda book, now, order: book.agree_refund(now, order, units=1),
    "refuse": lambda book, now, order: book.turn_refund(now, order, Refund.REFUSED),
    "nothing": lambda _book, _now, _order: None,
}

_STEPS = st.tuples(
    st.sampled_from(["place", "buy", *CHANGES]),
    st.sampled_from([ON_ORDER, ON_PAYMENT]),
    st.integers(1, 3),
    st.integers(0, 4),
)


@given(st.lists(_STEPS, max_size=40))
def test_units_are_on_the_counter_or_in_an_order_at_every_moment(
    steps: list[tuple[str, str, int, int]],
) -> None:
    shop = make_state()
    book = shop.orders
    book.settings = OrderSettings(restores=tuple(Cause))
    now = START
    for step, listing, units, which in steps:
        now += 3 * MINUTE
        shop.settle(now)
        ids = list(book.orders) or ["0"]
        if step in CHANGES:
            CHANGES[step](book, now, ids[which % len(ids)])
        else:
            book.place(now, [(listing, units), (listing, 1)], paid=step == "buy")
        for name, begun in ((ON_ORDER, 5), (ON_PAYMENT, 8)):
            found = shop.listings[name]
            assert in_orders(shop, name) + found.quantity == begun
            assert found.sold == begun - found.quantity
            assert found.withheld == (0 if name == ON_ORDER else book.unpaid_units(name))


def in_orders(shop: TaobaoState, name: str) -> int:
    """Return the units of orders that left the counter, those that came back apart."""
    total = 0
    for order in shop.orders.orders.values():
        for line in order.lines:
            left = line.taken or line.stage is not Stage.UNPAID
            back = line.stage is Stage.CANCELLED or (line.stage is Stage.CLOSED and line.sent is None)
            total += line.units - line.refunded if line.listing == name and left and not back else 0
    return total
