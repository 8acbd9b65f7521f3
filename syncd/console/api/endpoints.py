"""Every endpoint of the API with what it takes, does and answers; the description is made from this table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from syncd.console.access import Caller, Role
from syncd.console.api import plans, queries, rest, sales, shops, stock
from syncd.domain.model import ShopName, Sku
from syncd.errors import NotThere
from syncd.services.desk import Desk

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was understood: each part is an instance of the model that its endpoint names."""

    caller: Caller
    path: Any
    query: Any
    body: Any

    @property
    def by(self) -> str:
        """Return who asks, as the ledger names them."""
        return f"console:{self.caller.name}"


Act = Callable[[Desk, Call], Awaitable[Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path; `act` returns what is answered, in the shape of `answer`."""

    method: str
    path: str
    summary: str
    act: Act
    answer: tuple[type[BaseModel], ...]
    where: type[queries.Path] = queries.NoPath
    query: type[queries.Query] = queries.Nothing
    body: type[queries.Said] | None = None

    @property
    def role(self) -> Role:
        """Return what a caller must be: who only reads needs no more than that."""
        return Role.VIEWER if self.method == "GET" else Role.OPERATOR

    @property
    def status(self) -> int:
        """Return the status of a good answer: what is asked of the daemon is not done yet."""
        return 202 if self.answer == (rest.Asked,) else 200


def _get(path: str, summary: str, act: Act, *answer: type[BaseModel], **more: Any) -> Endpoint:  # noqa: ANN401
    return Endpoint(method="GET", path=path, summary=summary, act=act, answer=answer, **more)


def _ask(path: str, summary: str, act: Callable[[Desk, Call], Awaitable[int]], **more: Any) -> Endpoint:  # noqa: ANN401
    async def asked(desk: Desk, call: Call) -> Json:
        return {"request": await act(desk, call)}

    return Endpoint(method="POST", path=path, summary=summary, act=asked, answer=(rest.Asked,), **more)


def _page(ask: Callable[[Desk], Callable[[Any], Awaitable[Json]]]) -> Act:
    async def page(desk: Desk, call: Call) -> Json:
        return await ask(desk)(call.query.asked())

    return page


async def _explain(desk: Desk, call: Call) -> Json:
    return await desk.explain(Sku(call.path.sku), ShopName(call.query.shop) if call.query.shop else None)


async def _history(desk: Desk, call: Call) -> Json:
    return await desk.history(Sku(call.path.sku), since=call.query.since)


async def _acknowledge(desk: Desk, call: Call) -> Json:
    if not await desk.acknowledge(call.path.alert, by=call.by):
        raise NotThere(f"there is no alert {call.path.alert}")
    return {"done": True}


async def _me(_desk: Desk, call: Call) -> Json:
    return {"name": call.caller.name, "role": call.caller.role.value}


_READING = (
    _get("/overview", "Whether everything is right", lambda desk, _: desk.overview(), shops.Overview),
    _get("/shops", "All shops: status, delays, advice", lambda desk, _: desk.shops(), shops.Shops),
    _get(
        "/shops/{shop}",
        "One shop with its limits",
        lambda desk, call: desk.shop(ShopName(call.path.shop)),
        shops.WholeShop,
        where=queries.ShopPath,
    ),
    _get(
        "/stock",
        "SKUs: what is available, and what shops should show",
        _page(lambda desk: desk.stock),
        stock.Stock,
        query=queries.StockQuery,
    ),
    _get(
        "/stock/{sku}/explain",
        "Why the figures of a SKU or bundle are what they are",
        _explain,
        stock.Explained,
        stock.ExplainedBundle,
        where=queries.SkuPath,
        query=queries.ExplainQuery,
    ),
    _get(
        "/stock/{sku}/history",
        "What the figures of a SKU were",
        _history,
        stock.History,
        where=queries.SkuPath,
        query=queries.HistoryQuery,
    ),
    _get(
        "/listings",
        "Listings: what they are bound to, should and can read",
        _page(lambda desk: desk.listings),
        stock.Listings,
        query=queries.ListingsQuery,
    ),
    _get("/plans", "What the guard holds now", lambda desk, _: desk.plans(), plans.Plans),
    _get(
        "/plans/{digest}",
        "One held plan with its changes",
        lambda desk, call: desk.plan(call.path.digest, call.query.asked()),
        plans.WholePlan,
        where=queries.DigestPath,
        query=queries.PlanQuery,
    ),
    _get(
        "/orders",
        "Order lines, the newest first; nothing about buyers is known",
        _page(lambda desk: desk.orders),
        sales.Orders,
        query=queries.OrdersQuery,
    ),
    _get(
        "/claims",
        "Open claims, and what each waits for",
        _page(lambda desk: desk.claims),
        sales.Claims,
        query=queries.ClaimsQuery,
    ),
    _get(
        "/locks",
        "Locks",
        lambda desk, call: desk.locks(ended=call.query.ended),
        sales.Locks,
        query=queries.EndedQuery,
    ),
    _get(
        "/transfers",
        "Units on their way between the shares of shops",
        _page(lambda desk: desk.transfers),
        sales.Transfers,
        query=queries.TransfersQuery,
    ),
    _get(
        "/ledger",
        "Every change of a figure and its cause, the newest first",
        _page(lambda desk: desk.ledger),
        rest.Ledger,
        query=queries.LedgerQuery,
    ),
    _get(
        "/alerts",
        "Alerts, the newest first",
        _page(lambda desk: desk.alerts),
        rest.Alerts,
        query=queries.AlertsQuery,
    ),
    _get(
        "/requests/{request}",
        "What came of a request",
        lambda desk, call: desk.request(call.path.request),
        rest.Request,
        where=queries.RequestPath,
    ),
    _get("/me", "Who asks", _me, rest.Me),
)

_STATUS: Mapping[str, str] = {
    "pause": "Write nothing to a shop until it is resumed",
    "resume": "Write to a paused shop again, or use a retired one again",
    "freeze": "Leave a shop's counters as they are until it is unfrozen",
    "unfreeze": "Write to a frozen shop again",
}


def _set_status(verb: str) -> Callable[[Desk, Call], Awaitable[int]]:
    return lambda desk, call: desk.set_status(ShopName(call.path.shop), verb, by=call.by)


_ASKING = (
    *(
        _ask(f"/shops/{{shop}}/{verb}", summary, _set_status(verb), where=queries.ShopPath)
        for verb, summary in _STATUS.items()
    ),
    _ask(
        "/plans/{digest}/approve",
        "Release once what is still held of a plan",
        lambda desk, call: desk.approve(call.path.digest, by=call.by),
        where=queries.DigestPath,
    ),
    _ask(
        "/plans/{digest}/reject",
        "Leave what is held of a plan as it is, and be asked no more",
        lambda desk, call: desk.reject(call.path.digest, by=call.by),
        where=queries.DigestPath,
    ),
    _ask(
        "/locks",
        "Lock units for a shop, or for nobody",
        lambda desk, call: desk.add_lock(call.body.wanted(), by=call.by),
        body=queries.LockBody,
    ),
    _ask(
        "/locks/{lock}/release",
        "Release units of a lock",
        lambda desk, call: desk.release_lock(call.path.lock, call.body.units, by=call.by),
        where=queries.LockPath,
        body=queries.ReleaseBody,
    ),
    _ask(
        "/locks/{lock}/end",
        "End a lock: what it holds is its pool's again",
        lambda desk, call: desk.end_lock(call.path.lock, by=call.by),
        where=queries.LockPath,
    ),
    _ask("/sync", "Run a cycle now", lambda desk, call: desk.sync(by=call.by)),
    Endpoint(
        method="POST",
        path="/alerts/{alert}/acknowledge",
        summary="Note that you know of an alert",
        act=_acknowledge,
        answer=(rest.Noted,),
        where=queries.AlertPath,
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (*_READING, *_ASKING)
"""All endpoints but the description of them."""

ROOT = "/api/v1"
"""Where every path begins."""
