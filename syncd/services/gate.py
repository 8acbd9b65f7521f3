"""The way to one shop: whoever wants to call it waits here until the budget says that it is next."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from syncd.domain.allotment import Allotment, Use
from syncd.domain.budget import TokenBucket
from syncd.errors import Kind, PortError
from syncd.ports.clock import Clock
from syncd.services.precedence import Precedence

PATIENCE = 5.0
"""Seconds that a read waits where the shop asked for a rest; with a longer one other shops must not wait."""


_USES = tuple(Use)

_READING_AS: ContextVar[Use] = ContextVar("reading_as", default=Use.READ)


@contextmanager
def urgently() -> Iterator[None]:
    """Have all that is read in the block go before raises: a decrease waits for it."""
    token = _READING_AS.set(Use.LOWER)
    try:
        yield
    finally:
        _READING_AS.reset(token)


def _stays() -> bool:
    return True


async def _whole(waiting: Awaitable[object]) -> None:
    await waiting


@dataclass(slots=True, kw_only=True)
class Gate:
    """Admits calls one by one; a decrease that comes later does not wait for the raises before it.

    All else waits for `precedence`, which the gates of all shops share. `admitted` counts the calls by what
    for, `was_throttled` how often the shop said that they were too many.
    """

    allotment: Allotment
    clock: Clock
    precedence: Precedence = field(default_factory=Precedence)
    admitted: Counter[Use] = field(init=False, default_factory=Counter)
    was_throttled: int = field(init=False, default=0)
    _limits: set[asyncio.Timeout] = field(init=False, default_factory=set)
    _waiting: Counter[Use] = field(init=False, default_factory=Counter)
    _lines: dict[Use, asyncio.Lock] = field(
        init=False, default_factory=lambda: {use: asyncio.Lock() for use in Use}
    )

    @property
    def pause(self) -> float:
        """Return the seconds for which the shop wants to be left alone, not above 0 where it does not."""
        return self.allotment.bucket.paused_until - self.clock.monotonic()

    async def admit(
        self,
        use: Use,
        *,
        stays: Callable[[], bool] = _stays,
        patience: float = float("inf"),
        cut: Callable[[Awaitable[object]], Awaitable[None]] | None = None,
    ) -> float:
        """Return 0 when the call may go out; else the wait that was too long, or -1 where it did not stay.

        `stays` is asked before each wait, and again once the wait is over or `cut` short. Who would wait more
        than `patience` seconds for a token leaves.
        """
        self._waiting[use] += 1
        try:
            # The locks are fair: of each use one is awake, and takes what nobody could take for it meanwhile.
            async with self._lines[use]:
                return await self._first(use, stays, patience, cut or _whole)
        finally:
            self._waiting[use] -= 1

    async def read(self) -> None:
        """Return when a call that reads may go out.

        Raises:
            PortError: the shop wants to be left alone for longer than a cycle can wait.
        """
        if await self.admit(_READING_AS.get(), stays=lambda: self.pause <= PATIENCE) < 0:
            rest = self.pause
            message = f"it throttles and wants to be left alone for another {rest:g} s"
            raise PortError(Kind.THROTTLED, message, sent=False, retry_after=rest)

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """Give the block so many seconds and those that its reads wait here: that is not the shop's fault.

        What the shop says to its reads counts for all its calls.

        Raises:
            TimeoutError: it took longer.
        """
        async with asyncio.timeout(seconds) as limit:
            self._limits.add(limit)
            try:
                yield
            except PortError as error:
                if error.kind is Kind.THROTTLED and error.sent:
                    self.throttled(error.retry_after or 0.0)
                raise
            else:
                self.recovered()
            finally:
                self._limits.discard(limit)

    def throttled(self, asked: float) -> None:
        """Slow down, as the shop says."""
        self.was_throttled += 1
        self.allotment = self.allotment.throttled(self.clock.monotonic(), asked)

    def recovered(self) -> None:
        """Speed up again after a good call."""
        self.allotment = self.allotment.recovered(self.clock.monotonic())

    async def _first(
        self,
        use: Use,
        stays: Callable[[], bool],
        patience: float,
        cut: Callable[[Awaitable[object]], Awaitable[None]],
    ) -> float:
        await self._precede(use)
        while stays():
            now = self.clock.monotonic()
            allotment, grant = self.allotment.grant(now, self._asking(use))
            if grant.use is use:
                self.allotment = allotment
                self.admitted[use] += 1
                return 0.0
            bucket = self.allotment.bucket
            if (too_long := bucket.take(now)[1]) > patience:
                return too_long
            # Where it is another's turn that one wakes by itself, and the token after is worth another look.
            await cut(self._rest(use, grant.wait or 1 / bucket.rate))
        return -1.0

    def _asking(self, use: Use) -> list[Use]:
        """Return who waits for a call; who makes way for a decrease asks for none and is owed none."""
        gives_way = self.precedence.left(self.clock.monotonic()) > 0
        asking = {use, Use.LOWER} if gives_way else _USES
        return [one for one in asking if self._waiting[one]]

    async def _precede(self, use: Use) -> None:
        """Return once no decrease goes before `use`."""
        seconds = self.precedence.left(self.clock.monotonic())
        if use is Use.LOWER or seconds <= 0:
            return
        self._excuse(use, seconds)
        await self.precedence.over(self.clock)

    async def _rest(self, use: Use, seconds: float) -> None:
        self._excuse(use, seconds)
        await self.clock.sleep(seconds)

    def _excuse(self, use: Use, seconds: float) -> None:
        """Give the readings of a cycle so much more time."""
        for limit in self._limits if use is Use.READ else ():
            # One that is over already has cancelled its block, which only has not heard of it.
            if (end := limit.when()) is not None and not limit.expired():
                limit.reschedule(end + seconds)


def open_gate(rate: float, burst: int, clock: Clock, precedence: Precedence | None = None) -> Gate:
    """Return the gate of a shop that takes `rate` calls a second and `burst` at once after a rest."""
    bucket = TokenBucket.full(rate=rate, burst=burst, now=clock.monotonic())
    return Gate(allotment=Allotment(bucket=bucket), clock=clock, precedence=precedence or Precedence())


@asynccontextmanager
async def within(gate: Gate | None, seconds: float) -> AsyncIterator[None]:
    """Give the block so many seconds, and what its reads wait at the gate, if there is one.

    Raises:
        TimeoutError: it took longer.
    """
    async with asyncio.timeout(seconds) if gate is None else gate.within(seconds):
        yield
