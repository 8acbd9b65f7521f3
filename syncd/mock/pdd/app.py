"""The mock of Pinduoduo over HTTP: its gateway at `/api/router` for one shop of one app.

In the call log and in the `path` of a fault a call goes by its type, for example `pdd.goods.quantity.update`;
a call to the address of tokens by `/oauth/token`. Its listings are the SKUs that it writes, or the goods that
it reads or puts on and off sale. The gateway is asked in JSON only, the XML that the platform knows too is
refused.

Buyers are moved by hand or come by themselves as in every mock shop, see `syncd.mock.buyers`; whatever they
buy is an order that the interfaces of orders tell. The routes under `/_mock` need no token.
"""

from functools import partial

from aiohttp import web

from syncd.mock.buyers import add_buyers
from syncd.mock.catalogue import make_listings, make_skus
from syncd.mock.clock import Clock
from syncd.mock.control import add_control
from syncd.mock.core import Listing
from syncd.mock.delivery import carry_out, send
from syncd.mock.gateway import planned, record, refused
from syncd.mock.pdd.gate import check
from syncd.mock.pdd.orders import Orders
from syncd.mock.pdd.params import read_params
from syncd.mock.pdd.plan import Interface, Plan
from syncd.mock.pdd.reads import Reads
from syncd.mock.pdd.refusal import Refusal
from syncd.mock.pdd.state import PddState
from syncd.mock.pdd.tokens import Tokens
from syncd.mock.pdd.wire import TOKENS, Scribe, as_treatment
from syncd.mock.pdd.writes import Writes
from syncd.mock.rig import Rig

GATEWAY = "/api/router"
"""Where all interfaces are called."""

_NO_PLAN = Plan(work=lambda _call, _strikes: {})

# Beyond what a float holds exactly, as ids of 64 bits may be.
_FIRST_GOODS = 500_000_000_000_000_000


def pdd_app(rig: Rig[PddState]) -> web.Application:
    """Return the web application of one shop; run it with `syncd.mock.server.running`."""
    rig.state.now = rig.clock.now
    routes = _Routes(rig)
    app = add_control(rig, tells_orders=True)
    app.router.add_route("*", GATEWAY, routes.call)
    app.router.add_route("*", TOKENS, routes.exchange)
    add_buyers(app, rig)
    return app


def build_pdd(seed: int, clock: Clock, state: object = None) -> web.Application:
    """Return a shop; without a state its goods come from the seed, of the SKUs in that seed's ERP."""
    rig = Rig(name="pdd", state=PddState(now=clock.now), seed=seed, clock=clock)
    if state is not None:
        rig.merge(state)
        return pdd_app(rig)
    rig.state = PddState(listings=_make_listings(seed), now=clock.now)
    return pdd_app(rig)


class _Routes:
    def __init__(self, rig: Rig[PddState]) -> None:
        self._rig = rig
        self._tokens = Tokens(rig.state)
        self._interfaces: dict[str, Interface] = {
            **Reads(rig.state, rig.seed).interfaces(),
            **Writes(rig.state).interfaces(),
            **Orders(rig.state, rig.seed).interfaces(),
            **self._tokens.interfaces(),
        }

    async def call(self, request: web.Request) -> web.StreamResponse:
        try:
            params = await read_params(request)
        except Refusal as refusal:
            call = record(self._rig, request, "none", _NO_PLAN)
            return send(self._rig, call, Scribe(self._rig, "").refuse(refusal))
        kind = params.values.get("type", "")
        interface = self._interfaces.get(kind)
        plan = planned(partial(interface, params), Refusal) if interface else _NO_PLAN
        call = record(self._rig, request, kind or "none", plan)
        scribe = Scribe(self._rig, kind)
        try:
            check(self._rig, params, frozenset(self._interfaces))
        except Refusal as refusal:
            return send(self._rig, call, scribe.refuse(refusal))
        return await carry_out(self._rig, request, call, as_treatment(scribe, partial(plan.work, call)))

    async def exchange(self, request: web.Request) -> web.StreamResponse:
        """Answer a call to the address of tokens, whose own body says which app it is of."""
        try:
            params = await read_params(request)
        except Refusal as refusal:
            plan = refused(refusal)
        else:
            plan = planned(partial(self._tokens.exchange, params), Refusal)
        call = record(self._rig, request, TOKENS, plan)
        treatment = as_treatment(Scribe(self._rig, TOKENS), partial(plan.work, call), enveloped=False)
        return await carry_out(self._rig, request, call, treatment)

    # --- inside --------------------------------------------------------------------------------------------


def _make_listings(seed: int) -> list[Listing]:
    """Return the listings of the seed with ids as the platform has them."""
    listings = list(make_listings(seed, "pdd", make_skus(seed)).listings)
    for listing in listings:
        listing.item = str(_FIRST_GOODS + int(listing.item))
    return listings
