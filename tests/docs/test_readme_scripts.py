"""The commands of README.md that need a network or all of the tests, run against stand-ins."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer

from syncd.cli.main import app
from tests.docs.readme_rig import README, blocks
from tests.docs.scripts_rig import ROOT, Rig

TEXT = README.read_text(encoding="utf-8")
SCRIPTS = [shlex.split(line) for line in blocks(TEXT, "sh", "Two commands")[0].text.splitlines()]
INSTALL = blocks(TEXT, "sh", "Install")[0].text


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(folder=tmp_path)
    made.lay_out()
    made.add_python("python3", answer="3.12 new able")
    made.let("pytest", says="===== 7 passed in 0.10s =====")
    return made


def test_the_two_commands_come_first() -> None:
    assert blocks(TEXT)[0].section == "Two commands"


@pytest.mark.parametrize("words", SCRIPTS)
def test_a_script_of_the_manual_runs_as_it_is_written(rig: Rig, words: list[str]) -> None:
    assert rig.run(*words).returncode == 0


def test_the_program_knows_every_option_that_the_demo_is_given(rig: Rig) -> None:
    rig.run(*next(words for words in SCRIPTS if words[0] == "deploy/demo"))
    command = getattr(typer.main.get_command(app), "commands", {})["demo"]
    known = {option for parameter in command.params for option in parameter.opts}
    given = re.findall(r"\[(--[a-z]+)\]", rig.calls("syncd")[-1])
    assert given
    assert set(given) <= known


def test_every_option_of_the_scripts_in_the_text_is_one_of_theirs() -> None:
    named = re.findall(r"`(deploy/[a-z.]+|tests/run) ([a-z-]+)", TEXT)
    assert named
    assert [pair for pair in named if pair[1] not in (ROOT / pair[0]).read_text(encoding="utf-8")] == []


@pytest.fixture
def installed(rig: Rig) -> Rig:
    environ = {
        "HOME": str(rig.folder),
        "PATH": str(rig.folder / "bin"),
        "STAND_INS": str(rig.folder / "says"),
    }
    subprocess.run(["bash", "-euc", INSTALL], cwd=rig.clone, env=environ, check=True)
    return rig


def test_the_manual_installs_the_checkout(installed: Rig) -> None:
    assert installed.calls("python") == ["python [-m] [pip] [install] [.]"]


def test_the_installed_program_is_where_the_manual_says(installed: Rig) -> None:
    named = re.search(r"`~/(\S+)` is the program", TEXT)
    assert named
    assert os.access(installed.folder / named[1], os.X_OK)
