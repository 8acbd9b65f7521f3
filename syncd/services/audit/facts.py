"""What an audit rests on: the rows of the state as they are, put together anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.domain.acceptance import is_stale
from syncd.domain.decision import Question
from syncd.domain.guard import Record
from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.ordering import PREFIX, OrderRules, order_of
from syncd.domain.ordering.lines import is_paid
from syncd.domain.plan import ShopTraits
from syncd.domain.records import ClaimRow, FeedState, IntentRow, LedgerRow, OrderRow, ShopState
from syncd.domain.state import State
from syncd.domain.topology import Topology
from syncd.domain.withheld import WITHHELD
from syncd.ports.store import Store
from syncd.services.transfers import stored_state

Key = tuple[ShopName, ListingId]

_LOCKS = 100_000
"""How many of the newest rows of the ledger about locks are looked through."""

_FILLS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the configuration says: the topology, what channels can do, and how orders count.

    `fingerprint` identifies what decides quantities.
    """

    topology: Topology
    traits: Mapping[ShopName, ShopTraits]
    rules: Mapping[ShopName, OrderRules]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the state knows at a time; `written` are the newest writes of every counter.

    `locked` are the newest rows of the ledger about what sales took from locks, by lock; `filled` is until
    when shops were filled for the first time, of which the ledger has no row for each counter.
    """

    ground: Ground
    state: State
    question: Question
    orders: Mapping[ShopName, Sequence[OrderRow]]
    intents: Sequence[IntentRow]
    feeds: Mapping[ShopName, FeedState]
    written: Mapping[Key, LedgerRow]
    locked: Mapping[str, LedgerRow]
    filled: Mapping[ShopName, datetime]


async def gather(store: Store, ground: Ground, now: datetime) -> Facts:
    """Return what the state knows; nobody is asked and nothing is written."""
    state = await stored_state(store, ground.topology, now)
    orders: dict[ShopName, list[OrderRow]] = {}
    for row in await store.orders():
        orders.setdefault(row.shop, []).append(row)
    intents = await store.unresolved()
    known = {"", ground.fingerprint}
    shops = [shop.name for shop in ground.topology.shops if shop.name in state.shops]
    reconfigured = {name: state.shops[name].fingerprint not in known for name in shops}
    stale = {
        rules.name for rules in ground.topology.sources if is_stale(state.sources.get(rules.name), rules, now)
    }
    return Facts(
        ground=ground,
        state=replace(
            state,
            stale=frozenset(state.stale | stale),
            demand=await store.demand(),
            unpaid=_unpaid(state.claims, orders),
            reconfigured=any(reconfigured.values()),
        ),
        question=Question(
            traits=ground.traits,
            reconfigured=reconfigured,
            record=Record(shops=state.shops, approvals=await store.approvals(now)),
            unresolved=frozenset((intent.shop, intent.listing) for intent in intents),
        ),
        orders=orders,
        intents=intents,
        feeds=await store.feeds(),
        written={(row.shop, row.listing): row for row in await store.newest_counters()},
        locked=_newest(await store.ledger(what="lock", limit=_LOCKS)),
        filled=_filled(state.shops, await store.ledger(what="first_fill", limit=_FILLS), now),
    )


def _newest(rows: Sequence[LedgerRow]) -> dict[str, LedgerRow]:
    return {row.rule: row for row in reversed(rows)}


def _filled(
    shops: Mapping[ShopName, ShopState], rows: Sequence[LedgerRow], now: datetime
) -> dict[ShopName, datetime]:
    """Return until when shops may have been filled; who died meanwhile left no row, and goes on later."""
    found = {row.shop: row.at for row in reversed(rows)}
    accepted = {name: shop.accepted_at or now for name, shop in shops.items()}
    return {name: max(at, found.get(name, at)) for name, at in accepted.items()}


def _unpaid(
    claims: Sequence[ClaimRow], orders: Mapping[ShopName, Sequence[OrderRow]]
) -> dict[tuple[ShopName, Sku], int]:
    """Return the units of claims for which nobody has paid yet."""
    rows = {(shop, row.line): row for shop, mine in orders.items() for row in mine}
    found: dict[tuple[ShopName, Sku], int] = {}
    for claim in claims:
        row = rows.get((claim.shop, order_of(claim))) if claim.line.startswith(PREFIX) else None
        if claim.line.startswith(WITHHELD) or (row is not None and not is_paid(row)):
            found[claim.shop, claim.sku] = found.get((claim.shop, claim.sku), 0) + claim.units
    return found
