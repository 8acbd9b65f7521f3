"""The AliExpress mock over HTTP: IOP's gateways `/sync` and `/rest` for one seller of one app.

In the call log and in the `path` of a fault a call goes by the name of its method, for example
`aliexpress.solution.batch.product.inventory.update`, or by its path, such as `/auth/token/refresh`. Its
listings are the SKUs that it writes, or the products that it reads or puts on or off sale. A refusal is that
of a whole product: a `partial` fault strikes the products of its listings, or the first `lines` products.

Buyers are moved by hand or come by themselves as in every mock shop, see `syncd.mock.buyers`; whatever they
buy is an order that the methods of orders tell. The routes under `/_mock` need no token.
"""

from functools import partial

from aiohttp import web

from syncd.mock.aliexpress.feeds import Feeds
from syncd.mock.aliexpress.gate import check
from syncd.mock.aliexpress.orders import Orders
from syncd.mock.aliexpress.params import Params, read_params
from syncd.mock.aliexpress.plan import Method, Plan
from syncd.mock.aliexpress.product import ON_ORDER, ON_PAYMENT, Product
from syncd.mock.aliexpress.reads import Reads
from syncd.mock.aliexpress.refusal import Refusal
from syncd.mock.aliexpress.state import AliexpressState
from syncd.mock.aliexpress.tokens import Tokens
from syncd.mock.aliexpress.wire import Scribe, as_treatment
from syncd.mock.aliexpress.writes import Writes
from syncd.mock.buyers import add_buyers
from syncd.mock.catalogue import make_listings, make_skus
from syncd.mock.clock import Clock
from syncd.mock.control import add_control
from syncd.mock.core import Listing
from syncd.mock.delivery import carry_out, send
from syncd.mock.gateway import planned, record
from syncd.mock.rig import Rig

SYNC, REST = "/sync", "/rest"
"""Where the dotted methods are called, and where the path methods begin."""

_NO_PLAN = Plan(work=lambda _call, _strikes: {})
_FIRST_PRODUCT = 1_005_000_000_000_000


def aliexpress_app(rig: Rig[AliexpressState]) -> web.Application:
    """Return the web application of one AliExpress shop; run it with `syncd.mock.server.running`."""
    rig.state.now = rig.clock.now
    routes = _Routes(rig)
    app = add_control(rig, tells_orders=True)
    app.router.add_post(SYNC, routes.dotted)
    app.router.add_post(REST + "{path:/.*}", routes.by_path)
    add_buyers(app, rig)
    return app


def build_aliexpress(seed: int, clock: Clock, state: object = None) -> web.Application:
    """Return an AliExpress shop; without a state its products come from the seed, of that seed's SKUs."""
    rig = Rig(name="aliexpress", state=AliexpressState(now=clock.now), seed=seed, clock=clock)
    if state is not None:
        rig.merge(state)
        return aliexpress_app(rig)
    listings = _make_listings(seed)
    products = [
        Product(
            id=product,
            reduce_strategy=ON_PAYMENT if int(product) % 2 else ON_ORDER,
            created=clock.now().replace(microsecond=0),
            modified=clock.now().replace(microsecond=0),
        )
        for product in dict.fromkeys(listing.item for listing in listings)
    ]
    rig.state = AliexpressState(products=products, listings=listings, now=clock.now)
    return aliexpress_app(rig)


class _Routes:
    def __init__(self, rig: Rig[AliexpressState]) -> None:
        self._rig = rig
        writes = Writes(rig.state)
        self._methods: dict[str, Method] = {
            **Reads(rig.state, rig.seed).methods(),
            **writes.methods(),
            **Orders(rig.state, rig.seed).methods(),
            **Feeds(rig.state, writes).methods(),
        }
        self._paths = Tokens(rig.state).methods()

    async def dotted(self, request: web.Request) -> web.StreamResponse:
        return await self._call(request, "")

    async def by_path(self, request: web.Request) -> web.StreamResponse:
        return await self._call(request, request.match_info["path"])

    # --- inside --------------------------------------------------------------------------------------------

    async def _call(self, request: web.Request, path: str) -> web.StreamResponse:
        try:
            params = await read_params(request)
        except Refusal as refusal:
            params = Params({})
            call = record(self._rig, request, path or "none", _NO_PLAN)
            return send(self._rig, call, Scribe(self._rig, params, path).refuse(refusal))
        name = path or params.values.get("method", "")
        method = (self._paths if path else self._methods).get(name)
        plan = _NO_PLAN if method is None else planned(partial(method, params), Refusal)
        call = record(self._rig, request, name or "none", plan)
        scribe = Scribe(self._rig, params, path)
        try:
            check(self._rig, params, name, known=method is not None, path=path)
        except Refusal as refusal:
            return send(self._rig, call, scribe.refuse(refusal))
        return await carry_out(self._rig, request, call, as_treatment(scribe, partial(plan.work, call)))


def _make_listings(seed: int) -> list[Listing]:
    """Return the listings of the seed with ids as AliExpress has them; lone listings have no SKUs."""
    listings = list(make_listings(seed, "aliexpress", make_skus(seed)).listings)
    sizes: dict[str, int] = {}
    for listing in listings:
        sizes[listing.item] = sizes.get(listing.item, 0) + 1
    for n, listing in enumerate(listings):
        alone = sizes[listing.item] == 1
        listing.item = str(_FIRST_PRODUCT + int(listing.item))
        listing.id = listing.item if alone else f"{listing.item}/14:{100_000 + n};5:361386"
    return listings
