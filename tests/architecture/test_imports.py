"""Imports go down only, plug-ins resolve, and the command line starts light."""

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint, distribution
from pathlib import Path

import pytest

from tests.architecture import rules

_HEAVY = "aiohttp alembic apscheduler httpx numpy pydantic pydantic_settings sqlalchemy"

_REPORT = f"print(*sorted(set({_HEAVY.split()!r}) & set(sys.modules)), file=sys.stderr)"


def _entry_points() -> list[EntryPoint]:
    project = tomllib.loads((rules.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"console_scripts": project["scripts"], **project["entry-points"]}
    return [
        EntryPoint(name=name, value=value, group=group)
        for group, entries in groups.items()
        for name, value in entries.items()
    ]


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=rules.ROOT, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_layers_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=rules.ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("entry", _entry_points(), ids=lambda entry: f"{entry.group}:{entry.name}")
def test_an_entry_point_resolves(entry: EntryPoint) -> None:
    assert entry.load() is not None


def test_the_installed_entry_points_are_those_of_the_project() -> None:
    installed = {(e.group, e.name, e.value) for e in distribution("syncd").entry_points}
    declared = {(e.group, e.name, e.value) for e in _entry_points()}
    assert installed == declared, "the environment is old: install the project again"


def test_the_installed_version_is_that_of_the_package() -> None:
    import syncd  # noqa: PLC0415 - the version is all that is wanted of it

    assert distribution("syncd").version == syncd.__version__


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    done = _python(f"import sys, syncd.cli.main; {_REPORT}")
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_asking_for_help_loads_nothing_heavy() -> None:
    done = _python(
        "import sys; sys.argv = ['syncd', '--help']\n"
        "from syncd.cli.main import main\n"
        "try:\n    code = main()\nexcept SystemExit as stop:\n    code = stop.code\n"
        f"{_REPORT}\nsys.exit(code)"
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
