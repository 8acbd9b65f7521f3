"""Aliases never guess."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.domain.aliases import KnownCodes, candidates, known_codes, resolve, unsellable_codes
from syncd.domain.model import Sku
from syncd.domain.topology import AliasRules

PREFIX = AliasRules(prefix_separators=("-",))
SUFFIX = AliasRules(suffix_separators=("-",))
BOTH = AliasRules(prefix_separators=("-",), suffix_separators=("-",))
NONE = AliasRules()


def _known(*codes: str, unsellable: tuple[str, ...] = (), vanished: tuple[str, ...] = ()) -> KnownCodes:
    return known_codes(
        [Sku(code) for code in codes],
        unsellable=[Sku(code) for code in unsellable],
        vanished=[Sku(code) for code in vanished],
    )


@pytest.mark.parametrize(
    ("code", "rules", "sku"),
    [
        ("ABC", NONE, "ABC"),
        ("  ABC\t", NONE, "ABC"),
        ("1-ABC", PREFIX, "ABC"),
        ("2-ABC", PREFIX, "ABC"),
        ("ABC-1", SUFFIX, "ABC"),
        ("1-ABC-2", BOTH, "ABC"),
        ("1 - ABC", PREFIX, "ABC"),
        ("tb--ABC", AliasRules(prefix_separators=("--",)), "ABC"),
        ("ABC_x", AliasRules(suffix_separators=("-", "_")), "ABC"),
        ("1-D-4", PREFIX, "D-4"),
        ("D-4-1", SUFFIX, "D-4"),
        ("D-4", BOTH, "D-4"),
    ],
)
def test_a_code_means_a_sku(code: str, rules: AliasRules, sku: str) -> None:
    assert resolve(code, known=_known("ABC", "D-4"), rules=rules).sku == sku


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        ("1-ABC", NONE),
        ("1-ABC", SUFFIX),
        ("ABC-1", PREFIX),
        ("1-2-ABC", PREFIX),
        ("ABC-1-2", SUFFIX),
        ("-ABC", PREFIX),
        ("ABC-", SUFFIX),
        ("-", BOTH),
        ("--", BOTH),
        ("abc", NONE),
        ("XYZ", BOTH),
        ("", BOTH),
        ("   ", BOTH),
        ("1ABC", AliasRules(prefix_separators=("",))),
    ],
)
def test_a_code_that_the_rules_do_not_lead_to_a_sku_means_nothing(code: str, rules: AliasRules) -> None:
    match = resolve(code, known=_known("ABC"), rules=rules)

    assert not match.sku
    assert match.unbound_because


def test_the_whole_code_wins_over_a_stripped_one() -> None:
    assert resolve("1-ABC", known=_known("ABC", "1-ABC"), rules=BOTH).sku == "1-ABC"


def test_two_answers_leave_a_code_unbound() -> None:
    match = resolve("A-B", known=_known("A", "B"), rules=BOTH)

    assert (match.sku, match.candidates) == ("", ("A", "B"))


def test_two_answers_are_named_with_what_to_do() -> None:
    message = resolve("A-B", known=_known("A", "B"), rules=BOTH).unbound_because

    assert message == "'A-B' may mean 'A' or 'B': list it under packs of the shop, or change the code"


def test_two_separators_that_lead_to_two_skus_leave_a_code_unbound() -> None:
    rules = AliasRules(prefix_separators=("-", "_"))

    assert resolve("1-A_B", known=_known("A_B", "B"), rules=rules).candidates == ("A_B", "B")


def test_two_readings_that_lead_to_one_sku_are_one_answer() -> None:
    rules = AliasRules(prefix_separators=("-", "--"))

    assert (
        resolve("1- ABC", known=_known("ABC"), rules=AliasRules(prefix_separators=("-", "- "))).sku == "ABC"
    )
    assert resolve("1--ABC", known=_known("ABC"), rules=rules).sku == "ABC"


def test_a_bundle_can_be_meant() -> None:
    known = known_codes([Sku("A")], bundles=[Sku("SET")])

    assert resolve("1-SET", known=known, rules=PREFIX).sku == "SET"


def test_a_code_that_differs_in_case_is_suggested() -> None:
    message = resolve("1-abc", known=_known("ABC"), rules=PREFIX).unbound_because

    assert "'ABC' differs only in upper and lower case" in message


def test_every_reading_that_was_tried_is_named() -> None:
    message = resolve("1-X-2", known=_known("ABC"), rules=BOTH).unbound_because

    assert message.startswith("no SKU or bundle '1-X-2', '1-X', 'X', 'X-2': ")


def test_an_empty_code_says_what_to_do() -> None:
    assert "has no code" in resolve(" ", known=_known("ABC"), rules=BOTH).unbound_because


def test_a_code_for_unsellable_units_means_nothing() -> None:
    match = resolve("ABCU", known=_known("ABC", "ABCU", unsellable=("ABCU",)), rules=NONE)

    assert (match.sku, "unsellable" in match.unbound_because) == ("", True)


def test_a_code_for_unsellable_units_is_not_stripped_to_its_base() -> None:
    known = _known("ABC", unsellable=("ABC-U",))

    assert not resolve("ABC-U", known=known, rules=SUFFIX).sku
    assert not resolve("1-ABC-U", known=known, rules=BOTH).sku


def test_a_vanished_sku_is_not_bound_anew() -> None:
    match = resolve("1-ABC", known=_known("ABC", vanished=("ABC",)), rules=PREFIX)

    assert match.unbound_because == "no SKU 'ABC' any more: its source has left it out"


def test_a_vanished_sku_does_not_make_a_code_doubtful() -> None:
    assert resolve("A-B", known=_known("A", vanished=("B",)), rules=BOTH).sku == "A"


def test_a_suffix_marks_unsellable_units_only_where_its_base_is() -> None:
    codes = [Sku(code) for code in ("", "A", "AU", "DU", "U", "UU", "Au")]

    assert unsellable_codes(codes, "U") == {"AU", "UU"}


def test_without_a_suffix_nothing_marks_unsellable_units() -> None:
    assert unsellable_codes([Sku("A"), Sku("AU")], "") == frozenset()


def test_the_whole_code_is_the_first_candidate() -> None:
    assert candidates("1-A-2", BOTH) == ("1-A-2", "1-A", "A", "A-2")


# --- properties ----------------------------------------------------------------------------------------

texts = st.text("AB-_ u", max_size=7)
separators = st.lists(st.sampled_from(("-", "_", "--", "A", " ")), max_size=3).map(tuple)
alias_rules = st.builds(AliasRules, prefix_separators=separators, suffix_separators=separators)
codes_known = st.builds(
    known_codes,
    st.sets(texts.map(str.strip).filter(bool).map(Sku), max_size=8),
    unsellable=st.sets(texts.map(str.strip).filter(bool).map(Sku), max_size=2),
)


@given(texts, codes_known, alias_rules)
@example("1-A", known_codes([Sku("A")]), PREFIX)
def test_what_is_meant_is_known_and_reached_by_the_rules(
    code: str, known: KnownCodes, rules: AliasRules
) -> None:
    match = resolve(code, known=known, rules=rules)

    assert bool(match.sku) != bool(match.unbound_because)
    assert not match.sku or (match.sku in known and match.sku in candidates(code, rules))


@given(texts, codes_known, alias_rules)
def test_a_code_is_unbound_only_for_a_reason(code: str, known: KnownCodes, rules: AliasRules) -> None:
    readings = candidates(code, rules)
    found = [reading for reading in readings if reading in known]

    if not resolve(code, known=known, rules=rules).sku:
        assert len(found) != 1 or set(readings) & known.unsellable


@given(texts, codes_known, alias_rules)
def test_no_code_for_unsellable_units_is_ever_meant(code: str, known: KnownCodes, rules: AliasRules) -> None:
    assert resolve(code, known=known, rules=rules).sku not in known.unsellable


@given(texts, codes_known, alias_rules)
def test_the_order_of_separators_does_not_matter(code: str, known: KnownCodes, rules: AliasRules) -> None:
    turned = AliasRules(
        prefix_separators=rules.prefix_separators[::-1], suffix_separators=rules.suffix_separators[::-1]
    )

    assert resolve(code, known=known, rules=rules) == resolve(code, known=known, rules=turned)


@given(texts, alias_rules)
def test_every_reading_is_a_part_of_the_code(code: str, rules: AliasRules) -> None:
    assert all(reading and reading in code for reading in candidates(code, rules))


@given(texts, codes_known)
def test_without_rules_only_the_whole_code_counts(code: str, known: KnownCodes) -> None:
    assert resolve(code, known=known, rules=NONE).sku in {"", code.strip()}


@given(texts, codes_known, alias_rules)
def test_a_known_code_means_itself(code: str, known: KnownCodes, rules: AliasRules) -> None:
    if code.strip() in known:
        assert resolve(code, known=known, rules=rules).sku == code.strip()
