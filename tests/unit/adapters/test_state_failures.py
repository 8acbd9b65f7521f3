"""Which failures of the state another start may find gone, and which need a person."""

import errno
import sqlite3
from pathlib import Path

import pytest

from syncd.adapters.state.failures import file_error, state_error
from syncd.errors import StateUnavailable

FILE = Path("state.db")


class _Failure(sqlite3.OperationalError):
    def __init__(self, name: str) -> None:
        super().__init__("the words of SQLite")
        self.sqlite_errorname = name


@pytest.mark.parametrize(
    "name",
    [
        "SQLITE_BUSY",
        "SQLITE_LOCKED_SHAREDCACHE",
        "SQLITE_PROTOCOL",
        "SQLITE_FULL",
        "SQLITE_READONLY",
        "SQLITE_IOERR_WRITE",
        "SQLITE_CANTOPEN",
        "SQLITE_NOMEM",
    ],
)
def test_what_may_pass_is_tried_again(name: str) -> None:
    assert isinstance(state_error(FILE, _Failure(name)), StateUnavailable)


@pytest.mark.parametrize("name", ["SQLITE_CORRUPT_INDEX", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_PERM", ""])
def test_what_needs_a_person_is_not_tried_again(name: str) -> None:
    assert not isinstance(state_error(FILE, _Failure(name)), StateUnavailable)


def test_a_full_disk_is_no_fault_of_the_row_that_was_being_written() -> None:
    assert isinstance(state_error(FILE, _Failure("SQLITE_FULL"), about="row 7"), StateUnavailable)


def test_a_row_that_cannot_be_stored_is_not_tried_again() -> None:
    assert not isinstance(state_error(FILE, TypeError("no"), about="row 7"), StateUnavailable)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE])
def test_a_file_system_without_room_or_in_trouble_is_tried_again(number: int) -> None:
    assert isinstance(file_error("state.db", OSError(number, "no")), StateUnavailable)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.ENOENT])
def test_a_file_that_is_not_ours_or_not_there_is_not_tried_again(number: int) -> None:
    assert not isinstance(file_error("state.db", OSError(number, "no")), StateUnavailable)


def test_a_copy_that_found_no_room_is_tried_again() -> None:
    assert isinstance(state_error(FILE, OSError(errno.ENOSPC, "no space")), StateUnavailable)
