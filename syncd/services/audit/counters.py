"""What every counter can read by the last that is proven of it, and by what happened since."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from syncd.domain.model import Action, ListingRow
from syncd.domain.observation import ANYWHERE
from syncd.domain.ordering import OrderRules
from syncd.domain.records import IntentRow, LedgerRow, OrderRow
from syncd.services.audit.facts import Facts, Key
from syncd.services.audit.findings import Finding, Part

_QUANTITY = (Action.SET, Action.DELTA, Action.COMPARE_AND_SET)

_ANY = 1 << 62
"""More than any counter reads."""


class Judged(NamedTuple):
    """What disagrees, and what may be right or not: of the latter nothing that is kept can tell."""

    wrong: list[Finding]
    unsure: list[Finding]


class Bounds(NamedTuple):
    """What an interval can be: its lower end lies in `least` to `lo`, the upper one in `hi` to `most`."""

    least: int
    lo: int
    hi: int
    most: int

    def allow(self, row: ListingRow) -> bool:
        """Return whether what is expected of a listing lies in them."""
        lo, hi = row.expected_lo or 0, row.expected_hi or 0
        return self.least <= lo <= self.lo and self.hi <= hi <= self.most and lo <= hi


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a counter can read by what is `proven` of it, and what is `possible` besides; `why` in words.

    When an order was heard of is not kept, nor whether a look at a listing could read its quantity.
    """

    proven: Bounds
    possible: Bounds
    why: str

    def nearest(self, row: ListingRow) -> tuple[int, int]:
        """Return the interval that differs least from what is expected and by which nothing is oversold.

        Units are believed to be on sale where they may be: the upper end goes up as far as it is proven, and
        down only to what is possible.
        """
        hi = min(max(row.expected_hi or 0, self.proven.hi), self.possible.most)
        return min(max(row.expected_lo or 0, self.possible.least), self.possible.lo, hi), hi


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of a listing beside its row: its newest write, the `open` ones, and its order lines.

    Clocks differ by `skew` at most. Its shop was read `whole` then, and `filled` for the first time until
    then, which leaves no row for each counter.
    """

    written: LedgerRow | None
    open: Sequence[IntentRow]
    orders: Sequence[OrderRow]
    skew: timedelta
    whole: datetime | None = None
    filled: datetime | None = None

    def moved(self, since: datetime | None, *, heard_late: bool = False) -> tuple[int, int]:
        """Return how many units lines that changed later may have taken, and given back, at most.

        With `heard_late` also what earlier ones gave back: the upper end rises whenever that is heard of.
        """
        taken = back = 0
        for row in self.orders:
            if since is None or max(row.modified, row.grown) + self.skew >= since:
                taken += max(row.units, row.shipped, row.off_most)
                back += max(row.units, row.released)
            elif heard_late:
                back += max(row.units - row.off_least, 0)
        return taken, back


def counters(facts: Facts) -> Judged:
    """Return the listings whose expected interval does not follow from the last proof, sales and writes."""
    found = Judged([], [])
    for row, span in _replays(facts):
        if span is None:
            place = (row.shop, row.id, row.sku, "")
            known = (row.expected_hi or 0) * row.units
            found.unsure.append(Finding(Part.EXPECTED, *place, known, None, _UNPROVEN, 0, 0))
        elif span.proven.allow(row):
            continue
        elif span.possible.allow(row):
            found.unsure.append(_finding(row, _clamped(row, span.proven), f"{span.why}; {_UNTOLD}"))
        else:
            found.wrong.append(_finding(row, span.nearest(row), span.why))
    return found


_UNPROVEN = "nothing that is kept says what it was read or written as"
_UNTOLD = "what is kept of its orders and writes cannot tell more"


def _clamped(row: ListingRow, bounds: Bounds) -> tuple[int, int]:
    lo, hi = row.expected_lo or 0, row.expected_hi or 0
    return min(max(lo, bounds.least), bounds.lo), min(max(hi, bounds.hi), bounds.most)


def _finding(row: ListingRow, want: tuple[int, int], why: str) -> Finding:
    found, should = row.expected_hi or 0, want[1]
    if found == should:
        found, should = row.expected_lo or 0, want[0]
    # What can be bought and nobody knows of may be sold twice.
    over, under = max(should - found, 0) * row.units, max(found - should, 0) * row.units
    place = (row.shop, row.id, row.sku, "")
    return Finding(Part.EXPECTED, *place, found * row.units, should * row.units, why, over, under)


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
        shop = facts.state.shops.get(row.shop)
        kept = Kept(
            written=facts.written.get(key),
            open=intents.get(key, ()),
            orders=orders.get(key, ()),
            skew=2 * facts.ground.rules.get(row.shop, OrderRules()).skew,
            whole=shop.observed_at if shop else None,
            filled=facts.filled.get(row.shop),
        )
        yield row, replayed(row, kept)


def replayed(row: ListingRow, kept: Kept) -> Span | None:
    """Return what a counter can read, None where nothing is proven of it."""
    targets = [intent.target for intent in kept.open if intent.action in _QUANTITY]
    proof = _newest_proof(row, kept)
    if proof is None or ANYWHERE in targets:
        return None
    value, at, is_read = proof
    written = kept.written
    # What has no answer may show later, and until then the counter is what it was before all of them.
    earlier = [intent.base for intent in kept.open] + [row.observed, written.old if written else None]
    ends = [value, *targets, *(one for one in earlier if one is not None and targets)]
    taken, back = kept.moved(at)
    why = f"{'read' if is_read else 'written'} as {value} at {at:%Y-%m-%d %H:%M:%S} UTC"
    if taken or back:
        why += ", and moved by orders since"
    if targets:
        why += f", with {len(targets)} writes that have no answer"
    # A write may have met a counter that buyers lowered meanwhile: the lower end is not proven by it.
    low = [] if is_read else [0]
    return Span(proven=_bounds(ends, low, taken, back), possible=_possible(row, kept, ends, low, at), why=why)


def _newest_proof(row: ListingRow, kept: Kept) -> tuple[int, datetime, bool] | None:
    """Return what a counter was last read or written as, when, and whether it was read."""
    read, written = row.observed_at if row.observed is not None else None, kept.written
    if read is not None and kept.whole is not None and row.expected_lo == row.expected_hi == row.observed:
        # A reading that shows nothing new leaves no trace in the row.
        read = max(read, kept.whole)
    if written is not None and written.new is not None and (read is None or written.at >= read):
        return written.new, written.at, False
    return None if read is None or row.observed is None else (row.observed, read, True)


def _possible(row: ListingRow, kept: Kept, ends: list[int], low: list[int], at: datetime) -> Bounds:
    """Return what a counter may read though it is not proven."""
    read = row.observed_at if row.observed is not None else None
    taken, back = kept.moved(read, heard_late=True)
    # A look that could not read the quantity is noted as any other: what was written before it may stand.
    if kept.written is not None and kept.written.new is not None:
        ends = [*ends, kept.written.new]
    found = _bounds(ends, low, taken, back)
    is_filled = kept.filled is not None and at <= kept.filled
    return found._replace(lo=_ANY, most=_ANY) if is_filled else found


def _bounds(ends: list[int], low: list[int], taken: int, back: int) -> Bounds:
    most = max(ends) + back
    return Bounds(max(min(*low, *ends, _ANY) - taken, 0), most, max(min(ends) - taken, 0), most)
