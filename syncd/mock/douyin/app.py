"""The Douyin mock over HTTP: the platform's gateway for one shop of one app.

Every method is a path of its own, such as `/sku/syncStock`; faults and the call log name it so. The listings
of a call are the SKUs that it writes, or the products that it reads, lists or delists. A page counts from 1
in faults, also where the platform counts it from 0.

Buyers are moved by hand or come by themselves as in every mock shop, see `syncd.mock.buyers`; whatever they
buy is an order that the methods of orders tell. The routes under `/_mock` need no signature.
"""

from functools import partial

from aiohttp import web

from syncd.mock.buyers import add_buyers
from syncd.mock.catalogue import make_listings, make_skus
from syncd.mock.clock import Clock
from syncd.mock.control import add_control, read_body, reply_json, told
from syncd.mock.core import Listing, Order
from syncd.mock.delivery import carry_out, send
from syncd.mock.douyin.gate import check
from syncd.mock.douyin.orders import Orders
from syncd.mock.douyin.params import Asked, read_call
from syncd.mock.douyin.product import ON_ORDER, ON_PAYMENT, Product
from syncd.mock.douyin.push import order_message, pushed
from syncd.mock.douyin.reads import Reads
from syncd.mock.douyin.refusal import Refusal
from syncd.mock.douyin.state import DouyinState
from syncd.mock.douyin.tokens import Tokens
from syncd.mock.douyin.wire import Method, Plan, Reply, Scribe, as_treatment
from syncd.mock.douyin.writes import Writes
from syncd.mock.fields import Fields, MockError
from syncd.mock.gateway import planned, record
from syncd.mock.hooks import Pushed, add_hook
from syncd.mock.rig import Rig

_NO_PLAN = Plan(work=lambda _call, _strikes: Reply(data={}))

# Beyond what a float holds exactly, as the platform's ids are.
_FIRST_PRODUCT = 3_500_000_000_000_000_000


def douyin_app(rig: Rig[DouyinState]) -> web.Application:
    """Return the web application of one Douyin shop; run it with `syncd.mock.server.running`."""
    rig.state.now = rig.clock.now
    routes = _Routes(rig)
    app = add_control(rig, tells_orders=True)
    app.router.add_post("/_mock/push", told(routes.push))
    add_hook(app, rig, routes.written)
    add_buyers(app, rig)
    app.router.add_post("/{path:.*}", routes.call)
    return app


def build_douyin(seed: int, clock: Clock, state: object = None) -> web.Application:
    """Return a Douyin shop; without a state its products come from the seed, of the SKUs of its ERP."""
    rig = Rig(name="douyin", state=DouyinState(now=clock.now), seed=seed, clock=clock)
    if state is not None:
        rig.merge(state)
        return douyin_app(rig)
    listings = _make_listings(seed)
    products = [
        Product(
            id=product,
            reduce_type=ON_PAYMENT if int(product) % 2 else ON_ORDER,
            updated=clock.now().replace(microsecond=0),
        )
        for product in dict.fromkeys(listing.item for listing in listings)
    ]
    rig.state = DouyinState(products=products, listings=listings, now=clock.now)
    return douyin_app(rig)


class _Routes:
    def __init__(self, rig: Rig[DouyinState]) -> None:
        self._rig = rig
        self._methods: dict[str, Method] = {
            **Tokens(rig.state).methods(),
            **Reads(rig.state, rig.seed).methods(),
            **Writes(rig.state).methods(),
            **Orders(rig.state, rig.seed).methods(),
        }

    async def call(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = await read_call(request)
        except Refusal as refusal:
            call = record(self._rig, request, request.path, _NO_PLAN)
            return send(self._rig, call, self._scribe().refuse(refusal))
        plan = self._plan(asked)
        call = record(self._rig, request, request.path, plan)
        scribe = self._scribe()
        try:
            check(self._rig, asked, self._methods.keys())
        except Refusal as refusal:
            return send(self._rig, call, scribe.refuse(refusal))
        return await carry_out(self._rig, request, call, as_treatment(scribe, partial(plan.work, call)))

    async def push(self, request: web.Request) -> web.Response:
        fields = Fields(await read_body(request), "push")
        name = fields.text("order")
        fields.done()
        order = self._rig.state.orders.orders.get(name)
        if order is None:
            raise MockError("push.order: there is no such order")
        delivery = self.written(order)
        return reply_json({"headers": dict(delivery.headers), "body": delivery.body.decode()})

    def written(self, order: Order) -> Pushed:
        """Return the message about an order, signed, in a delivery of its own."""
        settings = self._rig.state.douyin
        return pushed(settings, [order_message(settings, order)])

    # --- inside --------------------------------------------------------------------------------------------

    def _scribe(self) -> Scribe:
        return Scribe(self._rig.calls.total)

    def _plan(self, asked: Asked) -> Plan:
        """Return what the call is about; one that is wrong in itself is refused only after the gate."""
        method = self._methods.get(asked.path)
        if method is None:
            return _NO_PLAN
        return planned(partial(method, asked), Refusal)


def _make_listings(seed: int) -> list[Listing]:
    """Return the listings of the seed with ids as Douyin has them."""
    listings = list(make_listings(seed, "douyin", make_skus(seed)).listings)
    for listing in listings:
        listing.item = str(_FIRST_PRODUCT + int(listing.item))
    return listings
