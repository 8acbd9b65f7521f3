"""`syncd demo` as people start it: a real process in real time."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_CLOSING = "every counter is right: 23 of 23"


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A demo that has ended."""

    code: int
    lines: list[str]
    errors: str
    meanwhile: list[subprocess.CompletedProcess[str]]

    @property
    def configuration(self) -> Path:
        """Return where its configuration was."""
        line = next(line for line in self.lines if line.startswith("The configuration:"))
        return Path(line.partition(":")[2].strip())


@contextmanager
def _started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with (folder / "errors").open("w", encoding="utf-8") as errors:
        command = [sys.executable, "-m", "syncd", "demo", *arguments]
        demo = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", env=_environment(folder)
        )
        with demo:
            try:
                yield demo
            finally:
                demo.kill()


def _environment(folder: Path) -> dict[str, str]:
    # A demo that was killed leaves its folder behind; here it goes with the test's. The setting is a trap.
    return {
        "PATH": "",
        "TMPDIR": str(folder),
        "PYTHONUTF8": "1",
        "SYNCD_CYCLE__POLICY": "dry_run",
    }


def _read_until(demo: subprocess.Popen[str], words: str) -> list[str]:
    """Return the lines up to the first with `words`, all to the end where there is none."""
    assert demo.stdout is not None
    lines = []
    for line in demo.stdout:
        lines.append(line.rstrip("\n"))
        if words and words in line:
            break
    return lines


def _ended(
    demo: subprocess.Popen[str],
    lines: list[str],
    folder: Path,
    meanwhile: list[subprocess.CompletedProcess[str]] | None = None,
) -> Performance:
    lines += _read_until(demo, "")
    code = demo.wait(timeout=30)
    errors = (folder / "errors").read_text(encoding="utf-8")
    return Performance(code=code, lines=lines, errors=errors, meanwhile=meanwhile or [])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Return a demo that ended by itself."""
    folder = tmp_path_factory.mktemp("whole")
    with _started(folder, "--seconds", "8", "--seed", "3") as demo:
        return _ended(demo, [], folder)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Return a demo in which the commands that it offers were tried, and which was ended by Ctrl-C."""
    folder = tmp_path_factory.mktemp("interrupted")
    with _started(folder, "--seed", "4") as demo:
        lines = _read_until(demo, "first fill")
        offered = [line.split() for line in lines if " --config " in line]
        meanwhile = [
            subprocess.run(
                command, capture_output=True, encoding="utf-8", env=_environment(folder), check=False
            )
            for command in offered
        ]
        demo.send_signal(signal.SIGINT)
        return _ended(demo, lines, folder, meanwhile)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Return a demo that was ended by Ctrl-C twice."""
    folder = tmp_path_factory.mktemp("impatient")
    with _started(folder, "--seed", "5") as demo:
        lines = _read_until(demo, "first fill")
        demo.send_signal(signal.SIGINT)
        lines += _read_until(demo, "ends:")
        demo.send_signal(signal.SIGINT)
        return _ended(demo, lines, folder)


def test_the_demo_ends_by_itself_with_every_counter_right(whole: Performance) -> None:
    assert (whole.code, whole.lines[-1]) == (0, _CLOSING), "\n".join([*whole.lines, whole.errors])


def test_the_demo_shows_every_counter(whole: Performance) -> None:
    assert sum(line.endswith("  yes") for line in whole.lines) == 23


def test_the_demo_says_nothing_but_its_own_lines(whole: Performance) -> None:
    assert whole.errors == ""


def test_the_demo_leaves_nothing_behind(whole: Performance) -> None:
    assert not whole.configuration.parent.exists()


def test_a_sale_lowers_the_other_shop_before_the_erp_knows(whole: Performance) -> None:
    assert any("may not have booked them yet" in line for line in whole.lines)


def test_a_sku_below_its_warning_level_goes_off_sale(whole: Performance) -> None:
    assert any("OFF SALE: fewer are left than the warning level" in line for line in whole.lines)


def test_the_demo_says_what_it_never_touches(whole: Performance) -> None:
    untouched = [line.split("  syncd ")[1].strip() for line in whole.lines if "never touches" in line]
    assert [line.partition(" (")[0].partition(":")[0] for line in untouched] == [
        "never touches tmall OLD-STOCK",
        "never touches outlet SAMPLE",
    ]


def test_ctrl_c_ends_the_demo_with_every_counter_right(interrupted: Performance) -> None:
    closing = (interrupted.code, interrupted.lines[-1])
    assert closing == (0, _CLOSING), "\n".join([*interrupted.lines, interrupted.errors])


def test_the_demo_offers_three_commands(interrupted: Performance) -> None:
    assert len(interrupted.meanwhile) == 3


def test_the_commands_that_the_demo_offers_work_meanwhile(interrupted: Performance) -> None:
    failed = [(run.args, run.stdout, run.stderr) for run in interrupted.meanwhile if run.returncode]
    assert failed == []


def test_ctrl_c_twice_ends_the_demo_at_once(impatient: Performance) -> None:
    assert (impatient.code, impatient.lines[-1].partition(";")[0]) == (
        0,
        "Ended before the shops had settled",
    )


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    with _started(tmp_path, "--seed", "6") as first:
        lines = _read_until(first, "outlet")
        taken = next(line.split(":")[2].partition("/")[0] for line in lines if line.startswith("    erp"))
        with _started(folder, "--port", taken) as second:
            performance = _ended(second, [], folder)
    assert (performance.code, "choose another or 0" in performance.errors) == (2, True)
