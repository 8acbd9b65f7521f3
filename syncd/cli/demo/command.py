"""The demo as one run: the mocks, the daemon, the story, and the reckoning at the end."""

import asyncio
import errno
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from syncd.bootstrap import App, Seams, open_app, read_configuration, set_up_log
from syncd.cli.demo.configuration import LAG, configuration_text, write_configuration
from syncd.cli.demo.narrator import Narrator
from syncd.cli.demo.recount import Reading, Recount
from syncd.cli.demo.story import Story, passed
from syncd.cli.demo.till import Till
from syncd.cli.demo.world import World, make_world, served
from syncd.cli.exits import Exit
from syncd.cli.output import line
from syncd.cli.run import stop_on_signals
from syncd.cli.tables import table
from syncd.errors import UsageError
from syncd.mock import MockError

_TICK = 0.1
_QUIET_LOOKS = 4
"""After so many looks without anything to write, at least three whole cycles found nothing."""

_LONGEST_SETTLING = 60.0
_COLUMNS = ("shop", "listing", "one piece is", "should", "reads", "ok")


async def demo(*, seconds: float | None = None, seed: int = 1, verbose: bool = False, port: int = 0) -> Exit:
    """Show syncd at work until Ctrl-C, or for `seconds`, then prove every counter.

    A counter that is wrong in the end is a failure. A second Ctrl-C ends it without the proof.
    """
    world = make_world(seed)
    with stop_on_signals() as stop, TemporaryDirectory(prefix="syncd-demo-") as folder:
        try:
            async with served(world, port=port) as urls:
                text = configuration_text(urls)
                file = write_configuration(Path(folder), text, token=world.erp.state.settings.token)
                _introduce(file, urls, seed=seed, seconds=seconds)
                return await _Run(world, text, stop).run(file, seconds=seconds, verbose=verbose)
        except MockError as error:
            raise UsageError(str(error)) from None
        except BaseExceptionGroup as errors:
            raise _reader_left(errors) or errors from None


class _Run:
    """One performance."""

    def __init__(self, world: World, text: str, stop: asyncio.Event) -> None:
        now = asyncio.get_running_loop().time
        self._stop = stop
        self._now = now
        self._narrator = Narrator(world, now=now)
        self._recount = Recount(text, world)
        self._till = Till(world, self._recount, self._narrator, now=now)
        self._story = Story(world, self._recount, self._narrator)

    async def run(self, file: Path, *, seconds: float | None, verbose: bool) -> Exit:
        """Play until it is time, let the shops settle, and return whether all counters are right."""
        level = {"SYNCD_LOG__LEVEL": "debug" if verbose else "error"}
        # Settings of whoever tries the demo must not reach it.
        configuration = read_configuration(file, level)
        set_up_log(configuration, terminal=sys.stderr.isatty())
        over = asyncio.Event()
        async with open_app(configuration, Seams(events=self._narrator)) as app, asyncio.TaskGroup() as group:
            group.create_task(app.daemon().run(over))
            group.create_task(self._keep_the_till(over))
            await self._play(seconds)
            settled = await self._settle(app)
            readings = self._recount.readings()
            over.set()
        return _reckon(readings) if settled else _leave()

    async def _play(self, seconds: float | None) -> None:
        curtain = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._story.play(curtain))
            await passed(self._stop, seconds)
            curtain.set()

    async def _keep_the_till(self, over: asyncio.Event) -> None:
        self._till.ring()
        while not await passed(over, _TICK):
            self._till.ring()

    async def _settle(self, app: App) -> bool:
        """Return True once nothing is left to do, or it takes too long; False if it is interrupted."""
        self._stop.clear()
        line()
        self._narrator.say("demo", f"ends: the ERP books the last sales, and after {LAG} s syncd trusts that")
        began = self._now()
        while not self._till.is_empty:
            if await passed(self._stop, _TICK):
                return False
        self._story.end()
        self._narrator.quiet = 0
        while not await self._is_settled(app):
            if await passed(self._stop, _TICK):
                return False
            if self._now() > began + _LONGEST_SETTLING:
                self._narrator.say("demo", f"waits no longer: no rest within {_LONGEST_SETTLING:g} s")
                break
        return True

    async def _is_settled(self, app: App) -> bool:
        """Return whether no sale is in doubt, nothing is on its way back, and syncd has nothing to write."""
        if self._narrator.quiet < _QUIET_LOOKS or not self._till.is_empty or await app.store.claims():
            return False
        return not any(level.agree for level in await app.store.levels())


def _introduce(file: Path, urls: Mapping[str, str], *, seed: int, seconds: float | None) -> None:
    program = "syncd" if shutil.which("syncd") else f"{sys.executable} -m syncd"
    how_long = "" if seconds is None else f" or {seconds:g} s have passed"
    line(f"A mock ERP, three mock shops with buyers, and syncd, which looks every second; seed {seed}.")
    line(f"All of it is on this machine, and gone when you press Ctrl-C{how_long}.")
    line()
    line(f"The configuration:  {file}")
    line("Try meanwhile, in another terminal:")
    for command in ("explain MUG-RED", "plan", "shops"):
        line(f"    {program} --config {file} {command}")
    line("Look at the mocks, or change them by the routes beside it:")
    for name, url in urls.items():
        line(f"    {name:<8}{url}/_mock/state")
    line()


def _reader_left(errors: BaseExceptionGroup[BaseException]) -> BrokenPipeError | None:
    """Return the plain error where nothing happened but that nobody reads any more (`| head`)."""
    _, others = errors.split(BrokenPipeError)
    return None if others else BrokenPipeError(errno.EPIPE, "nobody reads the demo any more")


def _reckon(readings: Sequence[Reading]) -> Exit:
    """Print what every counter should read and reads; one that is wrong is a failure."""
    line()
    line("What every counter must read, counted again from the ERP without syncd's arithmetic:")
    table(_COLUMNS, [_row(reading) for reading in readings])
    wrong = [reading for reading in readings if not reading.is_right]
    line()
    if not wrong:
        line(f"every counter is right: {len(readings)} of {len(readings)}")
        return Exit.DONE
    for reading in wrong:
        ware = reading.ware
        line(f"wrong: {ware.shop} {ware.code} reads {_reads(reading)}, it should read {_should(reading)}")
    line(f"only {len(readings) - len(wrong)} of {len(readings)} counters are right")
    return Exit.FAILED


def _leave() -> Exit:
    line("Ended before the shops had settled; the counters were not checked.")
    return Exit.DONE


def _row(reading: Reading) -> tuple[object, ...]:
    ware = reading.ware
    contents = ware.contents or "nothing known: not touched"
    return ware.shop, ware.code, contents, _should(reading), _reads(reading), reading.is_right


def _should(reading: Reading) -> str:
    if reading.on_sale is not False:
        return str(reading.should)
    return f"{reading.should}, off by hand" if reading.by_hand else f"{reading.should}, off sale"


def _reads(reading: Reading) -> str:
    return str(reading.reads) if reading.is_on_sale else f"{reading.reads}, off sale"
