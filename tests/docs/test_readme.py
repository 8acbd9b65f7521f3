"""What README.md says of settings, commands, figures and events is what the program does."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
import typer

from syncd.cli.demo.books import Totals
from syncd.cli.demo.report import COLUMNS
from syncd.cli.exits import Exit
from syncd.cli.main import app
from syncd.config.schema import describe
from syncd.config.settings import RuleValues
from syncd.domain.topology import PolicyName
from syncd.mock.faults import FaultKind
from syncd.mock.registry import BUILDERS
from syncd.services.requests import Outcome
from tests.docs.readme_rig import (
    README,
    ROOT,
    blocks,
    built_in,
    keys_left_out,
    marked,
    prose,
    rewritten,
    rows,
    settings_tables,
)

TEXT = README.read_text(encoding="utf-8")
CODE = re.findall(r"`([^`]+)`", prose(TEXT))
SETTINGS_COLUMNS = 4
KEYS = {row.key for row in describe()}


# --- settings ----------------------------------------------------------------------------------------------


def test_the_tables_of_settings_are_as_the_program_describes_them() -> None:
    assert rewritten(TEXT) == TEXT, "write them anew: python -m tests.docs.readme_rig"


def test_every_table_of_settings_has_a_place() -> None:
    assert sorted(marked(TEXT)) == sorted(settings_tables())


def test_every_core_setting_stands_in_a_table_with_its_default() -> None:
    lines = [line.split(" | ") for line in TEXT.splitlines() if line.startswith("| `")]
    tables = [cells for cells in lines if len(cells) == SETTINGS_COLUMNS]
    shown = [row for row in describe() if row.key not in keys_left_out()]
    assert [
        row.key
        for row in shown
        if not any(f"`{row.key}`" in keys and row.default in default for keys, _, default, _ in tables)
    ] == []


def test_what_stands_in_no_table_are_the_rules_and_the_guards_of_shops() -> None:
    rest = {key.rpartition(".")[2] for key in keys_left_out() if ".guard." not in key}
    assert rest == set(RuleValues.model_fields)


@pytest.mark.parametrize("what", ["source", "channel"])
def test_every_type_has_a_table_and_a_status(what: str) -> None:
    words = built_in(what)
    status = [row[1].strip("`") for row in rows(TEXT, "## Sources and channels") if row[0] == what]
    assert [f"{what}_{word}" in marked(TEXT) for word in words] == [True] * len(words)
    assert sorted(status) == sorted(words)


def test_the_text_names_no_setting_that_is_not_there() -> None:
    tables = r"(?:state|cycle|guard|log|mqtt|http|hooks|alerts|sources|pools|shops|overrides|bundles|virtual)"
    named = [
        word for word in CODE if re.fullmatch(tables + r"(\[\])?(\.[A-Za-z_]+)+(\[\])?(\.[a-z_]+)*", word)
    ]
    assert [word for word in named if word not in KEYS and not word.endswith(".NAME.guard")] == []


def test_every_variable_of_the_environment_is_a_setting() -> None:
    named = [name.lower().replace("__", ".") for name in re.findall(r"SYNCD_([A-Z]+__[A-Z_]+)", TEXT)]
    assert named
    assert set(named) <= KEYS


# --- commands ----------------------------------------------------------------------------------------------


def commands(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Yield every command with its options."""
    for name, command in getattr(group, "commands", {}).items():
        words = (*path, name)
        if not hasattr(command, "commands") or command.invoke_without_command:
            options = {opt for p in command.params for opt in p.opts if opt.startswith("--")}
            yield " ".join(words), options - {"--help"}
        yield from commands(command, words)


def test_every_command_and_option_is_in_the_manual_and_no_other() -> None:
    shown = {}
    for row in rows(TEXT, "## Commands"):
        usage = row[0].strip("`")
        name = re.match(r"[a-z]+( [a-z]+)?(?= |$)", usage)
        assert name
        shown[name[0]] = set(re.findall(r"--[a-z-]+", usage))
    assert shown == dict(commands(typer.main.get_command(app)))


def test_every_command_in_the_text_exists() -> None:
    known = {name.split()[0] for name, _ in commands(typer.main.get_command(app))}
    named = {match[1] for word in CODE if (match := re.match(r"syncd ([a-z]+)", word))}
    assert named <= known


def test_the_exit_codes_are_those_of_the_program() -> None:
    assert [int(row[0]) for row in rows(TEXT, "### Exit codes")] == sorted(Exit)


def test_every_mock_is_named_and_no_other() -> None:
    row = next(row for row in rows(TEXT, "## Commands") if row[0].startswith("`mock"))
    assert set(re.findall(r"`([a-z]+)`", row[1])) == set(BUILDERS)


def test_what_a_daemon_answers_is_shown_with_its_keys() -> None:
    shown = re.search(r'`(\{"daemon": .+?\})`', TEXT)
    assert shown
    assert list(json.loads(shown[1])["daemon"]) == [field.name for field in fields(Outcome)]


def test_the_books_of_the_demo_are_shown_with_their_columns() -> None:
    shown = next(block for block in blocks(TEXT, "text", "Two commands")).text.splitlines()
    assert re.split(r"  +", shown[0]) == list(COLUMNS)


def test_the_books_of_the_demo_that_are_shown_agree() -> None:
    shown = next(block for block in blocks(TEXT, "text", "Two commands")).text.splitlines()
    for row in shown[1:]:
        start, received, shipped, on_hand, sold, open_, broken, left, on_sale, reserve, *_ = (
            int(word) if word.isdecimal() else 0 for word in row.split()[1:]
        )
        sums = (start + received - shipped, shipped + open_, on_hand - broken - open_, on_sale + reserve)
        assert sums == (on_hand, sold, left, left)


def test_the_document_of_the_demo_is_described_with_all_its_keys() -> None:
    keys = {"schema", "seed", "agrees", "problems", "skus", "counters", "run"}
    sums = {"transfers", "writes", "calls", *(field.name for field in fields(Totals))}
    paragraph = next(part for part in TEXT.split("\n\n") if "The document of `demo`" in part)
    words = set(re.findall(r"`([a-z_]+)`", paragraph.partition("The document of `demo`")[2]))
    assert words == keys | sums | {"right", "of"}


# --- words -------------------------------------------------------------------------------------------------


def test_every_policy_is_explained() -> None:
    paragraph = next(part for part in TEXT.split("\n\n") if part.startswith("**Policies.**"))
    assert {policy.value for policy in PolicyName} <= set(re.findall(r"`([a-z_]+)`", paragraph))


def test_every_fault_of_the_mocks_is_named_and_no_other() -> None:
    paragraph = next(part for part in TEXT.split("\n\n") if part.startswith("Faults: "))
    assert set(re.findall(r"`([a-z_]+)`", paragraph)) == {kind.value for kind in FaultKind}


def test_every_event_of_the_log_is_in_the_manual_and_no_other() -> None:
    files = [file for file in (ROOT / "syncd").rglob("*.py") if "demo" not in file.relative_to(ROOT).parts]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    plain = set(re.findall(r"\.tell\(\s*\"([a-z_]+)\"", source))
    # What is low or promised twice is told by the name of the notice, and again once it is over.
    notices = {name for name in ("low_stock", "oversold", "locks_cut") if f'"{name}"' in source}
    events = {word for row in rows(TEXT, "**Log.**") for word in re.findall(r"`(\w+)`", row[0])}
    assert events == plain - {"configuration_note"} | notices | {f"{name}_over" for name in notices}


# --- the page itself ---------------------------------------------------------------------------------------


def test_every_link_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", prose(TEXT), re.MULTILINE)
    anchors = {re.sub(r"[^a-z_ -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors


def test_every_file_that_is_named_exists() -> None:
    named = [word for word in CODE if re.fullmatch(r"(syncd|tests|config|deploy)/[\w./]*", word)]
    assert named
    assert [word for word in named if not (ROOT / word).exists()] == []


def test_no_line_is_longer_than_an_editor_shows() -> None:
    lines = [line for line in TEXT.splitlines() if len(line) > 140 and not line.startswith("|")]
    assert lines == []


def test_every_block_of_code_has_a_language_that_some_test_knows() -> None:
    assert {block.language for block in blocks(TEXT)} == {
        *("sh", "toml", "csv", "text", "python", "yaml", "json")
    }
