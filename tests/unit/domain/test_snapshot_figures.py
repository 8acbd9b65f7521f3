"""Figures and codes are read exactly, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.figures import Unbelievable, code, is_blank, shown, units
from syncd.domain.model import LARGEST


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (0, 0),
        (7, 7),
        (7.0, 7),
        (Decimal("7.000"), 7),
        ("7", 7),
        (" 0012 ", 12),
        ("+5", 5),
        ("5.", 5),
        ("-0", 0),
        ("12.00", 12),
        (LARGEST, LARGEST),
        (str(LARGEST), LARGEST),
    ],
)
def test_a_whole_number_is_read_in_every_spelling(value: object, whole: int) -> None:
    assert units(value, takes_away=False) == (whole, False)


@pytest.mark.parametrize("value", [2.5, "2.5", Decimal("2.5")])
def test_a_decimal_is_floored_and_said_so(value: object) -> None:
    assert units(value, takes_away=False) == (2, True)


@pytest.mark.parametrize("value", [2.001, "2.001", ".001", Decimal("1E-9")])
def test_a_decimal_that_takes_away_is_rounded_up(value: object) -> None:
    assert units(value, takes_away=True) == (1 if float(str(value)) < 1 else 3, True)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("abc", "is 'abc', not a number"),
        ("", "is empty"),
        ("1e3", "is '1e3', not a number"),
        ("1_000", "is '1_000', not a number"),
        ("５", "is '５', not a number"),
        ("nan", "is 'nan', not a number"),
        ("1,000", "is '1,000', which can be read in several ways: write it like 1000.5"),
        ("1.000,5", "is '1.000,5', which can be read in several ways: write it like 1000.5"),
        ("1 000", "is '1 000', which can be read in several ways: write it like 1000.5"),
        (float("nan"), "is nan, not a finite number"),
        (float("inf"), "is inf, not a finite number"),
        (Decimal("NaN"), "is NaN, not a finite number"),
        (-1, "is -1, below 0"),
        ("-1", "is '-1', below 0"),
        (-0.5, "is -0.5, below 0"),
        (LARGEST + 1, f"is {LARGEST + 1}, more than any warehouse holds ({LARGEST})"),
        (Decimal("1E+999999"), f"is 1E+999999, more than any warehouse holds ({LARGEST})"),
        (True, "is true, not a number"),
        (None, "is null, not a number"),
        ([1], "is a list, not a number"),
        ({"a": 1}, "is an object, not a number"),
        ("9" * 41, f"is '{'9' * 40}...', which can be read in several ways: write it like 1000.5"),
        pytest.param(
            10**5000, f"is a number of many digits, more than any warehouse holds ({LARGEST})", id="digits"
        ),
    ],
)
def test_what_is_no_figure_says_why(value: object, message: str) -> None:
    with pytest.raises(Unbelievable) as caught:
        units(value, takes_away=False)
    assert str(caught.value) == message


@given(st.decimals(min_value=0, max_value=LARGEST, places=3), st.booleans())
def test_rounding_never_makes_more_to_sell(number: Decimal, takes_away: bool) -> None:  # noqa: FBT001
    whole, rounded = units(str(number), takes_away=takes_away)
    assert whole >= number if takes_away else whole <= number
    assert rounded == (whole != number)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("ABC", "ABC"), ("  aBc\t", "aBc"), (351038, "351038"), ("商品 1", "商品 1"), ("\u3000红\u3000", "红")],
)
def test_a_code_keeps_its_case_and_loses_only_outer_blanks(value: object, expected: str) -> None:
    assert code(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "is empty"),
        (" \t", "is empty"),
        ("A\nB", "is 'A\\nB', which holds invisible characters"),
        ("A\u200bB", "is 'A\\u200bB', which holds invisible characters"),
        ("A\0", "is 'A\\x00', which holds invisible characters"),
        ("x" * 201, "has 201 characters, at most 200 are allowed"),
        (1.5, "is 1.5, which must be text"),
        (False, "is false, which must be text"),
        (["A"], "is a list, which must be text"),
    ],
)
def test_what_is_no_code_says_why(value: object, message: str) -> None:
    with pytest.raises(Unbelievable) as caught:
        code(value)
    assert str(caught.value) == message


def test_a_code_may_hold_blanks_that_are_seen_as_gaps() -> None:
    assert code("A\u3000B") == "A\u3000B"


@pytest.mark.parametrize(
    ("value", "blank"), [(None, True), ("", True), (" \n", True), ("0", False), (0, False)]
)
def test_only_null_and_white_space_are_blank(value: object, blank: bool) -> None:  # noqa: FBT001
    assert is_blank(value) is blank


def test_a_long_text_is_cut_where_it_is_shown() -> None:
    assert shown("x" * 50) == f"'{'x' * 40}...'"
