"""The factory and the command in README's section about the conformance kit work as they stand."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.readme_rig import README, ROOT, blocks

pytestmark = pytest.mark.slow

SECTION = "Conformance kit"
TEXT = README.read_text(encoding="utf-8")
FACTORY = blocks(TEXT, "python", SECTION)[0].text
COMMANDS = [shlex.split(line) for line in blocks(TEXT, "sh", SECTION)[0].text.splitlines()]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_command_runs_the_suite_for_the_factory(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "bazaar_bench.py").write_text(FACTORY, encoding="utf-8")
    program, *options = words
    assert program == "pytest"
    done = subprocess.run(
        [sys.executable, "-m", program, *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "syncd conformance: TestChannel" in done.stdout


def test_the_extra_that_the_manual_names_is_one_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'pip install "syncd[conformance]"' in TEXT
    assert "conformance = [" in project
