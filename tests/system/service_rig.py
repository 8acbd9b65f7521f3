"""The daemon as systemd starts it: a process of its own, with a stand-in for the notify socket."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import syncd
from tests.system.cli_rig import PATIENCE, ROOT, Bench
from tests.unit.runtime.notify_socket import NotifySocket, notify_socket


@dataclass(slots=True, kw_only=True)
class Unit:
    """A running daemon, what systemd hears of it, and its log."""

    program: asyncio.subprocess.Process
    notices: NotifySocket
    log: list[dict[str, Any]] = field(default_factory=list)

    async def told(self, event: str) -> dict[str, Any]:
        """Return the next line of the log about `event`."""
        assert self.program.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                raw = await self.program.stderr.readline()
                assert raw, f"it ended before it told {event}: {self.log}"
                self.log.append(json.loads(raw))
                if self.log[-1]["event"] == event:
                    return self.log[-1]

    async def words(self) -> str:
        """Return all that it says until it ends."""
        assert self.program.stderr is not None
        async with asyncio.timeout(PATIENCE):
            return (await self.program.stderr.read()).decode()

    def kill(self, number: signal.Signals) -> None:
        self.program.send_signal(number)

    async def ended(self) -> int:
        """Return the exit code once the program has ended."""
        async with asyncio.timeout(PATIENCE):
            return await self.program.wait()

    async def stopped(self) -> int:
        """Return the exit code after a SIGTERM."""
        self.kill(signal.SIGTERM)
        return await self.ended()


@asynccontextmanager
async def unit(
    tools: Bench, *, env: Mapping[str, str] | None = None, root: Path = ROOT, prefix: Sequence[str] = ()
) -> AsyncIterator[Unit]:
    """Yield `syncd run` of the program in `root`; it is killed with the block if it has not ended by then.

    `prefix` are the words of a program that becomes it.
    """
    with notify_socket() as notices:
        program = await asyncio.create_subprocess_exec(
            *prefix,
            sys.executable,
            "-m",
            "syncd",
            "run",
            cwd=root,
            env={**os.environ, "PYTHONUTF8": "1", "NOTIFY_SOCKET": notices.address}
            | tools.environ()
            | dict(env or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield Unit(program=program, notices=notices)
        finally:
            if program.returncode is None:
                program.kill()
            await program.communicate()


_SECOND = '''"""A second step."""

from alembic import op

revision = "{next}"
down_revision = "{last}"


def upgrade() -> None:
    """Make one more table."""
    op.execute("CREATE TABLE more (text TEXT)")
'''


def newer_program(folder: Path) -> Path:
    """Return the root of a copy of the program that knows one more version of the state."""
    shutil.copytree(
        Path(syncd.__file__).parent, folder / "syncd", ignore=shutil.ignore_patterns("__pycache__")
    )
    versions = folder / "syncd" / "adapters" / "state" / "migrations" / "versions"
    last = max(file.name[:4] for file in versions.glob("[0-9]*.py"))
    following = f"{int(last) + 1:04}"
    text = _SECOND.format(last=last, next=following)
    (versions / f"{following}_second.py").write_text(text, "utf-8")
    return folder
