"""Both rounds of a shop as one report."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from syncd.domain.model import ChangeKind, ListingId, ShopName
from syncd.errors import Kind
from syncd.services.push import PushReport
from syncd.services.push.report import Remark
from tests.unit.services.push_world import change

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
A, B = ListingId("a"), ListingId("b")


def report(listing: ListingId, calls: int, *, stopped: bool = True) -> PushReport:
    one = change(listing, ChangeKind.LOWER, 1)
    remarks = (Remark(one, f"{listing} went wrong"),)
    return PushReport(
        shop=ShopName("s"),
        done=(one,),
        blind=frozenset((listing,)),
        lowered={listing: NOON},
        refused=remarks,
        unknown=remarks,
        not_tried=remarks,
        notes=remarks,
        calls=calls,
        throttled=calls - 1,
        stopped_by=Kind.THROTTLED if stopped else None,
        message=f"{listing} stopped" if stopped else "",
        again_after=float(calls),
        made_way=stopped,
    )


FIRST, SECOND = report(A, 3), report(B, 5)


@pytest.mark.parametrize("name", ["done", "refused", "unknown", "not_tried", "notes", "calls", "throttled"])
def test_what_is_told_of_both_is_told_together(name: str) -> None:
    assert getattr(FIRST.then(SECOND), name) == getattr(FIRST, name) + getattr(SECOND, name)


def test_what_was_lowered_and_what_is_blind_is_told_of_both() -> None:
    both = FIRST.then(SECOND)
    assert both.lowered == {A: NOON, B: NOON}
    assert both.blind == {A, B}


def test_the_later_reason_to_stop_is_told() -> None:
    assert FIRST.then(SECOND).message == "b stopped"


def test_a_later_round_that_went_well_hides_no_reason() -> None:
    both = FIRST.then(report(B, 1, stopped=False))
    assert (both.message, both.stopped_by, both.again_after) == ("a stopped", Kind.THROTTLED, 3.0)


def test_no_field_is_forgotten() -> None:
    blank = PushReport(shop=ShopName("s"))
    assert [one.name for one in fields(PushReport) if one.name != "shop"] == [
        one.name
        for one in fields(PushReport)
        if getattr(blank.then(FIRST), one.name) != getattr(blank, one.name)
    ]
