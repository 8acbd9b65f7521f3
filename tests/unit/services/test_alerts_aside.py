"""Thousands of alerts are dealt with in a thread, for the loop has others to serve."""

from datetime import UTC, datetime
from threading import get_ident

import pytest

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import worst_first
from syncd.domain.alerts.records import AlertRow, Due
from syncd.domain.alerts.sights import Sight
from syncd.domain.alerts.signals import raised
from syncd.services.alerting.aside import FEW, aside
from syncd.services.alerting.deciding import Heard, Look

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def row(number: int, units: int = 3) -> AlertRow:
    """Return an alert of a SKU of which so many units are left."""
    return AlertRow(
        id=number,
        kind=AlertKind.LOW_STOCK,
        level=Level.WARNING,
        place="main",
        thing=f"S{number}",
        facts=f'{{"units": {units}}}',
        began_at=NOON,
        seen_at=NOON,
        calm_at=None,
        ended_at=None,
        times=1,
        flapping=False,
        due=Due.NOTHING,
        due_at=NOON,
        told_at=NOON,
        owed="phone\n",
        acked_at=None,
        acked_by="",
    )


@pytest.mark.parametrize(("size", "is_aside"), [(0, False), (FEW, False), (FEW + 1, True)])
async def test_only_what_is_long_is_done_in_a_thread(size: int, *, is_aside: bool) -> None:
    assert (await aside(size, get_ident) != get_ident()) is is_aside


def test_what_arrived_and_what_was_seen_counts_as_much_as_what_happened() -> None:
    rows = [row(1), row(2)]
    heard = Heard(
        at=NOON,
        signals=[raised(AlertKind.LOW_STOCK, {"pool": "main", "sku": "A", "units": 1})],
        arrived=[("phone", rows), ("mail", rows)],
        look=Look(sight=Sight(at=NOON), live=rows),
    )
    assert heard.size == 7


def test_the_worst_of_thousands_come_first_and_the_oldest_of_those() -> None:
    rows = [row(number, units=number % 50) for number in range(12_000)]
    mixed = sorted(rows, key=lambda row: row.id * 7919 % 12_007)
    assert list(worst_first(mixed)) == sorted(rows, key=lambda row: (row.known["units"], row.id))
