"""The tokens by which a shop is called, where they run out and are renewed, and where the newest are kept."""

import hashlib
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from syncd.domain.model import ShopName


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a shop's owner granted: the token of every call, and the one that buys the next.

    `access` may be empty where only a refresh token is there yet, and `refresh` where the platform, or the
    kind of app, has none. `access_expires` and `refresh_expires` are aware; None is not known. Neither token
    is ever part of the repr.
    """

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    access_expires: datetime | None = None
    refresh_expires: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.access_expires, self.refresh_expires):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("a token expires at a time with a zone")

    @property
    def fingerprint(self) -> str:
        """Return what tells these tokens from others; neither can be guessed from it."""
        text = f"syncd tokens\n{len(self.access)}\n{self.access}\n{self.refresh}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@runtime_checkable
class Renewing(Protocol):
    """What a channel offers beside `Channel` where its tokens run out.

    It translates the one call that renews and does nothing else: it never renews by itself, keeps nothing and
    decides nothing. A call that is refused because its token is over raises `AUTH_EXPIRED`, as ever.
    """

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in use: after opening those of the settings."""
        ...

    @property
    def token_settings(self) -> tuple[str, ...]:
        """Return the shop's settings that the tokens came from, as in `("session", "refresh_token")`.

        People are told to correct these where the tokens are not good any more.
        """
        ...

    @property
    def renew_ahead(self) -> timedelta:
        """Return how long before the access token expires it is to be renewed.

        It is the platform's business: one takes a renewal on the last day only, another one any time.
        """
        ...

    def use(self, tokens: Tokens) -> None:
        """Make every call from now on with `tokens`; one under way ends with those it began with."""
        ...

    async def renew(self, tokens: Tokens) -> Tokens:
        """Ask the platform once for the tokens that come after `tokens`; does not use them.

        Where the answer brings no new refresh token, the one that was sent is part of what is returned.

        Raises:
            PortError: there are none: `AUTH_REVOKED` where the refresh token is refused or empty. After any
                other failure with `sent` True the refresh token may have been spent.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a vault keeps of a shop: the newest tokens, and when they were `saved`.

    `seed` is the fingerprint of the configured tokens that these come from: where somebody has configured
    others since, these count no more. `begun` is when a renewal of these began of which no end was seen, None
    where there is none: their refresh token may have been spent.
    """

    tokens: Tokens
    seed: str
    saved: datetime
    begun: datetime | None = None


class TokenVault(Protocol):
    """Keeps the newest tokens of every shop, for all processes that share it.

    What was saved survives the end of the process, and of the machine: a refresh token can be good for one
    use only, so new tokens are saved before they are used for the first time.
    """

    def held(self, shop: ShopName) -> AbstractAsyncContextManager[bool]:
        """Return what yields True and keeps others from renewing `shop` until the block ends.

        At once False if somebody else has it, in this process or another; it ends with its holder.
        """
        ...

    async def load(self, shop: ShopName) -> Kept | None:
        """Return what was saved last of `shop`, None if nothing was.

        Raises:
            StateError: it cannot be read, or others than we could have read or written it.
        """
        ...

    async def save(self, shop: ShopName, kept: Kept) -> None:
        """Keep `kept` instead of what was saved of `shop` before; whole or not at all.

        Raises:
            StateError: it could not be saved.
        """
        ...
