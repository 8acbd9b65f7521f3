"""What new versions of order lines change: rows, and by how much each moved the counter of its listing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from syncd.domain.model import Deducts, ListingId, ListingRow, ShopName
from syncd.domain.ordering.lines import Span, is_given_back, is_paid, newest, off, passed, version
from syncd.domain.ordering.rules import OrderRules
from syncd.domain.orders import OrderLine
from syncd.domain.parts import components, text_of
from syncd.domain.records import OrderRow
from syncd.domain.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a shop told of its orders, and what was known when it did.

    `known` are the rows that `lines` or open claims are about, with the lines they replaced or that replaced
    them. `listings` are the shop's as just read; `met` those read for the first time, of which nobody knows
    what they lost before; `unsure` those whose readings since the orders were known may hide sales behind a
    write without an answer. `reached` is until when all its orders are known now, `before` until when they
    were before these, None for never. `is_told` is False for a shop that tells no orders any more.
    """

    shop: ShopName
    rules: OrderRules
    lines: Sequence[OrderLine] = ()
    known: Mapping[str, OrderRow] = field(default_factory=dict)
    listings: Mapping[ListingId, ListingRow] = field(default_factory=dict)
    met: frozenset[ListingId] = frozenset()
    unsure: frozenset[ListingId] = frozenset()
    reached: datetime | None = None
    before: datetime | None = None
    is_told: bool = True


class Shift(NamedTuple):
    """How far a line moved the counter of its listing: `least` to `most` units down, negative for up.

    `created` is the earliest moment at which that can have begun, `latest` the one at which it was done.
    `passed` units more may have gone and come back, the last of them at `modified`.
    """

    listing: ListingId
    least: int
    most: int
    created: datetime
    latest: datetime
    line: str
    passed: int
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The rows to look at, with their new versions, and what these moved; `replaced` lines are no more."""

    news: News
    rows: Mapping[str, OrderRow]
    shifts: Sequence[Shift]
    replaced: frozenset[str]


def changes_of(news: News, topology: Topology) -> Changes:
    """Return what `news` change; the same versions again change nothing."""
    fresh = newest(news.shop, news.lines, news.known)
    rows = {**news.known, **fresh}
    rows = {line: _bound(row, news.listings, topology) for line, row in rows.items()}
    replaced = frozenset(row.replaces for row in rows.values() if row.replaces) & rows.keys()
    rows = _inherited(rows, news.known)
    shifts = []
    for line, row in sorted(rows.items()):
        shift = _shift(row, news, is_replaced=line in replaced)
        if shift is None:
            continue
        target, moved = shift
        rows[line] = row._replace(off_least=target.least, off_most=target.most)
        shifts.append(moved)
    return Changes(news=news, rows=rows, shifts=shifts, replaced=replaced)


def _bound(row: OrderRow, listings: Mapping[ListingId, ListingRow], topology: Topology) -> OrderRow:
    """Return the row with what its listing says; once known it stays, whatever becomes of the listing."""
    if row.parts:
        return row
    listing = listings.get(row.listing) if row.listing else _by_code(row.code, listings)
    if listing is None:
        return row
    return row._replace(
        listing=listing.id, parts=text_of(dict(components(listing, topology))), deducts=listing.deducts
    )


def _by_code(code: str, listings: Mapping[ListingId, ListingRow]) -> ListingRow | None:
    """Return the one listing with this code; of several it could be any."""
    fitting = [row for row in listings.values() if code and row.code == code and row.sku and not row.gone]
    return fitting[0] if len(fitting) == 1 else None


def _inherited(rows: Mapping[str, OrderRow], known: Mapping[str, OrderRow]) -> dict[str, OrderRow]:
    """Return the rows with what the counter lost to a line handed on to the lines that took its place."""
    after = dict(rows)
    for line, child in sorted(rows.items()):
        parent = after.get(child.replaces)
        if line in known or parent is None or parent.listing != child.listing:
            continue
        least, most = min(parent.off_least, child.units), min(parent.off_most, child.units)
        after[line] = child._replace(off_least=least, off_most=most)
        after[child.replaces] = parent._replace(
            off_least=parent.off_least - least, off_most=parent.off_most - most
        )
    return after


def _shift(row: OrderRow, news: News, *, is_replaced: bool) -> tuple[Span, Shift] | None:
    """Return what the counter lost to a row by now, and how far that moved it; None where it did not."""
    before = news.known.get(row.line)
    if before is not None and not is_replaced and version(before) == version(row):
        return None
    rules = _rules_of(row, news.rules)
    # What a replaced line lost and nobody took over may have come back, or not.
    target = Span(0, row.off_most) if is_replaced else off(row, rules)
    returned = 0 if is_replaced else passed(row, before, rules)
    # What may have been lost may have come back, though as much may be lost as before.
    is_moved = target.least < target.most and not is_replaced and is_given_back(row, before, rules)
    if target == (row.off_least, row.off_most) and not returned and not is_moved:
        return None
    least, most = target.least - row.off_most, target.most - row.off_least
    if row.off_least == row.off_most:
        least, most = target.least - row.off_least, target.most - row.off_least
    latest = _latest(row, before, rules) if most > 0 else row.modified
    return target, Shift(row.listing, least, most, row.created, latest, row.line, returned, row.modified)


def _rules_of(row: OrderRow, rules: OrderRules) -> OrderRules:
    """Return the shop's rules with what the listing of the row said when it was ordered."""
    return rules if row.deducts is Deducts.UNKNOWN else replace(rules, deducts=row.deducts)


def _latest(row: OrderRow, before: OrderRow | None, rules: OrderRules) -> datetime:
    """Return when the platform had lowered its counter for the row at the latest."""
    if rules.deducts is Deducts.SHIPPING:
        return row.sent if row.sent is not None and before is None else row.modified
    if before is None and (rules.deducts is Deducts.ORDER or not is_paid(row)):
        return row.created
    if row.paid is not None and (before is None or before.paid is None):
        return row.paid
    return row.modified


def told(changes: Changes) -> Iterator[tuple[OrderRow, str]]:
    """Yield the new lines that people must look at, with the reason."""
    for line, row in sorted(changes.rows.items()):
        before = changes.news.known.get(line)
        if row.doubt and (before is None or before.doubt != row.doubt):
            yield row, row.doubt
        if not row.parts and before is None:
            yield row, "its listing is not bound to a SKU, so that the sale lowers no other shop"
