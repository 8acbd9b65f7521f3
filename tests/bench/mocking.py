"""Mock shops in a process of their own, so that their work is not counted as ours."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

AUTHORIZATION = {"Authorization": "Bearer mock-token"}
"""How every call to a mock shop is signed: it knows a token, nothing else."""

OLD = 5
"""What every listing of a mock shop shows at first."""


@asynccontextmanager
async def mock_shop(folder: Path, ids: Sequence[str]) -> AsyncIterator[str]:
    """Yield the URL of a mock shop without limits that has these listings."""
    rows = [{"id": key, "item": key, "code": f"1-{key}", "quantity": OLD} for key in ids]
    file = folder / "shop.json"
    file.write_text(json.dumps({"listings": rows}), encoding="utf-8")
    command = ("-m", "syncd", "mock", "shop", "--port", "0", "--state", str(file))
    async with listening(*command) as urls:
        yield urls[0]


@asynccontextmanager
async def listening(*arguments: str, count: int = 1) -> AsyncIterator[list[str]]:
    """Yield the URLs that a Python program says it listens at, one a line; it is ended afterwards."""
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        lines = [(await process.stdout.readline()).decode() for _ in range(count)]
        if wrong := [line for line in lines if not line.startswith("listening ")]:
            raise RuntimeError(f"the mock shop did not start, it said: {wrong[0]!r}")
        yield [line.split()[1] for line in lines]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def calls_of(session: aiohttp.ClientSession) -> int:
    """Return how many calls wrote to a mock shop; one that it refused is an error."""
    async with session.get("/_mock/calls") as answer:
        log: Mapping[str, Any] = await answer.json()
    if log["statuses"].keys() - {"200"}:
        raise RuntimeError(f"the mock shop refused calls: {log['statuses']}")
    return int(log["counts"]["POST /stock"])
