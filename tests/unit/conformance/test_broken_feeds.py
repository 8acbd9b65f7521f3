"""The promises about orders are watched: a feed that breaks one does not pass."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.conformance import Bench
from syncd.domain.ordering.rules import Restores
from syncd.domain.orders import Stage
from syncd.ports.channel import DeductsAt
from tests.contract.memory_rig import ALL_MODES, MemoryRig
from tests.unit.conformance.breaking import Broken, broken, each, lines_with
from tests.unit.conformance.running import promises, results

_EIGHT_HOURS = timedelta(hours=8)


def _selling_what_is_withheld() -> Bench:
    """Return a bench of a shop that deducts at payment, whose channel does not tell what it withholds."""
    rig = MemoryRig(replace(ALL_MODES, deducts_at=DeductsAt.PAYMENT))
    return replace(rig.bench(), channel=Broken(rig, pages=each(withheld=lambda _: 0)))


BREAKS: dict[str, tuple[str, Callable[[], Bench]]] = {
    "the last order is lost": (
        "test_more_orders_than_a_page_are_told_each",
        lambda: broken(lines=lambda lines: lines[:-1]),
    ),
    "only the first line of an order": (
        "test_each_line_of_an_order_has_an_id_of_its_own",
        lambda: broken(lines=lambda lines: list({line.order: line for line in lines}.values())),
    ),
    "lines named by their listing": (
        "test_a_listing_that_is_ordered_twice_in_one_order_is_two_lines",
        lambda: broken(lines=lines_with(line=lambda line: f"{line.order}/{line.listing}")),
    ),
    "lines named by their stage": (
        "test_a_line_keeps_its_id",
        lambda: broken(lines=lines_with(line=lambda line: f"{line.order}/{line.stage}")),
    ),
    "lines shared by orders": (
        "test_no_two_orders_share_a_line",
        lambda: broken(lines=lines_with(line=lambda line: line.listing)),
    ),
    "all is paid": (
        "test_a_new_order_waits_for_its_money",
        lambda: broken(lines=lines_with(stage=lambda _: Stage.PAID)),
    ),
    "a payment without a time": (
        "test_a_payment_has_a_time",
        lambda: broken(lines=lines_with(paid=lambda _: None)),
    ),
    "the time of payment of the order": (
        "test_a_payment_has_a_time",
        lambda: broken(lines=lines_with(paid=lambda line: line.paid and line.created)),
    ),
    "what is closed holds its units": (
        "test_a_paid_order_that_is_cancelled_releases_its_units",
        lambda: broken(lines=lines_with(released=lambda _: 0)),
    ),
    "what is unpaid and closed holds its units": (
        "test_an_unpaid_order_that_ends_releases_all_it_held",
        lambda: broken(lines=lines_with(released=lambda line: line.released if line.paid else 0)),
    ),
    "what was sent is released": (
        "test_a_refund_after_shipping_releases_nothing",
        lambda: broken(lines=lines_with(released=lambda line: line.units if line.ended else 0)),
    ),
    "any change of a paid order releases it": (
        "test_a_refund_that_is_asked_for_releases_nothing",
        lambda: broken(
            lines=lines_with(
                released=lambda line: line.units if line.paid and line.modified > line.paid else 0
            )
        ),
    ),
    "one refund releases all lines": (
        "test_a_refund_before_shipping_releases_its_line_and_no_other",
        lambda: broken(lines=lines_with(released=lambda line: line.units)),
    ),
    "nothing is ever shipped": (
        "test_what_was_sent_is_shipped",
        lambda: broken(lines=lines_with(shipped=lambda _: 0)),
    ),
    "what arrived is not shipped": (
        "test_what_arrived_is_done_and_stays_shipped",
        lambda: broken(
            lines=lines_with(shipped=lambda line: 0 if line.stage is Stage.DONE else line.shipped)
        ),
    ),
    "an order is shipped whole": (
        "test_an_order_sent_in_parts_still_owes_the_rest",
        lambda: broken(lines=lines_with(stage=lambda _: Stage.SHIPPED, shipped=lambda line: line.units)),
    ),
    "a change that is not dated": (
        "test_every_line_of_an_order_carries_its_last_change",
        lambda: broken(lines=lines_with(modified=lambda line: line.created)),
    ),
    "all is in doubt": (
        "test_nothing_was_misunderstood",
        lambda: broken(lines=lines_with(doubt=lambda _: "hm")),
    ),
    "the listing is not told": (
        "test_a_new_order_is_told_with_its_listing_and_units",
        lambda: broken(lines=lines_with(listing=lambda _: "")),
    ),
    "times without a zone": (
        "test_every_time_is_in_utc",
        lambda: broken(lines=lines_with(created=lambda line: line.created.astimezone().replace(tzinfo=None))),
    ),
    "Beijing taken for UTC": (
        "test_an_order_is_dated_alike_in_every_time_zone",
        lambda: broken(lines=lines_with(created=lambda line: line.created + _EIGHT_HOURS)),
    ),
    "a window that begins too late": (
        "test_changes_at_both_ends_of_the_time_are_told",
        lambda: broken(since=lambda since: since + timedelta(seconds=1)),
    ),
    "a moment has no orders": (
        "test_a_moment_can_be_asked_for",
        lambda: broken(since=lambda since: since + timedelta(microseconds=1)),
    ),
    "only new orders": (
        "test_an_old_order_that_changed_is_told",
        lambda: broken(
            lines=lambda lines: [line for line in lines if line.modified - line.created < _EIGHT_HOURS]
        ),
    ),
    "withheld units can be sold again": (
        "test_an_order_that_is_not_paid_holds_its_units",
        _selling_what_is_withheld,
    ),
    "units come back unsaid": (
        "test_units_of_a_cancelled_paid_order_come_back_as_the_traits_say",
        lambda: broken(traits=lambda traits: replace(traits, restores_paid=Restores.NO)),
    ),
    "named orders are those of the first day": (
        "test_named_orders_are_told_as_they_are_now",
        lambda: broken(named=lines_with(stage=lambda _: Stage.PAID)),
    ),
    "named orders are told otherwise": (
        "test_a_named_order_is_the_same_as_in_the_feed",
        lambda: broken(named=lines_with(code=lambda _: "")),
    ),
    "an intake that failed is empty": (
        "test_a_failed_intake_has_a_kind",
        lambda: broken(error=lambda _: None),
    ),
    "a later page that fails is the last": (
        "test_an_intake_that_fails_on_a_later_page_is_not_complete",
        lambda: broken(error=lambda _: None),
    ),
}


@pytest.mark.parametrize("name", BREAKS, ids=lambda name: name.replace(" ", "-"))
async def test_a_broken_promise_is_caught(name: str) -> None:
    promise, make = BREAKS[name]
    assert set(await results(make, promise)) - {"passed", "skipped"}


async def test_the_promises_that_are_broken_here_are_not_skipped() -> None:
    kept = {promise: await results(lambda: MemoryRig().bench(), promise) for promise, _ in BREAKS.values()}
    assert {promise for promise, each_ in kept.items() if "passed" not in each_} == set()


def test_no_promise_is_named_that_there_is_not() -> None:
    assert {promise for promise, _ in BREAKS.values()} <= set(promises())
