"""Sources that name the orders in their figures: what is not named is claimed, whatever its age."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import Containment, IdsOf, ShopName, SourceName
from syncd.domain.orders import Stage
from syncd.domain.records import SourceState
from tests.unit.domain.order_cases import ERP, SURE, WMS, A, Desk, at, line, silent, unpaid


def naming(*ids: str, minutes: float = 1000, **changed: object) -> dict[SourceName, SourceState]:
    """Return two sources that name these lines of shop a, read `minutes` from now."""
    said = {"contains": Containment.IDS, "included": {A: frozenset(ids)}} | changed
    return {name: replace(state, **said) for name, state in silent(minutes).items()}  # type: ignore[arg-type]


def test_a_line_that_is_named_is_contained() -> None:
    desk = Desk()
    desk.sources = naming("1")

    desk.take(line())

    assert desk.claimed() == 0


def test_an_order_that_the_import_lost_is_claimed_however_old_it_is() -> None:
    desk = Desk()
    desk.sources = naming("2")

    desk.take(line())

    assert desk.claimed() == 1


def test_a_source_that_names_nothing_any_more_contains_nothing() -> None:
    desk = Desk()
    desk.sources = naming("1")
    desk.take(line())
    desk.sources = {name: replace(state, included={}) for name, state in naming().items()}

    desk.take()
    desk.take(line())

    assert desk.claimed() == 1


def test_a_line_of_another_shop_with_the_same_id_is_another_line() -> None:
    desk = Desk()
    desk.sources = naming(included={ShopName("b"): frozenset({"1"})})

    desk.take(line())

    assert desk.claimed() == 1


def test_the_id_of_an_order_contains_no_line_where_ids_are_those_of_lines() -> None:
    desk = Desk()
    desk.sources = naming("o")

    desk.take(line())

    assert desk.claimed() == 1


def test_the_id_of_an_order_contains_all_its_lines_where_ids_are_those_of_orders() -> None:
    desk = Desk()
    desk.sources = naming("o", ids_of=IdsOf.ORDER)

    desk.take(line("1"), line("2"))

    assert desk.claimed() == 0


def test_the_id_of_a_line_contains_nothing_where_ids_are_those_of_orders() -> None:
    desk = Desk()
    desk.sources = naming("1", ids_of=IdsOf.ORDER)

    desk.take(line())

    assert desk.claimed() == 1


def test_a_line_is_not_contained_before_every_source_of_its_pools_names_it() -> None:
    desk = Desk()
    desk.sources = naming("1") | {WMS: naming()[WMS]}

    desk.take(line())

    assert desk.claimed() == 1


def test_an_unpaid_order_that_is_named_is_contained() -> None:
    desk = Desk()
    desk.sources = naming("1")

    desk.take(unpaid())

    assert desk.claimed() == 0


def test_a_named_order_is_contained_whatever_the_clocks_say() -> None:
    desk = Desk()
    desk.sources = naming("1", minutes=-5)

    desk.take(line())

    assert desk.claimed() == 0


@pytest.mark.parametrize(("minutes", "units"), [(26.9, 3), (27, 0)])
def test_units_added_to_a_named_line_are_claimed_until_the_source_must_have_them(
    minutes: float, units: int
) -> None:
    desk = Desk()
    desk.sources = naming("1", minutes=minutes)
    desk.take(line())

    desk.take(line(units=3, modified=at(10)))

    assert desk.claimed() == units


def test_units_added_to_a_named_line_stay_claimed_where_the_source_never_learns_of_them() -> None:
    desk = Desk(replace(SURE, lag=None))
    desk.sources = naming("1")
    desk.take(line())

    desk.take(line(units=3, modified=at(10)))

    assert desk.claimed() == 3


def test_what_was_shipped_and_is_named_no_more_is_claimed_until_a_full_snapshot_saw_it_leave() -> None:
    desk = Desk()
    desk.sources = naming(minutes=59)
    sent = line(stage=Stage.SHIPPED, shipped=1, sent=at(0))

    desk.take(sent)
    early = desk.claimed()
    desk.sources = naming(minutes=62)
    desk.take(sent)

    assert (early, desk.claimed()) == (1, 0)


def test_a_named_line_that_is_routed_elsewhere_waits_for_the_source_of_its_new_warehouse() -> None:
    desk = Desk()
    desk.sources = naming("1") | {WMS: naming()[WMS]}
    desk.take(line(warehouse="w"))
    before = desk.claimed()

    desk.take(line(warehouse="v", modified=at(1)))

    assert (before, desk.claimed()) == (0, 1)


def test_a_source_by_ids_beside_one_by_watermark_counts_each_by_its_own_word() -> None:
    desk = Desk()
    marked = replace(silent(30)[WMS], contains=Containment.WATERMARK, watermarks={A: at(30)})
    desk.sources = {ERP: naming("1")[ERP], WMS: marked}

    desk.take(line("1"), line("2"))

    assert [claim.line for claim in desk.claims.values()] == ["order:2:A"]


def test_the_units_of_a_named_line_that_stays_after_a_partial_refund_are_contained() -> None:
    desk = Desk(replace(SURE, lag=timedelta(minutes=15)))
    desk.sources = naming("1")
    desk.take(line(units=3))

    desk.take(line(units=3, released=1, modified=at(5)))

    assert desk.claimed() == 0
