"""Copies of the state on disk: made beside who writes, looked through, and put in its place."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncd.adapters.state import Care, FileCopies, FileLock, open_store
from syncd.adapters.state.migrating import run_scripts, transaction
from syncd.adapters.state.opening import SCRIPTS, revisions
from syncd.adapters.state.schema import APPLICATION_ID
from syncd.domain.model import ShopName
from syncd.domain.records import ShopState, SourceState
from syncd.errors import StateError, StateUnavailable, UsageError
from syncd.ports.care import Old, Restored
from tests.contract.store_contract_rows import ERP, NOW, SHOP, ledger_row, listing_row, save_plan

STAMP = "20261101T000000Z"


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Return a folder with a state that knows a source, a listing, a shop and one change."""
    async with open_store(tmp_path / "state") as store:
        await store.save_source(SourceState(name=ERP))
        await store.save_listings([listing_row()])
        await store.save_shop(ShopState(name=SHOP, accepted_at=NOW))
        await save_plan(store, ledger=[ledger_row()])
    return tmp_path / "state"


def copies(folder: Path, **care: Callable[[Path], int]) -> FileCopies:
    return FileCopies(folder, care=Care(now=lambda: datetime(2026, 11, 1, tzinfo=UTC), **care))  # type: ignore[arg-type]


async def restored(folder: Path, file: Path) -> Restored:
    return await copies(folder).restore(file, [SHOP], (), by="ann")


def rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- a copy ------------------------------------------------------------------------------------------------


async def test_a_copy_has_all_that_was_committed_while_somebody_goes_on_writing(folder: Path) -> None:
    async with open_store(folder) as store:
        copying = asyncio.create_task(copies(folder).back_up(folder.parent / "copy.db"))
        written = 0
        while not copying.done():
            await store.save_source(SourceState(name=ERP, seq=(written := written + 1)))
        copy = await copying
    assert written
    assert rows(copy.file, "SELECT count(*) FROM sources") == [(1,)]


async def test_what_is_still_in_the_log_is_in_the_copy(folder: Path) -> None:
    async with open_store(folder) as store:
        await store.save_source(SourceState(name=ERP, seq=7))
        copy = await copies(folder).back_up(folder.parent / "copy.db")
    assert rows(copy.file, "SELECT seq FROM sources") == [(7,)]


async def test_a_copy_says_how_large_and_of_when_it_is(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    said = (copy.size, copy.version, copy.newest)
    assert said == (copy.file.stat().st_size, revisions()[-1], NOW)


async def test_a_copy_without_a_name_lies_in_the_state_folder_under_its_time(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    assert copy.file == folder / "backups" / f"state-{STAMP}.db"


async def test_a_copy_is_one_file_for_us_alone(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in copy.file.parent.iterdir()}
    assert found == {copy.file.name: 0o600}


async def test_no_token_is_in_a_copy(folder: Path) -> None:
    (folder / "tokens.json").write_text('{"planted": "secret-of-a-shop"}')
    copy = await copies(folder).back_up(None)
    assert b"secret-of-a-shop" not in copy.file.read_bytes()


async def test_a_copy_overwrites_nothing(folder: Path) -> None:
    file = folder.parent / "mine"
    file.write_text("mine")
    with pytest.raises(UsageError, match="not overwritten"):
        await copies(folder).back_up(file)
    assert file.read_text() == "mine"


async def test_a_copy_needs_a_folder_to_lie_in(folder: Path) -> None:
    with pytest.raises(UsageError, match="folder does not exist"):
        await copies(folder).back_up(folder.parent / "no" / "copy.db")


async def test_a_copy_without_room_leaves_nothing_behind(folder: Path) -> None:
    with pytest.raises(StateUnavailable, match="no room for a copy"):
        await copies(folder, free=lambda _: 5).back_up(folder.parent / "copy.db")
    assert names(folder.parent) == ["state"]


async def test_a_damaged_state_is_not_passed_on_as_a_copy(folder: Path) -> None:
    file = folder / "state.db"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    file.write_bytes(content)
    with pytest.raises(StateError):
        await copies(folder).back_up(folder.parent / "copy.db")
    assert names(folder.parent) == ["state"]


async def test_where_there_is_no_state_there_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="there is no state yet"):
        await copies(tmp_path).back_up(tmp_path / "copy.db")


# --- and back ----------------------------------------------------------------------------------------------


async def test_a_copy_whose_new_beginning_is_not_in_its_file_is_not_put_in_place(
    folder: Path,
) -> None:
    copy = await copies(folder).back_up(None)
    reading: list[sqlite3.Connection] = []

    def now() -> datetime:
        # Who reads the copy at the end keeps the log from being folded in, as a full disk would.
        if (part := folder / "restoring" / "state.db").exists() and not reading:
            reading.append(sqlite3.connect(part))
            reading[0].execute("SELECT count(*) FROM sources").fetchall()
        return NOW

    with pytest.raises(StateUnavailable, match="could not be folded"):
        await FileCopies(folder, care=Care(now=now)).restore(copy.file, [SHOP], (), by="ann")
    reading[0].close()
    assert rows(folder / "state.db", "SELECT count(*) FROM ledger WHERE what = 'restored'") == [(0,)]
    assert names(folder) == ["backups", "push.lock", "state.db"]


@pytest.mark.parametrize("read_only", [False, True])
async def test_where_a_restore_was_broken_off_no_new_state_begins_but_by_another_restore(
    folder: Path, *, read_only: bool
) -> None:
    copy = await copies(folder).back_up(folder.parent / "copy.db")
    (folder / "restoring").mkdir()
    (folder / "state.db").rename(folder / "restoring" / "state.db")
    with pytest.raises(StateError, match="is no state of syncd"):
        await restored(folder, Path(__file__))

    with pytest.raises(StateError, match="a restore was broken off"):
        async with open_store(folder, read_only=read_only):
            pass

    await restored(folder, copy.file)
    async with open_store(folder) as store:
        assert list(await store.shops()) == [SHOP]


async def test_a_restored_state_has_what_the_copy_had_and_begins_anew(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    async with open_store(folder) as store:
        await store.save_source(SourceState(name=ERP, seq=9))
    await restored(folder, copy.file)
    async with open_store(folder) as store:
        known = (await store.sources())[ERP].seq, (await store.shops())[SHOP].accepted_at
        (row,) = await store.listings()
        (newest, *_) = await store.ledger()
    assert (known, row.expected_hi, newest.what, newest.who) == ((0, None), None, "restored", "ann")


async def test_the_state_that_was_there_is_moved_aside_whole(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    async with open_store(folder) as store:
        await store.save_source(SourceState(name=ERP, seq=9))
    done = await restored(folder, copy.file)
    assert done.moved_to == folder / "backups" / f"state.db.replaced-{STAMP}"
    assert rows(done.moved_to, "SELECT seq FROM sources") == [(9,)]


async def test_two_restores_in_one_second_move_two_states_aside(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    first, second = await restored(folder, copy.file), await restored(folder, copy.file)
    assert first.moved_to
    assert second.moved_to
    assert first.moved_to != second.moved_to
    assert first.moved_to.exists()


async def test_a_restored_state_is_ours_alone_with_nothing_left_beside_it(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    await restored(folder, copy.file)
    assert stat.S_IMODE((folder / "state.db").stat().st_mode) == 0o600
    assert names(folder) == ["backups", "push.lock", "state.db"]


async def test_a_copy_stays_as_it_is_and_can_be_restored_again(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    before = copy.file.read_bytes()
    await restored(folder, copy.file)
    assert copy.file.read_bytes() == before


async def test_a_copy_can_be_restored_where_there_was_no_state(folder: Path, tmp_path: Path) -> None:
    copy = await copies(folder).back_up(tmp_path / "copy.db")
    done = await restored(tmp_path / "new", copy.file)
    assert (done.moved_to, rows(tmp_path / "new" / "state.db", "SELECT name FROM sources")) == (
        None,
        [("erp",)],
    )


async def test_a_damaged_state_can_be_replaced(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    (folder / "state.db").write_bytes(b"no database at all")
    done = await restored(folder, copy.file)
    assert done.moved_to
    assert done.moved_to.read_bytes() == b"no database at all"
    assert rows(folder / "state.db", "SELECT name FROM sources") == [("erp",)]


async def test_tokens_stay_as_they_are(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    (folder / "tokens.json").write_text("newer ones")
    await restored(folder, copy.file)
    assert (folder / "tokens.json").read_text() == "newer ones"


async def test_nothing_is_restored_while_somebody_pushes(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    async with FileLock(folder).held():
        with pytest.raises(UsageError, match=f"process {os.getpid()}.*stop it first"):
            await restored(folder, copy.file)


async def test_a_file_that_is_not_there_is_not_restored(folder: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        await restored(folder, folder / "nothing")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("PRAGMA application_id = 5", "another program wrote it"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer syncd"),
        ("DELETE FROM alembic_version", "names 0 versions"),
    ],
)
async def test_what_is_no_state_of_ours_is_not_restored(folder: Path, change: str, why: str) -> None:
    copy = await copies(folder).back_up(None)
    with closing(sqlite3.connect(copy.file)) as connection:
        connection.execute(change)
        connection.commit()
    before = (folder / "state.db").read_bytes()
    with pytest.raises(StateError, match=why):
        await restored(folder, copy.file)
    assert (folder / "state.db").read_bytes() == before


async def test_a_damaged_copy_is_not_restored(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    content = bytearray(copy.file.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    copy.file.write_bytes(content)
    with pytest.raises(StateError, match=r"damaged|malformed"):
        await restored(folder, copy.file)


async def test_what_is_left_of_a_restore_that_was_cut_off_is_cleared_away(folder: Path) -> None:
    copy = await copies(folder).back_up(None)
    (folder / "restoring").mkdir()
    shutil.copy(folder / "state.db", folder / "restoring" / "state.db")
    await restored(folder, copy.file)
    assert not (folder / "restoring").exists()


async def test_a_copy_of_an_older_state_is_brought_up_to_date(folder: Path) -> None:
    old = folder.parent / "old.db"
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        with transaction(connection) as wrapped:
            run_scripts(wrapped, scripts=SCRIPTS, target=revisions()[-2])
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    await restored(folder, old)
    assert rows(folder / "state.db", "SELECT version_num FROM alembic_version") == [(revisions()[-1],)]


async def test_shops_that_left_the_configuration_stay_as_they_were(folder: Path) -> None:
    async with open_store(folder) as store:
        await store.save_shop(ShopState(name=ShopName("old"), observed_at=NOW))
    copy = await copies(folder).back_up(None)
    await restored(folder, copy.file)
    async with open_store(folder) as store:
        assert (await store.shops())[ShopName("old")].observed_at is None


async def test_the_room_of_what_was_forgotten_goes_back_to_the_disk(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await save_plan(store, ledger=[ledger_row(str(number)) for number in range(20_000)])
    before = (tmp_path / "state.db").stat().st_size
    async with open_store(tmp_path) as store:
        await store.purge(Old.LEDGER, before=NOW + timedelta(days=1), limit=20_000)
        while await store.shrink(pages=100):
            pass
    assert (tmp_path / "state.db").stat().st_size < before / 4
