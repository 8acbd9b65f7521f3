"""From changed orders to claims and expected counters, without asking any clock which came first (DESIGN 6).

A sale shows twice: as a counter that fell and as an order, in either order. The order explains the fallen
counter and takes the place of the presumed sale; only what no counter showed yet lowers what is expected. The
same holds for units that come back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.domain.claims import Drop, drop_prefix
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku, SourceName
from syncd.domain.ordering.changes import Changes, News, Shift
from syncd.domain.ordering.containment import owed, sources_of
from syncd.domain.ordering.lines import is_over, is_paid, occupying, open_units
from syncd.domain.parts import parts_of
from syncd.domain.records import ClaimRow, OrderRow, SourceState
from syncd.domain.topology import Topology

Key = tuple[ShopName, str]

PREFIX = "order:"
"""How the claims of orders begin; those of counters that fell begin otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What the orders of one shop come to.

    `rows` are new or changed, `claims` all of them that are open. `explained` are the presumed sales as the
    orders leave them, with 0 units where nothing is left. `expected` are the listings whose counter moved.
    """

    rows: Sequence[OrderRow]
    claims: Sequence[ClaimRow]
    explained: Sequence[ClaimRow]
    expected: Mapping[ListingId, ListingRow]


def line_of(row: OrderRow, sku: Sku) -> str:
    """Return the name of the claim of one SKU of an order line."""
    return f"{PREFIX}{row.line}:{sku}"


def order_of(claim: ClaimRow) -> str:
    """Return the order line that a claim is of, for a claim that `line_of` named."""
    return claim.line.removeprefix(PREFIX).removesuffix(f":{claim.sku}")


def explain_rises(
    drops: Sequence[Drop], changes: Mapping[ShopName, Changes]
) -> tuple[list[Drop], dict[tuple[ShopName, ListingId], int]]:
    """Return the drops without the rises that released units explain, and how many units these were."""
    back: dict[tuple[ShopName, ListingId], int] = {}
    for shop, changed in changes.items():
        for shift in changed.shifts:
            key = (shop, shift.listing)
            back[key] = back.get(key, 0) + max(-shift.least, 0)
    used: dict[tuple[ShopName, ListingId], int] = {}
    left = []
    for one in drops:
        key = (one.row.shop, one.row.id)
        units = min(max(-one.units, 0), back.get(key, 0))
        if units:
            back[key] -= units
            used[key] = used.get(key, 0) + units
        if one.units + units:
            left.append(one._replace(units=one.units + units))
    return left, used


def take_in(
    changes: Changes,
    *,
    presumed: Iterable[ClaimRow],
    risen: Mapping[ListingId, int],
    sources: Mapping[SourceName, SourceState],
    topology: Topology,
) -> TakenIn:
    """Return what the orders of a shop come to, given its presumed sales and the rises that they explain."""
    claims = {claim.line: claim for claim in presumed if claim.shop == changes.news.shop}
    before = dict(claims)
    rows, left = _weighed(changes, sources, topology)
    expected: dict[ListingId, ListingRow] = {}
    shifted: dict[ListingId, list[_Weighed]] = {}
    for shift in changes.shifts:
        shifted.setdefault(shift.listing, []).append(_Weighed(shift, left[shift.line]))
    for listing, row in sorted(changes.news.listings.items()):
        mine = shifted.get(listing)
        moved = _moved(row, mine, claims, changes, risen.get(listing, 0)) if mine else row
        if row.withheld:
            moved = moved._replace(withheld=max(row.withheld - _let_go(row, changes), 0))
        if moved != row:
            expected[listing] = moved
    return TakenIn(
        rows=[row for row in rows if changes.news.known.get(row.line) != row],
        claims=[claim for row in rows for claim in _claims(row, left[row.line])],
        explained=[claim for line, claim in claims.items() if before[line] != claim],
        expected=expected,
    )


def can_lapse(claim: ClaimRow, news: News) -> bool:
    """Return whether no order can explain a presumed sale any more: all that were made by then are known."""
    if news.before is None or news.reached is None:
        return False
    return claim.at + 2 * news.rules.skew <= news.reached


class _Weighed(NamedTuple):
    """A shift, and how many units its line still claims."""

    shift: Shift
    left: int


# --- counters ----------------------------------------------------------------------------------------------


def _moved(
    row: ListingRow, weighed: Sequence[_Weighed], claims: dict[str, ClaimRow], changes: Changes, risen: int
) -> ListingRow:
    """Return the listing with its counter where these shifts leave it; `claims` are explained by the way."""
    news = changes.news
    least = most = 0
    for shift, left in sorted(weighed, key=lambda one: (one.shift.created, one.shift.line)):
        parts = parts_of(changes.rows[shift.line].parts)
        # What may have been deducted, or not, explains nothing: the drop may be another sale. So may that of
        # one told late, whose own may be forgotten: it takes a place only where it claims as much itself.
        units = min(shift.least, left) if _is_late(shift, news) else shift.least
        seen = _explain(row, parts, max(units, 0), shift.created - news.rules.skew, claims)
        is_old = row.observed_at is not None and shift.latest + news.rules.skew <= row.observed_at
        if shift.least > 0 and not is_old:
            is_unsure = row.id in news.met | news.unsure or _is_late(shift, news)
            is_unsure = is_unsure or _is_blurred(row, parts, claims)
            least += 0 if is_unsure else shift.least - seen
        if shift.most > 0 and not is_old:
            most += shift.most - seen
        least -= _gone_and_back(row, shift, news)
    up_least, up_most = _raised([one.shift for one in weighed], row, news.rules.skew, risen)
    return _lowered(row, least=least - up_most, most=most - up_least)


def _explain(
    row: ListingRow, parts: Mapping[Sku, int], units: int, since: datetime, claims: dict[str, ClaimRow]
) -> int:
    """Take `units` of a listing off its presumed sales, the oldest first; return how many were among them.

    A drop that was read before the order was made is another one.
    """
    seen = 0
    for sku, each in parts.items():
        left = units * each
        mine = [c for c in claims.values() if c.sku == sku and c.line.startswith(drop_prefix(row, sku))]
        for claim in sorted(mine, key=lambda claim: (claim.at, claim.line)):
            taken = min(left, claim.units) if claim.at >= since else 0
            left -= taken
            claims[claim.line] = claims[claim.line]._replace(units=claim.units - taken)
        seen = max(seen, -(-(units * each - left) // each))
    return seen


def _gone_and_back(row: ListingRow, shift: Shift, news: News) -> int:
    """Return how many units a reading may have shown as sold that came back after it.

    Whether it did cannot be told from the presumed sales: a write that went well may have hidden them before
    the reading. What was ordered after the reading it did not show. No presumed sale ends by this: it may be
    another one.
    """
    skew = news.rules.skew
    if not shift.passed or row.observed_at is None or shift.modified + skew <= row.observed_at:
        return 0
    is_unsure = _is_late(shift, news) or row.id in news.unsure
    return shift.passed if is_unsure or shift.created - skew <= row.observed_at else 0


def _is_late(shift: Shift, news: News) -> bool:
    """Return whether an earlier intake should have told of it: its drop may have been read and forgotten."""
    return news.before is None or shift.latest + news.rules.skew <= news.before


def _is_blurred(row: ListingRow, parts: Mapping[Sku, int], claims: Mapping[str, ClaimRow]) -> bool:
    """Return whether drops of the listing are open under a SKU that it was bound to before."""
    mine = (claim for claim in claims.values() if claim.line.startswith(f"drop:{row.id}:"))
    return any(claim.units > 0 and claim.sku not in parts for claim in mine)


def _let_go(row: ListingRow, changes: Changes) -> int:
    """Return the units that a reading may show as withheld though nobody has to pay for them any more.

    They were paid or given back after it, or about then; put on top of what is for sale they would be sold.
    """
    units, skew = 0, changes.news.rules.skew
    for line, after in changes.rows.items():
        before = changes.news.known.get(line)
        is_new = row.observed_at is None or after.modified + skew > row.observed_at
        if after.listing == row.id and is_new and before != after:
            units += max(_unpaid(before, after.units) - _unpaid(after, 0), 0)
    return units


def _unpaid(line: OrderRow | None, unknown: int) -> int:
    if line is None:
        return unknown
    return 0 if is_paid(line) else open_units(line)


def _raised(shifts: Sequence[Shift], row: ListingRow, skew: timedelta, risen: int) -> tuple[int, int]:
    """Return the units, at least and at most, that came back and that no reading has shown."""
    up_most = sum(max(-shift.least, 0) for shift in shifts)
    sure = sum(
        -shift.most
        for shift in shifts
        # A reading long after the release has shown it already; the upper end rises all the same.
        if shift.most < 0 and (row.observed_at is None or shift.latest + skew > row.observed_at)
    )
    return max(sure - risen, 0), max(up_most - risen, 0)


def _lowered(row: ListingRow, *, least: int, most: int) -> ListingRow:
    if row.expected_lo is None or row.expected_hi is None:
        return row
    lo, hi = row.expected_lo - most, row.expected_hi - least
    if hi < 0:
        # So much was not there to be sold after the reading: the reading had some of it, nobody knows which.
        lo, hi = 0, row.expected_hi
    return row._replace(expected_lo=max(min(lo, hi), 0), expected_hi=hi)


# --- claims ------------------------------------------------------------------------------------------------


def _weighed(
    changes: Changes, sources: Mapping[SourceName, SourceState], topology: Topology
) -> tuple[list[OrderRow], dict[str, int]]:
    """Return all rows as they stand now, and by line the units that are not contained."""
    news = changes.news
    rows, left = [], {}
    places: dict[str, list[SourceState]] = {}
    for line, row in sorted(changes.rows.items()):
        if row.warehouse not in places:
            places[row.warehouse] = sources_of(news.shop, row.warehouse, sources, topology)
        units = 0 if line in changes.replaced else occupying(row, news.rules, news.reached)
        left[line] = owed(row, units, places[row.warehouse], news.rules) if units > 0 else 0
        is_ended = line in changes.replaced or is_over(row)
        rows.append(row._replace(settled=is_ended and not left[line]))
    return rows, left


def _claims(row: OrderRow, left: int) -> list[ClaimRow]:
    if left <= 0:
        return []
    at = row.paid or row.created
    return [
        ClaimRow(row.shop, line_of(row, sku), sku, row.warehouse, left * each, at)
        for sku, each in parts_of(row.parts).items()
    ]
