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
from syncd.domain.records import ClaimRow, FeedState
from syncd.domain.said import keep
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel
from syncd.ports.events import Events
from syncd.ports.orders import OrderFeed
from syncd.services.gate import Gate, within

MOST_NAMED = 100
"""So many named orders of a shop wait for a cycle; of more the list of what changed tells in time."""


def told_by(channels: Mapping[ShopName, Channel]) -> dict[ShopName, OrderFeed]:
    """Return the shops that tell of their orders, also of those that are named."""
    return {
        name: channel
        for name, channel in channels.items()
        if channel.traits.order_feed and isinstance(channel, OrderFeed)
    }


class NamedOrders:
    """The orders that somebody pointed at and that no cycle has asked for yet, the newest of each shop.

    Who lowers at once has them from a list of its own: a cycle that takes one in meanwhile may not have read
    what it touches, and would lower that only after its raises.
    """

    def __init__(self) -> None:
        self._waiting: dict[ShopName, dict[str, None]] = {}
        self._hurried: dict[ShopName, dict[str, None]] = {}

    def name(self, shop: ShopName, orders: Collection[str]) -> None:
        """Have `orders` asked for in the next cycle; one that is named twice is asked for once."""
        for lists in (self._waiting, self._hurried):
            waiting = lists.setdefault(shop, {})
            for order in sorted(orders):
                waiting.pop(order, None)
                waiting[order] = None
            for order in list(waiting)[:-MOST_NAMED]:
                del waiting[order]

    def waiting(self) -> dict[ShopName, frozenset[str]]:
        """Return what waits; asking takes nothing away, as a cycle may ask twice."""
        return _names(self._waiting)

    def hurried(self) -> dict[ShopName, frozenset[str]]:
        """Return what was named since this was called last, whatever cycles asked for."""
        named, self._hurried = _names(self._hurried), {}
        return named

    def asked(self, orders: Mapping[ShopName, Collection[str]]) -> None:
        """Forget `orders`, whatever came of them: the next reading of all that changed tells them too."""
        for shop, names in orders.items():
            for order in names:
                self._waiting.get(shop, {}).pop(order, None)


def _names(orders: Mapping[ShopName, Mapping[str, None]]) -> dict[ShopName, frozenset[str]]:
    return {shop: frozenset(names) for shop, names in orders.items() if names}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedJob:
    """A shop that tells its orders; one whole answer may take `timeout` seconds.

    It is asked again for what changed in the `overlap` before the last whole answer, and the first time for
    all that changed in the time `back`. Waiting at the `gate` is no part of the time-out.
    """

    feed: OrderFeed
    rules: OrderRules
    timeout: float = 300.0
    overlap: timedelta = timedelta(minutes=10)
    back: timedelta = timedelta(days=3)
    gate: Gate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one shop told, and how far its orders are known by it; `before` is how far they were.

    `since` is where a whole reading began, None for a broken one. `unread` is why named orders could
    not be read, empty where they were.
    """

    before: FeedState
    state: FeedState
    lines: Sequence[OrderLine]
    since: datetime | None = None
    unread: str = ""

    @property
    def error(self) -> str:
        """Return why its orders are not known up to now, empty where they are."""
        return self.state.error or self.unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What shops told: the orders that were `heard`, with those that were `named`.

    `claims` are the open ones of the SKUs that it is about, None for all.
    """

    heard: Mapping[ShopName, Heard]
    named: Mapping[ShopName, frozenset[str]]
    claims: Sequence[ClaimRow] | None = None


STRETCH = timedelta(hours=6)
"""A reading of more than this is done in parts, so that one page that fails does not cost all of them."""

ATTEMPTS = 3
"""So often a part of a long reading is asked for in one cycle."""


@dataclass(slots=True, kw_only=True)
class Begun:
    """A long reading that is not over: all `lines` up to `through` were told, `since` where it began."""

    cursor: datetime | None
    since: datetime
    through: datetime
    lines: list[OrderLine]


class LongReadings:
    """What broken long readings were told already; the next ones go on from there.

    An order that changes meanwhile is told again with what changed later. Not a cursor: that must not pass
    an order whose newest version is yet to come.
    """

    def __init__(self) -> None:
        self._begun: dict[ShopName, Begun] = {}

    def of(self, shop: ShopName, cursor: datetime | None, since: datetime) -> Begun:
        """Return the reading of a shop from `since`, or what was begun from the same `cursor`."""
        begun = self._begun.get(shop)
        if begun is None or begun.cursor != cursor:
            begun = self._begun[shop] = Begun(cursor=cursor, since=since, through=since, lines=[])
        return begun

    def over(self, shop: ShopName) -> None:
        """Forget a reading that is whole."""
        self._begun.pop(shop, None)


async def hear(
    jobs: Mapping[ShopName, FeedJob],
    states: Mapping[ShopName, FeedState],
    named: Mapping[ShopName, Collection[str]],
    now: datetime,
    long: LongReadings | None = None,
) -> list[Heard]:
    """Return what shops tell of orders up to `now` and of `named` ones; a failing one what it could."""
    known = {shop: states.get(shop, FeedState(shop=shop)) for shop in jobs}
    readings = long or LongReadings()
    asked = (_ask_both(job, known[shop], named.get(shop, ()), now, readings) for shop, job in jobs.items())
    return list(await asyncio.gather(*asked))


async def hear_named(
    jobs: Mapping[ShopName, FeedJob],
    states: Mapping[ShopName, FeedState],
    named: Mapping[ShopName, Collection[str]],
) -> list[Heard]:
    """Return what shops tell of `named` orders, and of every shop that nothing else was asked."""
    known = {shop: states.get(shop, FeedState(shop=shop)) for shop in jobs}
    blank = [Heard(before=state, state=state, lines=(), unread=NOT_ASKED) for state in known.values()]
    asked = (_ask_named(jobs[one.state.shop], one, named.get(one.state.shop, ())) for one in blank)
    return list(await asyncio.gather(*asked))


NOT_ASKED = "only named orders were asked for"
"""Why the orders of a shop are not known up to now where nothing went wrong."""


async def _ask_both(
    job: FeedJob, before: FeedState, named: Collection[str], now: datetime, long: LongReadings
) -> Heard:
    return await _ask_named(job, await _ask(job, before, now, long), named)


async def _ask_named(job: FeedJob, heard: Heard, named: Collection[str]) -> Heard:
    if not named:
        return heard
    try:
        async with within(job.gate, job.timeout):
            lines = await job.feed.these_orders(sorted(named))
    except PortError as error:
        return replace(heard, unread=f"named orders: {error}")
    except TimeoutError:
        return replace(heard, unread=f"named orders: not read within {job.timeout:g} s")
    return replace(heard, lines=[*heard.lines, *lines])


async def _ask(job: FeedJob, before: FeedState, now: datetime, long: LongReadings) -> Heard:
    # A platform whose clock is behind stamps what is new now with a time before the last answer.
    back = now - job.back if before.cursor is None else before.cursor - job.overlap - job.rules.skew
    begun = long.of(before.shop, before.cursor, back)
    lines: list[OrderLine] = []
    try:
        async with within(job.gate, job.timeout):
            # The platform's clock may be ahead: what it calls later than now has happened already.
            await _read(job, begun, now + job.rules.skew, lines)
    except PortError as error:
        return _failed(before, lines, str(error), now)
    except TimeoutError:
        return _failed(before, lines, keep("not read within %(most)s s", most=f"{job.timeout:g}"), now)
    long.over(before.shop)
    state = replace(before, cursor=now, error="", failing_since=None)
    return Heard(before=before, state=state, lines=begun.lines, since=begun.since)


async def _read(job: FeedJob, begun: Begun, until: datetime, lines: list[OrderLine]) -> None:
    """Add all lines up to `until` to what was begun; `lines` has what was told just now, whatever fails."""
    is_long = until - begun.through > STRETCH
    since = max(begun.since, begun.through - job.overlap - job.rules.skew)
    while begun.through < until:
        through = min(since + STRETCH, until)
        told = await _part(job.feed, since, through, lines, attempts=ATTEMPTS if is_long else 1)
        begun.lines += told
        begun.through = since = through


async def _part(
    feed: OrderFeed, since: datetime, until: datetime, lines: list[OrderLine], *, attempts: int
) -> list[OrderLine]:
    for left in reversed(range(attempts)):
        told: list[OrderLine] = []
        try:
            async for page in feed.orders(since=since, until=until):
                told += page
                lines += page
        except PortError as error:
            if not left or error.kind not in (Kind.TRANSIENT, Kind.UNKNOWN):
                raise
        else:
            return told
    return []


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
