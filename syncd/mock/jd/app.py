"""The JD mock over HTTP: the gateway `/routerjson` for one shop of one app, and the renewal of its token.

In the call log and in the `path` of a fault a call goes by the name of its method, for example
`jingdong.ware.stock.sku.set`, or `oauth2/refresh_token`. Its listings are the SKUs that it writes or asks
for, or the ware that it lists or delists. A `partial` fault refuses rows with its `error` as their text, or
leaves them out of the answer, which on this platform says that they were written.

Buyers are moved by hand or come by themselves as in every mock shop, see `syncd.mock.buyers`. The routes
under `/_mock` need no token.
"""

from collections.abc import Callable
from functools import partial

from aiohttp import web

from syncd.mock.buyers import add_buyers
from syncd.mock.catalogue import make_listings, make_skus
from syncd.mock.clock import Clock
from syncd.mock.control import add_control
from syncd.mock.core import Listing
from syncd.mock.core.orders import whole_second
from syncd.mock.delivery import carry_out, send
from syncd.mock.gateway import planned, record
from syncd.mock.jd.gate import Gate
from syncd.mock.jd.items import Items
from syncd.mock.jd.orders import Orders
from syncd.mock.jd.params import Business, Params, read_params
from syncd.mock.jd.refusal import Refusal
from syncd.mock.jd.settings import Ware
from syncd.mock.jd.state import JdState
from syncd.mock.jd.stock import Stock
from syncd.mock.jd.tokens import REFRESH, Tokens
from syncd.mock.jd.wire import Plan, RouterScribe, as_treatment
from syncd.mock.rig import Rig

GATEWAY = "/routerjson"
"""Where all methods are called."""

_NO_PLAN = Plan(work=lambda _call, _strikes: {})

# Beyond what a float holds exactly, as the platform's ids may be.
_FIRST_WARE = 100_000_000_000_000_000


def jd_app(rig: Rig[JdState]) -> web.Application:
    """Return the web application of one JD shop; run it with `syncd.mock.server.running`."""
    rig.state.now = rig.clock.now
    app = add_control(rig, tells_orders=True)
    app.router.add_route("*", GATEWAY, _Routes(rig).call)
    app.router.add_get(REFRESH, Tokens(rig).refresh)
    add_buyers(app, rig)
    return app


def build_jd(seed: int, clock: Clock, state: object = None) -> web.Application:
    """Return a JD shop; without a state its wares come from the seed, of the SKUs in that seed's ERP."""
    rig = Rig(name="jd", state=JdState(now=clock.now), seed=seed, clock=clock)
    if state is not None:
        rig.merge(state)
        return jd_app(rig)
    listings = list(make_listings(seed, "jd", make_skus(seed)).listings)
    for listing in listings:
        listing.item = str(_FIRST_WARE + int(listing.item))
    rig.state = JdState(wares=_make_wares(listings, clock), listings=listings, now=clock.now)
    return jd_app(rig)


class _Routes:
    def __init__(self, rig: Rig[JdState]) -> None:
        self._rig = rig
        self._methods: dict[str, Callable[[Business], Plan]] = {
            **Items(rig.state, rig.seed).methods(),
            **Stock(rig.state).methods(),
            **Orders(rig.state, rig.seed).methods(),
        }
        self._gate = Gate(rig, frozenset(self._methods))

    async def call(self, request: web.Request) -> web.StreamResponse:
        try:
            params = await read_params(request)
        except Refusal as refusal:
            call = record(self._rig, request, "none", _NO_PLAN)
            return send(self._rig, call, RouterScribe("").refuse(refusal))
        plan = self._plan(params)
        call = record(self._rig, request, params.text("method") or "none", plan)
        scribe = RouterScribe(params.text("method"))
        try:
            self._gate.check(params)
        except Refusal as refusal:
            return send(self._rig, call, scribe.refuse(refusal))
        return await carry_out(self._rig, request, call, as_treatment(scribe, partial(plan.work, call)))

    # --- inside --------------------------------------------------------------------------------------------

    def _plan(self, params: Params) -> Plan:
        """Return what the call is about; one that is wrong in itself is refused only after the gate."""
        method = self._methods.get(params.text("method"))
        if method is None:
            return _NO_PLAN
        return planned(lambda: method(params.business()), Refusal)


def _make_wares(listings: list[Listing], clock: Clock) -> list[Ware]:
    now = whole_second(clock.now())
    return [Ware(id=ware, modified=now) for ware in dict.fromkeys(listing.item for listing in listings)]
