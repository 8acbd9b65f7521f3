"""Which snapshot contains an order: what none does is counted as a claim, never not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import WatermarkEvent
from syncd.domain.orders import Stage
from tests.unit.domain.order_cases import ERP, SURE, WMS, Desk, at, line, marked, silent, unpaid


@pytest.mark.parametrize(("minutes", "units"), [(16.9, 1), (17, 0)])
def test_a_silent_source_contains_an_order_only_after_lag_and_skew(minutes: float, units: int) -> None:
    desk = Desk()
    desk.sources = silent(minutes)

    desk.take(line())

    assert desk.claimed() == units


@pytest.mark.parametrize(("minutes", "units"), [(2.9, 1), (3, 0)])
def test_a_watermark_is_believed_only_skew_and_grace_after_the_order(minutes: float, units: int) -> None:
    desk = Desk()
    desk.sources = marked(minutes)

    desk.take(line())

    assert desk.claimed() == units


def test_a_watermark_of_another_shop_contains_nothing_of_this_one() -> None:
    desk = Desk()
    desk.sources = {name: replace(state, watermarks={}) for name, state in marked(500).items()}

    desk.take(line())

    assert desk.claimed() == 1


def test_a_watermark_that_goes_back_with_a_restored_erp_is_not_outlived_by_its_old_word() -> None:
    desk = Desk()
    desk.sources = marked(30)
    desk.take(line())
    desk.sources = marked(-30)

    desk.take(line())

    assert desk.claimed() == 1


def test_a_watermark_of_payments_contains_no_unpaid_order() -> None:
    desk = Desk()
    desk.sources = marked(30, counts=WatermarkEvent.PAID)

    desk.take(unpaid())

    assert desk.claimed() == 1


def test_a_watermark_of_creations_contains_an_unpaid_order() -> None:
    desk = Desk()
    desk.sources = marked(30)

    desk.take(unpaid())

    assert desk.claimed() == 0


def test_a_watermark_of_payments_is_asked_about_the_payment() -> None:
    desk = Desk()
    desk.sources = marked(30, counts=WatermarkEvent.PAID)

    desk.take(line(paid=at(28), modified=at(28)))

    assert desk.claimed() == 1


@pytest.mark.parametrize(("doubt", "units"), [("", 0), ("status 17", 1)])
def test_a_payment_without_a_time_is_believed_only_of_a_line_that_was_understood(
    doubt: str, units: int
) -> None:
    desk = Desk()
    desk.sources = marked(30, counts=WatermarkEvent.PAID)

    desk.take(line(paid=None, modified=at(1), doubt=doubt))

    assert desk.claimed() == units


def test_a_watermark_of_changes_is_asked_about_the_last_change() -> None:
    desk = Desk()
    desk.sources = marked(30, counts=WatermarkEvent.MODIFIED)

    desk.take(line(modified=at(28)))

    assert desk.claimed() == 1


def test_an_order_is_not_contained_before_every_source_of_its_pools_has_it() -> None:
    desk = Desk()
    desk.sources = {ERP: marked(30)[ERP], WMS: marked(-30)[WMS]}

    desk.take(line())

    assert desk.claimed() == 1


def test_a_routed_order_waits_for_the_source_of_its_warehouse_only() -> None:
    desk = Desk()
    desk.sources = {ERP: marked(30)[ERP], WMS: marked(-30)[WMS]}

    desk.take(line(warehouse="w"))

    assert desk.claimed() == 0


def test_an_order_that_is_routed_anew_is_claimed_where_it_went() -> None:
    desk = Desk()
    desk.take(line(warehouse="w"))

    desk.take(line(warehouse="v", modified=at(1)))

    assert [claim.warehouse for claim in desk.claims.values()] == ["v"]


def test_a_source_that_never_imports_contains_nothing_before_it_was_shipped() -> None:
    desk = Desk(replace(SURE, lag=None))
    desk.sources = silent(10_000)

    desk.take(line())

    assert desk.claimed() == 1


@pytest.mark.parametrize(("minutes", "units"), [(71, 2), (72, 0)])
def test_what_was_shipped_is_claimed_until_a_full_snapshot_saw_it_leave(minutes: float, units: int) -> None:
    desk = Desk(replace(SURE, lag=None))
    desk.sources = silent(minutes)

    desk.take(line(units=2, shipped=2, stage=Stage.SHIPPED, sent=at(10), modified=at(10)))

    assert desk.claimed() == units


def test_a_source_that_was_never_heard_contains_nothing() -> None:
    desk = Desk()
    desk.sources = {}

    desk.take(line(minutes=-1000))

    assert desk.claimed() == 1


def test_clocks_that_differ_by_the_skew_count_no_order_zero_times() -> None:
    # The platform's clock is two minutes behind: what it calls 12:00 happened at 12:02, after the reading.
    desk = Desk(replace(SURE, lag=timedelta(0)))
    desk.sources = silent(1.9)

    desk.take(line())

    assert desk.claimed() == 1
