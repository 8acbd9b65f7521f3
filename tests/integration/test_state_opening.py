"""Opening the state: what is made, what is refused, and in which words."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from syncd.adapters.state import open_store
from syncd.adapters.state.database import open_database
from syncd.adapters.state.opening import SCRIPTS, prepare
from syncd.domain.records import SourceState
from syncd.errors import StateError
from tests.contract.store_contract_rows import ERP, NOW, listing_row


def _change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: _mode(path) for path in folder.iterdir()}


async def _make(folder: Path) -> Path:
    """Leave a state with one source and many listings in `folder`; return its file."""
    async with open_store(folder) as store:
        await store.save_source(SourceState(name=ERP))
        await store.save_listings([listing_row(str(number)) for number in range(2000)])
    return folder / "state.db"


async def _refused(folder: Path, *, read_only: bool = False) -> str:
    with pytest.raises(StateError) as caught:
        async with open_store(folder, read_only=read_only):
            pass  # pragma: no cover - never opened
    return str(caught.value)


async def test_what_was_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    await _make(tmp_path)
    async with open_store(tmp_path) as store:
        assert await store.sources() == {ERP: SourceState(name=ERP)}


async def test_a_missing_folder_is_made_for_us_alone(tmp_path: Path) -> None:
    await _make(tmp_path / "state")
    assert _mode(tmp_path / "state") == 0o700


async def test_a_folder_without_a_parent_is_not_made(tmp_path: Path) -> None:
    await _refused(tmp_path / "wrong" / "state")
    assert not (tmp_path / "wrong").exists()


async def test_a_folder_without_a_parent_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "wrong") in await _refused(tmp_path / "wrong" / "state")


async def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    assert str(tmp_path / "state") in await _refused(tmp_path / "state")


async def test_the_database_is_readable_by_us_alone(tmp_path: Path) -> None:
    assert _mode(await _make(tmp_path)) == 0o600


async def test_the_log_of_the_database_is_readable_by_us_alone(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.save_source(SourceState(name=ERP))
        assert _modes(tmp_path) == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


async def test_a_database_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    file = await _make(tmp_path)
    file.chmod(0o644)
    await _make(tmp_path)
    assert _mode(file) == 0o600


async def test_an_empty_file_becomes_a_state(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    await _make(tmp_path)
    async with open_store(tmp_path) as store:
        assert len(await store.listings()) == 2000


async def test_odd_signs_in_the_path_mean_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "a b?mode=ro#%41&库"
    await _make(folder)
    assert (folder / "state.db").exists()


# --- who may open it -------------------------------------------------------------------------------------


async def test_the_state_of_another_user_is_refused_with_the_way_to_do_it(tmp_path: Path) -> None:
    await _make(tmp_path)
    with pytest.raises(StateError, match=r"sudo -u .* syncd"):
        prepare(tmp_path, migrate=True, read_only=False, uid=os.geteuid() + 12345)


async def test_reading_the_state_of_another_user_is_refused_too(tmp_path: Path) -> None:
    await _make(tmp_path)
    with pytest.raises(StateError, match="sudo -u"):
        prepare(tmp_path, migrate=True, read_only=True, uid=os.geteuid() + 12345)


def test_an_empty_folder_of_another_user_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        prepare(tmp_path, migrate=True, read_only=False, uid=os.geteuid() + 12345)
    assert list(tmp_path.iterdir()) == []


# --- reading only ----------------------------------------------------------------------------------------


async def test_reading_only_makes_no_folder(tmp_path: Path) -> None:
    await _refused(tmp_path / "state", read_only=True)
    assert _modes(tmp_path) == {}


async def test_reading_only_says_what_makes_the_state(tmp_path: Path) -> None:
    assert "syncd sync" in await _refused(tmp_path, read_only=True)


async def test_reading_only_does_not_fill_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    assert "no state yet" in await _refused(tmp_path, read_only=True)


async def test_a_store_for_reading_reads(tmp_path: Path) -> None:
    await _make(tmp_path)
    async with open_store(tmp_path, read_only=True) as store:
        assert len(await store.listings()) == 2000


async def test_a_store_for_reading_refuses_to_write(tmp_path: Path) -> None:
    await _make(tmp_path)
    async with open_store(tmp_path, read_only=True) as store:
        with pytest.raises(StateError, match="reading only"):
            await store.save_source(SourceState(name=ERP))


async def test_a_reader_sees_what_a_writer_beside_it_saved(tmp_path: Path) -> None:
    async with open_store(tmp_path) as writer, open_store(tmp_path, read_only=True) as reader:
        await writer.save_source(SourceState(name=ERP))
        assert await reader.sources() == {ERP: SourceState(name=ERP)}


# --- files that cannot be believed -----------------------------------------------------------------------


async def test_a_file_that_is_no_database_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database" * 100)
    message = await _refused(tmp_path)
    assert str(tmp_path / "state.db") in message
    assert "syncd restore" in message


async def test_a_file_that_is_no_database_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database" * 100)
    await _refused(tmp_path)
    assert (tmp_path / "state.db").read_bytes() == b"not a database" * 100


async def test_a_damaged_schema_is_named_with_the_way_out(tmp_path: Path) -> None:
    file = await _make(tmp_path)
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xff" * 3996
    file.write_bytes(content)
    assert "syncd restore" in await _refused(tmp_path)


async def test_damage_found_while_reading_is_named_with_the_way_out(tmp_path: Path) -> None:
    file = await _make(tmp_path)
    content = bytearray(file.read_bytes())
    # The first pages hold one of each table; what follows is all listings.
    whole = len(content) * 3 // 4
    content[whole:] = b"\xff" * (len(content) - whole)
    file.write_bytes(content)
    async with open_store(tmp_path) as store:
        with pytest.raises(StateError, match="syncd restore"):
            await store.listings()


async def test_the_file_of_another_program_is_refused(tmp_path: Path) -> None:
    _change(tmp_path / "state.db", "CREATE TABLE notes (text)")
    assert "another program" in await _refused(tmp_path)


async def test_the_file_of_another_program_is_left_as_it_was(tmp_path: Path) -> None:
    _change(tmp_path / "state.db", "CREATE TABLE notes (text)")
    before = (tmp_path / "state.db").read_bytes()
    await _refused(tmp_path)
    assert (tmp_path / "state.db").read_bytes() == before


async def test_a_state_newer_than_the_program_is_refused_with_both_versions(tmp_path: Path) -> None:
    _change(await _make(tmp_path), "UPDATE alembic_version SET version_num = '9999'")
    message = await _refused(tmp_path)
    assert "9999" in message
    assert max(file.name[:4] for file in (SCRIPTS / "versions").glob("[0-9]*.py")) in message


async def test_a_state_without_a_version_is_damaged(tmp_path: Path) -> None:
    _change(await _make(tmp_path), "DELETE FROM alembic_version")
    assert "damaged" in await _refused(tmp_path)


async def test_a_figure_of_the_wrong_type_is_kept_out_by_the_file_itself(tmp_path: Path) -> None:
    file = await _make(tmp_path)
    with pytest.raises(sqlite3.IntegrityError):
        _change(file, "UPDATE listings SET observed = 'many'")


# --- power -----------------------------------------------------------------------------------------------


async def test_a_copy_of_the_files_in_flight_has_everything_committed(tmp_path: Path) -> None:
    async with open_store(tmp_path / "state") as store:
        await store.save_listings([listing_row()])
        # What a power cut leaves: the file and its log as they are, nothing folded, nobody said goodbye.
        shutil.copytree(tmp_path / "state", tmp_path / "after")
    async with open_store(tmp_path / "after") as store:
        assert await store.listings() == [listing_row()]


async def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    async with open_database(await _make(tmp_path), read_only=False) as database:
        assert await database.few.query(text("PRAGMA synchronous")) == [(2,)]


async def test_a_store_is_refused_after_it_was_closed(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        pass
    with pytest.raises(StateError, match="closed"):
        await store.ask("pause", "tmall", at=NOW, by="ann")


async def test_a_store_that_was_closed_reads_nothing_any_more(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        pass
    for reading in (store.sources, store.listings, store.listing_columns, store.stock):
        with pytest.raises(StateError, match="closed"):
            await reading()
