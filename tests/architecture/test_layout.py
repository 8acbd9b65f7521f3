"""What lies where in a clone, and what must not be in it."""

import subprocess
from pathlib import Path

import pytest

from tests.architecture import rules

_TOP = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "syncd", "config", "tests", "deploy"}


def _tracked() -> list[str]:
    # A clone may belong to another user than the one who tests it.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    try:
        listed = subprocess.run(command, cwd=rules.ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs git and a clone to list the tracked files: {error}")
    names = [name for name in listed.stdout.split("\0") if name]
    assert names, "git tracks nothing here"
    return names


def _texts() -> list[tuple[str, str]]:
    found = []
    for name in _tracked():
        path = rules.ROOT / name
        if not path.is_file():
            continue
        try:
            found.append((name, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # A picture has no paths in it.
    return found


def test_the_visible_top_level_is_exactly_the_agreed_one() -> None:
    assert {name.partition("/")[0] for name in _tracked() if not name.startswith(".")} == _TOP


def test_no_tracked_file_names_a_machine_or_a_package_index() -> None:
    found = [(name, finding) for name, text in _texts() for finding in rules.unpublishable(text)]
    assert found == []


def test_no_tracked_file_is_a_cache_or_a_secret() -> None:
    kinds = {".pyc", ".db", ".sqlite", ".sqlite3", ".pem", ".key", ".log"}
    assert [name for name in _tracked() if Path(name).suffix in kinds or Path(name).name == ".env"] == []


def test_every_folder_of_the_package_is_a_package() -> None:
    folders = {
        folder
        for path in rules.sources("syncd")
        for folder in path.parents
        if folder.is_relative_to(rules.ROOT / "syncd")
    }
    assert [rules.relative(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_tests_are_no_packages() -> None:
    # importlib import mode: an __init__.py would give a module two names.
    assert [rules.relative(path) for path in rules.sources("tests") if path.name == "__init__.py"] == []
