"""Adapters that are broken on purpose, to see what the run of five shops finds.

Each break stands between the program and a real adapter, or is a wrong word in the shop's table. Run
`python -m tests.integration.five.breaks [NAME]` to see what becomes of them.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine, Stage
from syncd.errors import Kind, PortError
from tests.integration.five.platforms import PLATFORMS, Platform
from tests.integration.five.run import filled
from tests.integration.five.weather import SHARE
from tests.integration.five.world import Scenario

SCENARIO = Scenario(seed=1, skus=2, item_size=2, minutes=9, stock=(10, 18), busy=4.0, crowd=4)
"""A run short enough to be made for each break."""


class Broken:
    """A channel as it is; whatever a break does not touch is the real one's."""

    def __init__(self, channel: Any) -> None:  # noqa: ANN401 - any adapter's channel
        self._channel = channel

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._channel, name)

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the real one reads, as `seen` has it."""
        async for page in self._channel.observe(listings):
            yield [self.seen(one) for one in page]

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Write as the real one does."""
        outcomes: Sequence[Outcome] = await self._channel.push(writes)
        return outcomes

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        """Yield what the real one tells, as `told` has it."""
        async for page in self._channel.orders(since=since, until=until):
            yield self.told(page)

    def seen(self, one: ObservedListing) -> ObservedListing:
        """Return a listing as this channel reads it."""
        return one

    def told(self, lines: Sequence[OrderLine]) -> Sequence[OrderLine]:
        """Return a page of orders as this channel tells it."""
        return lines


class _NoOrders(Broken):
    def told(self, lines: Sequence[OrderLine]) -> Sequence[OrderLine]:
        del lines
        return []


class _NoWithheld(Broken):
    def seen(self, one: ObservedListing) -> ObservedListing:
        return replace(one, withheld=0)


class _DamageIsZero(Broken):
    def seen(self, one: ObservedListing) -> ObservedListing:
        return replace(one, quantity=one.quantity or 0)


class _EarlyTimes(Broken):
    def told(self, lines: Sequence[OrderLine]) -> Sequence[OrderLine]:
        hours = timedelta(hours=-8)
        return [
            one._replace(
                created=one.created + hours,
                paid=one.paid and one.paid + hours,
                modified=one.modified + hours,
            )
            for one in lines
        ]


class _OneUnit(Broken):
    def told(self, lines: Sequence[OrderLine]) -> Sequence[OrderLine]:
        return [one._replace(units=min(one.units, 1)) for one in lines]


class _FirstLine(Broken):
    def told(self, lines: Sequence[OrderLine]) -> Sequence[OrderLine]:
        return list({one.order: one for one in reversed(lines)}.values())


class _NeverEnds(Broken):
    def told(self, lines: Sequence[OrderLine]) -> Sequence[OrderLine]:
        return [one._replace(stage=Stage.PAID, released=0) if one.released else one for one in lines]


class _SentTwice(Broken):
    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        try:
            return await super().push(writes)
        except PortError as error:
            if error.kind is not Kind.UNKNOWN:
                raise
            return await super().push(writes)


class _LostIsTransient(Broken):
    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        try:
            return await super().push(writes)
        except PortError as error:
            if error.kind is not Kind.UNKNOWN:
                raise
            raise PortError(Kind.TRANSIENT, str(error), sent=False) from None


class _SilenceIsDone(Broken):
    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        outcomes = await super().push(writes)
        return [Outcome(kind=Kind.DONE) if one.kind is Kind.UNKNOWN else one for one in outcomes]


class _RefusedIsDone(Broken):
    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        outcomes = await super().push(writes)
        return [Outcome(kind=Kind.DONE) if one.kind is Kind.REJECTED else one for one in outcomes]


class _FirstHalf(Broken):
    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        half = writes[: (len(writes) + 1) // 2]
        done = await super().push(half)
        return [*done, *[Outcome(kind=Kind.DONE)] * (len(writes) - len(half))]


class _OneTooMany(Broken):
    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        shifted = [
            one._replace(value=one.value + 1) if one.action is Action.DELTA and one.value > 0 else one
            for one in writes
        ]
        return await super().push(shifted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One break of one platform's adapter; `keys` are words of the shop's table in the place of others."""

    platform: str
    wrap: Callable[[Any], Broken] = Broken
    keys: tuple[str, ...] = ()

    def platforms(self) -> Mapping[str, Platform]:
        """Return the platforms with this one broken."""
        whole = PLATFORMS[self.platform]
        assert whole.channel is not None
        make = whole.channel
        named = {key.split(" ")[0] for key in self.keys}
        kept = tuple(key for key in whole.keys if key.split(" ")[0] not in named)
        broken = replace(
            whole,
            channel=lambda *args, **kwargs: self.wrap(make(*args, **kwargs)),
            keys=(*kept, *self.keys),
        )
        return {**PLATFORMS, self.platform: broken}


BREAKS: Mapping[str, Break] = {
    "claims of pdd are lost": Break(platform="pdd", wrap=_NoOrders),
    "claims of aliexpress are lost": Break(platform="aliexpress", wrap=_NoOrders),
    "withheld units of jd are ignored": Break(platform="jd", wrap=_NoWithheld),
    "withheld units of pdd are ignored": Break(platform="pdd", wrap=_NoWithheld),
    "a figure of taobao that cannot be read is zero": Break(platform="taobao", wrap=_DamageIsZero),
    "orders of taobao are eight hours early": Break(platform="taobao", wrap=_EarlyTimes),
    "aliexpress is asked for orders in Beijing's time": Break(
        platform="aliexpress", keys=('order_timezone = "Asia/Shanghai"',)
    ),
    "each line of douyin has one unit": Break(platform="douyin", wrap=_OneUnit),
    "only one line of an order of aliexpress is told": Break(platform="aliexpress", wrap=_FirstLine),
    "no order of taobao ever ends": Break(platform="taobao", wrap=_NeverEnds),
    "a difference of douyin is sent again after a lost reply": Break(platform="douyin", wrap=_SentTwice),
    "a lost reply of pdd counts as not sent": Break(platform="pdd", wrap=_LostIsTransient),
    "a row of jd that is not named counts as done": Break(platform="jd", wrap=_SilenceIsDone),
    "a row of douyin that was refused counts as done": Break(platform="douyin", wrap=_RefusedIsDone),
    "half of a batch of aliexpress is left out": Break(platform="aliexpress", wrap=_FirstHalf),
    "taobao raises by one too many": Break(platform="taobao", wrap=_OneTooMany),
}
"""The breaks by what they are."""


async def outcome(broken: Break | None, folder: Path) -> str:
    """Return what a run says of a break, first in good and then in bad weather; empty if neither finds it."""
    platforms = PLATFORMS if broken is None else broken.platforms()
    for name, share in (("good", 0.0), ("bad", SHARE)):
        (folder / name).mkdir()
        try:
            async with filled(SCENARIO, folder / name, share=share, platforms=platforms) as run:
                await run.trade()
                await run.end()
        except AssertionError as error:
            return f"in {name} weather: {error}".partition("\n")[0]
    return ""


async def _main(names: Sequence[str]) -> None:
    for name, broken in {"nothing": None, **BREAKS}.items():
        if names and name not in names:
            continue
        with TemporaryDirectory() as folder:
            found = await outcome(broken, Path(folder))
        print(f"{'caught' if found else 'NOT CAUGHT'}: {name}: {found[:200]}", flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
