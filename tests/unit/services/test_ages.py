"""What is read from the measures of a shop."""

from datetime import timedelta

import pytest

from syncd.domain.delays import buckets_of
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import Measure, MeasureRow, PendingRow
from syncd.services.ages import Ages
from tests.unit.domain.cases import NOW

A, B = ShopName("a"), ShopName("b")
SEEN = Measure.SALE_TO_SEEN


def delay(seconds: float, many: float = 1.0, *, shop: ShopName = A, what: Measure = SEEN) -> MeasureRow:
    return MeasureRow(shop, what, int(buckets_of([seconds])[0]), many, NOW)


def count(what: Measure, many: float, shop: ShopName = A) -> MeasureRow:
    return MeasureRow(shop, what, 0, many, NOW)


def waits(listing: str, minutes: int, *, shop: ShopName = A, held: bool = False) -> PendingRow:
    return PendingRow(shop, ListingId(listing), NOW - timedelta(minutes=minutes), None, held)


def test_almost_all_is_what_99_of_100_took() -> None:
    ages = Ages(now=NOW, measures=[delay(1.0, 98.5), delay(50.0, 0.6), delay(3000.0, 0.9)])
    assert ages.within(A, SEEN) == pytest.approx(50.1, abs=0.1)


def test_of_a_shop_without_delays_nothing_is_known() -> None:
    assert Ages(now=NOW, measures=[delay(1.0, shop=B)]).within(A, SEEN) is None


def test_a_document_has_the_buckets_that_anything_is_in() -> None:
    found = Ages(now=NOW, measures=[delay(9.0, 3), delay(60.0, 1), delay(1.0, shop=B)]).document(A)
    assert found["delays"]["sale_to_seen"] == {
        "count": 4.0,
        "half_within": 10.0,
        "within": 63.1,
        "histogram": [[10.0, 3.0], [63.1, 1.0]],
    }


def test_counts_have_faded_by_the_time_they_are_read() -> None:
    ages = Ages(now=NOW + timedelta(days=3), measures=[count(Measure.CALLS, 8.0)])
    assert ages.document(A)["calls"] == 4.0


def test_the_throttled_share_is_of_all_calls() -> None:
    ages = Ages(now=NOW, measures=[count(Measure.CALLS, 40), count(Measure.THROTTLED, 10)])
    assert ages.document(A)["throttled_share"] == 0.25


def test_the_spared_share_is_of_all_figures_that_changed() -> None:
    ages = Ages(now=NOW, measures=[count(Measure.WRITTEN, 3), count(Measure.SPARED, 1)])
    assert ages.document(A)["spared_share"] == 0.25


def test_without_calls_no_share_is_known() -> None:
    found = Ages(now=NOW).document(A)
    assert (found["throttled_share"], found["spared_share"]) == (None, None)


def test_the_oldest_decrease_is_that_of_the_shop() -> None:
    pending = [waits("1", 3), waits("2", 9, held=True), waits("3", 60, shop=B)]
    assert Ages(now=NOW, pending=pending).document(A)["decreases"] == {
        "waiting": 2,
        "held": 1,
        "oldest": (NOW - timedelta(minutes=9)).isoformat(),
        "oldest_seconds": 540.0,
    }


def test_where_nothing_waits_nothing_is_old() -> None:
    assert Ages(now=NOW).document(A)["decreases"] == {
        "waiting": 0,
        "held": 0,
        "oldest": None,
        "oldest_seconds": 0.0,
    }
