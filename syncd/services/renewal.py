"""The tokens of one shop: the newest are used, and however many calls find them over, one renewal is made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from syncd.domain.model import ShopName
from syncd.domain.retry import in_doubt
from syncd.errors import Kind, PortError, StateError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.tokens import Kept, Renewing, Tokens, TokenVault

POLL = 0.2
"""Seconds between two looks whether another process has renewed them."""

SOONEST = timedelta(minutes=10)
"""Renewed tokens that no call was accepted with are not renewed again before: it would not help."""

WARN_AHEAD = timedelta(days=7)
"""So long before a person has to do something people are told."""

PATIENCE = 5.0
"""Seconds that a call waits for a renewal while the tokens are good still."""

CLOSING = 20.0
"""Seconds that a renewal under way gets when all is closed: what it buys is good for one use only."""

_FIRST_WAIT = 30.0
_LONGEST_WAIT = 600.0
_SAVES = 3

_STOPPING = frozenset({Kind.AUTH_REVOKED, Kind.SIGNATURE})
_PASSING = frozenset({Kind.THROTTLED, Kind.TRANSIENT, Kind.UNKNOWN, Kind.DONE})


@dataclass(slots=True, kw_only=True)
class Renewal:
    """Keeps the tokens of `channel` good; one for each shop of a process.

    Processes share `vault`: who has its lock looks first whether another one has renewed the tokens already.
    What the vault keeps counts only while the configured tokens are those that it came from. A renewal goes
    on where the call that asked for it is broken off.
    """

    shop: ShopName
    channel: Renewing
    vault: TokenVault
    clock: Clock
    events: Events
    _seed: str = field(init=False)
    _kept: Kept | None = field(init=False, default=None)
    _is_loaded: bool = field(init=False, default=False)
    _running: "asyncio.Task[PortError | None] | None" = field(init=False, default=None)
    _began: float = field(init=False, default=0.0)
    _is_buying: bool = field(init=False, default=False)
    _works: Tokens | None = field(init=False, default=None)
    _over: Tokens | None = field(init=False, default=None)
    _refused: str = field(init=False, default="")
    _failed: PortError | None = field(init=False, default=None)
    _failures: int = field(init=False, default=0)
    _again_at: float = field(init=False, default=0.0)
    _told_days: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._seed = self.channel.tokens.fingerprint

    @property
    def tokens(self) -> Tokens:
        """Return the tokens in use."""
        return self.channel.tokens

    @property
    def settings(self) -> str:
        """Return the settings that people have to correct where the tokens are good no more."""
        return " and ".join(f"shops.{self.shop}.{name}" for name in self.channel.token_settings)

    async def load(self) -> None:
        """Use the newest tokens that any process saved; makes no call.

        Raises:
            StateError: the vault cannot be read.
        """
        before = self.channel.tokens
        kept = await self.vault.load(self.shop)
        # A renewal that ended meanwhile is newer than what was read.
        if self.channel.tokens == before:
            self._take(kept)
        self._is_loaded = True

    async def ready(self) -> Tokens:
        """Return the tokens for the next call, renewed if they run out soon.

        Raises:
            PortError: they are over, and there are no others.
            StateError: the vault cannot be read or written.
        """
        # What nothing can renew is in no vault, which may be another user's.
        if self.tokens.refresh and (self._refused or not self._is_loaded):
            await self.load()
        if self._refused and not self._is_usable:
            raise PortError(Kind.AUTH_REVOKED, self._refused, sent=False)
        self._warn()
        if self._is_due:
            await self._ahead()
        return self.tokens

    def accepted(self, used: Tokens) -> None:
        """Note that a call with these tokens went well."""
        self._works = used

    async def expired(self, used: Tokens, error: PortError) -> None:
        """Return once there are others than `used`, which were refused with `error`; that call is not made.

        Raises:
            PortError: there are none: `error` where nothing can be renewed, else why that failed, always with
                a kind that says that the refused call was not carried out.
            StateError: the vault cannot be read or written.
        """
        if self.tokens != used:
            return
        self._over = used
        if not used.refresh:
            raise error
        await self._renewed(used)

    async def close(self) -> None:
        """Let a renewal under way end; one that only waits for another process is broken off."""
        running = self._running
        if running is None:
            return
        if self._is_buying:
            await asyncio.wait([running], timeout=CLOSING)
        running.cancel()
        await asyncio.wait([running])

    # --- when ----------------------------------------------------------------------------------------------

    @property
    def _is_usable(self) -> bool:
        tokens = self.tokens
        if not tokens.access or tokens == self._over:
            return False
        return tokens.access_expires is None or self.clock.now() < tokens.access_expires

    @property
    def _is_due(self) -> bool:
        tokens = self.tokens
        if not tokens.refresh or self._refused or self.clock.monotonic() < self._again_at:
            return False
        if not tokens.access:
            return True
        if tokens.access_expires is None:
            return False
        ahead = self.channel.renew_ahead
        if self._kept is not None and tokens.fingerprint != self._seed:
            # Of tokens that live for minutes most of the life is used.
            ahead = min(ahead, (tokens.access_expires - self._kept.saved) / 2)
        return self.clock.now() >= tokens.access_expires - ahead

    def _warn(self) -> None:
        """Tell once a day that a person will have to do something soon."""
        ends = ends_of(self.tokens)
        left = None if ends is None else ends - self.clock.now()
        if ends is None or left is None or left >= WARN_AHEAD:
            self._told_days = None
            return
        days = max(left.days, 0)
        if days != self._told_days:
            hint = f"have the app authorized again and correct {self.settings}"
            self.events.tell(
                "tokens_expiring", shop=self.shop, expires=ends.isoformat(), days=days, hint=hint
            )
        self._told_days = days

    async def _ahead(self) -> None:
        """Return once what runs out soon is renewed; what is good still keeps no call waiting for long."""
        if not self._is_usable:
            await self._renewed(self.tokens)
            return
        spent = 0.0 if self._running is None else self.clock.monotonic() - self._began
        with suppress(PortError, TimeoutError):
            async with asyncio.timeout(max(PATIENCE - spent, 0.0)):
                await self._renewed(self.tokens)

    # --- one renewal ---------------------------------------------------------------------------------------

    async def _renewed(self, used: Tokens) -> None:
        """Return once `used` are renewed, by whoever began to.

        Raises:
            PortError: they could not be.
        """
        if self._running is None:
            if self._refused:
                raise PortError(Kind.AUTH_REVOKED, self._refused, sent=False)
            if self._failed is not None and self.clock.monotonic() < self._again_at:
                raise _again(self._failed)
            self._began = self.clock.monotonic()
            self._running = asyncio.create_task(self._renew(used), name=f"renew {self.shop}")
            self._running.add_done_callback(self._end)
        failed = await asyncio.shield(self._running)
        if failed is not None:
            # Each call has an error of its own, as each has its own way up.
            raise _again(failed)

    def _end(self, task: "asyncio.Task[PortError | None]") -> None:
        self._running = None
        if not task.cancelled():
            # Where nobody waits any more its error is nobody's: the next call meets it again.
            task.exception()

    async def _renew(self, used: Tokens) -> PortError | None:
        """Return None if there are other tokens now, else why there are none."""
        async with self._alone():
            kept = await self.vault.load(self.shop)
            own = kept if kept is not None and kept.seed == self._seed else None
            if own is not None and own.tokens != used:
                self._take(own)
                return None
            if own is not None and self._is_too_soon(own):
                message = (
                    f"its tokens were renewed just now, and are refused all the same; see {self.settings}"
                )
                return PortError(Kind.AUTH_EXPIRED, message, sent=False)
            self._is_buying = True
            try:
                return await self._buy(used, own)
            finally:
                self._is_buying = False

    def _is_too_soon(self, own: Kept) -> bool:
        """Return whether tokens that were refused are new ones, and never were good for anything."""
        is_renewed = own.tokens.fingerprint != self._seed
        was_refused = own.tokens == self._over and own.tokens != self._works
        return is_renewed and was_refused and abs(self.clock.now() - own.saved) < SOONEST

    async def _buy(self, used: Tokens, own: Kept | None) -> PortError | None:
        now = self.clock.now()
        before = own or Kept(tokens=used, seed=self._seed, saved=now)
        begun = before.begun or now
        # It proves that what comes can be saved, and tells later that an answer was never seen.
        await self.vault.save(self.shop, replace(before, begun=begun))
        try:
            new = await self.channel.renew(used)
        except PortError as error:
            if not in_doubt(error.kind, sent=error.sent):
                await self.vault.save(self.shop, before)
            return self._fail(error, before.begun)
        kept = Kept(tokens=new, seed=self._seed, saved=self.clock.now())
        await self._save(kept)
        self._take(kept)
        expires = new.access_expires.isoformat() if new.access_expires else None
        self.events.tell("tokens_renewed", shop=self.shop, expires=expires)
        return None

    async def _save(self, kept: Kept) -> None:
        """Save what was bought, and try again where that fails: nobody sells it twice."""
        for left in reversed(range(_SAVES)):
            try:
                await self.vault.save(self.shop, kept)
            except StateError:
                if not left:
                    raise
                await self.clock.sleep(1.0)
            else:
                return

    def _take(self, kept: Kept | None) -> None:
        if kept is None or kept.seed != self._seed:
            return
        self._kept = kept
        if kept.tokens == self.tokens:
            return
        self.channel.use(kept.tokens)
        self._refused, self._failed, self._failures, self._again_at = "", None, 0, 0.0

    def _fail(self, error: PortError, begun: datetime | None) -> PortError:
        self._failures += 1
        if error.kind is Kind.AUTH_REVOKED:
            self._refused = f"{error}; {self._advice(begun)}"
            failed = PortError(Kind.AUTH_REVOKED, self._refused, sent=False)
        else:
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(self._failures - 1, 60))
            wait = max(wait, error.retry_after or 0.0)
            self._again_at = self.clock.monotonic() + wait
            message = f"its tokens could not be renewed, which is tried again in {wait:g} s ({error})"
            failed = self._failed = PortError(_kind(error.kind), message, sent=False)
        if self._failures == 1:
            self.events.tell("tokens_failing", shop=self.shop, error=str(failed))
        return failed

    def _advice(self, begun: datetime | None) -> str:
        text = (
            f"its refresh token is good no more: have the app authorized again, correct {self.settings} and "
            "start syncd again"
        )
        if begun is None:
            return text
        at = f"{begun.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{text} (the answer to a renewal of {at} was lost, which may have spent it)"

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Wait until nobody else renews the shop's tokens, and keep all others from it."""
        while True:
            async with self.vault.held(self.shop) as mine:
                if mine:
                    yield
                    return
            await self.clock.sleep(POLL)


def ends_of(tokens: Tokens) -> datetime | None:
    """Return when a person has to grant new tokens, None where that is not known."""
    return tokens.refresh_expires if tokens.refresh else tokens.access_expires


def _kind(kind: Kind) -> Kind:
    """Return what a failed renewal means for a call that needs it, and that was not carried out itself."""
    if kind in _STOPPING:
        return kind
    return Kind.TRANSIENT if kind in _PASSING else Kind.AUTH_EXPIRED


def _again(error: PortError) -> PortError:
    return PortError(error.kind, str(error), retry_after=error.retry_after, sent=error.sent)
