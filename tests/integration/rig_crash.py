"""A process that dies on purpose: one cycle that kills itself between two steps.

Run as a module it is the parent of such processes: everything is imported once, then each line of its
input names a cycle to fork. It answers with the step at which the child died, empty where it lived.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from syncd.adapters.events import LogEvents
from syncd.adapters.http import open_http
from syncd.adapters.memory import FakeClock
from syncd.adapters.state import FileLock, open_store
from syncd.bootstrap import app as bootstrap
from syncd.domain.model import ListingId, ObservedListing, Outcome, Write
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.store import Store
from syncd.runtime.engine import make_engine

READS = frozenset(
    {
        "approvals",
        "claims",
        "demand",
        "demand_of",
        "extras",
        "feeds",
        "guarded",
        "held",
        "levels",
        "listing_columns",
        "listings",
        "locks",
        "measures",
        "moves",
        "named_orders",
        "orders",
        "pending",
        "requests",
        "shares",
        "shops",
        "sources",
        "stock",
        "unresolved",
        "unrouted",
        "uses",
    }
)
"""The methods of a store after which nothing is different: one step each, not two."""


class Steps:
    """Counts steps and kills the process at one of them; `report` takes its name first."""

    def __init__(self, fatal: int, report: Callable[[str], object]) -> None:
        self._fatal = fatal
        self._report = report
        self._count = 0

    def reach(self, name: str) -> None:
        self._count += 1
        if self._count == self._fatal:
            self._report(name)
            os.kill(os.getpid(), signal.SIGKILL)


class CrashStore:
    """A store with a step before every method, and after every one that writes."""

    def __init__(self, store: Store, steps: Steps) -> None:
        self._store = store
        self._steps = steps

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        method: Callable[..., Awaitable[object]] = getattr(self._store, name)

        async def stepped(*values: object, **named: object) -> object:
            self._steps.reach(f"before {name}")
            result = await method(*values, **named)
            if name not in READS:
                self._steps.reach(f"after {name}")
            return result

        return stepped


class CrashChannel:
    """A channel with steps before a call, and after the platform applied it."""

    def __init__(self, channel: Channel, steps: Steps) -> None:
        self._channel = channel
        self._steps = steps

    @property
    def traits(self) -> ChannelTraits:
        return self._channel.traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        self._steps.reach("before observe")
        async for page in self._channel.observe(listings):
            yield page
        self._steps.reach("after observe")

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        action = writes[0].action
        self._steps.reach(f"before {action}")
        # The platform has done it all by the time its answer is there; dying here loses the answer.
        outcomes = await self._channel.push(writes)
        self._steps.reach(f"applied {action}")
        return outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One cycle to run until it dies."""

    file: Path
    now: datetime
    fatal: int
    environ: dict[str, str]

    def text(self) -> str:
        fields = {"file": str(self.file), "now": self.now.isoformat(), "fatal": self.fatal}
        return json.dumps(fields | {"environ": self.environ})

    @classmethod
    def read(cls, text: str) -> "Order":
        raw: dict[str, Any] = json.loads(text)
        return cls(
            file=Path(raw["file"]),
            now=datetime.fromisoformat(raw["now"]),
            fatal=raw["fatal"],
            environ=raw["environ"],
        )


async def run_once(order: Order, steps: Steps) -> None:
    """Run one cycle as the program does, with steps to die at."""
    configuration = bootstrap.read_configuration(order.file, order.environ)
    clock = FakeClock(order.now, auto=True)
    folder = configuration.settings.state.dir
    async with AsyncExitStack() as stack:
        inner = await stack.enter_async_context(open_store(folder))
        store = cast("Store", CrashStore(inner, steps))
        http = await stack.enter_async_context(open_http())
        sources = await bootstrap._open_sources(configuration, http, stack)
        opened = await bootstrap._open_shops(configuration, http, stack, clock)
        channels = {name: CrashChannel(channel, steps) for name, channel in opened.channels.items()}
        opened = replace(opened, channels=channels)
        engine = make_engine(configuration, store, sources, opened, (clock, LogEvents(), None))
        async with FileLock(folder).held() as mine:
            assert mine, "a dead process still has the lock"
            await engine.cycle.run()


class Parent:
    """Talks to the process that forks the doomed ones."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, order: Order) -> str:
        """Run one cycle; return the step at which it died, empty where it lived."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order.text()}\n".encode())
        await self._process.stdin.drain()
        answer = (await self._process.stdout.readline()).decode().strip()
        assert answer, "the parent of the doomed processes died itself"
        reply: dict[str, str] = json.loads(answer)
        assert not reply["error"], reply["error"]
        return reply["step"]


@asynccontextmanager
async def parent() -> AsyncIterator[Parent]:
    """Yield a started parent; it ends with the block."""
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.rig_crash",
        cwd=root,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Parent(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def _main() -> None:
    for line in sys.stdin:
        print(json.dumps(_fork(Order.read(line))), flush=True)


def _fork(order: Order) -> dict[str, str]:
    # Read before the fork too: the adapters it imports are then there for every child.
    bootstrap.read_configuration(order.file, order.environ)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _die_or_live(order, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        step = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and step:
        return {"step": step, "error": ""}
    return {"step": "", "error": step if status else ""}


def _die_or_live(order: Order, writing: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    try:
        asyncio.run(run_once(order, Steps(order.fatal, lambda name: os.write(writing, name.encode()))))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test must hear of it
        os.write(writing, f"{type(error).__name__}: {error}".encode())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    _main()
