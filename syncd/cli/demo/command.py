"""The demo as one run: the mocks, the daemon, the story, and the reckoning at the end."""

import asyncio
import errno
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from syncd.bootstrap import App, Porch, Seams, open_app, open_console, read_configuration, set_up_log
from syncd.cli.demo.books import Books
from syncd.cli.demo.buyers import Buyers, shopping
from syncd.cli.demo.configuration import LAG, Console, configuration_text, write_configuration
from syncd.cli.demo.narrator import Move, Narrator
from syncd.cli.demo.recount import Recount
from syncd.cli.demo.report import Report, reckoned, show
from syncd.cli.demo.story import Story, passed
from syncd.cli.demo.world import World, make_world, served
from syncd.cli.exits import Exit
from syncd.cli.options import Format
from syncd.cli.output import complain, document
from syncd.cli.run import stop_on_signals
from syncd.domain.records import LedgerRow
from syncd.domain.virtual import MoveCause
from syncd.domain.virtual.history import MOVING, way_of
from syncd.errors import UsageError
from syncd.mock import MockError

_TICK = 0.05
_LOOK = 0.3
_NEWEST = 200
_QUIET_LOOKS = 4
"""After so many looks without anything to write, at least three whole cycles found nothing."""

_LONGEST_SETTLING = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """How the demo is to be played; `seconds` None is until Ctrl-C."""

    seconds: float | None = None
    seed: int = 1
    port: int = 0
    console_port: int = 0
    verbose: bool = False
    output: Format = Format.TEXT


async def demo(performance: Performance) -> Exit:
    """Show syncd at work until Ctrl-C, or for a while, then prove every unit.

    A unit that is wrong in the end is a failure. A second Ctrl-C ends it without the proof.
    """
    world = make_world(performance.seed)
    with stop_on_signals() as stop, TemporaryDirectory(prefix="syncd-demo-") as folder:
        try:
            async with served(world, port=performance.port) as urls, shopping(urls) as buyers:
                console = Console.fresh(performance.console_port)
                text = configuration_text(urls, console)
                tmall = world.shops["tmall"].state
                secrets = {"token": tmall.settings.token, "secret": tmall.top.app_secret}
                file = write_configuration(Path(folder), text, **secrets)
                _introduce(file, urls, performance)
                return await _Run(world, text, buyers, stop).run(file, performance, console)
        except MockError as error:
            raise UsageError(str(error)) from None
        except BaseExceptionGroup as errors:
            raise _reader_left(errors) or errors from None


class _Run:
    """One performance."""

    def __init__(self, world: World, text: str, buyers: Buyers, stop: asyncio.Event) -> None:
        now = asyncio.get_running_loop().time
        self._world = world
        self._stop = stop
        self._now = now
        self._narrator = Narrator(world, now=now)
        self._recount = Recount(text, world)
        self._books = Books(world, self._recount)
        self._story = Story(world, self._recount, self._books, self._narrator, buyers)

    async def run(self, file: Path, performance: Performance, console: Console) -> Exit:
        """Play until it is time, let the shops settle, and return whether all units are right."""
        level = {"SYNCD_LOG__LEVEL": "debug" if performance.verbose else "error"}
        # Settings of whoever tries the demo must not reach it.
        configuration = read_configuration(file, level)
        set_up_log(configuration, terminal=sys.stderr.isatty())
        over, porch = asyncio.Event(), Porch.fresh()
        seams = Seams(events=self._narrator, listeners=porch.listeners(configuration))
        async with (
            open_app(configuration, seams) as app,
            open_console(app, porch) as shown,
            asyncio.TaskGroup() as group,
        ):
            complain(f"The console:        {shown.url}  (sign in with {console.token})")
            group.create_task(shown.daemon.run(over))
            group.create_task(self._let_time_pass(over))
            group.create_task(self._watch_moves(over, app))
            await self._play(performance.seconds)
            settled = await self._settle(app)
            # Counted in one go: neither a buyer nor the daemon can come between two figures.
            report = reckoned(self._world, self._books, self._recount, self._narrator.transfers)
            over.set()
        return _reckon(report, performance) if settled else _leave()

    async def _play(self, seconds: float | None) -> None:
        curtain = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._story.play(curtain))
            await passed(self._stop, seconds)
            curtain.set()

    async def _let_time_pass(self, over: asyncio.Event) -> None:
        """Let buyers, platforms and the ERP act when it is time, also while nobody calls them."""
        while not await passed(over, _TICK):
            self._world.settle()
            for wrong in self._books.look():
                self._narrator.say("books", wrong)
            self._narrator.look()

    async def _watch_moves(self, over: asyncio.Event, app: App) -> None:
        while not await passed(over, _LOOK):
            rows = await app.store.ledger(what=MOVING, limit=_NEWEST)
            self._narrator.hear_moves(_move(row) for row in rows)

    async def _settle(self, app: App) -> bool:
        """Return True once nothing is left to do, or it takes too long; False if it is interrupted."""
        self._stop.clear()
        self._narrator.say("demo", f"ends: the ERP imports the last orders, it takes {LAG} s at most")
        began = self._now()
        await self._story.end()
        while not self._world.is_calm:
            if await passed(self._stop, _TICK):
                return False
        self._story.warehouse.top_up()
        self._narrator.quiet = 0
        while not await self._is_settled(app):
            if await passed(self._stop, _TICK):
                return False
            if self._now() > began + _LONGEST_SETTLING:
                self._narrator.say("demo", f"waits no longer: no rest within {_LONGEST_SETTLING:g} s")
                break
        return True

    async def _is_settled(self, app: App) -> bool:
        """Return whether no sale is in doubt, nothing is on its way, and syncd has nothing to write."""
        if self._narrator.quiet < _QUIET_LOOKS or not self._world.is_calm or await app.store.claims():
            return False
        if await app.store.moves():
            return False
        return not any(level.agree for level in await app.store.levels())


def _move(row: LedgerRow) -> Move:
    way = way_of(row.rule)
    old, new = row.old or 0, row.new or 0
    return Move(
        at=row.at,
        sku=row.sku,
        taken_from=way.taken_from,
        given_to=way.given_to,
        units=abs(new - old),
        is_sent=new > old,
        is_proven=row.cause == MoveCause.LANDED,
    )


def _introduce(file: Path, urls: Mapping[str, str], performance: Performance) -> None:
    program = "syncd" if shutil.which("syncd") else f"{sys.executable} -m syncd"
    seconds = performance.seconds
    how_long = "" if seconds is None else f" or {seconds:g} s have passed"
    complain(
        f"A mock ERP, three mock shops with buyers, and syncd, which looks every second; "
        f"seed {performance.seed}."
    )
    complain(f"All of it is on this machine, and gone when you press Ctrl-C{how_long}.")
    complain(f"The configuration:  {file}")
    complain("Try meanwhile, in another terminal:")
    for command in ("explain MUG-RED", "plan", "shops"):
        complain(f"    {program} --config {file} {command}")
    complain(
        "Look at the mocks by the routes beside it; stock that you change there is missing in the books:"
    )
    for name, url in urls.items():
        complain(f"    {name:<8}{url}/_mock/state")


def _reader_left(errors: BaseExceptionGroup[BaseException]) -> BrokenPipeError | None:
    """Return the plain error where nothing happened but that nobody reads any more (`| head`)."""
    _, others = errors.split(BrokenPipeError)
    return None if others else BrokenPipeError(errno.EPIPE, "nobody reads the demo any more")


def _reckon(report: Report, performance: Performance) -> Exit:
    """Print the books; anything in them that does not agree is a failure."""
    if performance.output is Format.JSON:
        document(report.as_json(seed=performance.seed))
    else:
        show(report)
    for problem in report.problems:
        complain(f"wrong: {problem}")
    return Exit.FAILED if report.problems else Exit.DONE


def _leave() -> Exit:
    complain("Ended before the shops had settled; the books were not closed.")
    return Exit.DONE
