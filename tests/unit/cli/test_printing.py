"""What is printed: tables without a terminal, one line per text, one document."""

import json
import sys

import pytest

from syncd.cli.exits import Exit
from syncd.cli.options import Format
from syncd.cli.output import complain, document, line, plain
from syncd.cli.running import carry_out, error_document
from syncd.cli.tables import cell, interval, moment, percent, span, table
from syncd.errors import ConfigError, Problem, UsageError


def test_a_table_is_aligned_by_what_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    table(("sku", "units"), [("茶杯", 5), ("ABCDE", 12)])
    assert capsys.readouterr().out == "sku    units\n茶杯       5\nABCDE     12\n"


def test_a_table_without_rows_still_has_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    table(("sku", "units"), [])
    assert capsys.readouterr().out == "sku  units\n"


def test_nothing_is_cut_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    table(("why",), [("x" * 5000,)])
    assert capsys.readouterr().out == f"why\n{'x' * 5000}\n"


def test_markup_is_no_markup_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    table(("sku [b]",), [("[red]X :smile:",)])
    out = capsys.readouterr().out
    assert ("[red]X :smile:" in out, "sku [b]" in out) == (True, True)


def test_a_terminal_folds_prose_and_cuts_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "50")
    table(("sku", "why"), [("A", "x" * 100)])
    assert capsys.readouterr().out.count("x") == 100


def test_codes_are_never_folded_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "50")
    table(("sku", "why"), [("S" * 40, "x" * 100)])
    assert f"{'S' * 40}  {'x' * 100}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "?"), ("", "-"), (0, "0"), (True, "yes"), (False, "no"), ("a\nb", "a\\x0ab"), ("茶", "茶")],
)
def test_a_cell_tells_unknown_from_nothing_and_from_zero(value: object, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(("expected", "text"), [(None, None), ([3, 3], "3"), ([0, 5], "0..5")])
def test_an_interval_reads_as_one_figure_where_it_is_one(
    expected: list[int] | None, text: str | None
) -> None:
    assert interval(expected) == text


def test_a_time_is_shown_in_utc() -> None:
    assert moment("2026-03-02T18:00:00.5+08:00") == "2026-03-02 10:00:00Z"


def test_a_time_that_is_not_known_stays_unknown() -> None:
    assert moment(None) is None


@pytest.mark.parametrize("text", ["\x1b[2J", "\r", "\x9b31m", "\x07"])
def test_no_text_can_move_the_terminal(text: str) -> None:
    assert plain(text).isprintable()


def test_a_message_of_several_lines_keeps_them(capsys: pytest.CaptureFixture[str]) -> None:
    complain("one\ntwo")
    assert capsys.readouterr().err == "one\ntwo\n"


def test_a_line_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    line("data")
    assert capsys.readouterr() == ("data\n", "")


def test_a_document_keeps_its_characters(capsys: pytest.CaptureFixture[str]) -> None:
    document({"sku": "茶杯"})
    assert capsys.readouterr().out == '{\n  "sku": "茶杯"\n}\n'


def test_an_error_of_a_configuration_has_all_its_problems() -> None:
    problem = Problem(file="a.toml", key="k", message="m", hint="h", line=3)
    assert error_document(ConfigError([problem])) == {
        "error": "the configuration is wrong",
        "problems": [{"file": "a.toml", "key": "k", "line": 3, "message": "m", "hint": "h"}],
    }


async def _fail(error: Exception) -> Exit:
    raise error


def test_an_error_in_json_is_a_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    code = carry_out(_fail(UsageError("no such shop")), Format.JSON)
    assert (code, json.loads(capsys.readouterr().out)) == (2, {"error": "no such shop"})


def test_an_error_in_text_leaves_stdout_empty(capsys: pytest.CaptureFixture[str]) -> None:
    carry_out(_fail(UsageError("no such shop")), Format.TEXT)
    assert capsys.readouterr() == ("", "syncd: no such shop\n")


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        carry_out(_fail(KeyError("bug")), Format.TEXT)


def test_a_bug_in_a_group_is_not_hidden() -> None:
    with pytest.raises(ExceptionGroup):
        carry_out(_fail(ExceptionGroup("group", [KeyError("bug")])), Format.TEXT)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0.01, "0.01 s"),
        (63.1, "63.1 s"),
        (119.0, "119 s"),
        (120.0, "2 min"),
        (7199.0, "120 min"),
        (7200.0, "2 h"),
        (200_000.0, "2.31 d"),
    ],
)
def test_a_time_span_has_three_digits_and_the_unit_that_fits(seconds: float | None, text: str | None) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(("share", "text"), [(None, None), (0.0, "0 %"), (0.0912, "9.12 %"), (1.0, "100 %")])
def test_a_share_is_told_in_percent(share: float | None, text: str | None) -> None:
    assert percent(share) == text
