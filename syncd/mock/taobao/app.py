"""The Taobao mock over HTTP: TOP's gateway at `/router/rest` for one shop of one app.

In the call log and in the `path` of a fault a call goes by the name of its method, for example
`taobao.skus.quantity.update`. Its listings are the SKUs that it writes (the item where it has none), or the
items that it reads, lists or delists. TOP knows no refused line: a `partial` fault with an `error` refuses
the whole call, and one without leaves its lines out of the answer.

Buyers are moved by hand or come by themselves as in every mock shop, see `syncd.mock.buyers`; whatever they
buy is an order that the methods of trades tell. The routes under `/_mock` need no session.
"""

from collections.abc import Callable
from functools import partial

from aiohttp import web

from syncd.mock.buyers import add_buyers
from syncd.mock.catalogue import make_listings, make_skus
from syncd.mock.clock import Clock
from syncd.mock.control import add_control
from syncd.mock.core import Listing
from syncd.mock.delivery import carry_out, send
from syncd.mock.gateway import planned, record
from syncd.mock.rig import Rig
from syncd.mock.taobao.gate import check
from syncd.mock.taobao.item import ON_ORDER, ON_PAYMENT, Item
from syncd.mock.taobao.params import Params, read_params
from syncd.mock.taobao.reads import Plan, Reads
from syncd.mock.taobao.refusal import Refusal
from syncd.mock.taobao.session import Sessions
from syncd.mock.taobao.state import TaobaoState
from syncd.mock.taobao.trades import Trades
from syncd.mock.taobao.wire import Scribe, as_treatment
from syncd.mock.taobao.writes import Writes

GATEWAY = "/router/rest"
"""Where all methods are called."""

_NO_PLAN = Plan(work=lambda _call, _strikes: {})

# Beyond what a float holds exactly, as the platform's ids are.
_FIRST_ITEM = 700_000_000_000_000_000


def taobao_app(rig: Rig[TaobaoState]) -> web.Application:
    """Return the web application of one Taobao shop; run it with `syncd.mock.server.running`."""
    rig.state.now = rig.clock.now
    routes = _Routes(rig)
    app = add_control(rig, tells_orders=True)
    app.router.add_route("*", GATEWAY, routes.call)
    add_buyers(app, rig)
    return app


def build_taobao(seed: int, clock: Clock, state: object = None) -> web.Application:
    """Return a Taobao shop; without a state its items come from the seed, of the SKUs in that seed's ERP."""
    rig = Rig(name="taobao", state=TaobaoState(now=clock.now), seed=seed, clock=clock)
    if state is not None:
        rig.merge(state)
        return taobao_app(rig)
    listings = _make_listings(seed)
    items = [
        Item(
            id=item,
            sub_stock=ON_PAYMENT if int(item) % 2 else ON_ORDER,
            list_time=clock.now().replace(microsecond=0),
            modified=clock.now().replace(microsecond=0),
        )
        for item in dict.fromkeys(listing.item for listing in listings)
    ]
    rig.state = TaobaoState(items=items, listings=listings, now=clock.now)
    return taobao_app(rig)


class _Routes:
    def __init__(self, rig: Rig[TaobaoState]) -> None:
        self._rig = rig
        self._methods: dict[str, Callable[[Params], Plan]] = {
            **Reads(rig.state, rig.seed).methods(),
            **Writes(rig.state).methods(),
            **Trades(rig.state, rig.seed).methods(),
            **Sessions(rig.state).methods(),
        }

    async def call(self, request: web.Request) -> web.StreamResponse:
        try:
            params = await read_params(request)
        except Refusal as refusal:
            params = Params({})
            call = record(self._rig, request, "none", _NO_PLAN)
            return send(self._rig, call, Scribe(self._rig, params).refuse(refusal))
        plan = self._plan(params)
        call = record(self._rig, request, params.values.get("method") or "none", plan)
        scribe = Scribe(self._rig, params)
        try:
            check(self._rig, params, frozenset(self._methods))
        except Refusal as refusal:
            return send(self._rig, call, scribe.refuse(refusal))
        return await carry_out(self._rig, request, call, as_treatment(scribe, partial(plan.work, call)))

    # --- inside --------------------------------------------------------------------------------------------

    def _plan(self, params: Params) -> Plan:
        """Return what the call is about; one that is wrong in itself is refused only after the gate."""
        method = self._methods.get(params.values.get("method", ""))
        if method is None:
            return _NO_PLAN
        return planned(partial(method, params), Refusal)


def _make_listings(seed: int) -> list[Listing]:
    """Return the listings of the seed with ids as Taobao has them; every other lone listing has no SKUs."""
    listings = list(make_listings(seed, "taobao", make_skus(seed)).listings)
    sizes: dict[str, int] = {}
    for listing in listings:
        sizes[listing.item] = sizes.get(listing.item, 0) + 1
    for listing in listings:
        alone = sizes[listing.item] == 1 and int(listing.item) % 2 == 0
        listing.item = str(_FIRST_ITEM + int(listing.item))
        if alone:
            listing.id = listing.item
    return listings
