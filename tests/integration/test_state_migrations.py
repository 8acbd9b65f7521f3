"""Bringing an old state up to date, by a chain of two steps of which the second is the test's own."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.adapters.state import Care, open_store
from syncd.adapters.state.lock import FileLock
from syncd.adapters.state.migrating import run_scripts, transaction
from syncd.adapters.state.opening import SCRIPTS, prepare, revisions
from syncd.domain.records import SourceState
from syncd.errors import StateError, StateUnavailable
from tests.contract.store_contract_rows import ERP

_SECOND = '''"""A second step."""

from alembic import op

revision = "{next}"
down_revision = "{last}"


def upgrade() -> None:
    """Make one more table."""
    op.execute("CREATE TABLE more (text TEXT)")
    op.execute({end!r})
'''


LAST = max(file.name[:4] for file in (SCRIPTS / "versions").glob("[0-9]*.py"))
NEXT = f"{int(LAST) + 1:04}"


def _rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def _schema(file: Path) -> list[tuple[object, ...]]:
    return [
        (name, " ".join(str(sql).split()))
        for name, sql in _rows(file, "SELECT name, sql FROM sqlite_master ORDER BY name")
    ]


def _chain(folder: Path, last: str) -> Path:
    """Copy our migrations and add a step that ends with the statement `last`."""
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = _SECOND.format(end=last, last=LAST, next=NEXT)
    (folder / "versions" / f"{NEXT}_second.py").write_text(text)
    return folder


@pytest.fixture
def longer(tmp_path: Path) -> Path:
    return _chain(tmp_path / "longer", "SELECT 1")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return _chain(tmp_path / "broken", "SELECT nonsense")


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Return a folder with a state of the newest version that knows a source."""
    async with open_store(tmp_path / "state") as store:
        await store.save_source(SourceState(name=ERP))
    return tmp_path / "state"


@pytest.fixture
def other_process(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Yield a process that has the right to push."""
    script = (
        "import fcntl, os, sys\n"
        "file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "os.write(file, str(os.getpid()).encode())\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(folder / "push.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.kill()


def _migrate(folder: Path, scripts: Path, *, migrate: bool = True, care: Care | None = None) -> Path:
    return prepare(folder, migrate=migrate, read_only=False, scripts=scripts, care=care or Care())


def _care(day: int, *, keep: int = 5) -> Care:
    return Care(keep=keep, now=lambda: datetime(2026, 11, day, tzinfo=UTC))


def _copies(folder: Path) -> list[Path]:
    return sorted((folder / "backups").glob("*before*"))


def test_a_fresh_state_is_the_sum_of_the_migrations(folder: Path, tmp_path: Path) -> None:
    grown = tmp_path / "grown.db"
    with (
        closing(sqlite3.connect(grown, isolation_level=None)) as connection,
        transaction(connection) as wrapped,
    ):
        run_scripts(wrapped, scripts=SCRIPTS, target=revisions(SCRIPTS)[-1])
    assert _schema(grown) == _schema(folder / "state.db")


def test_a_fresh_state_is_of_the_newest_version(folder: Path) -> None:
    found = _rows(folder / "state.db", "SELECT version_num FROM alembic_version")
    assert found == [(revisions(SCRIPTS)[-1],)]


def test_an_old_state_is_brought_up_to_date(folder: Path, longer: Path) -> None:
    assert _rows(_migrate(folder, longer), "SELECT version_num FROM alembic_version") == [(NEXT,)]


def test_an_old_state_keeps_its_rows(folder: Path, longer: Path) -> None:
    assert _rows(_migrate(folder, longer), "SELECT name FROM sources") == [("erp",)]


def test_an_old_state_is_copied_before_it_is_touched(folder: Path, longer: Path) -> None:
    _migrate(folder, longer)
    (copy,) = _copies(folder)
    assert _rows(copy, "SELECT version_num, name FROM alembic_version, sources") == [(LAST, "erp")]


def test_the_copy_is_one_file_for_us_alone_and_named_by_its_time(folder: Path, longer: Path) -> None:
    _migrate(folder, longer, care=_care(1))
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "backups").iterdir()}
    assert found == {f"state.db.before-{NEXT}-20261101T000000Z": 0o600}


def test_the_folder_of_the_copies_is_for_us_alone(folder: Path, longer: Path) -> None:
    _migrate(folder, longer)
    assert stat.S_IMODE((folder / "backups").stat().st_mode) == 0o700


def test_the_copy_needs_no_log_beside_it(folder: Path, longer: Path) -> None:
    _migrate(folder, longer)
    assert _rows(_copies(folder)[0], "PRAGMA journal_mode") == [("delete",)]


def test_a_state_of_our_version_is_not_copied(folder: Path) -> None:
    _migrate(folder, SCRIPTS)
    assert _copies(folder) == []


def test_a_migrated_state_opens_the_next_time_without_a_step(folder: Path, longer: Path) -> None:
    _migrate(folder, longer)
    _copies(folder)[0].unlink()
    _migrate(folder, longer)
    assert _copies(folder) == []


def test_only_the_newest_copies_are_kept(folder: Path, longer: Path) -> None:
    (folder / "backups").mkdir()
    for day in range(2, 6):
        (folder / "backups" / f"state.db.before-0001-202610{day:02}T000000Z").touch()
    _migrate(folder, longer, care=_care(1, keep=2))
    names = ["state.db.before-0001-20261005T000000Z", f"state.db.before-{NEXT}-20261101T000000Z"]
    assert [path.name for path in _copies(folder)] == names


def test_other_files_beside_the_copies_are_left_alone(folder: Path, longer: Path) -> None:
    (folder / "backups").mkdir()
    mine = folder / "backups" / "state-20200101T000000Z.db"
    mine.touch()
    _migrate(folder, longer, care=_care(1, keep=1))
    assert mine.exists()


def test_an_upgrade_that_fails_again_and_again_leaves_one_copy(folder: Path, broken: Path) -> None:
    for day in (1, 2, 3):
        with pytest.raises(StateError):
            _migrate(folder, broken, care=_care(day))
    assert [path.name for path in _copies(folder)] == [f"state.db.before-{NEXT}-20261103T000000Z"]


def test_a_step_that_fails_says_where_the_copy_is(folder: Path, broken: Path) -> None:
    with pytest.raises(StateError, match=rf"nonsense.*as it was.*backups/state\.db\.before-{NEXT}-"):
        _migrate(folder, broken)


def test_a_disk_without_room_is_told_before_anything_is_touched(folder: Path, longer: Path) -> None:
    before = (folder / "state.db").stat().st_mtime_ns
    with pytest.raises(StateUnavailable, match=r"no room to bring the state to .* nothing was touched"):
        _migrate(folder, longer, care=Care(free=lambda _: 1000))
    assert ((folder / "state.db").stat().st_mtime_ns, (folder / "backups").exists()) == (before, False)


def test_a_state_of_the_time_when_files_never_shrank_can_shrink_after_an_upgrade(
    folder: Path, longer: Path
) -> None:
    with closing(sqlite3.connect(folder / "state.db")) as connection:
        connection.execute("PRAGMA auto_vacuum = NONE")
        connection.execute("VACUUM")
    _migrate(folder, longer)
    assert _rows(folder / "state.db", "PRAGMA auto_vacuum") == [(2,)]


def test_a_new_state_can_shrink(folder: Path) -> None:
    assert _rows(folder / "state.db", "PRAGMA auto_vacuum") == [(2,)]


def test_a_step_that_fails_leaves_the_state_as_it_was(folder: Path, broken: Path) -> None:
    before = _schema(folder / "state.db")
    with pytest.raises(StateError):
        _migrate(folder, broken)
    assert _schema(folder / "state.db") == before


def test_a_step_that_fails_leaves_the_version_as_it_was(folder: Path, broken: Path) -> None:
    with pytest.raises(StateError):
        _migrate(folder, broken)
    assert _rows(folder / "state.db", "SELECT version_num FROM alembic_version") == [(LAST,)]


def test_an_old_state_is_left_alone_where_it_must_not_migrate(folder: Path, longer: Path) -> None:
    with pytest.raises(StateError, match=rf"{LAST}.*{NEXT}.*syncd run"):
        _migrate(folder, longer, migrate=False)


def test_an_old_state_is_not_migrated_for_reading(folder: Path, longer: Path) -> None:
    with pytest.raises(StateError, match=rf"{LAST}.*{NEXT}"):
        prepare(folder, migrate=True, read_only=True, scripts=longer)


def test_a_state_is_not_migrated_under_a_running_daemon(
    folder: Path, longer: Path, other_process: "subprocess.Popen[bytes]"
) -> None:
    with pytest.raises(StateUnavailable, match=f"{other_process.pid}.*restart"):
        _migrate(folder, longer)


async def test_the_holder_of_the_lock_may_migrate(folder: Path, longer: Path) -> None:
    async with FileLock(folder).held() as ours:
        assert ours
        assert _migrate(folder, longer).exists()


async def test_a_migration_gives_the_lock_back(folder: Path, longer: Path) -> None:
    _migrate(folder, longer)
    async with FileLock(folder).held() as ours:
        assert ours


def test_our_migrations_run_from_a_path_with_odd_signs(folder: Path, tmp_path: Path) -> None:
    odd = _chain(tmp_path / "a %(b)s%c", "SELECT 1")
    assert _rows(_migrate(folder, odd), "SELECT version_num FROM alembic_version") == [(NEXT,)]


def test_the_steps_of_alembic_do_nothing_for_who_else_imports_them() -> None:
    command = [sys.executable, "-c", "import syncd.adapters.state.migrations.env"]
    assert subprocess.run(command, check=False, env=os.environ).returncode == 0


def test_a_state_before_orders_keeps_its_sources(tmp_path: Path) -> None:
    old = tmp_path / "state.db"
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        with transaction(connection) as wrapped:
            run_scripts(wrapped, scripts=SCRIPTS, target="0001")
        connection.execute(
            "INSERT INTO sources VALUES ('erp', 3, 5, 4, 'full', 'until_shipped', 'none', 'c', '', NULL)"
        )
        with transaction(connection) as wrapped:
            run_scripts(wrapped, scripts=SCRIPTS, target="0002")
    assert _rows(old, "SELECT * FROM sources") == [
        ("erp", 3, 5, 4, "full", "until_shipped", "none", "c", "", None, "{}", "created")
    ]


def test_a_state_before_ids_contains_no_order_by_its_id(tmp_path: Path) -> None:
    old = tmp_path / "state.db"
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        with transaction(connection) as wrapped:
            run_scripts(wrapped, scripts=SCRIPTS, target="0004")
        connection.execute(
            "INSERT INTO sources VALUES "
            "('erp', 3, 5, 4, 'full', 'until_shipped', 'ids', 'c', '', NULL, '{\"a\": 7}', 'paid')"
        )
        with transaction(connection) as wrapped:
            run_scripts(wrapped, scripts=SCRIPTS, target="0005")
    assert _rows(old, "SELECT watermarks, counts, included, ids_of FROM sources") == [
        ('{"a": 7}', "paid", "{}", "line")
    ]
