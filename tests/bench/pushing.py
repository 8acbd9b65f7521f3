"""What it costs to push: our pusher with its state and channel, against a bare loop of posts."""

import asyncio
import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import aiohttp

from syncd.adapters.channels.http import ADAPTER
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import open_http
from syncd.adapters.state import open_store
from syncd.domain.model import Cause, Change, ChangeKind, ItemId, ListingId, ListingRow, ShopName, Sku
from syncd.services.push import Pusher, PushSettings
from tests.bench.measuring import Figure, Size, timed

SHOP = ShopName("shop")
BATCH = 50
IN_FLIGHT = 4
OLD = 5

_AUTHORIZATION = {"Authorization": "Bearer mock-token"}
# The budget is not what is measured, so it is far above what any machine can send.
_NO_LIMITS = PushSettings(calls_per_second=1e6, burst=1_000_000, in_flight=IN_FLIGHT)


@dataclass(slots=True, kw_only=True)
class _Samples:
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)


def push(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure one shop's push from drafting to the last proof on disk, and count its calls."""
    ours, theirs = asyncio.run(_measured(size, tell))
    yield Figure(name="push.wall", unit="s", ours=ours.wall, theirs=theirs.wall)
    yield Figure(name="push.cpu", unit="CPU s", ours=ours.cpu, theirs=theirs.cpu)
    yield Figure(name="push.calls", unit="calls", ours=ours.calls, theirs=theirs.calls)


async def _measured(size: Size, tell: Callable[[str], None]) -> tuple[_Samples, _Samples]:
    ours, theirs = _Samples(), _Samples()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with _mock_shop(folder, size.pushed) as url, aiohttp.ClientSession(url) as session:
            for run in range(size.runs):
                tell(f"push: run {run + 1} of {size.runs}")
                await _post_bare(session, size.pushed, run, theirs)
                # As many lines as a call may carry: fewer calls are not possible.
                theirs.calls.append(-(-size.pushed // BATCH))
                await session.delete("/_mock/calls")
                await _push_ours(url, folder / f"state-{run}", size.pushed, ours)
                ours.calls.append(await _calls(session))
    return ours, theirs


@asynccontextmanager
async def _mock_shop(folder: Path, count: int) -> AsyncIterator[str]:
    """Yield the URL of a mock shop in a process of its own, so that its work is not counted as ours."""
    rows = [{"id": key, "item": key, "code": f"1-{key}", "quantity": OLD} for key in _ids(count)]
    file = folder / "shop.json"
    file.write_text(json.dumps({"listings": rows}), encoding="utf-8")
    command = ("-m", "syncd", "mock", "shop", "--port", "0", "--state", str(file))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        if not line.startswith("listening "):
            raise RuntimeError(f"the mock shop did not start, it said: {line!r}")
        yield line.split()[1]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _post_bare(session: aiohttp.ClientSession, count: int, run: int, samples: _Samples) -> None:
    bodies = deque(_bodies(count, run))

    async def work() -> None:
        while bodies:
            async with session.post("/stock", data=bodies.popleft(), headers=_AUTHORIZATION) as answer:
                await answer.read()
                answer.raise_for_status()

    with timed((process_time, samples.cpu), (perf_counter, samples.wall)):
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


async def _push_ours(url: str, folder: Path, count: int, samples: _Samples) -> None:
    settings = ADAPTER.settings.model_validate(
        {"url": url, "headers": _AUTHORIZATION, "write_modes": ["set"], "max_batch": BATCH}
    )
    changes = [_change(key, at) for at, key in enumerate(_ids(count))]
    async with open_store(folder) as store, open_http() as http:
        await store.save_listings([_row(change) for change in changes])
        async with ADAPTER.open(settings, SHOP, http) as channel:
            pusher = Pusher(shop=SHOP, channel=channel, store=store, clock=SystemClock(), settings=_NO_LIMITS)
            with timed((process_time, samples.cpu), (perf_counter, samples.wall)):
                report = await pusher.push(changes)
    if len(report.done) != count:
        raise RuntimeError(f"only {len(report.done)} of {count} changes were pushed: {report.message}")


async def _calls(session: aiohttp.ClientSession) -> int:
    async with session.get("/_mock/calls") as answer:
        log: Mapping[str, Any] = await answer.json()
    if log["statuses"].keys() - {"200"}:
        raise RuntimeError(f"the mock shop refused calls: {log['statuses']}")
    return int(log["counts"]["POST /stock"])


# --- what is pushed ----------------------------------------------------------------------------------------


def _ids(count: int) -> Sequence[str]:
    return [f"{600_000_000_000 + at}" for at in range(count)]


def _new(at: int) -> int:
    return 10 + at % 90


def _bodies(count: int, run: int) -> Iterator[bytes]:
    ids = _ids(count)
    for start in range(0, count, BATCH):
        lines = [
            # The shop answers a key that it knows as a duplicate, so each run has its own; as long as ours.
            {"id": key, "key": f"{run:08x}{at:024x}", "quantity": _new(at)}
            for at, key in enumerate(ids[start : start + BATCH], start)
        ]
        yield json.dumps({"changes": lines}, separators=(",", ":")).encode()


def _change(key: str, at: int) -> Change:
    return Change(
        shop=SHOP,
        listing=ListingId(key),
        item=ItemId(key),
        code=f"1-{key}",
        location="",
        sku=Sku(key),
        kind=ChangeKind.RAISE,
        old=OLD,
        new=_new(at),
        lo=OLD,
        hi=OLD,
        on_sale=True,
        unlist=False,
        cause=Cause.SNAPSHOT,
        rule="pools.main available",
    )


def _row(change: Change) -> ListingRow:
    return ListingRow(
        shop=change.shop,
        id=change.listing,
        code=change.code,
        item=change.item,
        location="",
        title="",
        sku=change.sku,
        units=1,
        unbound_because="",
        desired=change.new,
        want_off=False,
        expected_lo=change.lo,
        expected_hi=change.hi,
        observed=change.old,
        observed_at=None,
        withheld=0,
        on_sale=True,
        delisted_by="",
        gone=False,
    )
