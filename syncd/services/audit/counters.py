"""What every counter can read by the last that is proven of it, and by what happened since."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.domain.model import Action, ListingRow
from syncd.domain.observation import ANYWHERE
from syncd.domain.ordering import OrderRules
from syncd.domain.records import IntentRow, LedgerRow, OrderRow
from syncd.services.audit.facts import Facts, Key
from syncd.services.audit.findings import Finding, Part

_QUANTITY = (Action.SET, Action.DELTA, Action.COMPARE_AND_SET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a counter can read: the bounds of either end, and since when; `why` in words.

    The lower end lies in `least` to `lo`, the upper one in `hi` to `most`.
    """

    least: int
    lo: int
    hi: int
    most: int
    why: str

    def nearest(self, row: ListingRow) -> tuple[int, int]:
        """Return the interval that is possible and differs least from what is expected of a listing."""
        lo, hi = row.expected_lo or 0, row.expected_hi or 0
        return min(max(lo, self.least), self.lo), min(max(hi, self.hi), self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The order lines of a listing, and how far clocks may differ."""

    orders: Sequence[OrderRow]
    skew: timedelta

    def since(self, at: datetime) -> tuple[int, int]:
        """Return how many units lines that changed later may have taken, and given back, at most."""
        later = [row for row in self.orders if max(row.modified, row.grown) + self.skew >= at]
        taken = sum(max(row.units, row.shipped, row.off_most) for row in later)
        return taken, sum(max(row.units, row.released) for row in later)


def expected(facts: Facts) -> Iterator[Finding]:
    """Yield the listings whose expected interval does not follow from the last proof, sales and writes."""
    for row, span in _replays(facts):
        want = None if span is None else span.nearest(row)
        if want is None or want == (row.expected_lo, row.expected_hi):
            continue
        found, should = row.expected_hi or 0, want[1]
        if found == should:
            found, should = row.expected_lo or 0, want[0]
        # What can be bought and nobody knows of may be sold twice.
        over, under = max(should - found, 0) * row.units, max(found - should, 0) * row.units
        place = (row.shop, row.id, row.sku, "")
        why = span.why if span else ""
        yield Finding(Part.EXPECTED, *place, found * row.units, should * row.units, why, over, under)


def repaired(facts: Facts, keys: Collection[Key]) -> list[ListingRow]:
    """Return the listings of `keys` with an interval that follows from what is proven.

    It is not made unknown: from what was proven last the next reading finds what was sold since.
    """
    found = []
    for row, span in _replays(facts):
        if (row.shop, row.id) in keys and span is not None:
            lo, hi = span.nearest(row)
            found.append(row._replace(expected_lo=lo, expected_hi=hi))
    return found


def _replays(facts: Facts) -> Iterator[tuple[ListingRow, Span | None]]:
    """Yield the bound listings whose counter is thought to be known, with what it can read."""
    intents: dict[Key, list[IntentRow]] = {}
    for intent in facts.intents:
        intents.setdefault((intent.shop, intent.listing), []).append(intent)
    orders: dict[Key, list[OrderRow]] = {}
    for line in (line for lines in facts.orders.values() for line in lines):
        orders.setdefault((line.shop, line.listing), []).append(line)
    for row in facts.state.listings:
        key = (row.shop, row.id)
        if row.expected_lo is None or row.expected_hi is None or row.gone or not row.sku:
            continue
        skew = facts.ground.rules.get(row.shop, OrderRules()).skew
        moved = Moved(orders=orders.get(key, ()), skew=2 * skew)
        span = replayed(row, facts.written.get(key), intents.get(key, ()), moved)
        yield row, None if _is_filled(row, facts) else span


def _is_filled(row: ListingRow, facts: Facts) -> bool:
    """Return whether a counter may have been written by a first fill since all that is known of it."""
    at, written = facts.filled.get(row.shop), facts.written.get((row.shop, row.id))
    if at is None:
        return False
    known = [one for one in (row.observed_at, written.at if written else None) if one is not None]
    return not known or max(known) <= at


def replayed(
    row: ListingRow, written: LedgerRow | None, intents: Sequence[IntentRow], moved: Moved
) -> Span | None:
    """Return what a counter can read, None where nothing is proven of it."""
    read = row.observed_at if row.observed is not None else None
    if written is not None and written.new is not None and (read is None or written.at >= read):
        # A write may have met a counter that buyers lowered meanwhile: the lower end is not proven by it.
        least, value, at, what = 0, written.new, written.at, "written"
    elif read is not None and row.observed is not None:
        least, value, at, what = row.observed, row.observed, read, "read"
    else:
        return None
    taken, back = moved.since(at)
    targets = [intent.target for intent in intents if intent.action in _QUANTITY]
    if ANYWHERE in targets:
        return None
    # What has no answer may show later, and until then the counter is what it was before all of them.
    earlier = [intent.base for intent in intents] + [row.observed, written.old if written else None]
    before = [one for one in earlier if one is not None] if targets else []
    why = f"{what} as {value} at {at:%Y-%m-%d %H:%M:%S} UTC"
    if taken or back:
        why += ", and moved by orders since"
    if targets:
        why += f", with {len(targets)} writes that have no answer"
    ends = [value, *targets, *before]
    return Span(
        least=max(min(least, *ends) - taken, 0),
        lo=max(ends) + back,
        hi=max(min(ends) - taken, 0),
        most=max(ends) + back,
        why=why,
    )
