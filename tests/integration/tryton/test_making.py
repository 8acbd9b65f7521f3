"""Making Tryton's environment: whole or not at all, one at a time, with words about what went wrong."""

import sys
from pathlib import Path

import pytest

from tests.integration.tryton.rig import skipped_when_offline
from tests.integration.tryton.server import Offline, TrytonFailed, _alone, _made, _run


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _failing(folder: Path) -> None:
    (folder / "half").touch()
    raise TrytonFailed("no")


def test_a_failed_step_tells_its_name_status_and_last_lines() -> None:
    with pytest.raises(TrytonFailed, match=r"(?s)installing failed with exit status 3:\nline 5\n.*line 19$"):
        _run("installing", _python("for n in range(20): print('line', n)\nraise SystemExit(3)"))


def test_a_step_that_could_not_reach_the_index_is_offline() -> None:
    with pytest.raises(Offline):
        _run("installing", _python("print('Failed to establish a new connection'); raise SystemExit(1)"))


def test_a_step_that_failed_for_another_reason_is_not_offline() -> None:
    with pytest.raises(TrytonFailed) as failure:
        _run("installing", _python("raise SystemExit(1)"))

    assert not isinstance(failure.value, Offline)


def test_what_failed_half_way_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TrytonFailed):
        _made(tmp_path / "made", _failing)

    assert list(tmp_path.iterdir()) == []


def test_what_a_crash_left_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "made.half").mkdir()
    (tmp_path / "made.half" / "torn").touch()
    _made(tmp_path / "made", lambda folder: (folder / "whole").touch())

    assert [path.name for path in (tmp_path / "made").iterdir()] == ["whole"]


def test_who_holds_the_lock_keeps_the_others_out(tmp_path: Path) -> None:
    code = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_SH | fcntl.LOCK_NB)"
    lock = tmp_path / "lock"
    with _alone(lock), pytest.raises(TrytonFailed, match="BlockingIOError"):
        _run("locking", [*_python(code), str(lock)])


def test_without_a_network_the_test_is_skipped_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="NOTHING IS TESTED"), skipped_when_offline():
        raise Offline("no route")


def test_in_ci_a_missing_network_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(Offline), skipped_when_offline():
        raise Offline("no route")
