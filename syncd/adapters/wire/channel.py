"""What the channels of all platforms that sign their calls have in common."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Generic, Protocol, TypeVar

from syncd.adapters.wire.settings import PlatformSettings
from syncd.domain.model import Action, ItemId, ListingId, Write
from syncd.domain.orders import OrderLine
from syncd.ports.channel import ChannelTraits, Unlists
from syncd.ports.orders import OrderFeed
from syncd.ports.tokens import Tokens

SWITCHES = frozenset({Action.DELIST, Action.RELIST})


class TokenClient(Protocol):
    """Calls one shop with the tokens that its owner granted."""

    tokens: Tokens

    def use(self, tokens: Tokens) -> None:
        """Call with other tokens from now on."""
        ...

    async def renew(self, tokens: Tokens) -> Tokens:
        """Return the tokens that come after `tokens`."""
        ...


ClientT = TypeVar("ClientT", bound=TokenClient)
KeyT = TypeVar("KeyT")


class PlatformChannel(Generic[ClientT]):
    """Hands on what is asked of orders and tokens; each platform adds how it is observed and written.

    `ahead` is how long before its end an access token is renewed.
    """

    access_setting: ClassVar[str] = "access_token"
    """The setting that the first access token comes from."""

    def __init__(self, client: ClientT, feed: OrderFeed, traits: ChannelTraits, *, ahead: timedelta) -> None:
        self._client = client
        self._feed = feed
        self._traits = traits
        self._ahead = ahead

    @property
    def traits(self) -> ChannelTraits:
        """Return what the platform's calls do, as the settings choose among them."""
        return self._traits

    def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield every line of every order that changed from `since` to `until`, a page at a time.

        Raises:
            PortError: a call failed; where the app may not read orders it is `PERMISSION`.
        """
        return self._feed.orders(since=since, until=until)

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        """Return the lines of the named orders as they are now.

        Raises:
            PortError: a call failed.
        """
        return await self._feed.these_orders(orders)

    # --- tokens --------------------------------------------------------------------------------------------

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in use, with what buys the next ones."""
        return self._client.tokens

    @property
    def token_settings(self) -> tuple[str, ...]:
        """Return the settings that these came from."""
        return (self.access_setting, "refresh_token") if self.tokens.refresh else (self.access_setting,)

    @property
    def renew_ahead(self) -> timedelta:
        """Return how long before its end an access token is renewed."""
        return self._ahead

    def use(self, tokens: Tokens) -> None:
        """Make every call from now on with `tokens`."""
        self._client.use(tokens)

    async def renew(self, tokens: Tokens) -> Tokens:
        """Ask the platform once for the tokens that come after `tokens`; does not use them.

        Raises:
            PortError: there are none; `AUTH_REVOKED` where the refresh token is refused or empty.
        """
        return await self._client.renew(tokens)


def shared_traits(settings: PlatformSettings) -> ChannelTraits:
    """Return the traits that all platforms have, as the settings say; the rest is to be replaced."""
    return ChannelTraits(
        counter=settings.counter,
        deducts_at=settings.deducts_at,
        can_unlist=True,
        unlists=Unlists.ITEM,
        auto_delists_at_zero=settings.auto_delists_at_zero,
        max_apply_delay=settings.max_apply_delay,
        observes_some=True,
        order_feed=settings.orders,
        restores_unpaid=settings.restores_unpaid,
        restores_paid=settings.restores_paid,
    )


def check_call(writes: Sequence[Write], traits: ChannelTraits) -> None:
    """Do nothing where the writes have one action and are no more than a call takes.

    Raises:
        ValueError: they are no call.
    """
    action = writes[0].action
    most = traits.max_batch_listing if action in SWITCHES else traits.max_batch
    if any(write.action is not action for write in writes) or len(writes) > most:
        raise ValueError("a call carries one action and no more lines than the traits say")


def keys_of(
    writes: Sequence[Write],
    traits: ChannelTraits,
    read: Callable[[ListingId], KeyT | None],
    item_of: Callable[[KeyT], ItemId],
) -> list[KeyT] | None:
    """Return what the writes of one call are of, None where an id is not ours.

    Raises:
        ValueError: they are no call, as the traits say.
    """
    check_call(writes, traits)
    keys = [read(write.listing) for write in writes]
    known = [key for key in keys if key is not None]
    if len(known) < len(keys):
        return None
    if traits.one_item_per_call and len({item_of(key) for key in known}) > 1:
        raise ValueError("a call carries one item")
    return known
