"""`syncd demo` as people start it: a real process in real time."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_CLOSING = "every counter is right: 24 of 24"
_TOLD = r" *\d+\.\ds  \S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A demo that has ended: what it told, its books, and the commands that were tried meanwhile."""

    code: int
    told: list[str]
    books: str
    meanwhile: list[subprocess.CompletedProcess[str]]

    @property
    def configuration(self) -> Path:
        """Return where its configuration was."""
        line = next(line for line in self.told if line.startswith("The configuration:"))
        return Path(line.partition(":")[2].strip())

    @property
    def whole(self) -> str:
        """Return everything that it printed."""
        return "\n".join([*self.told, self.books])


@contextmanager
def _started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with (folder / "books").open("w", encoding="utf-8") as books:
        command = [sys.executable, "-m", "syncd", "demo", *arguments]
        demo = subprocess.Popen(
            command, stdout=books, stderr=subprocess.PIPE, encoding="utf-8", env=_environment(folder)
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
    """Return what is told up to the first line with `words`, all to the end where there is none."""
    assert demo.stderr is not None
    lines = []
    for line in demo.stderr:
        lines.append(line.rstrip("\n"))
        if words and words in line:
            break
    return lines


def _ended(
    demo: subprocess.Popen[str],
    told: list[str],
    folder: Path,
    meanwhile: list[subprocess.CompletedProcess[str]] | None = None,
) -> Performance:
    told += _read_until(demo, "")
    code = demo.wait(timeout=30)
    books = (folder / "books").read_text(encoding="utf-8")
    return Performance(code=code, told=told, books=books, meanwhile=meanwhile or [])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Return a demo that ended by itself, after its flash sale and what is sold out."""
    folder = tmp_path_factory.mktemp("whole")
    with _started(folder, "--seconds", "12", "--seed", "3") as demo:
        return _ended(demo, [], folder)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Return a demo in which the commands that it offers were tried, and which was ended by Ctrl-C."""
    folder = tmp_path_factory.mktemp("interrupted")
    with _started(folder, "--seed", "4", "--format", "json") as demo:
        told = _read_until(demo, "first fill")
        offered = [line.split() for line in told if " --config " in line]
        meanwhile = [
            subprocess.run(
                command, capture_output=True, encoding="utf-8", env=_environment(folder), check=False
            )
            for command in offered
        ]
        demo.send_signal(signal.SIGINT)
        return _ended(demo, told, folder, meanwhile)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Return a demo that was ended by Ctrl-C twice."""
    folder = tmp_path_factory.mktemp("impatient")
    with _started(folder, "--seed", "5") as demo:
        told = _read_until(demo, "first fill")
        demo.send_signal(signal.SIGINT)
        told += _read_until(demo, "ends:")
        demo.send_signal(signal.SIGINT)
        return _ended(demo, told, folder)


def test_the_demo_ends_by_itself_with_every_counter_right(whole: Performance) -> None:
    last = whole.books.splitlines()[-1]
    assert (whole.code, last) == (0, _CLOSING), whole.whole


def test_the_books_of_every_sku_agree(whole: Performance) -> None:
    assert sum(line.endswith("  yes") for line in whole.books.splitlines()) == 8


def test_nothing_is_oversold(whole: Performance) -> None:
    assert "0 units oversold" in whole.books


def test_the_demo_says_nothing_but_its_own_lines(whole: Performance) -> None:
    began = next(at for at, line in enumerate(whole.told) if re.match(_TOLD, line))
    assert [line for line in whole.told[began:] if not re.match(_TOLD, line)] == []


def test_the_demo_says_where_its_console_is_and_how_to_sign_in(whole: Performance) -> None:
    assert any(
        re.fullmatch(r"The console: +http://127\.0\.0\.1:\d+ +\(sign in with guest\.\S{43}\)", line)
        for line in whole.told
    )


def test_the_demo_leaves_nothing_behind(whole: Performance) -> None:
    assert not whole.configuration.parent.exists()


@pytest.mark.parametrize(
    "words",
    [
        "may not have booked them yet",
        "unpaid order less",
        "gets the money back",
        "imports ",
        "flash    sale in ",
        "LAMP leave tmall for ",
        "their taking is proven",
        "OFF SALE: fewer are left than the warning level",
    ],
)
def test_the_story_shows_what_becomes_of_orders_and_units(whole: Performance, words: str) -> None:
    assert any(words in line for line in whole.told), whole.whole


def test_the_demo_says_what_it_never_touches(whole: Performance) -> None:
    untouched = [line.split("  syncd ")[1].strip() for line in whole.told if "never touches" in line]
    assert [line.partition(" (")[0].partition(":")[0] for line in untouched] == [
        "never touches tmall OLD-STOCK",
        "never touches outlet SAMPLE",
    ]


def test_ctrl_c_ends_the_demo_with_every_counter_right(interrupted: Performance) -> None:
    assert (interrupted.code, json.loads(interrupted.books)["agrees"]) == (0, True), interrupted.whole


def test_the_document_of_the_demo_is_the_only_data(interrupted: Performance) -> None:
    document = json.loads(interrupted.books)
    assert (document["schema"], document["problems"]) == ("syncd.demo/1", [])


def test_the_demo_offers_three_commands(interrupted: Performance) -> None:
    assert len(interrupted.meanwhile) == 3


def test_the_commands_that_the_demo_offers_work_meanwhile(interrupted: Performance) -> None:
    failed = [(run.args, run.stdout, run.stderr) for run in interrupted.meanwhile if run.returncode]
    assert failed == []


def test_ctrl_c_twice_ends_the_demo_at_once(impatient: Performance) -> None:
    assert (impatient.code, impatient.told[-1].partition(";")[0], impatient.books) == (
        0,
        "Ended before the shops had settled",
        "",
    )


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    with _started(tmp_path, "--seed", "6") as first:
        told = _read_until(first, "outlet")
        taken = next(line.split(":")[2].partition("/")[0] for line in told if line.startswith("    erp"))
        with _started(folder, "--port", taken) as second:
            performance = _ended(second, [], folder)
    assert (performance.code, "choose another or 0" in performance.whole) == (2, True)
