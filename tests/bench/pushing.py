"""What it costs to push: our pusher with its state and channel, against two loops written by hand."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import aiohttp

from syncd.adapters.channels.http import ADAPTER
from syncd.adapters.clock import SystemClock
from syncd.adapters.http import open_http
from syncd.adapters.state import open_store
from syncd.domain.model import Cause, Change, ChangeKind, ItemId, ListingId, ListingRow, ShopName, Sku
from syncd.services.push import Pusher, PushSettings
from tests.bench.hand import post_bare, push_by_hand
from tests.bench.measuring import Figure, Size, timed
from tests.bench.mocking import AUTHORIZATION, OLD, calls_of, mock_shop
from tests.bench.watchdog import Watchdog

SHOP = ShopName("shop")
BATCH = 20
IN_FLIGHT = 4

_LEAST_OF_HAND = 0.8
_LEAST_OF_BARE = 0.5

# The budget is not what is measured, so it is far above what any machine can send.
_NO_LIMITS = PushSettings(calls_per_second=1e6, burst=1_000_000, in_flight=IN_FLIGHT)


@dataclass(slots=True, kw_only=True)
class _Samples:
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)

    def rates(self, count: int) -> list[float]:
        """Return how many changes each run pushed in a second."""
        return [count / seconds for seconds in self.wall]


@dataclass(slots=True, kw_only=True)
class _Measured:
    ours: _Samples = field(default_factory=_Samples)
    hand: _Samples = field(default_factory=_Samples)
    bare: _Samples = field(default_factory=_Samples)


def push(size: Size, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure one shop's push from drafting to the last proof on disk, and count its calls."""
    found = asyncio.run(_measured(size, tell))
    ours, hand, bare = (one.rates(size.pushed) for one in (found.ours, found.hand, found.bare))
    yield Figure(name="push.wall", unit="changes/s", ours=ours, theirs=hand, goal=_LEAST_OF_HAND)
    yield Figure(name="push.bare", unit="changes/s", ours=ours, theirs=bare, goal=_LEAST_OF_BARE)
    yield Figure(name="push.cpu", unit="CPU s", ours=found.ours.cpu, theirs=found.hand.cpu)
    yield Figure(name="push.calls", unit="calls", ours=found.ours.calls, theirs=found.bare.calls, goal=1)
    yield Figure(name="push.stalls", unit="stalls", ours=found.ours.stalls, goal=0)


async def _measured(size: Size, tell: Callable[[str], None]) -> _Measured:
    found = _Measured()
    changes = [change_of(SHOP, ListingId(key), at) for at, key in enumerate(_ids(size.pushed))]
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        async with (
            mock_shop(folder, _ids(size.pushed)) as url,
            aiohttp.ClientSession(url) as session,
        ):
            for run in range(size.runs):
                tell(f"push: run {run + 1} of {size.runs}")
                await _push_bare(session, changes, run, found.bare)
                await _push_by_hand(session, folder / f"hand-{run}", changes, found.hand)
                await session.delete("/_mock/calls")
                tell(f"push: {await _push_ours(url, folder / f'state-{run}', changes, found.ours)}")
                found.ours.calls.append(await calls_of(session))
    return found


async def _push_bare(
    session: aiohttp.ClientSession, changes: Sequence[Change], run: int, samples: _Samples
) -> None:
    bodies = list(_bodies(changes, run))
    # As many lines as a call may carry: fewer calls are not possible.
    samples.calls.append(len(bodies))
    with timed((process_time, samples.cpu), (perf_counter, samples.wall)):
        await post_bare(session, iter(bodies), in_flight=IN_FLIGHT)


async def _push_by_hand(
    session: aiohttp.ClientSession, folder: Path, changes: Sequence[Change], samples: _Samples
) -> None:
    async with open_store(folder) as store:
        await store.save_listings([row_of(change) for change in changes])
    with timed((process_time, samples.cpu), (perf_counter, samples.wall)):
        done = await push_by_hand(session, folder / "state.db", changes, batch=BATCH, in_flight=IN_FLIGHT)
    if done != len(changes):
        raise RuntimeError(f"by hand only {done} of {len(changes)} changes were pushed")


async def _push_ours(url: str, folder: Path, changes: Sequence[Change], samples: _Samples) -> str:
    settings = ADAPTER.settings.model_validate(
        {"url": url, "headers": AUTHORIZATION, "write_modes": ["set"], "max_batch": BATCH}
    )
    async with open_store(folder) as store, open_http() as http:
        await store.save_listings([row_of(change) for change in changes])
        async with ADAPTER.open(settings, SHOP, http) as channel:
            pusher = Pusher(shop=SHOP, channel=channel, store=store, clock=SystemClock(), settings=_NO_LIMITS)
            with timed((process_time, samples.cpu), (perf_counter, samples.wall)):
                async with Watchdog() as dog:
                    report = await pusher.push(changes)
    if len(report.done) != len(changes):
        raise RuntimeError(f"only {len(report.done)} of {len(changes)} changes were pushed: {report.message}")
    samples.stalls.append(len(dog.stalls))
    return dog.told


# --- what is pushed ----------------------------------------------------------------------------------------


def _ids(count: int) -> Sequence[str]:
    return [f"{600_000_000_000 + at}" for at in range(count)]


def _bodies(changes: Sequence[Change], run: int) -> Iterator[bytes]:
    for start in range(0, len(changes), BATCH):
        lines = [
            # The shop answers a key that it knows as a duplicate, so each run has its own; as long as ours.
            {"id": change.listing, "key": f"{run:08x}{at:024x}", "quantity": change.new}
            for at, change in enumerate(changes[start : start + BATCH], start)
        ]
        yield json.dumps({"changes": lines}, separators=(",", ":")).encode()


def change_of(shop: ShopName, key: ListingId, at: int) -> Change:
    """Return a raise of the listing `key`; the figure depends on its place `at`."""
    return Change(
        shop=shop,
        listing=key,
        item=ItemId(key),
        code=f"1-{key}",
        location="",
        sku=Sku(key),
        kind=ChangeKind.RAISE,
        old=OLD,
        new=10 + at % 90,
        lo=OLD,
        hi=OLD,
        on_sale=True,
        unlist=False,
        cause=Cause.SNAPSHOT,
        rule="pools.main available",
    )


def row_of(change: Change) -> ListingRow:
    """Return the row of a change's listing."""
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
