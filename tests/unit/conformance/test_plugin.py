"""The plug-in as an outside author meets it: `pytest --syncd-channel MODULE:FACTORY` in another folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.conformance import plugin
from tests.architecture.rules import ROOT

pytestmark = pytest.mark.slow

_BENCH = """
from contextlib import asynccontextmanager
from dataclasses import replace
from tests.contract.memory_rig import memory_bench as good

@asynccontextmanager
async def presumptuous():
    async with good() as bench:
        yield replace(bench, never={})

@asynccontextmanager
async def talkative():
    async with good() as bench:
        yield replace(bench, secrets=("Wired",))

not_callable = 7
"""


def _pytest(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "bazaar.py").write_text(_BENCH, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_the_whole_suite_runs_for_the_named_channel(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "--syncd-channel", "bazaar:good")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "syncd conformance: TestChannel" in done.stdout
    assert "without SKEW: the platform compares the time of a call with its own clock" in done.stdout
    assert "kinds of errors: reached done, throttled" in done.stdout


def test_a_kind_of_error_that_was_never_told_is_named(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "--syncd-channel", "bazaar:presumptuous")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "never told: signature" in done.stdout
    assert "1 failed" in done.stdout


def test_a_part_of_the_suite_can_be_chosen(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "--syncd-channel", "bazaar:good", "-k", "odd_codes or every_kind")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 skipped: looks back on the whole suite" in done.stdout


def test_tests_of_the_author_run_beside_the_suite(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_mine(): pass\n", encoding="utf-8")
    done = _pytest(
        tmp_path, "test_own.py", "--syncd-channel", "bazaar:good", "-k", "mine or odd_codes_are_read"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "11 passed" in done.stdout


def test_a_factory_that_cannot_be_imported_is_one_clear_line(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "--syncd-channel", "no_such_module:bench")
    why = "cannot be imported (ModuleNotFoundError: No module named 'no_such_module')"
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip() == f"ERROR: --syncd-channel no_such_module:bench: {why}"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("syncd:nothing", "cannot be imported (AttributeError: module 'syncd' has no attribute 'nothing')"),
        ("syncd", "write MODULE:FACTORY, such as your.rig:bench"),
        ("syncd:", "write MODULE:FACTORY, such as your.rig:bench"),
        ("syncd:__version__", "is str, not a factory of benches"),
    ],
)
def test_a_name_that_is_no_factory_says_why(pytestconfig: pytest.Config, name: str, why: str) -> None:
    with pytest.raises(pytest.UsageError) as caught:
        plugin._found(name, pytestconfig)
    assert str(caught.value) == f"--syncd-channel {name}: {why}"


def test_the_plug_in_brings_nothing_of_the_program_along() -> None:
    code = (
        "import sys, syncd.conformance.plugin; "
        "sys.exit(any(name.startswith('syncd.') and 'conformance' not in name for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0


def test_a_failed_promise_says_what_stood_on_both_sides(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "--syncd-channel", "bazaar:talkative", "-k", "itself_shows_no_secret")
    assert "assert [0] == []" in done.stdout


def test_the_words_of_a_rig_need_no_pytest() -> None:
    code = "import sys, syncd.conformance; sys.exit('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0
