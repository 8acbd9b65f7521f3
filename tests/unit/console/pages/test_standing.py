"""What needs a person: everything that does, the most dangerous first, and nothing else."""

from typing import Any

import pytest

from syncd.console.pages.standing import LATE, doubt_of, needs, sign_of
from tests.browser import documents_rig as documents

Json = dict[str, Any]


def overview(**other: Any) -> Json:  # noqa: ANN401 - any value of a document
    calm = {
        "shops": [documents.shop("jd")],
        "sources": documents.sources(),
        "held": [],
        "alerts": {},
        "unbound": 0,
    }
    return calm | other


def what(document: Json) -> list[str]:
    return [need.what for need in needs(document)]


def waiting(seconds: float, *, held: int = 0) -> Json:
    return {"waiting": 1, "held": held, "oldest": documents.at(), "oldest_seconds": seconds}


def test_when_all_is_well_nothing_needs_anybody() -> None:
    assert what(overview()) == []


def test_what_can_sell_too_much_comes_before_what_only_hides_units() -> None:
    failing = documents.shop("pdd", error="revoked", since=documents.at())
    late = documents.shop("jd", decreases=waiting(LATE + 1))
    paused = documents.shop("tmall", status="paused")
    document = overview(
        shops=[paused, late, failing],
        sources=[documents.sources()[0] | {"error": "timed out"}],
        held=[documents.plan()],
        alerts={"critical": 2, "warning": 7},
        unbound=3,
    )
    assert what(document) == [
        "shop_failing",
        "source_failing",
        "plan_held",
        "alerts",
        "late",
        "stopped",
        "unbound",
    ]


def test_a_plan_that_was_judged_needs_nobody() -> None:
    rejected = documents.plan() | {"waiting": 0, "rejected": 14}
    over = documents.plan() | {"stands": False}
    assert what(overview(held=[rejected, over])) == []


def test_a_shop_whose_orders_fail_is_said_apart() -> None:
    orders = {"known_until": None, "error": "refused", "since": documents.at()}
    assert what(overview(shops=[documents.shop("jd", orders=orders)])) == ["orders_failing"]


@pytest.mark.parametrize(
    ("other", "sign"),
    [
        ({}, "ok"),
        ({"error": "revoked"}, "bad"),
        ({"status": "paused", "error": "revoked"}, "off"),
        ({"status": "retired"}, "off"),
        ({"observed_at": None}, "warn"),
        ({"decreases": waiting(LATE - 1)}, "ok"),
        ({"decreases": waiting(LATE + 1)}, "warn"),
        ({"decreases": waiting(LATE + 1, held=1)}, "warn"),
        ({"orders": {"error": "refused"}}, "warn"),
        ({"orders": None}, "ok"),
    ],
)
def test_a_shop_stands_as_its_worst_trouble(other: Json, sign: str) -> None:
    assert sign_of(documents.shop("jd", **other)) == sign


@pytest.mark.parametrize(
    ("other", "doubt"),
    [
        ({}, ""),
        ({"decreases": waiting(LATE + 1, held=1)}, "held"),
        ({"decreases": waiting(LATE + 1)}, "late"),
        ({"orders": {"known_until": None, "error": "timed out", "since": None}}, "orders"),
        ({"observed_at": None}, "unread"),
    ],
    ids=["well", "held", "late", "orders", "unread"],
)
def test_what_is_not_right_with_a_shop_has_a_word_of_its_own(other: Json, doubt: str) -> None:
    assert doubt_of(documents.shop("jd", **other)) == doubt
