"""One order line: which version counts, how many units it occupies, what the counter lost to it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from syncd.domain.model import Deducts, ShopName
from syncd.domain.ordering.rules import Occupies, OrderRules, Restores
from syncd.domain.orders import OrderLine, Stage
from syncd.domain.records import OrderRow

_ORDER = {stage: place for place, stage in enumerate(Stage)}
_PAID = (Stage.PAID, Stage.SHIPPED, Stage.DONE)
_OVER = (Stage.DONE, Stage.CLOSED)

Line = OrderLine | OrderRow
"""A line as a shop told it, or as the state keeps it: the fields have the same names."""


class Span(NamedTuple):
    """At least and at most."""

    least: int
    most: int


def version(line: Line) -> tuple[datetime, int, int, int, int, tuple[str, ...]]:
    """Return what orders the versions of a line; of the same moment the one that came further wins."""
    words = (line.warehouse, line.replaces, line.doubt, line.listing, line.code)
    return line.modified, _ORDER[line.stage], line.shipped, line.released, line.units, words


def newest(shop: ShopName, lines: Iterable[OrderLine], known: Mapping[str, OrderRow]) -> dict[str, OrderRow]:
    """Return the rows of `lines` by line, each in the version that counts; what was made of it is kept.

    Neither the order in which versions come nor a repetition matters: an older one never wins.
    """
    found: dict[str, OrderRow] = {}
    for line in sorted(lines, key=version):
        found[line.line] = _renewed(shop, line, found.get(line.line) or known.get(line.line))
    return found


def _renewed(shop: ShopName, line: OrderLine, before: OrderRow | None) -> OrderRow:
    if before is None:
        # A line that took the place of another may be unknown to who imported the first one.
        grown = line.modified if line.replaces else line.created
        fields = line._asdict() | {"shop": shop, "grown": grown}
        return OrderRow(**fields, parts="", off_least=0, off_most=0, settled=False)
    if version(line) <= version(before):
        # It came too late to count, but shows that units were added since: an import in between lacks them.
        grew = open_units(line) < open_units(before)
        return before._replace(grown=max(before.grown, before.modified if grew else before.grown))
    fields = line._asdict()
    if open_units(line) > open_units(before):
        fields["grown"] = line.modified
    if before.shipped and line.shipped:
        # Of a later parcel a shop tells no time of its own.
        fields["sent"] = line.modified if line.shipped > before.shipped else before.sent
    return before._replace(**fields)


def is_paid(line: Line) -> bool:
    """Return whether the buyer has paid; a line that has left counts as paid."""
    return line.paid is not None or line.stage in _PAID


def open_units(line: Line) -> int:
    """Return the units that were ordered and not released, never fewer than have left."""
    return max(line.units - max(line.released, 0), line.shipped, 0)


def occupying(line: Line, rules: OrderRules, reached: datetime | None) -> int:
    """Return the units that the line takes from all shops, before it is asked who contains it.

    `reached` is until when all orders of the shop are known: an unpaid hold is over once they are known past
    its time and the line is unpaid still.
    """
    if is_paid(line) or line.doubt:
        return open_units(line)
    if rules.occupies is Occupies.PAYMENT:
        return 0
    if rules.occupies is Occupies.HOLD and reached is not None:
        over = line.created + rules.hold + rules.grace + rules.skew
        return open_units(line) if reached <= over else 0
    return open_units(line)


def off(line: Line, rules: OrderRules) -> Span:
    """Return by how much the platform's counter is lower for this line, in units of the listing."""
    taken, back = _deducted(line, rules), _restored(line, rules)
    return Span(max(taken.least - back.most, 0), max(taken.most - back.least, 0))


def passed(line: Line, before: Line | None, rules: OrderRules) -> int:
    """Return how many units the counter may have lost and got back since the version `before`, if any."""
    taken, back = _deducted(line, rules).most, _restored(line, rules).most
    if before is not None:
        taken, back = taken - _deducted(before, rules).most, back - _restored(before, rules).most
    return max(min(taken, back), 0)


def is_given_back(line: Line, before: Line | None, rules: OrderRules) -> bool:
    """Return whether the counter may have got units back since the version `before`."""
    return before is not None and _restored(line, rules).most > _restored(before, rules).most


def _restored(line: Line, rules: OrderRules) -> Span:
    released = min(max(line.released, 0), max(line.units - line.shipped, 0))
    restores = rules.restores_paid if is_paid(line) else rules.restores_unpaid
    return Span(released if restores is Restores.YES else 0, 0 if restores is Restores.NO else released)


def _deducted(line: Line, rules: OrderRules) -> Span:
    units = max(line.units, line.shipped, 0)
    if rules.deducts is Deducts.SHIPPING:
        return Span(line.shipped, line.shipped)
    if rules.deducts is Deducts.ORDER or is_paid(line):
        return Span(units, units)
    return Span(0, 0 if rules.deducts is Deducts.PAYMENT else units)


def is_over(line: Line) -> bool:
    """Return whether nothing more can happen to the line: finished, or closed."""
    return line.stage in _OVER
