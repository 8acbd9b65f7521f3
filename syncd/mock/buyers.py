"""The routes by which a test or a person lets buyers come to a mock shop; they need no token.

- `POST /_mock/sell`: `{"id": LISTING, "units": 1, "step": "buy" | "hold" | "pay" | "release"}`, or
  `{"random": 100}`
- `GET /_mock/orders`: every order as it is now; `?since=TIME` only what changed from then on
- `POST /_mock/orders`: one step of one order. `{"step": "place", "lines": [{"id": LISTING, "units": 1}],
  "buyer": 7, "paid": false}` answers the order; `pay`, `cancel` (with `cause`), `ship`, `finish`,
  `ask_refund`, `agree_refund` (with `units` or `returns`), `refuse_refund`, `withdraw_refund` and `send_back`
  name the `order`, and its `lines` by their ids where not all are meant
- `GET`/`POST`/`DELETE /_mock/crowd`: buyers who come by themselves as the mock's time goes on, and what
  became of them. `{"seed": 1, "purchases": [{"after": 60, "id": LISTING, "units": 1}], "rates":
  {LISTING: 40}, "hours": 24, "flashes": [{"after": 600, "id": LISTING, "buyers": 300, "seconds": 600}],
  "habits": {...}}`; times are seconds from now, rates buyers a day. A post replaces the crowd that is there
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web

from syncd.mock.control import read_body, reply_json, told
from syncd.mock.core import Cause, Order, OrderBook, Refund, ShopState
from syncd.mock.core.orders_crowd import Crowd
from syncd.mock.core.orders_demand import Demand, Flash, attempts_of, purchases_from, read_habits
from syncd.mock.core.shop import STEPS
from syncd.mock.fields import Fields, MockError, read_time
from syncd.mock.rig import Rig

ShopT = TypeVar("ShopT", bound=ShopState)

Step = Callable[[OrderBook, datetime, Fields], str]


def add_buyers(app: web.Application, rig: Rig[ShopT]) -> None:
    """Add the routes of buyers to the application of a mock shop."""
    buyers = _Buyers(rig)
    app.router.add_post("/_mock/sell", told(buyers.sell))
    app.router.add_get("/_mock/orders", told(buyers.orders))
    app.router.add_post("/_mock/orders", told(buyers.step))
    app.router.add_get("/_mock/crowd", buyers.crowd)
    app.router.add_post("/_mock/crowd", told(buyers.come))
    app.router.add_delete("/_mock/crowd", buyers.leave)


class _Buyers:
    def __init__(self, rig: Rig[ShopT]) -> None:
        self._rig = rig

    # --- by hand -------------------------------------------------------------------------------------------

    async def sell(self, request: web.Request) -> web.Response:
        fields = Fields(await read_body(request), "sale")
        if fields.has("random"):
            count = fields.whole("random", least=1)
            fields.done()
            self._settle()
            sold = self._rig.state.sell_some(self._rig.rng, count)
            return reply_json({"sold": [{"id": listing, "units": units} for listing, units in sold]})
        listing, units = fields.text("id"), fields.whole("units", 1, least=1)
        step = fields.text("step", "buy")
        fields.done()
        if step not in STEPS:
            raise MockError(f"sale.step: must be one of {', '.join(STEPS)}")
        return self._sell(listing, units, step)

    async def orders(self, request: web.Request) -> web.Response:
        self._settle()
        since = request.query.get("since", "")
        book = self._rig.state.orders
        found = list(book.orders.values())
        if since:
            begin = read_time(since, "since")
            found = [order for order in found if order.modified >= begin]
        return reply_json({"orders": [order.as_json() for order in found]})

    async def step(self, request: web.Request) -> web.Response:
        now = self._settle()
        fields = Fields(await read_body(request), "order")
        word = fields.text("step")
        if word == "place":
            return self._place(now, fields)
        step = _ORDER_STEPS.get(word)
        if step is None:
            raise MockError(f"order.step: must be one of place, {', '.join(_ORDER_STEPS)}")
        order = fields.text("order")
        refusal = step(self._rig.state.orders, now, fields)
        return self._answer(self._rig.state.orders.orders.get(order), refusal)

    # --- by themselves -------------------------------------------------------------------------------------

    async def crowd(self, _: web.Request) -> web.Response:
        self._settle()
        crowd = self._rig.state.visitors
        if not isinstance(crowd, Crowd):
            return reply_json({"visits": 0})
        return reply_json(crowd.as_json())

    async def come(self, request: web.Request) -> web.Response:
        now = self._settle()
        fields = Fields(await read_body(request), "crowd")
        seed = fields.whole("seed", self._rig.seed)
        purchases = [
            (now + timedelta(seconds=part.number("after", 0.0)), part.text("id"), _read_units(part))
            for part in fields.objects("purchases")
        ]
        purchases += purchases_from(_read_demand(fields, now), seed=seed)
        habits = read_habits(fields)
        fields.done()
        self._rig.state.visitors = Crowd(self._rig.state, attempts_of(purchases, habits=habits, seed=seed))
        self._settle()
        return reply_json({"ok": True, "buyers": len(purchases)})

    async def leave(self, _: web.Request) -> web.Response:
        self._settle()
        self._rig.state.visitors = None
        return reply_json({"ok": True})

    # --- inside --------------------------------------------------------------------------------------------

    def _settle(self) -> datetime:
        now = self._rig.clock.now()
        self._rig.state.settle(now)
        return now

    def _sell(self, listing_id: str, units: int, step: str) -> web.Response:
        self._settle()
        refusal = self._rig.state.sell(listing_id, units, step)
        listing = self._rig.state.listings.get(listing_id)
        if listing is None:
            return reply_json({"id": listing_id, "error": refusal}, status=404)
        shown = {"id": listing_id, "units": units, "quantity": listing.quantity, "withheld": listing.withheld}
        return reply_json(shown | {"error": refusal}, status=409) if refusal else reply_json(shown)

    def _place(self, now: datetime, fields: Fields) -> web.Response:
        wants = [(part.text("id"), _read_units(part)) for part in fields.objects("lines")]
        if not wants:
            raise fields.wrong("lines", "a list of at least one listing")
        buyer, paid = fields.whole("buyer", 0, least=0), fields.flag("paid", default=False)
        fields.done()
        placed = self._rig.state.orders.place(now, wants, buyer=buyer, paid=paid)
        return self._answer(placed.order, placed.refusal)

    def _answer(self, order: Order | None, refusal: str) -> web.Response:
        shown: Mapping[str, Any] = {} if order is None else order.as_json()
        if refusal:
            status = 404 if refusal == "not_found" else 409
            return reply_json({**shown, "error": refusal}, status=status)
        return reply_json(shown)


def _read_units(part: Fields) -> int:
    units = part.whole("units", 1, least=1)
    part.done()
    return units


def _read_demand(fields: Fields, now: datetime) -> Demand:
    rates = fields.object("rates") if fields.has("rates") else Fields({}, "rates")
    return Demand(
        start=now,
        hours=fields.number("hours", 24.0),
        rates={listing: rates.number(listing, 0.0) for listing in rates.keys()},  # noqa: SIM118 - no mapping
        flashes=[_read_flash(part, now) for part in fields.objects("flashes")],
    )


def _read_flash(part: Fields, now: datetime) -> Flash:
    flash = Flash(
        at=now + timedelta(seconds=part.number("after", 0.0)),
        listing=part.text("id"),
        buyers=part.whole("buyers", least=1),
        seconds=part.number("seconds", 600.0),
    )
    part.done()
    return flash


def _read_names(fields: Fields) -> tuple[str, tuple[str, ...]]:
    names = fields.text("order"), fields.texts("lines")
    fields.done()
    return names


def _pay(book: OrderBook, now: datetime, fields: Fields) -> str:
    order = fields.text("order")
    fields.done()
    return book.pay(now, order)


def _cancel(book: OrderBook, now: datetime, fields: Fields) -> str:
    cause = fields.text("cause", Cause.BUYER)
    if cause not in (Cause.BUYER, Cause.SELLER):
        raise fields.wrong("cause", "buyer or seller")
    order, lines = _read_names(fields)
    return book.cancel(now, order, lines=lines, cause=Cause(cause))


def _agree(book: OrderBook, now: datetime, fields: Fields) -> str:
    units, returns = fields.whole("units", 0, least=0), fields.flag("returns", default=False)
    order, lines = _read_names(fields)
    return book.agree_refund(now, order, lines=lines, units=units, returns=returns)


def _ship(book: OrderBook, now: datetime, fields: Fields) -> str:
    order, lines = _read_names(fields)
    return book.ship(now, order, lines=lines)


def _finish(book: OrderBook, now: datetime, fields: Fields) -> str:
    order, lines = _read_names(fields)
    return book.finish(now, order, lines=lines)


def _ask(book: OrderBook, now: datetime, fields: Fields) -> str:
    order, lines = _read_names(fields)
    return book.ask_refund(now, order, lines=lines)


def _turn(refund: Refund) -> Step:
    def turn(book: OrderBook, now: datetime, fields: Fields) -> str:
        order, lines = _read_names(fields)
        return book.turn_refund(now, order, refund, lines=lines)

    return turn


_ORDER_STEPS: Mapping[str, Step] = {
    "pay": _pay,
    "cancel": _cancel,
    "ship": _ship,
    "finish": _finish,
    "ask_refund": _ask,
    "agree_refund": _agree,
    "refuse_refund": _turn(Refund.REFUSED),
    "withdraw_refund": _turn(Refund.WITHDRAWN),
    "send_back": _turn(Refund.SENT_BACK),
}
