"""The words in which the tests of the suite are written."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from syncd.conformance.rig import Ability, Bench, Buyers, Fault, Gate, Stock
from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel
from syncd.ports.orders import OrderFeed

ODD_TEXTS = [
    "7",
    "９９",
    "中文-商品",
    " leading and trailing ",
    "a/b?c&d=e#f%2F",
    "9223372036854775807",
    "🙂",
    "a,b",
    "a;b:c|d",
    '"quoted" <b>&amp;\'',
]
"""Ids and merchant codes as people write them."""


QUICK_FAULTS = [fault for fault in Fault if fault is not Fault.HANGING]
"""The faults that need no waiting for a time-out."""


def named(fault: Fault) -> str:
    """Return a fault as part of a test's name."""
    return fault.name.lower()


# --- what a test needs -------------------------------------------------------------------------------------


def need(bench: Bench, *abilities: Ability) -> None:
    """Skip a test that needs what this platform cannot do."""
    for ability in abilities:
        if ability not in bench.abilities:
            pytest.skip(f"without {ability.name}: {ability.value}")


def need_fault(bench: Bench, fault: Fault) -> None:
    """Skip a test that needs a fault which this rig cannot cause."""
    if fault not in bench.faults:
        pytest.skip(f"no fault {fault.name}: {fault.value}")


def need_action(bench: Bench, action: Action) -> None:
    """Skip a test of a write that the channel does not offer."""
    if action not in bench.channel.traits.write_modes:
        pytest.skip(f"no write mode {action}")


def need_switch(bench: Bench) -> None:
    """Skip a test of a channel that cannot take listings off sale."""
    if not bench.channel.traits.can_unlist:
        pytest.skip("the channel cannot unlist (trait can_unlist)")


def gate_of(bench: Bench, ability: Ability) -> Gate:
    """Return the gate of a platform that has the ability."""
    need(bench, ability)
    assert bench.gate is not None, f"the bench has {ability.name} and no gate"
    return bench.gate


class Desk(NamedTuple):
    """A feed of orders and the buyers whose orders it tells."""

    feed: OrderFeed
    buyers: Buyers
    one: ListingId
    two: ListingId


def desk_of(bench: Bench, *abilities: Ability) -> Desk:
    """Return the desk with two listings that have plenty of everything; skips without orders."""
    if not bench.channel.traits.order_feed:
        pytest.skip("the channel tells no orders (trait order_feed)")
    need(bench, *abilities)
    assert bench.feed is not None, "the trait order_feed promises a feed, and the channel is none"
    if bench.buyers is None:
        pytest.skip("the rig has no buyers")
    one = bench.rig.put(Stock(key="one", quantity=1000, code="A"))
    two = bench.rig.put(Stock(key="two", quantity=1000, code="B"))
    return Desk(bench.feed, bench.buyers, one, two)


# --- reading and writing -----------------------------------------------------------------------------------


async def observed(channel: Channel, ids: Sequence[ListingId] | None = None) -> list[ObservedListing]:
    """Return all that the channel yields."""
    return [listing async for page in channel.observe(ids) for listing in page]


async def quantities(channel: Channel) -> dict[ListingId, int | None]:
    """Return the counters of the whole shop."""
    return {listing.id: listing.quantity for listing in await observed(channel)}


def write(
    bench: Bench, listing: ListingId, value: int, action: Action = Action.SET, *, base: int = 5, key: str = ""
) -> Write:
    """Return a write whose idempotency key is its own unless given."""
    return Write(
        listing=listing,
        item=bench.rig.item_of(listing),
        action=action,
        value=value,
        base=base,
        key=key or f"{action}-{listing}-{value}",
        code=bench.rig.code_of(listing),
    )


def raising(bench: Bench, listing: ListingId, *, by: int = 2, key: str = "") -> Write:
    """Return a write by the channel's best mode, from 5 to 5 + `by`."""
    action = bench.channel.traits.write_modes[0]
    return write(bench, listing, by if action is Action.DELTA else 5 + by, action, key=key)


async def pushed(bench: Bench, *writes: Write) -> list[Outcome]:
    """Return the outcomes of one call."""
    outcomes = list(await bench.channel.push(writes))
    assert len(outcomes) == len(writes), "one outcome for each write"
    return outcomes


async def kind_of_push(bench: Bench, *writes: Write) -> list[Kind]:
    """Return how each write ended, whether its line or the whole call was refused."""
    try:
        return [outcome.kind for outcome in await pushed(bench, *writes)]
    except PortError as error:
        return [error.kind] * len(writes)


def several(bench: Bench, count: int = 3) -> list[ListingId]:
    """Return listings at 5 that one call may carry; skips where it may not carry so many."""
    traits = bench.channel.traits
    if traits.max_batch < count:
        pytest.skip(f"a call carries fewer than {count} lines (trait max_batch)")
    one_item = traits.one_item_per_call or 0 < traits.max_items < count
    item = "all" if one_item else ""
    return [bench.rig.put(Stock(key=f"L{number}", item=item, code=f"C{number}")) for number in range(count)]


def shown_of(error: BaseException) -> str:
    """Return all that a person or a log may come to see of an error."""
    seen: list[str] = []
    at: BaseException | None = error
    while at is not None:
        seen += [str(at), repr(at), repr(at.args)]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n".join(seen)


# --- orders ------------------------------------------------------------------------------------------------


def later(bench: Bench, seconds: float) -> datetime:
    """Return the time so many seconds after orders begin."""
    return bench.begins + timedelta(seconds=seconds)


def buy(bench: Bench, desk: Desk, *wanted: tuple[ListingId, int], after: float = 0) -> str:
    """Order at a time, unpaid where the platform tells such orders and paid in the same moment else."""
    at = later(bench, after)
    order = desk.buyers.order(*wanted, at=at)
    if Ability.UNPAID not in bench.abilities:
        desk.buyers.pay(order, at=at)
    return order


def buy_paid(bench: Bench, desk: Desk, *wanted: tuple[ListingId, int], paid: float = 1) -> str:
    """Order as orders begin, and pay so many seconds later."""
    order = desk.buyers.order(*wanted, at=later(bench, 0))
    desk.buyers.pay(order, at=later(bench, paid))
    return order


async def told(
    bench: Bench, *, since: datetime | None = None, until: datetime | None = None
) -> list[OrderLine]:
    """Return the newest version of every line of an hour (or the given time), by the order of the ids."""
    assert bench.feed is not None
    newest: dict[str, OrderLine] = {}
    begin = since or bench.begins
    async for page in bench.feed.orders(since=begin, until=until or begin + timedelta(hours=1)):
        for line in page:
            if line.line not in newest or newest[line.line].modified <= line.modified:
                newest[line.line] = line
    return sorted(newest.values(), key=lambda line: (_rank(line.order), _rank(line.line)))


async def orders_told(
    bench: Bench, *, since: datetime | None = None, until: datetime | None = None
) -> list[str]:
    """Return which orders are told in that time, each once."""
    return list(dict.fromkeys(line.order for line in await told(bench, since=since, until=until)))


def ranked(orders: Sequence[str]) -> list[str]:
    """Return ids in the order in which `told` has them."""
    return sorted(orders, key=_rank)


def _rank(text: str) -> tuple[int, str]:
    # Ids that are numbers go by their size, whatever their length.
    return len(text), text
