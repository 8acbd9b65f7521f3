"""What every store owes for alerts."""

from datetime import timedelta

import pytest

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.records import AlertRow, Due
from syncd.errors import StateError
from syncd.ports.care import Old
from syncd.ports.store import Store
from tests.contract.store_contract_rows import NOW

LATER = NOW + timedelta(hours=1)


def alert_row(number: int = 1, *, due: Due = Due.NOTHING) -> AlertRow:
    return AlertRow(
        id=number,
        kind=AlertKind.LOW_STOCK,
        level=Level.WARNING,
        place="main",
        thing="茶-1",
        facts='{"units": 3}',
        began_at=NOW,
        seen_at=NOW,
        calm_at=None,
        ended_at=None,
        times=1,
        flapping=False,
        due=due,
        due_at=NOW,
        told_at=None,
        owed="",
        acked_at=None,
        acked_by="",
    )


def over(number: int = 1) -> AlertRow:
    return alert_row(number)._replace(ended_at=NOW, told_at=NOW, flapping=True, calm_at=NOW)


class AlertContract:
    """What a store owes for alerts."""

    async def test_an_alert_comes_back_as_it_was_saved(self, store: Store) -> None:
        await store.save_alerts([alert_row(2), over(1)])
        assert list(await store.alerts()) == [alert_row(2), over(1)]

    async def test_an_alert_is_replaced_by_its_id(self, store: Store) -> None:
        await store.save_alerts([alert_row()])
        await store.save_alerts([over()])
        assert list(await store.alerts()) == [over()]

    async def test_alerts_that_go_on_or_are_still_to_be_told_are_live(self, store: Store) -> None:
        due = over(3)._replace(due=Due.END)
        owed = over(4)._replace(owed="phone\n")
        await store.save_alerts([owed, due, over(2), alert_row(1)])
        assert list(await store.live_alerts()) == [alert_row(1), due, owed]

    async def test_alerts_that_go_on_are_counted_by_level(self, store: Store) -> None:
        worse = alert_row(5)._replace(level=Level.CRITICAL)
        await store.save_alerts([alert_row(1), alert_row(2), over(3)._replace(due=Due.END), worse])
        assert await store.open_alerts() == {alert_row(1).level: 2, Level.CRITICAL: 1}

    async def test_past_alerts_come_in_pages_newest_first(self, store: Store) -> None:
        await store.save_alerts([over(number) for number in range(1, 6)])
        assert [row.id for row in await store.alerts(limit=2)] == [5, 4]
        assert [row.id for row in await store.alerts(before=4, limit=2)] == [3, 2]
        assert list(await store.alerts(before=1)) == []

    async def test_who_acknowledged_an_alert_outlives_its_next_change(self, store: Store) -> None:
        await store.save_alerts([alert_row()])
        assert await store.acknowledge(1, at=LATER, by="ann")
        await store.save_alerts([over()])
        assert list(await store.alerts()) == [over()._replace(acked_at=LATER, acked_by="ann")]

    async def test_an_alert_that_is_not_there_cannot_be_acknowledged(self, store: Store) -> None:
        assert not await store.acknowledge(7, at=LATER, by="ann")

    async def test_alerts_that_were_over_before_are_purged(self, store: Store) -> None:
        owed = over(3)._replace(owed="phone\n")
        await store.save_alerts([over(1), alert_row(2), owed, over(4)._replace(ended_at=LATER)])
        assert await store.purge(Old.ALERTS, before=LATER, limit=10) == 1
        assert [row.id for row in await store.alerts()] == [4, 3, 2]

    async def test_no_alert_is_saved_where_one_cannot_be(self, store: Store) -> None:
        with pytest.raises(StateError):
            await store.save_alerts([alert_row(1), alert_row(2)._replace(acked_by="\ud800")])
        assert list(await store.alerts()) == []
