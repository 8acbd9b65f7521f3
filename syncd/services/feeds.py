"""Ask the shops for their orders; one that does not answer holds up no other and keeps its cursor.

Who points at an order by its name makes it be asked for as well: a list may show it late. No cursor moves.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.domain.model import ShopName
from syncd.domain.ordering import OrderRules
from syncd.domain.orders import OrderLine
from syncd.domain.records import FeedState
from syncd.errors import PortError
from syncd.ports.events import Events
from syncd.ports.orders import OrderFeed

MOST_NAMED = 100
"""So many named orders of a shop wait for a cycle; of more the list of what changed tells in time."""


class NamedOrders:
    """The orders that somebody pointed at and that no cycle has asked for yet, the newest of each shop."""

    def __init__(self) -> None:
        self._waiting: dict[ShopName, dict[str, None]] = {}

    def name(self, shop: ShopName, orders: Collection[str]) -> None:
        """Have `orders` asked for in the next cycle; one that is named twice is asked for once."""
        waiting = self._waiting.setdefault(shop, {})
        for order in sorted(orders):
            waiting.pop(order, None)
            waiting[order] = None
        for order in list(waiting)[:-MOST_NAMED]:
            del waiting[order]

    def waiting(self) -> dict[ShopName, frozenset[str]]:
        """Return what waits; asking takes nothing away, as a cycle may ask twice."""
        return {shop: frozenset(orders) for shop, orders in self._waiting.items() if orders}

    def asked(self, orders: Mapping[ShopName, Collection[str]]) -> None:
        """Forget `orders`, whatever came of them: the next reading of all that changed tells them too."""
        for shop, names in orders.items():
            for order in names:
                self._waiting.get(shop, {}).pop(order, None)


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
    back: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one shop told, and how far its orders are known by it; `before` is how far they were.

    `unread` is why orders that were named could not be read, empty where they were.
    """

    before: FeedState
    state: FeedState
    lines: Sequence[OrderLine]
    unread: str = ""

    @property
    def error(self) -> str:
        """Return why its orders are not known up to now, empty where they are."""
        return self.state.error or self.unread


async def hear(
    jobs: Mapping[ShopName, FeedJob],
    states: Mapping[ShopName, FeedState],
    named: Mapping[ShopName, Collection[str]],
    now: datetime,
) -> list[Heard]:
    """Return what shops tell of orders up to `now` and of `named` ones; a failing one what it could."""
    return list(
        await asyncio.gather(
            *(
                _ask_both(job, states.get(shop, FeedState(shop=shop)), named.get(shop, ()), now)
                for shop, job in jobs.items()
            )
        )
    )


async def _ask_both(job: FeedJob, before: FeedState, named: Collection[str], now: datetime) -> Heard:
    heard = await _ask(job, before, now)
    if not named:
        return heard
    try:
        async with asyncio.timeout(job.timeout):
            lines = await job.feed.these_orders(sorted(named))
    except PortError as error:
        return replace(heard, unread=f"named orders: {error}")
    except TimeoutError:
        return replace(heard, unread=f"named orders: not read within {job.timeout:g} s")
    return replace(heard, lines=[*heard.lines, *lines])


async def _ask(job: FeedJob, before: FeedState, now: datetime) -> Heard:
    # A platform whose clock is behind stamps what is new now with a time before the last answer.
    since = now - job.back if before.cursor is None else before.cursor - job.overlap - job.rules.skew
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
