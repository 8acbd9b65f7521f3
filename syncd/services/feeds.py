"""Ask the shops for their orders; one that does not answer holds up no other and keeps its cursor."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.domain.model import ShopName
from syncd.domain.ordering import OrderRules
from syncd.domain.orders import OrderLine
from syncd.domain.records import FeedState
from syncd.errors import PortError
from syncd.ports.events import Events
from syncd.ports.orders import OrderFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedJob:
    """A shop that tells its orders; one whole answer may take `timeout` seconds.

    It is asked again for what changed in the `overlap` before the last whole answer, and the first time for
    all that changed in the time `back`.
    """

    feed: OrderFeed
    rules: OrderRules
    timeout: float = 300.0
    overlap: timedelta = timedelta(minutes=10)
    back: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one shop told, and how far its orders are known by it; `before` is how far they were."""

    before: FeedState
    state: FeedState
    lines: Sequence[OrderLine]


async def hear(
    jobs: Mapping[ShopName, FeedJob], states: Mapping[ShopName, FeedState], now: datetime
) -> list[Heard]:
    """Return what each shop tells of its orders up to `now`; a failing one tells what it could."""
    return list(
        await asyncio.gather(
            *(_ask(job, states.get(shop, FeedState(shop=shop)), now) for shop, job in jobs.items())
        )
    )


async def _ask(job: FeedJob, before: FeedState, now: datetime) -> Heard:
    since = now - job.back if before.cursor is None else before.cursor - job.overlap
    lines: list[OrderLine] = []
    try:
        async with asyncio.timeout(job.timeout):
            # The platform's clock may be ahead: what it calls later than now has happened already.
            async for page in job.feed.orders(since=since, until=now + job.rules.skew):
                lines += page
    except PortError as error:
        return _failed(before, lines, str(error), now)
    except TimeoutError:
        return _failed(before, lines, f"not read within {job.timeout:g} s", now)
    state = replace(before, cursor=now, error="", failing_since=None)
    return Heard(before=before, state=state, lines=lines)


def _failed(before: FeedState, lines: Sequence[OrderLine], error: str, now: datetime) -> Heard:
    state = replace(before, error=error, failing_since=before.failing_since or now)
    return Heard(before=before, state=state, lines=lines)


def tell(heard: Sequence[Heard], events: Events) -> None:
    """Tell once of a feed that fails, and once that it is well again."""
    for one in heard:
        if one.state.error and not one.before.error:
            events.tell("orders_failing", shop=one.state.shop, error=one.state.error)
        if one.before.error and not one.state.error:
            events.tell("orders_recovered", shop=one.state.shop)
