"""Both vaults keep the contract; the one on disk also keeps its tokens from everybody else."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.adapters.memory import MemoryVault
from syncd.adapters.state import FileVault
from syncd.domain.model import ShopName
from syncd.errors import StateError
from syncd.ports.tokens import TokenVault
from tests.contract.vault_contract import JD, TMALL, VaultContract, kept

_HOLDER = """
import asyncio, sys
from pathlib import Path
from syncd.adapters.state import FileVault

async def main():
    async with FileVault(Path(sys.argv[1])).held("tmall") as ours:
        print(ours, flush=True)
        sys.stdin.read()

asyncio.run(main())
"""


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self) -> TokenVault:
        return MemoryVault()


class TestFileVault(VaultContract):
    @pytest.fixture
    def vault(self, tmp_path: Path) -> TokenVault:
        return FileVault(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


async def saved(folder: Path) -> FileVault:
    vault = FileVault(folder)
    await vault.save(TMALL, kept())
    return vault


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def lay(file: Path, text: str, mode: int = 0o600) -> None:
    file.write_text(text)
    file.chmod(mode)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def link_away(file: Path) -> None:
    away = file.with_name("elsewhere")
    file.rename(away)
    file.symlink_to(away)


async def test_nobody_else_may_read_the_file(tmp_path: Path, file: Path) -> None:
    before = os.umask(0)
    try:
        await saved(tmp_path)
    finally:
        os.umask(before)
    assert mode_of(file) == 0o600


async def test_another_vault_on_the_folder_sees_what_was_saved(tmp_path: Path) -> None:
    await saved(tmp_path)
    assert await FileVault(tmp_path).load(TMALL) == kept()


async def test_what_many_save_at_once_is_all_there(tmp_path: Path) -> None:
    names = [ShopName(f"shop_{n}") for n in range(20)]
    await asyncio.gather(*(FileVault(tmp_path).save(name, kept(name)) for name in names))
    assert set(json.loads((tmp_path / "tokens.json").read_text())["shops"]) == set(names)


async def test_what_a_crash_left_beside_it_is_no_part_of_it(tmp_path: Path) -> None:
    vault = await saved(tmp_path)
    lay(tmp_path / "tokens.new", '{"schema": "syncd.tok', 0o644)
    assert await vault.load(TMALL) == kept()
    await vault.save(JD, kept("two"))
    assert await vault.load(TMALL) == kept()
    assert "tokens.new" not in names_in(tmp_path)


async def test_a_failed_write_leaves_what_was_there(tmp_path: Path, file: Path) -> None:
    vault = await saved(tmp_path)
    (tmp_path / "tokens.new").mkdir()
    with pytest.raises(StateError, match=r"tokens\.json"):
        await vault.save(TMALL, kept("two"))
    assert await vault.load(TMALL) == kept()
    assert mode_of(file) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
async def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, file: Path, mode: int) -> None:
    vault = FileVault(tmp_path)
    lay(file, document(), mode)
    with pytest.raises(StateError, match=rf"mode 0{mode:o}.*chmod 600"):
        await vault.load(TMALL)
    with pytest.raises(StateError, match="chmod 600"):
        await vault.save(TMALL, kept("two"))


async def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    await saved(tmp_path)
    with pytest.raises(StateError, match="belongs to"):
        await FileVault(tmp_path, uid=4294900000).load(TMALL)


async def test_a_folder_of_another_user_gets_no_file(tmp_path: Path) -> None:
    other = FileVault(tmp_path, uid=4294900000)
    with pytest.raises(StateError, match="belongs to"):
        await other.save(TMALL, kept())
    with pytest.raises(StateError, match="belongs to"):
        async with other.held(TMALL):
            pass  # pragma: no cover - never held
    assert names_in(tmp_path) == []


async def test_a_link_in_its_place_is_refused(tmp_path: Path, file: Path) -> None:
    await saved(tmp_path)
    link_away(file)
    with pytest.raises(StateError, match=r"tokens\.json"):
        await FileVault(tmp_path).load(TMALL)


async def test_a_pipe_in_its_place_is_refused(tmp_path: Path, file: Path) -> None:
    os.mkfifo(file, 0o600)
    with pytest.raises(StateError, match="is no file"):
        await FileVault(tmp_path).load(TMALL)


_ENTRY = {
    "access": "planted-access",
    "refresh": "planted-refresh",
    "access_expires": None,
    "refresh_expires": None,
    "seed": "s",
    "saved": "2026-11-23T10:00:00+00:00",
    "begun": None,
}


def document(**changes: object) -> str:
    return json.dumps({"schema": "syncd.tokens/1", "shops": {"tmall": {**_ENTRY, **changes}}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "planted-access",
        document()[:-9],
        "[]",
        '{"shops": {}}',
        '{"schema": "syncd.tokens/1", "shops": ["planted-access"]}',
        '{"schema": "syncd.tokens/1", "shops": {"tmall": {"access": "planted-access"}}}',
        document(access=7),
        document(saved=None),
        document(saved="planted-access"),
        document(access_expires="2026-11-23T10:00:00"),
        "[" * 100_000,
    ],
)
async def test_a_damaged_file_is_named_with_the_way_out_and_never_quoted(
    tmp_path: Path, file: Path, text: str
) -> None:
    lay(file, text)
    with pytest.raises(StateError, match=r"tokens\.json: .*damaged.*move it away") as error:
        await FileVault(tmp_path).load(TMALL)
    assert "planted" not in f"{error.value!r}{error.value.__cause__!r}"


async def test_a_file_of_a_newer_program_is_left_alone(tmp_path: Path, file: Path) -> None:
    text = '{"schema": "syncd.tokens/2", "shops": {}}'
    lay(file, text)
    with pytest.raises(StateError, match="another version"):
        await FileVault(tmp_path).save(TMALL, kept())
    assert await asyncio.to_thread(file.read_text) == text


async def test_without_a_state_folder_nothing_can_be_kept(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "missing")
    assert await vault.load(TMALL) is None
    with pytest.raises(StateError, match="no state yet"):
        await vault.save(TMALL, kept())


async def test_a_shop_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    vault = FileVault(tmp_path)
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        async with vault.held(TMALL) as mine, vault.held(JD) as other:
            assert (mine, other) == (False, True)
        process.kill()
    async with vault.held(TMALL) as mine:
        assert mine is True


def test_no_repr_shows_a_token() -> None:
    assert "access-one" not in repr(kept())
    assert "refresh-one" not in repr(kept())
