"""The right to push: what every lock owes, and that the system frees the one on disk."""

import subprocess
import sys
from pathlib import Path

import pytest

from syncd.adapters.memory import MemoryLock
from syncd.adapters.state import FileLock
from syncd.errors import StateError
from syncd.ports.store import PushLock

_HOLDER = """
import asyncio, sys
from pathlib import Path
from syncd.adapters.state import FileLock

async def main():
    async with FileLock(Path(sys.argv[1])).held() as ours:
        print(ours, flush=True)
        sys.stdin.read()

asyncio.run(main())
"""


class LockContract:
    async def test_a_free_lock_is_had_at_once(self, lock: PushLock) -> None:
        async with lock.held() as ours:
            assert ours is True

    async def test_a_taken_lock_is_refused_at_once(self, lock: PushLock) -> None:
        async with lock.held(), lock.held() as ours:
            assert ours is False

    async def test_whoever_was_refused_does_not_free_it(self, lock: PushLock) -> None:
        async with lock.held():
            async with lock.held():
                pass
            async with lock.held() as ours:
                assert ours is False

    async def test_the_lock_is_free_after_its_block(self, lock: PushLock) -> None:
        async with lock.held():
            pass
        async with lock.held() as ours:
            assert ours is True

    async def test_the_lock_is_free_after_a_failure_in_its_block(self, lock: PushLock) -> None:
        with pytest.raises(ZeroDivisionError):
            async with lock.held():
                raise ZeroDivisionError
        async with lock.held() as ours:
            assert ours is True


class TestMemoryLock(LockContract):
    @pytest.fixture
    def lock(self) -> PushLock:
        return MemoryLock()


class TestFileLock(LockContract):
    @pytest.fixture
    def lock(self, tmp_path: Path) -> PushLock:
        return FileLock(tmp_path)

    async def test_the_lock_is_free_after_its_holder_was_killed(self, lock: PushLock, tmp_path: Path) -> None:
        command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220
            assert process.stdout is not None
            assert process.stdout.readline() == b"True\n"
            async with lock.held() as ours:
                assert ours is False
            process.kill()
        async with lock.held() as ours:
            assert ours is True

    async def test_the_holder_can_be_named(self, tmp_path: Path) -> None:
        command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220
            assert process.stdout is not None
            assert process.stdout.readline() == b"True\n"
            assert FileLock(tmp_path).holder() == process.pid
            process.kill()

    async def test_nobody_is_named_after_the_lock_was_given_back(self, tmp_path: Path) -> None:
        async with FileLock(tmp_path).held():
            pass
        assert FileLock(tmp_path).holder() is None

    async def test_a_lock_without_a_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(StateError, match=r"push\.lock"):
            async with FileLock(tmp_path / "missing").held():
                pass  # pragma: no cover - never taken

    async def test_a_full_disk_does_not_cost_the_lock(self, tmp_path: Path) -> None:
        # What is written into the file is for people only.
        (tmp_path / "push.lock").symlink_to("/dev/full")
        async with FileLock(tmp_path).held() as ours:
            assert ours
