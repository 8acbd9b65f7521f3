"""Carry messages to one target, as patiently as it takes; nobody else waits for it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.messages import Filter, Message, merged
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.words import Style, trial_letter, written
from syncd.errors import PortError
from syncd.ports.alerts import AlertSink, Notice
from syncd.ports.clock import Clock
from syncd.services.alerting.aside import aside

WITHIN = 30.0
"""Seconds that one message may take."""

FIRST_WAIT = 5.0
LONGEST_WAIT = 600.0
"""Seconds between two attempts; they double from the first to the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Somebody to tell: by which way, of what, in which words, and within how many seconds."""

    name: str
    sink: AlertSink = field(repr=False)
    filter: Filter
    style: Style
    within: float = WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Whom a courier tells of rows that arrived, and once why none does; empty words: they do again."""

    arrived: Callable[[str, Sequence[AlertRow]], None]
    failing: Callable[[str, str], None]


class Courier:
    """Sends what it is given, in that order, while the target takes it.

    While it does not, all that waits becomes one message with the newest state of each alert, and is tried
    again and again; so a target that is dead for days costs nothing and gets one message when it is back.
    """

    def __init__(self, target: Target, clock: Clock, reports: Reports) -> None:
        self.target = target
        self._clock = clock
        self._reports = reports
        self._waiting: list[Message] = []
        # What the first of these only counts, as it is too much to be named.
        self._counted: list[AlertRow] = []
        self._rung = asyncio.Event()
        self._attempt = 0
        # An earlier process may have told that the target cannot be reached.
        self._is_well = False

    def put(self, message: Message) -> None:
        """Send `message` when its turn comes."""
        self._waiting.append(message)
        self._rung.set()

    async def run(self, over: asyncio.Event) -> None:
        """Send until `over` is set; what is on its way then is still sent."""
        while not over.is_set():
            if not self._waiting:
                self._rung.clear()
                await first(self._rung.wait(), over.wait())
                continue
            if self._attempt and len(self._waiting) > 1:
                await self._merge()
            why = await self._try(self._waiting[0])
            if why:
                wait = min(FIRST_WAIT * 2.0 ** min(self._attempt - 1, 20), LONGEST_WAIT)
                await first(self._clock.sleep(wait), over.wait())

    async def _merge(self) -> None:
        """Make one message of all that wait; what is put meanwhile waits behind it."""
        waiting, now = self._waiting.copy(), self._clock.now()

        def merge() -> tuple[Message, list[AlertRow]]:
            one = merged(waiting, now)
            named = {row.id for row in one.rows}
            return one, [row for message in waiting for row in message.rows if row.id not in named]

        one, counted = await aside(sum(len(message.rows) for message in waiting), merge)
        self._waiting[: len(waiting)] = [one]
        self._counted += counted

    async def _try(self, message: Message) -> str:
        """Send a message; return why it did not arrive, empty if it did."""
        why = await send(self.target, message)
        if why:
            self._attempt += 1
            self._is_well = False
            if self._attempt == 1:
                self._reports.failing(self.target.name, why)
            return why
        del self._waiting[0]
        self._attempt = 0
        if not self._is_well:
            self._is_well = True
            self._reports.failing(self.target.name, "")
        counted, self._counted = self._counted, []
        self._reports.arrived(self.target.name, (*message.rows, *counted))
        return ""


async def send(target: Target, message: Message) -> str:
    """Send a message once; return why it did not arrive, empty if it did."""
    letter = await aside(len(message.rows), lambda: written(message, target.style))
    return await send_notice(
        target, Notice(level=message.level, title=letter.title, body=letter.body, message=message)
    )


def trial_notice(style: Style) -> Notice:
    """Return a message that says that messages arrive."""
    letter = trial_letter(style)
    return Notice(level=Level.INFO, title=letter.title, body=letter.body)


async def send_notice(target: Target, notice: Notice) -> str:
    """Send a notice once; return why it did not arrive, empty if it did."""
    try:
        async with asyncio.timeout(target.within):
            await target.sink.send(notice)
    except PortError as error:
        return str(error)
    except TimeoutError:
        return f"no answer within {target.within:g} s"
    return ""


async def first(*coroutines: Coroutine[Any, Any, object]) -> None:
    """Return when the first is done; the others are gone by then."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
