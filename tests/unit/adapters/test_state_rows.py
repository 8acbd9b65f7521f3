"""How rows become tuples, and what a failure of the file means to people."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.state.codec import Codec, micros, moment
from syncd.adapters.state.failures import state_error
from syncd.adapters.state.folder import ready_folder
from syncd.adapters.state.rows import (
    APPROVALS,
    CLAIMS,
    HELD,
    INTENTS,
    LEDGER,
    LEVELS,
    LISTINGS,
    REQUESTS,
    SHOPS,
    SOURCES,
    STOCK,
    UNROUTED,
)
from syncd.adapters.state.schema import metadata
from syncd.errors import StateError

CODECS = (
    *(SOURCES, STOCK, UNROUTED, LISTINGS, SHOPS, LEVELS),
    *(INTENTS, HELD, APPROVALS, LEDGER, REQUESTS, CLAIMS),
)
FILE = Path("state.db")


class _Failure(sqlite3.OperationalError):
    def __init__(self, name: str) -> None:
        super().__init__("the words of SQLite")
        self.sqlite_errorname = name


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_keeps_its_microseconds(at: datetime) -> None:
    assert moment(micros(at)) == at


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    at = datetime(2026, 3, 2, 18, 0, tzinfo=timezone(timedelta(hours=8)))
    assert moment(micros(at)) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_a_time_without_a_zone_has_no_microseconds() -> None:
    with pytest.raises(TypeError):
        micros(datetime(2026, 3, 2, 10, 0))  # noqa: DTZ001


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.select.split('"')[-2])
def test_the_columns_of_a_table_are_the_fields_of_its_row(codec: Codec[object]) -> None:
    table = metadata.tables[codec.select.split('"')[-2]]
    hidden = {"ledger": {"id"}, "held": {"saved_at"}}.get(table.name, set())
    assert [column for column in table.columns.keys() if column not in hidden] == list(codec.fields)  # noqa: SIM118


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_BUSY", "another program keeps it locked"),
        ("SQLITE_BUSY_SNAPSHOT", "another program keeps it locked"),
        ("SQLITE_FULL", "free some space"),
        ("SQLITE_READONLY_DBMOVED", "read only"),
        ("SQLITE_IOERR_FSYNC", "the disk failed"),
        ("SQLITE_CANTOPEN", "cannot be opened"),
        ("SQLITE_CORRUPT_INDEX", "syncd restore` a backup"),
        ("SQLITE_NOTADB", "syncd restore` a backup"),
        ("SQLITE_ERROR", "the words of SQLite"),
    ],
)
def test_a_failure_of_the_file_says_what_to_do(name: str, words: str) -> None:
    assert words in str(state_error(FILE, _Failure(name)))


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_CORRUPT", "SQLITE_ERROR", ""])
def test_a_failure_of_the_file_names_it(name: str) -> None:
    assert "state.db" in str(state_error(FILE, _Failure(name)))


def test_a_row_that_cannot_be_stored_is_shown() -> None:
    assert "'row 7'" in str(state_error(FILE, TypeError("no"), about="row 7"))


def test_a_user_without_a_name_is_shown_as_sudo_takes_it(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="'#4294900000'"):
        ready_folder(tmp_path, read_only=False, uid=4294900000)
