"""What a standing decision knows of all listings without their rows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.decision import Question, decide
from syncd.domain.guard import OnSale
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku
from syncd.domain.observation import to_audit
from syncd.domain.standing import News, Standing
from syncd.domain.totals import totals_of
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import A, B, claim, entry
from tests.unit.domain.desk import state as by_hand

_HOUR = timedelta(hours=1)


@st.composite
def _rows(draw: st.DrawFn) -> list[ListingRow]:
    """Draw listings of two shops that were read at few times, some never, unbound, held or gone."""
    rows = []
    for shop in "ab":
        for at in range(draw(st.integers(0, 9))):
            hours = draw(st.none() | st.integers(0, 3))
            row = entry("X", 5, shop=shop)._replace(id=ListingId(f"{at}"), gone=draw(st.booleans()))
            row = row._replace(observed_at=None if hours is None else NOW - hours * _HOUR)
            kind = draw(
                st.sampled_from((row, row, row._replace(sku=Sku("")), row._replace(unbound_because="-")))
            )
            rows.append(kind)
    return rows


def _standing(rows: list[ListingRow]) -> Standing:
    return Standing(decide(by_hand({"X": 10}, *rows), Question()), Question())


@given(_rows(), st.integers(0, 12), st.integers(0, 4))
def test_what_was_unread_longest_is_what_is_audited(rows: list[ListingRow], count: int, hours: int) -> None:
    standing, before = _standing(rows), NOW - hours * _HOUR
    for shop in (A, B):
        mine = [row for row in rows if row.shop == shop]
        wanted = to_audit(mine, (), count=count, settled_by=before)
        assert standing.unread_longest(shop, count=count, before=before) == wanted


def test_of_a_shop_without_listings_nothing_was_unread() -> None:
    assert _standing([]).unread_longest(ShopName("c"), count=5, before=NOW) == []


def test_what_was_read_just_now_is_unread_no_more() -> None:
    rows = [entry("X", 10)._replace(id=ListingId(f"{at}"), observed_at=NOW - _HOUR) for at in range(3)]
    state = by_hand({"X": 10}, *rows)
    standing = Standing(decide(state, Question()), Question())
    standing.after(News(state=state, question=Question(), listings=[rows[0]._replace(observed_at=NOW)]))
    assert standing.unread_longest(A, count=5, before=NOW) == ["1", "2"]


@pytest.mark.parametrize("was", ["", "it lost its code"], ids=["bound", "held"])
def test_a_listing_that_is_held_or_is_so_no_more_is_bound_otherwise(was: str) -> None:
    row = entry("X", 10, unbound_because=was)
    state = by_hand({"X": 10}, row)
    standing = Standing(decide(state, Question()), Question())
    other = row._replace(unbound_because="" if was else "it lost its code")
    assert standing.after(News(state=state, question=Question(), listings=[row])) is not None
    assert standing.after(News(state=state, question=Question(), listings=[other])) is None


def test_what_is_held_can_be_bound_anew_as_what_is_unbound_can() -> None:
    rows = [entry("X", 10), entry("Y", 10, unbound_because="-"), entry("Z", 10)._replace(sku=Sku(""))]
    found = _standing(rows).bound_to(lambda sku: sku == "")
    assert {listing for _, listing in found} == {"Y", "Z"}


def test_what_is_held_is_nobodys_to_take_off_sale() -> None:
    held = entry("X", 5, unbound_because="-")._replace(id=ListingId("held"))
    rows = [entry("X", 10), entry("X", 7)._replace(id=ListingId("other")), held]
    totals = totals_of(decide(by_hand({"X": 20}, *rows), Question()), ())
    assert totals.on_sale[A] == OnSale(2, 17)
    assert totals.beside([rows[0], held])[A] == OnSale(1, 7)


def test_what_withholds_units_is_known_after_it_is_read() -> None:
    rows = [entry("X", 10)._replace(id=ListingId(f"{at}"), withheld=at) for at in range(3)]
    state = by_hand({"X": 10}, *rows)
    standing = Standing(decide(state, Question()), Question())
    assert standing.withholding() == [(A, "1"), (A, "2")]
    news = [rows[0]._replace(withheld=4), rows[2]._replace(withheld=0)]
    standing.after(News(state=state, question=Question(), listings=news))
    assert standing.withholding() == [(A, "0"), (A, "1")]


def test_listings_are_found_by_what_they_are_bound_to() -> None:
    rows = [
        entry("X", 10),
        entry("Y", 10),
        entry("Z", 10)._replace(sku=Sku("")),
        entry("W", 10)._replace(gone=True),
    ]
    standing = Standing(decide(by_hand({"X": 1}, *rows), Question()), Question())
    assert standing.bound_to(lambda sku: sku != "Y") == [(A, "X"), (A, "Z")]


def test_the_totals_are_those_of_everything() -> None:
    rows = [entry(sku, 10, shop=shop) for shop in "ab" for sku in ("X", "Y")]
    state = by_hand({"X": 10, "Y": 10}, *rows)
    standing = Standing(decide(state, Question()), Question())
    lower = rows[0]._replace(expected_lo=3, expected_hi=3)
    after = replace(state, listings=[lower, *rows[1:]], claims=[claim("Y", 2)])
    part = standing.after(News(state=after, question=Question(), listings=[lower]))
    assert part is not None
    assert standing.totals(part, ()) == totals_of(decide(after, Question()), ())
    assert {one.units for one in standing.totals(part, ()).on_sale.values()} == {13, 20}


def test_many_other_rows_wear_it_out() -> None:
    rows = [entry("X", 10)._replace(id=ListingId(f"{at:05}")) for at in range(20_001)]
    state = by_hand({"X": 10}, *rows)
    standing = Standing(decide(state, Question()), Question())
    standing.after(News(state=state, question=Question(), listings=rows[1:]))
    assert not standing.is_worn
    standing.after(News(state=state, question=Question(), listings=rows[:1]))
    assert standing.is_worn
