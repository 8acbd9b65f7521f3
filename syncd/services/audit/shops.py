"""What the shops show now, against what the state thinks that they show."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.domain.expected import DELISTED_BY_US
from syncd.domain.model import ListingId, ListingRow, ObservedListing, ShopName, Sku
from syncd.domain.observation import doubtful
from syncd.domain.orders import OrderLine
from syncd.domain.records import OrderRow, ShopStatus
from syncd.errors import PortError
from syncd.ports.channel import Channel
from syncd.ports.orders import OrderFeed
from syncd.services.audit.facts import Facts
from syncd.services.audit.findings import Finding, Part
from syncd.services.gate import Gate, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A shop that can be read, within so many seconds; `overlap` is how far back its orders are asked for."""

    shop: ShopName
    channel: Channel
    gate: Gate | None = None
    timeout: float = 300.0
    overlap: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a shop shows, and the order lines that it told of the time since the state last heard.

    `error` says why it could not be read, empty where it was.
    """

    listings: Sequence[ObservedListing] = ()
    lines: Sequence[OrderLine] = ()
    error: str = ""


async def read(shops: Sequence[Counter], facts: Facts, now: datetime) -> dict[ShopName, Shown]:
    """Return what the shops show; one that retired or that nobody can read shows nothing."""
    states = facts.state.shops
    mine = [
        one for one in shops if one.shop not in states or states[one.shop].status is not ShopStatus.RETIRED
    ]
    shown = await asyncio.gather(*(_read(one, facts, now) for one in mine))
    return {one.shop: found for one, found in zip(mine, shown, strict=True)}


async def _read(one: Counter, facts: Facts, now: datetime) -> Shown:
    feed = facts.feeds.get(one.shop)
    try:
        async with within(one.gate, one.timeout):
            listings = [listing async for page in one.channel.observe(None) for listing in page]
            lines: list[OrderLine] = []
            if one.channel.traits.order_feed and isinstance(one.channel, OrderFeed):
                since = (feed.cursor if feed and feed.cursor else now) - one.overlap
                pages = one.channel.orders(since=since, until=now + one.overlap)
                lines = [line async for page in pages for line in page]
    except PortError as error:
        return Shown(error=str(error))
    except TimeoutError:
        return Shown(error=f"not read within {one.timeout:g} s")
    return Shown(listings=listings, lines=lines)


@dataclass(slots=True)
class _Since:
    """The units of a listing that orders took and gave back and that the state has not heard of."""

    taken: dict[ListingId, int] = field(default_factory=dict)
    back: dict[ListingId, int] = field(default_factory=dict)


def compare(shown: Mapping[ShopName, Shown], facts: Facts) -> Iterator[Finding]:
    """Yield the listings that show what nothing explains, and those that one side does not know."""
    rows: dict[ShopName, list[ListingRow]] = {}
    for each in facts.state.listings:
        rows.setdefault(each.shop, []).append(each)
    for shop, found in sorted(shown.items()):
        if found.error:
            continue
        # Who died between a call and its books could not write down that it may have been applied.
        known = doubtful(rows.get(shop, ()), [one for one in facts.intents if one.shop == shop])
        since = _since(found.lines, facts.orders.get(shop, ()))
        for listing in found.listings:
            row = known.get(listing.id)
            if row is None:
                why = f"the state does not know it; its code is {listing.code!r}"
                place = (shop, listing.id, Sku(""), "")
                yield Finding(Part.SHOPS, *place, listing.quantity, None, why, 0, 0)
            elif row.is_bound:
                yield from _counter(row, listing, since)
                yield from _on_sale(row, listing)
        ids = {listing.id for listing in found.listings}
        for one in known.values():
            if one.id not in ids and not one.gone and one.is_bound:
                why = "the shop does not show it"
                yield Finding(Part.SHOPS, shop, one.id, one.sku, "", None, one.expected_hi, why, 0, 0)


def _since(lines: Sequence[OrderLine], kept: Sequence[OrderRow]) -> _Since:
    known = {row.line: row for row in kept}
    found = _Since()
    for line in lines:
        row = known.get(line.line)
        if row is None or row.modified < line.modified:
            found.taken[line.listing] = found.taken.get(line.listing, 0) + line.units
            found.back[line.listing] = found.back.get(line.listing, 0) + max(line.released, 0)
    return found


def _counter(row: ListingRow, shown: ObservedListing, since: _Since) -> Iterator[Finding]:
    if shown.quantity is None or row.expected_lo is None or row.expected_hi is None:
        return
    least = row.expected_lo - since.taken.get(row.id, 0)
    most = row.expected_hi + since.back.get(row.id, 0)
    if least <= shown.quantity <= most:
        return
    over = max(shown.quantity - most, 0) * row.units
    why = "somebody else raised it" if over else "it was sold or written, and no order says so"
    should = row.expected_hi if over else row.expected_lo
    place = (row.shop, row.id, row.sku, "")
    # What shows less than it should was sold where nobody knows of it, or hides as much.
    under = 0 if over else (least - shown.quantity) * row.units
    yield Finding(Part.SHOPS, *place, shown.quantity * row.units, should * row.units, why, over, under)


def _on_sale(row: ListingRow, shown: ObservedListing) -> Iterator[Finding]:
    place = (row.shop, row.id, row.sku, "")
    if shown.on_sale is True and row.want_off and shown.quantity:
        units = shown.quantity * row.units
        yield Finding(Part.SHOPS, *place, units, 0, "it is on sale and should be off sale", units, 0)
    if shown.on_sale is False and not row.want_off and row.desired and row.delisted_by in DELISTED_BY_US:
        units = row.desired * row.units
        yield Finding(Part.SHOPS, *place, 0, units, "it is off sale and should be on sale", 0, units)
