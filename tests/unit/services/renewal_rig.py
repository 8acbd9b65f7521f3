"""A shop whose tokens run out, and the platform behind it: a refresh token is good for one use only."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.adapters.memory import FakeClock, MemoryVault
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, ShopName, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits
from syncd.ports.tokens import Tokens, TokenVault
from syncd.services.renewal import Renewal

TMALL = ShopName("tmall")
LIFE = timedelta(hours=24)
SEED = Tokens(access="planted-access-0", refresh="planted-refresh-0")
OTHER_SEED = Tokens(access="planted-pasted", refresh="planted-pasted-refresh")


def write(listing: str, value: int) -> Write:
    """Return a write of one listing."""
    return Write(
        listing=ListingId(listing), item=ItemId(""), action=Action.SET, value=value, base=None, key="k"
    )


class Platform:
    """What grants and takes tokens; `is_slow` keeps every renewal waiting until `go` is set."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.good = {SEED.access}
        self.unspent = {SEED.refresh}
        self.renewals = 0
        self.fails: list[PortError] = []
        self.loses_answers = False
        self.says_expiry = True
        self.life = LIFE
        self.asked = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    def grant(self, tokens: Tokens) -> None:
        """Make tokens good that somebody pasted into the configuration."""
        self.good.add(tokens.access)
        self.unspent.add(tokens.refresh)

    def end_sessions(self) -> None:
        """Make every access token bad; the refresh tokens stay."""
        self.good.clear()

    def require(self, access: str) -> None:
        """Refuse a call whose token is over."""
        if access not in self.good:
            raise PortError(Kind.AUTH_EXPIRED, "tmall: code 27: invalid session")

    async def renew(self, tokens: Tokens) -> Tokens:
        """Sell the next tokens, once for each refresh token."""
        self.renewals += 1
        self.asked.set()
        await self.go.wait()
        if self.fails:
            raise self.fails.pop(0)
        if tokens.refresh not in self.unspent:
            raise PortError(Kind.AUTH_REVOKED, "tmall: refresh token refused")
        self.unspent.discard(tokens.refresh)
        number = self.renewals
        new = Tokens(
            access=f"planted-access-{number}",
            refresh=f"planted-refresh-{number}",
            access_expires=self._clock.now() + self.life if self.says_expiry else None,
            refresh_expires=self._clock.now() + 30 * LIFE if self.says_expiry else None,
        )
        self.good = {new.access}
        self.unspent.add(new.refresh)
        if self.loses_answers:
            raise PortError(Kind.UNKNOWN, "tmall: the connection was lost")
        return new


class Shop:
    """A channel, a feed of orders and `Renewing`; a page for each entry of `pages`."""

    def __init__(self, platform: Platform, seed: Tokens = SEED) -> None:
        self._platform = platform
        self._tokens = seed
        self.used: list[str] = []
        self.pushed: list[Write] = []
        self.pages = 1
        self.ends_after: int | None = None
        self.line_kinds: list[Kind] = []
        self.refuses: PortError | None = None

    @property
    def traits(self) -> ChannelTraits:
        return ChannelTraits(order_feed=True)

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def token_settings(self) -> tuple[str, ...]:
        return ("session", "refresh_token")

    @property
    def renew_ahead(self) -> timedelta:
        return timedelta(hours=1)

    def use(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def renew(self, tokens: Tokens) -> Tokens:
        return await self._platform.renew(tokens)

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        del listings
        for number in range(self.pages):
            if number == self.ends_after:
                self.ends_after = None
                self._platform.end_sessions()
            await self._call()
            yield []

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        await self._call()
        self.pushed += writes
        return [Outcome(kind=kind) for kind in self.line_kinds] or [Outcome(kind=Kind.DONE) for _ in writes]

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        del since, until
        await self._call()
        yield []

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        del orders
        await self._call()
        return []

    async def _call(self) -> None:
        access = self._tokens.access
        self.used.append(access)
        # As on a network, others have their turn before the answer is there.
        for _ in range(3):
            await asyncio.sleep(0)
        if self.refuses:
            raise self.refuses
        self._platform.require(access)


@dataclass(slots=True)
class Told:
    """Events, remembered."""

    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def tell(self, name: str, /, **facts: object) -> None:
        self.events.append((name, facts))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.events]


class World:
    """A clock, a platform, a vault, and as many processes as are wanted."""

    def __init__(self, *, vault: TokenVault | None = None, auto: bool = False) -> None:
        self.clock = FakeClock(auto=auto)
        self.platform = Platform(self.clock)
        self.vault = vault or MemoryVault()
        self.told = Told()

    def process(self, seed: Tokens = SEED) -> tuple[Shop, Renewal]:
        """Return the shop and its renewal as a process that just began has them."""
        shop = Shop(self.platform, seed)
        renewal = Renewal(shop=TMALL, channel=shop, vault=self.vault, clock=self.clock, events=self.told)
        return shop, renewal
