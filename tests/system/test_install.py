"""The installer in a root of its own, with a stand-in for Python that makes environments in no time."""

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.system.cli_rig import ROOT

_PYTHON = """#!/bin/sh
echo "$*" >>"$SAID"
case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") [ -z "${PIP_FAILS:-}" ] && : >"$(dirname "$0")/syncd" ;;
*) echo 3.11 new able ;;
esac
"""


class Root:
    """An empty root and the installer that fills it."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "root"
        self.said = folder / "said"
        self.python = folder / "python"
        self.python.write_text(_PYTHON, "utf-8")
        self.python.chmod(0o755)

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ROOT / "deploy" / "install.sh"), "--prefix", str(self.top), *words],
            env={"PATH": os.environ["PATH"], "PYTHON": str(self.python), "SAID": str(self.said)}
            | dict(env or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def files(self) -> dict[str, str]:
        """Return every file and link with what it holds."""
        found = {}
        for path in sorted(self.top.rglob("*")):
            if path.is_symlink():
                found[str(path.relative_to(self.top))] = f"-> {path.readlink()}"
            elif path.is_file():
                found[str(path.relative_to(self.top))] = path.read_text("utf-8")
        return found

    def installs(self) -> int:
        return sum(line.startswith("-m pip") for line in self.said.read_text("utf-8").splitlines())

    def mode(self, path: str) -> int:
        return stat.S_IMODE((self.top / path).stat().st_mode)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


def test_it_puts_the_program_where_the_unit_looks_for_it(root: Root) -> None:
    root.run()
    assert (root.top / "opt/syncd/venv/bin/syncd").exists()


def test_it_puts_the_unit_and_its_user_in_place(root: Root) -> None:
    root.run()
    unit, user = "etc/systemd/system/syncd.service", "etc/sysusers.d/syncd.conf"
    kept = root.files()
    assert (kept[unit], kept[user]) == (
        (ROOT / "deploy/syncd.service").read_text("utf-8"),
        (ROOT / "deploy/syncd.sysusers").read_text("utf-8"),
    )


def test_a_second_run_changes_nothing(root: Root) -> None:
    root.run()
    before = root.files()
    done = root.run()
    assert (done.returncode, root.files(), root.installs()) == (0, before, 1)


def test_only_root_sees_the_secrets(root: Root) -> None:
    root.run()
    assert root.mode("etc/syncd/credentials") == 0o700


def test_a_configuration_stays_as_it_is(root: Root) -> None:
    config = root.top / "etc/syncd/syncd.toml"
    config.parent.mkdir(parents=True)
    config.write_text("precious", "utf-8")
    root.run()
    assert config.read_text("utf-8") == "precious"


def test_a_program_that_cannot_be_made_leaves_the_old_one_alone(root: Root) -> None:
    root.run()
    (program,) = (root.top / "opt/syncd/programs").iterdir()
    old = program.rename(program.with_name("old"))
    (root.top / "opt/syncd/venv").unlink()
    (root.top / "opt/syncd/venv").symlink_to(old)
    done = root.run(env={"PIP_FAILS": "1"})
    assert (done.returncode, (root.top / "opt/syncd/venv").resolve()) == (1, old)


def test_an_upgrade_removes_the_old_program(root: Root) -> None:
    root.run()
    programs = root.top / "opt/syncd/programs"
    (program,) = programs.iterdir()
    program.rename(program.with_name("old"))
    root.run()
    assert list(programs.iterdir()) == [program]


def test_uninstalling_keeps_configuration_and_state(root: Root) -> None:
    root.run()
    for kept in ("etc/syncd/syncd.toml", "var/lib/syncd/state.db"):
        (root.top / kept).parent.mkdir(parents=True, exist_ok=True)
        (root.top / kept).write_text("precious", "utf-8")
    done = root.run("uninstall")
    assert (done.returncode, list(root.files())) == (0, ["etc/syncd/syncd.toml", "var/lib/syncd/state.db"])


def test_uninstalling_twice_is_no_failure(root: Root) -> None:
    assert [root.run("uninstall").returncode for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("words", [("--prefix",), ("--prefix", "here"), ("--prefix", "/"), ("setup",)])
def test_what_it_does_not_understand_changes_nothing(root: Root, words: tuple[str, ...]) -> None:
    done = root.run(*words)
    assert (done.returncode, root.top.exists()) == (1, False)


def test_it_explains_itself(root: Root) -> None:
    done = root.run("--help")
    assert (done.returncode, "uninstall stops the service" in done.stdout, root.top.exists()) == (
        0,
        True,
        False,
    )
