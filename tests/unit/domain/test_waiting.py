"""What was sold first of what was seen just now, and with it all that it is a part of."""

from datetime import timedelta

import pytest

from syncd.domain.model import ShopName, Sku
from syncd.domain.seen import Seen
from syncd.domain.topology import Bundle
from syncd.domain.waiting import first_sold
from tests.unit.domain.cases import NOW

SET, NUT, BOLT, OTHER = Sku("SET"), Sku("NUT"), Sku("BOLT"), Sku("OTHER")
PARTS = Bundle(sku=SET, components={NUT: 1, BOLT: 2})


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


def test_where_nothing_was_seen_nothing_was_sold() -> None:
    assert first_sold([], [PARTS]) == {}
