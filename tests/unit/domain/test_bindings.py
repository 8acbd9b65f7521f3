"""Bindings are found by the rules and kept against them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.aliases import KnownCodes, candidates, known_codes
from syncd.domain.bindings import Binding, bind, can_sell
from syncd.domain.model import ListingId, ListingRow, ShopName, Sku
from syncd.domain.topology import AliasRules, Pack, Shop
from tests.unit.domain.cases import listing_row

ALIASES = AliasRules(prefix_separators=("-",), suffix_separators=("-",))
CASE = Pack(code="CASE", sku=Sku("ABC"), units=12)


def _shop(*packs: Pack) -> Shop:
    return Shop(name=ShopName("tmall"), aliases=ALIASES, packs=packs)


def _known(*codes: str, vanished: tuple[str, ...] = (), bundles: tuple[str, ...] = ()) -> KnownCodes:
    return known_codes(
        [Sku(code) for code in codes],
        bundles=[Sku(code) for code in bundles],
        vanished=[Sku(code) for code in vanished],
    )


def _bound(code: str, sku: str, units: int = 1) -> ListingRow:
    row = listing_row(
        shop=ShopName("tmall"), listing=ListingId("7"), sku=Sku(sku), units=units, expected_hi=None
    )
    return row._replace(code=code)


def _held(code: str, sku: str, units: int = 1) -> ListingRow:
    return _bound(code, sku, units)._replace(unbound_because="it lost its code")


def test_a_sku_is_one_unit() -> None:
    assert bind("1-ABC", known=_known("ABC"), shop=_shop()) == Binding(sku=Sku("ABC"))


def test_a_bundle_is_bound_by_its_code() -> None:
    assert bind("SET", known=_known("ABC", bundles=("SET",)), shop=_shop()).sku == "SET"


def test_a_pack_has_its_units() -> None:
    assert bind(" CASE ", known=_known("ABC"), shop=_shop(CASE)) == Binding(sku=Sku("ABC"), units=12)


def test_a_pack_wins_over_a_sku_of_the_same_code() -> None:
    assert bind("CASE", known=_known("ABC", "CASE"), shop=_shop(CASE)).units == 12


def test_a_pack_is_not_found_through_an_alias() -> None:
    assert not bind("1-CASE", known=_known("ABC"), shop=_shop(CASE)).is_bound


def test_a_pack_of_an_unknown_sku_is_unbound_even_if_its_code_is_a_sku() -> None:
    binding = bind("CASE", known=_known("CASE"), shop=_shop(CASE))

    assert binding.unbound_because == "packs of tmall say that 'CASE' is 'ABC', which no source has now"


def test_two_packs_of_one_code_are_unbound() -> None:
    other = Pack(code="CASE ", sku=Sku("XYZ"), units=2)
    binding = bind("CASE", known=_known("ABC", "XYZ"), shop=_shop(CASE, other))

    assert (binding.is_bound, binding.candidates) == (False, ("ABC", "XYZ"))


def test_one_pack_said_twice_is_no_doubt() -> None:
    assert bind("CASE", known=_known("ABC"), shop=_shop(CASE, CASE)).units == 12


def test_an_unbound_listing_says_why() -> None:
    binding = bind("A-B", known=_known("A", "B"), shop=_shop())

    assert (binding.sku, binding.candidates) == ("", ("A", "B"))
    assert "may mean 'A' or 'B'" in binding.unbound_because


def test_a_listing_that_was_unbound_is_bound_as_soon_as_its_sku_is_there() -> None:
    binding = bind("1-ABC", known=_known("ABC"), shop=_shop(), before=_bound("1-ABC", ""))

    assert binding == Binding(sku=Sku("ABC"))


# --- what stays ----------------------------------------------------------------------------------------


def test_a_bound_listing_stays_as_it_is_without_a_word() -> None:
    binding = bind("1-ABC", known=_known("ABC"), shop=_shop(), before=_bound("1-ABC", "ABC"))

    assert binding == Binding(sku=Sku("ABC"))


def test_a_new_sku_does_not_take_a_listing_over() -> None:
    known = _known("ABC", "1-ABC")
    binding = bind("1-ABC", known=known, shop=_shop(), before=_bound("1-ABC", "ABC"))

    assert (binding.sku, binding.rebind_to) == ("ABC", "1-ABC")


def test_a_listing_that_would_be_bound_otherwise_is_told() -> None:
    known = _known("ABC", "1-ABC")
    told = bind("1-ABC", known=known, shop=_shop(), before=_bound("1-ABC", "ABC")).told

    assert told == (
        "tmall: listing 7 ('1-ABC'): it stays bound to 'ABC', though it is 1 x '1-ABC' now by the rules"
    )


def test_a_new_pack_does_not_take_a_listing_over() -> None:
    known = _known("ABC", "CASE")
    binding = bind("CASE", known=known, shop=_shop(CASE), before=_bound("CASE", "CASE"))

    assert (binding.sku, binding.units, binding.rebind_to, binding.rebind_units) == ("CASE", 1, "ABC", 12)


def test_a_listing_stays_bound_to_a_sku_that_has_only_vanished() -> None:
    known = _known(vanished=("ABC",))
    binding = bind("1-ABC", known=known, shop=_shop(), before=_bound("1-ABC", "ABC"))

    assert binding == Binding(sku=Sku("ABC"))


def test_a_listing_stays_bound_when_its_code_has_become_doubtful() -> None:
    known = _known("A", "B")
    binding = bind("A-B", known=known, shop=_shop(), before=_bound("A-B", "A"))

    assert binding == Binding(sku=Sku("A"))


def test_changed_units_of_a_pack_are_taken_over_and_told() -> None:
    binding = bind("CASE", known=_known("ABC"), shop=_shop(CASE), before=_bound("CASE", "ABC", units=6))

    assert (binding.sku, binding.units) == ("ABC", 12)
    assert binding.told.endswith("a piece is 12 units now, it was 6")


# --- what is bound anew --------------------------------------------------------------------------------


def test_a_listing_whose_sku_is_no_more_is_bound_anew_and_told() -> None:
    known = _known("1-ABC")
    binding = bind("1-ABC", known=known, shop=_shop(), before=_bound("1-ABC", "ABC"))

    assert (binding.sku, binding.rebind_to) == ("1-ABC", "")
    assert "'ABC' is no more: it is 1 x '1-ABC' now" in binding.told


def test_a_listing_whose_sku_now_marks_unsellable_units_loses_it() -> None:
    known = known_codes([Sku("ABC"), Sku("ABCU")], unsellable=[Sku("ABCU")])
    binding = bind("ABCU", known=known, shop=_shop(), before=_bound("ABCU", "ABCU"))

    assert (binding.is_bound, "it is unbound now" in binding.told) == (False, True)


def test_a_code_changed_on_the_platform_binds_anew_and_is_told() -> None:
    known = _known("ABC", "XYZ")
    binding = bind("1-XYZ", known=known, shop=_shop(), before=_bound("1-ABC", "ABC"))

    assert binding.sku == "XYZ"
    assert binding.told == "tmall: listing 7 ('1-ABC'): its code changed to '1-XYZ': it is 1 x 'XYZ' now"


def test_a_code_changed_to_nothing_unbinds_and_is_told() -> None:
    binding = bind("", known=_known("ABC"), shop=_shop(), before=_bound("1-ABC", "ABC"), sells=False)

    assert (binding.sku, binding.is_bound, "its code changed to ''" in binding.told) == ("", False, True)


# --- what is held --------------------------------------------------------------------------------------


def test_what_can_still_be_sold_stays_counted_as_its_sku() -> None:
    binding = bind("X", known=_known("ABC"), shop=_shop(CASE), before=_bound("CASE", "ABC", units=12))

    assert (binding.sku, binding.units, binding.is_bound) == ("ABC", 12, False)
    assert binding.told == (
        "tmall: listing 7 ('CASE'): its code changed to 'X': it is unbound now, because "
        "no SKU or bundle 'X': change the code in the shop, list it under packs of the shop, "
        "or set its separators; what it can sell stays counted as 'ABC'"
    )


def test_a_held_listing_stays_held_without_a_word() -> None:
    binding = bind("X", known=_known("ABC"), shop=_shop(), before=_held("X", "ABC"))

    assert (binding.sku, binding.is_bound, binding.told) == ("ABC", False, "")


def test_a_held_listing_is_not_bound_because_its_strange_code_is_the_same_again() -> None:
    assert not bind("X", known=_known("ABC"), shop=_shop(), before=_held("X", "ABC"), sells=False).sku


def test_a_held_listing_that_sells_no_more_is_unbound_and_told() -> None:
    told = bind("X", known=_known("ABC"), shop=_shop(), before=_held("X", "ABC"), sells=False).told

    assert "what it can sell counts as 'ABC' no more, its code is 'X': it is unbound now" in told


def test_a_held_listing_is_bound_by_a_code_that_means_something() -> None:
    binding = bind("ABC", known=_known("ABC"), shop=_shop(), before=_held("X", "ABC"))

    assert (binding.sku, binding.is_bound) == ("ABC", True)
    assert binding.told.endswith("its code is 'ABC': it is 1 x 'ABC' now")


def test_a_held_listing_is_bound_as_soon_as_its_code_is_known() -> None:
    assert bind("X", known=_known("ABC", "X"), shop=_shop(), before=_held("X", "ABC")) == replace(
        bind("X", known=_known("X"), shop=_shop()),
        told="tmall: listing 7 ('X'): what it can sell counts as 'ABC' no more, its code is 'X': "
        "it is 1 x 'X' now",
    )


def test_a_listing_is_held_as_a_sku_that_has_only_vanished() -> None:
    binding = bind("", known=_known(vanished=("ABC",)), shop=_shop(), before=_bound("ABC", "ABC"))

    assert (binding.sku, binding.is_bound) == ("ABC", False)


def test_a_listing_is_not_held_as_a_sku_that_is_no_more() -> None:
    assert not bind("", known=_known("XYZ"), shop=_shop(), before=_bound("ABC", "ABC")).sku
    assert not bind("X", known=_known("XYZ"), shop=_shop(), before=_held("X", "ABC")).sku


@pytest.mark.parametrize(
    ("facts", "sells"),
    [
        ({"expected_hi": 3}, True),
        ({"expected_hi": 0}, False),
        ({"expected_hi": None}, True),
        ({"expected_hi": 0, "withheld": 2}, True),
        ({"expected_hi": 3, "on_sale": None}, True),
        ({"expected_hi": 3, "on_sale": False}, False),
        ({"expected_hi": 3, "gone": True}, False),
    ],
    ids=str,
)
def test_what_buyers_could_take_is_held(facts: dict[str, Any], sells: bool) -> None:  # noqa: FBT001
    assert can_sell(_bound("ABC", "ABC")._replace(**facts)) is sells


def test_blanks_around_a_code_are_no_change() -> None:
    assert not bind(" 1-ABC ", known=_known("ABC"), shop=_shop(), before=_bound("1-ABC", "ABC")).told


# --- properties ----------------------------------------------------------------------------------------

texts = st.text("AB-", min_size=1, max_size=5)
skus = texts.map(Sku)
known_ones = st.builds(
    known_codes, st.sets(skus), vanished=st.sets(skus, max_size=3), unsellable=st.sets(skus, max_size=2)
)
packs = st.lists(st.builds(Pack, code=texts, sku=skus, units=st.integers(1, 12)), max_size=3)
shops = packs.map(lambda drawn: _shop(*drawn))
earlier_ones = (
    st.none()
    | st.builds(_bound, texts, texts | st.just(""), st.integers(1, 12))
    | st.builds(_held, texts, texts, st.integers(1, 12))
)


@given(texts, known_ones, shops, earlier_ones)
def test_a_listing_is_bound_or_says_why_not(
    code: str, known: KnownCodes, shop: Shop, before: ListingRow | None
) -> None:
    binding = bind(code, known=known, shop=shop, before=before)

    assert binding.is_bound != bool(binding.unbound_because)


@given(texts, known_ones, shops, earlier_ones)
def test_whatever_is_bound_is_known_or_was_bound_before(
    code: str, known: KnownCodes, shop: Shop, before: ListingRow | None
) -> None:
    binding = bind(code, known=known, shop=shop, before=before)

    kept = before is not None and before.sku == binding.sku and known.still_has(binding.sku)
    assert not binding.is_bound or binding.sku in known or kept


@given(texts, known_ones, shops)
def test_a_new_listing_is_bound_only_as_packs_or_rules_say(code: str, known: KnownCodes, shop: Shop) -> None:
    binding = bind(code, known=known, shop=shop)

    said = {pack.sku for pack in shop.packs if pack.code == code} or set(candidates(code, shop.aliases))
    assert not binding.is_bound or binding.sku in said


@given(texts, known_ones, shops, earlier_ones)
def test_binding_twice_changes_nothing_more(
    code: str, known: KnownCodes, shop: Shop, before: ListingRow | None
) -> None:
    once = bind(code, known=known, shop=shop, before=before)
    kept = _bound(code, once.sku, once.units)._replace(unbound_because=once.unbound_because)
    again = bind(code, known=known, shop=shop, before=kept)

    assert (again.sku, again.units, again.is_bound) == (once.sku, once.units, once.is_bound)


@given(texts, known_ones, shops, earlier_ones)
def test_no_listing_that_can_sell_a_known_sku_is_forgotten(
    code: str, known: KnownCodes, shop: Shop, before: ListingRow | None
) -> None:
    binding = bind(code, known=known, shop=shop, before=before)

    assert binding.sku or before is None or not (before.sku and known.still_has(before.sku))


@given(texts, known_ones, shops, earlier_ones)
def test_what_sells_nothing_is_held_as_nothing(
    code: str, known: KnownCodes, shop: Shop, before: ListingRow | None
) -> None:
    binding = bind(code, known=known, shop=shop, before=before, sells=False)

    assert binding.is_bound == bool(binding.sku)


@given(texts, known_ones, shops, earlier_ones)
def test_a_change_of_what_a_listing_sells_is_told(
    code: str, known: KnownCodes, shop: Shop, before: ListingRow | None
) -> None:
    binding = bind(code, known=known, shop=shop, before=before)

    if before is not None and before.sku and (before.sku, before.units) != (binding.sku, binding.units):
        assert binding.told
