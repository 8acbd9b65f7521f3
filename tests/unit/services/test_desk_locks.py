"""Locks as the console and the API show them."""

from datetime import UTC, datetime, timedelta

from syncd.domain.locks.standing import Batch, schedule_text
from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.records import LockMode, LockRow
from syncd.domain.topology import Topology
from syncd.services.desk.locks import lock_documents

NOW = datetime(2026, 11, 11, tzinfo=UTC)
NOWHERE = Topology(sources=(), pools=(), shops=())


def lock(ended_at: datetime | None) -> LockRow:
    return LockRow(
        id=1,
        sku=Sku("A"),
        pool=PoolName("main"),
        shop=ShopName("a"),
        mode=LockMode.PLUS,
        units=9,
        by_hand=0,
        schedule=schedule_text([Batch(5, NOW + timedelta(hours=1))]),
        released=0,
        created_at=NOW,
        created_by="ann",
        ended_at=ended_at,
    )


def test_a_lock_tells_what_it_releases_later() -> None:
    (found,) = lock_documents(([lock(None)], ()), NOWHERE, NOW, ended=True)
    assert found["schedule"] == [{"units": 5, "at": "2026-11-11T01:00:00+00:00"}]
    assert found["note"] == "its pool is not configured, so that it holds nothing"


def test_a_lock_that_has_ended_releases_nothing_any_more() -> None:
    (found,) = lock_documents(([lock(NOW)], ()), NOWHERE, NOW, ended=True)
    assert (found["schedule"], found["holds"], found["note"]) == ([], 0, "has ended")
