"""What was sold first of what was seen just now, and what decreases took whose answer was lost."""

from datetime import timedelta

import pytest

from syncd.domain.model import ListingId, ShopName, Sku
from syncd.domain.records import Measure, PendingRow
from syncd.domain.seen import Seen
from syncd.domain.topology import Bundle
from syncd.domain.waiting import Delay, first_sold, late_answers
from tests.unit.domain.cases import NOW

SET, NUT, BOLT, OTHER = Sku("SET"), Sku("NUT"), Sku("BOLT"), Sku("OTHER")
PARTS = Bundle(sku=SET, components={NUT: 1, BOLT: 2})


def waits() -> PendingRow:
    return PendingRow(ShopName("a"), ListingId("1"), NOW, None, False)


def seen(sku: Sku, seconds: int = 0) -> Seen:
    return Seen(ShopName("a"), (sku,), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(("sku", "found"), [(NUT, {NUT, SET}), (SET, {SET, NUT, BOLT}), (OTHER, {OTHER})])
def test_with_a_part_every_bundle_of_it_is_sold_and_with_a_bundle_its_parts(
    sku: Sku, found: set[Sku]
) -> None:
    assert first_sold([seen(sku)], [PARTS]) == dict.fromkeys(found, NOW)


def test_a_bundle_is_sold_when_its_first_part_is() -> None:
    found = first_sold([seen(BOLT, 1), seen(NUT), seen(NUT, 2)], [PARTS])
    assert found == {NUT: NOW, SET: NOW, BOLT: NOW + timedelta(seconds=1)}


@pytest.mark.parametrize(
    ("sold", "found"),
    [
        (None, [(Measure.DECISION_TO_ACCEPTED, 60.0)]),
        (-30, [(Measure.DECISION_TO_ACCEPTED, 60.0), (Measure.SALE_TO_ACCEPTED, 90.0)]),
    ],
)
def test_what_is_found_done_took_all_its_time(sold: int | None, found: list[tuple[Measure, float]]) -> None:
    row = waits()._replace(sold_at=None if sold is None else NOW + timedelta(seconds=sold))
    assert list(late_answers([row], NOW + timedelta(seconds=60))) == [Delay(row.shop, *one) for one in found]


def test_what_was_held_and_is_found_done_tells_of_no_delay() -> None:
    assert list(late_answers([waits()._replace(held=True)], NOW)) == []


def test_where_nothing_was_seen_nothing_was_sold() -> None:
    assert first_sold([], [PARTS]) == {}
