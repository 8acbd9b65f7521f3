"""Let shops leave: take them off sale first, and free their units once nothing of them can be sold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncd.domain.claims import contained
from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.ordering import OrderRules
from syncd.domain.records import ClaimRow, LedgerRow, ShopState, ShopStatus
from syncd.domain.retiring import Leaving, SeenGone, is_later, on_sale, possible, stays_because
from syncd.domain.said import Said, say, say_later
from syncd.domain.topology import Topology
from syncd.errors import ConfigError, Problem, UsageError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store

LEAVING = (ShopStatus.RETIRING, ShopStatus.RETIRED)
"""The statuses of a shop that was told to retire."""

_WRITES = ("counter", "on_sale")
_SEEN_GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What says when the sources' figures contain what a shop sold; of a shop without rules they never do."""

    topology: Topology = field(default_factory=lambda: Topology(sources=(), pools=(), shops=()))
    rules: Mapping[ShopName, OrderRules] = field(default_factory=dict)


async def refuse_dropped(store: Store, configured: Collection[ShopName], *, file: str) -> None:
    """Do nothing while every shop of which something is on sale is configured; nothing is of a retired one.

    Nobody would lower the counters of another one any more, and its units would be given to others.

    Raises:
        ConfigError: there is one; all of them are named.
    """
    states = await store.shops()
    left = {name for name, state in states.items() if state.status is ShopStatus.RETIRED}
    problems, unresolved = [], await store.unresolved()
    for shop in sorted(states.keys() - set(configured) - left):
        open_ = [intent for intent in unresolved if intent.shop == shop]
        still = on_sale(possible(await store.listings(shop), open_))
        if still:
            message, hint = _DROPPED.format(still=still), _HINT.format(shop=shop)
            problems.append(Problem(file=file, key=f"shops.{shop}", message=message, hint=hint))
    if problems:
        raise ConfigError(problems)


_DROPPED = "this shop is configured no more, but buyers can still take {still} from it"
_HINT = (
    "put it back, let `syncd shops retire {shop} --off-sale` take it off sale, and drop it once "
    "`syncd shops` shows it as retired"
)


class Retiring:
    """Lets shops retire, and those that retired come back."""

    def __init__(self, *, store: Store, clock: Clock, events: Events, settling: Settling) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._settling = settling

    async def begin(self, shop: ShopName, *, off_sale: bool, by: str) -> str:
        """Let a shop retire, and return how it stands then.

        Raises:
            UsageError: something of it is on sale, and nobody asked to take it off.
        """
        state = (await self._store.shops()).get(shop, ShopState(name=shop))
        if state.status is ShopStatus.RETIRED:
            return shop_is(shop, ShopStatus.RETIRED)
        still = on_sale(await self._store.listings(shop))
        if still and not off_sale:
            raise UsageError(
                say(
                    "shop %(shop)s can still sell %(still)s; with --off-sale all of it is taken off sale "
                    "first",
                    shop=shop,
                    still=still,
                )
            )
        if state.status is not ShopStatus.RETIRING:
            await self._save(replace(state, status=ShopStatus.RETIRING), by)
        return await self._standing(shop)

    async def seen_gone(self, shop: ShopName, *, by: str) -> str:
        """Let a shop retire of which a person saw that it is off sale, and return how it stands then.

        Raises:
            UsageError: it can be read, and shows otherwise.
        """
        state = (await self._store.shops()).get(shop, ShopState(name=shop))
        still = on_sale(await self._store.listings(shop))
        if not still or state.status is ShopStatus.RETIRED:
            return await self.begin(shop, off_sale=True, by=by)
        if not (state.error or state.blocked):
            raise UsageError(
                say(
                    "shop %(shop)s can be read as far as is known, and can still sell %(still)s: use "
                    "--off-sale, which takes it off sale; --gone is for a shop that cannot be reached any "
                    "more",
                    shop=shop,
                    still=still,
                )
            )
        if state.status is not ShopStatus.RETIRING:
            await self._save(replace(state, status=ShopStatus.RETIRING), by)
        seen = await self._seen(shop)
        if seen is None or is_later(state.observed_at, seen.at):
            row = status_row(state, self._clock.now(), by)._replace(cause=_SEEN_GONE)
            await self._store.resolve((), (), (row,))
        return await self._standing(shop)

    async def _standing(self, shop: ShopName) -> str:
        why = await self.finish(shop)
        if not why:
            return shop_is(shop, ShopStatus.RETIRED)
        return say("shop %(shop)s is retiring: %(why)s", shop=shop, why=why)

    async def finish_all(self) -> None:
        """Retire the shops that have left by now."""
        for shop, state in (await self._store.shops()).items():
            if state.status is ShopStatus.RETIRING:
                await self.finish(shop)

    async def finish(self, shop: ShopName) -> str:
        """Retire a shop if it has left; return why it has not, empty if it has."""
        state = (await self._store.shops())[shop]
        intents = await self._store.unresolved()
        why = stays_because(
            Leaving(
                state=state,
                rows=await self._store.listings(shop),
                written_at=await self._written_at(shop),
                is_waiting=any(intent.shop == shop for intent in intents),
                feed=(await self._store.feeds()).get(shop),
                seen=await self._seen(shop),
            )
        )
        if not why:
            await self._save(replace(state, status=ShopStatus.RETIRED), "syncd")
            self._events.tell("shop_retired", shop=shop)
        return why

    async def come_back(self, state: ShopState, by: str) -> None:
        """Make a shop active again; what it shows must be read before anything rests on it."""
        if state.status is ShopStatus.RETIRED:
            # Nobody looked while it was away: whatever it showed then proves nothing.
            rows = await self._store.listings(state.name)
            await self._store.save_listings(
                [row._replace(expected_lo=None, expected_hi=None) for row in rows]
            )
            state = replace(state, observed_at=None)
        await self._save(replace(state, status=ShopStatus.ACTIVE), by)

    async def _seen(self, shop: ShopName) -> SeenGone | None:
        """Return who saw the shop off sale, None where nobody did since it was told to retire."""
        newest = await self._store.ledger(shop=shop, what="status", limit=1)
        if not newest or newest[0].cause != _SEEN_GONE:
            return None
        at, rules = newest[0].at, self._settling.rules.get(shop)
        # What it sold until then is like one sale at that moment.
        sale = ClaimRow(shop, _SEEN_GONE, Sku(""), "", 0, at)
        wait = {shop: rules.known_after if rules else None}
        met = contained([sale], await self._store.sources(), self._settling.topology, wait)
        return SeenGone(at=at, by=newest[0].who, is_contained=bool(rules and met))

    async def _written_at(self, shop: ShopName) -> datetime | None:
        """Return when the shop was written last, as far back as the ledger is kept."""
        newest = [await self._store.ledger(shop=shop, what=what, limit=1) for what in _WRITES]
        return max((row.at for rows in newest for row in rows), default=None)

    async def _save(self, state: ShopState, by: str) -> None:
        await self._store.save_shop(state)
        await self._store.resolve((), (), (status_row(state, self._clock.now(), by),))


_IS = {
    ShopStatus.ACTIVE: say_later("shop %(shop)s is active"),
    ShopStatus.PAUSED: say_later("shop %(shop)s is paused"),
    ShopStatus.FROZEN: say_later("shop %(shop)s is frozen"),
    ShopStatus.RETIRING: say_later("shop %(shop)s is retiring"),
    ShopStatus.RETIRED: say_later("shop %(shop)s is retired"),
}


def shop_is(shop: ShopName, status: ShopStatus) -> Said:
    """Return in words how a shop stands."""
    return Said(_IS[status], {"shop": shop})


def status_row(state: ShopState, now: datetime, by: str) -> LedgerRow:
    """Return the ledger's row of a new status."""
    return LedgerRow(
        now, state.name, ListingId(""), Sku(""), "status", None, None, state.status.value, "", by
    )
