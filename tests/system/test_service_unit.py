"""The unit file: systemd accepts it, and it gives the daemon no more than it needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from syncd.config.settings import CycleTable
from tests.system.cli_rig import ROOT

UNIT = ROOT / "deploy" / "syncd.service"
MOST_EXPOSED = 1.5

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return a copy whose program exists on this machine: systemd looks for it."""
    copy = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8").replace("/opt/syncd/venv/bin/syncd", "/bin/true")
    copy.write_text(text, "utf-8")
    return copy


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


def setting(key: str) -> str:
    found = re.findall(rf"^{key}=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


@needs_systemd
def test_systemd_finds_nothing_wrong_with_it(unit: Path) -> None:
    done = analyze("verify", str(unit))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
def test_it_is_hardly_exposed(unit: Path) -> None:
    words = analyze("security", "--offline=true", "--no-pager", str(unit)).stdout
    level = re.search(r"exposure level for syncd.service: ([0-9.]+)", words)
    assert level is not None
    assert float(level[1]) <= MOST_EXPOSED


def test_it_waits_longer_for_the_stop_than_the_daemon_does() -> None:
    assert int(setting("TimeoutStopSec").removesuffix("s")) >= CycleTable().stop_within + 15


def test_a_wrong_configuration_is_not_tried_again() -> None:
    assert setting("RestartPreventExitStatus").split() == ["78"]


def test_systemd_starts_it_again_after_a_crash_and_after_the_watchdog() -> None:
    # Of the settings that cover both, the only one that leaves alone what a person stopped.
    assert setting("Restart") == "on-failure"


def test_it_is_tried_again_for_ever() -> None:
    # systemd gives up after 5 starts within 10 seconds, by default.
    assert int(setting("RestartSec").removesuffix("s")) * 5 > 10


def test_a_killed_one_leaves_no_copy_of_its_secrets() -> None:
    assert setting("LimitCORE") == "0"


def test_it_reloads_by_sighup() -> None:
    assert setting("ExecReload") == "/bin/kill -HUP $MAINPID"


def test_it_names_the_user_that_sysusers_makes() -> None:
    lines = (ROOT / "deploy" / "syncd.sysusers").read_text("utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("u ")]
    assert users == [setting("User")]
