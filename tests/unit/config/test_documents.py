"""Reading and joining files."""

import os
from pathlib import Path

import pytest

from syncd.config.loader import load
from tests.unit.config.stand import POOL, REGISTRY, SOURCE, TMALL, VALID, load_text, problems_of, write

INCLUDE = 'include = ["shops.d/*.toml"]\n'


def told(folder: Path, files: dict[str, str]) -> list[tuple[str, str, int, str]]:
    rows = problems_of(folder, files)
    return [(Path(row.file).name, row.key, row.line, row.message) for row in rows]


def test_files_are_joined_in_the_order_of_their_names(tmp_path: Path) -> None:
    override = '[[overrides]]\nsku = "{}"\ncap = 1\n'
    files = {
        "syncd.toml": INCLUDE + SOURCE + POOL + override.format("A"),
        "shops.d/b.toml": override.format("C"),
        "shops.d/a.toml": TMALL + override.format("B"),
    }
    config = load(write(tmp_path, files), environ={}, registry=REGISTRY)
    assert [rule.skus for rule in config.topology.rules] == [("A",), ("B",), ("C",)]


def test_the_files_that_were_read_are_told(tmp_path: Path) -> None:
    main = write(tmp_path, {"syncd.toml": INCLUDE + SOURCE + POOL, "shops.d/a.toml": TMALL})
    config = load(main, environ={}, registry=REGISTRY)
    assert config.files == (main, tmp_path / "shops.d/a.toml")


def test_a_file_that_two_patterns_match_is_read_once(tmp_path: Path) -> None:
    files = {"syncd.toml": 'include = ["*.toml", "a.toml"]\n' + SOURCE + POOL, "a.toml": TMALL}
    assert told(tmp_path, files) == []


def test_a_position_in_a_list_counts_over_all_files_but_its_line_is_the_files_own(tmp_path: Path) -> None:
    good, bad = '[[overrides]]\nsku = "A"\ncap = 1\n', '[[overrides]]\nsku = "A"\ncap = -1\n'
    files = {"syncd.toml": INCLUDE + VALID + good, "shops.d/a.toml": "\n" + good + bad}
    assert told(tmp_path, files) == [("a.toml", "overrides[3].cap", 7, "must be 0 or more")]


def test_a_shop_in_two_files_is_refused_and_both_places_are_named(tmp_path: Path) -> None:
    files = {"syncd.toml": INCLUDE + VALID, "shops.d/a.toml": TMALL}
    [row] = problems_of(tmp_path, files)
    assert (row.key, row.line, row.message) == (
        "shops.tmall",
        2,
        f"is defined already in {tmp_path / 'syncd.toml'}:13",
    )


def test_a_table_in_two_files_is_refused(tmp_path: Path) -> None:
    files = {"syncd.toml": INCLUDE + VALID + "[cycle]\n", "shops.d/a.toml": "[cycle]\n"}
    assert told(tmp_path, files)[0][:3] == ("a.toml", "cycle", 1)


def test_a_table_twice_in_one_file_is_named(tmp_path: Path) -> None:
    assert told(tmp_path, {"syncd.toml": VALID + TMALL}) == [
        ("syncd.toml", "shops.tmall", 16, "is defined twice in this file")
    ]


def test_a_key_twice_in_one_table_is_told_with_its_line(tmp_path: Path) -> None:
    [row] = told(tmp_path, {"syncd.toml": "[cycle]\nevery = '1s'\nevery = '2s'\n"})
    assert row[2:] == (3, "a key is defined twice in one table")


def test_a_syntax_error_in_one_file_does_not_hide_the_problems_of_the_others(tmp_path: Path) -> None:
    files = {
        "syncd.toml": INCLUDE + SOURCE + POOL + "[cycle]\nevery = 5\n",
        "shops.d/a.toml": "[shops.tmall\n",
        "shops.d/b.toml": "[log]\nlevel = 'loud'\n",
    }
    rows = told(tmp_path, files)
    assert [row[:3] for row in rows] == [
        ("syncd.toml", "cycle.every", 13),
        ("a.toml", "", 1),
        ("b.toml", "log.level", 2),
    ]


def test_a_syntax_error_does_not_repeat_what_stands_there(tmp_path: Path) -> None:
    rows = problems_of(tmp_path, {"syncd.toml": 'a = "s3cr\x01et"\n[t]\ns3cret\n'})
    assert "s3cr" not in str(rows[0])
    assert "\x01" not in str(rows[0])


def test_nothing_is_said_of_missing_tables_while_a_file_could_not_be_read(tmp_path: Path) -> None:
    assert [row[1:] for row in told(tmp_path, {"syncd.toml": "= 1\n"})] == [
        ("", 1, "is not TOML: Invalid statement")
    ]


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    files = {"other.toml": ""}
    assert told(tmp_path, files) == [("syncd.toml", "", 0, "cannot be read: No such file or directory")]


def test_a_folder_instead_of_a_file_is_a_problem(tmp_path: Path) -> None:
    files = {"syncd.toml": INCLUDE + VALID, "shops.d/x.toml/y": ""}
    assert told(tmp_path, files) == [("x.toml", "", 0, "cannot be read: Is a directory")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    main = write(tmp_path, {"syncd.toml": VALID})
    main.chmod(0)
    assert [row.message for row in problems_of(tmp_path, {})] == ["cannot be read: Permission denied"]


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "syncd.toml").write_bytes(b"\xef\xbb\xbf" + VALID.encode())
    assert problems_of(tmp_path, {}) == []


def test_utf_16_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "syncd.toml").write_text(VALID, encoding="utf-16")
    assert [row.message for row in problems_of(tmp_path, {})] == ["is UTF-16"]


def test_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "syncd.toml").write_bytes(b"# fine\n# " + "仓库".encode("gb18030"))
    assert told(tmp_path, {}) == [("syncd.toml", "", 2, "is not UTF-8")]


@pytest.mark.parametrize("pattern", ["nothing.d/*.toml", "missing.toml", ""])
def test_an_include_that_matches_nothing_is_a_problem(tmp_path: Path, pattern: str) -> None:
    files = {"syncd.toml": f'include = ["{pattern}"]\n' + VALID}
    assert told(tmp_path, files) == [("syncd.toml", "include[1]", 1, "matches no file")]


@pytest.mark.parametrize("value", ['"a.toml"', "[1]", "{}"])
def test_include_must_be_a_list_of_names(tmp_path: Path, value: str) -> None:
    files = {"syncd.toml": f"include = {value}\n" + VALID}
    assert told(tmp_path, files) == [("syncd.toml", "include", 1, "must be a list of file names")]


def test_only_the_main_file_may_include(tmp_path: Path) -> None:
    files = {"syncd.toml": INCLUDE + VALID, "shops.d/a.toml": '\ninclude = ["b.toml"]\n'}
    assert told(tmp_path, files) == [("a.toml", "include", 2, "only the main file may include others")]


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("shops = 1\n", "shops", "must be a table of tables"),
        ("overrides = 1\n", "overrides", "must be an array of tables"),
        ("[bundles]\n", "bundles", "must be an array of tables"),
    ],
)
def test_a_table_of_the_wrong_form_is_a_problem(tmp_path: Path, text: str, key: str, message: str) -> None:
    rows = told(tmp_path, {"syncd.toml": text + SOURCE + POOL})
    assert rows == [("syncd.toml", key, 1, message)]


def test_deep_nesting_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    [row] = problems_of(tmp_path, {"syncd.toml": "a = " + "[" * 5000 + "]" * 5000})
    assert row.message == "is nested too deeply"


def test_a_number_of_thousands_of_digits_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    [row] = problems_of(tmp_path, {"syncd.toml": "a = " + "1" * 5000})
    assert row.message.startswith("is not TOML")


def test_an_empty_file_lacks_everything(tmp_path: Path) -> None:
    assert [row[1] for row in told(tmp_path, {"syncd.toml": ""})] == ["sources", "pools", "shops"]


def test_a_small_configuration_loads(tmp_path: Path) -> None:
    assert load_text(tmp_path, VALID).notes == ()
