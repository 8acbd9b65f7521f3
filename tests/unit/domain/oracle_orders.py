"""The slow and obvious form of what order lines claim, written from DESIGN 6 and not from the program."""

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.orders import OrderLine, Stage


def newest_of(versions: Sequence[OrderLine]) -> OrderLine:
    """Return the version that counts: the last change, and of one moment the one that came further."""
    stages = [Stage.UNPAID, Stage.PAID, Stage.SHIPPED, Stage.DONE, Stage.CLOSED]
    best = versions[0]
    for one in versions:
        further = (stages.index(one.stage), one.shipped, one.released, one.units)
        than = (stages.index(best.stage), best.shipped, best.released, best.units)
        if one.modified > best.modified or (one.modified == best.modified and further > than):
            best = one
    return best


def claimed(versions: Sequence[OrderLine], *, occupies: str, hold_over: datetime, now: datetime) -> int:
    """Return the units that all lines take, nothing contained; a hold ends at `hold_over`."""
    total = 0
    lines = {one.line for one in versions}
    replaced = {one.replaces for one in versions if one.replaces}
    for name in lines - replaced:
        line = newest_of([one for one in versions if one.line == name])
        units = line.units - line.released
        units = max(units, line.shipped)
        paid = line.paid is not None or line.stage in (Stage.PAID, Stage.SHIPPED, Stage.DONE)
        if not paid and not line.doubt:
            if occupies == "payment":
                units = 0
            if occupies == "hold" and now > hold_over:
                units = 0
        total += max(units, 0)
    return total
