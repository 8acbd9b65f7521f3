"""One transfer of a few units between two shops, in every order in which things can happen around it."""

from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from functools import partial

from syncd.domain.model import ListingId
from syncd.domain.records import DemandRow
from syncd.ports.store import Virtual
from tests.integration.exactness import checks
from tests.integration.exactness.cloning import clone
from tests.integration.exactness.scene import A, Scene, Setup
from tests.integration.exactness.steps import Steps
from tests.integration.exactness.till import Habits, Mishap, Mode, Till

UNITS = 5
LISTING = ListingId("A")
REPLIES = (Mishap.NONE, Mishap.REPLY_LOST, Mishap.DROPPED, Mishap.LATE)
PAUSE = 60.0
"""Seconds between two cycles."""

ROUNDS = 12
"""After so many cycles in which nothing happens every state must have come to rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may still happen: sales of one unit in the donor and in the receiver, and lost replies."""

    donor: int = 2
    receiver: int = 1
    faults: int = 1


class Chooser:
    """Takes the choices of a script, then the first of all options; `others` are the scripts it passed by."""

    def __init__(self, script: tuple[int, ...]) -> None:
        self.taken: list[int] = []
        self.others: list[tuple[int, ...]] = []
        self._script = script

    def choose(self, options: int) -> int:
        """Return one of so many options."""
        at = len(self.taken)
        chosen = self._script[at] if at < len(self._script) else 0
        if at >= len(self._script):
            self.others += [(*self.taken, other) for other in range(1, options)]
        self.taken.append(chosen)
        return chosen


class Choices(Steps):
    """The steps of a cycle at which something may happen: between readings, intakes and each write."""

    def __init__(self, board: "Board", chooser: Chooser) -> None:
        super().__init__()
        self._board = board
        self._chooser = chooser
        self._last = ""

    def reach_outside(self, what: str, till: Till | None = None) -> None:
        """Let sales happen before the first call of each kind in a row, and let a write lose its answer."""
        if what in ("", "collect") or (what == self._last and what != "push"):
            return
        self._last = what
        self._board.sell(self._chooser)
        if what == "push" and till is not None:
            self._board.answer(till, self._chooser)


@dataclass(slots=True)
class Board:
    """A scene between two cycles, and what may still happen in it."""

    scene: Scene
    budget: Budget

    def sell(self, chooser: Chooser) -> None:
        """Let buyers strike, or nobody."""
        names, left = self.scene.names, (self.budget.donor, self.budget.receiver)
        most = [
            min(units, self.scene.tills[shop].for_sale(LISTING))
            for shop, units in zip(names, left, strict=True)
        ]
        options = [(one, other) for one in range(most[0] + 1) for other in range(most[1] + 1)]
        chosen = options[chooser.choose(len(options))]
        for shop, units in zip(names, chosen, strict=True):
            for _ in range(units):
                self.scene.buy(shop, LISTING, 1, paid=True)
        self.budget = replace(self.budget, donor=left[0] - chosen[0], receiver=left[1] - chosen[1])

    def answer(self, till: Till, chooser: Chooser) -> None:
        """Let a write be answered, or not."""
        chosen = chooser.choose(len(REPLIES)) if self.budget.faults else 0
        if chosen:
            self.budget = replace(self.budget, faults=self.budget.faults - 1)
        till.accidents.pushes.append(REPLIES[chosen])

    async def key(self) -> Hashable:
        """Return what tells this state from others; the time does not, as nobody here waits long enough."""
        store, tills = self.scene.store, self.scene.tills.values()
        rows = await store.listings()
        return (
            self.budget,
            tuple((row.expected_lo, row.expected_hi, row.desired) for row in rows),
            tuple(sorted((row.shop, row.line, row.units) for row in await store.claims())),
            tuple(sorted((row.shop, row.units) for row in await store.shares())),
            tuple(sorted((row.given_to, row.units) for row in await store.moves())),
            tuple((row.shop, row.value) for row in await store.unresolved()),
            tuple(till.shown(LISTING).quantity for till in tills),
            tuple(len(till.lines) for till in tills),
        )


class Pull(Enum):
    """What moves units from the donor to the receiver: where they sell sooner, or other weights."""

    DEMAND = auto()
    WEIGHTS = auto()


async def opened(mode: Mode, budget: Budget, pull: Pull = Pull.DEMAND) -> Board:
    """Return a board with four units in the donor and one in the receiver, that are about to move."""
    habits = Habits(mode=mode)
    scene = Scene(Setup(shops=(habits, habits), stock={A: UNITS}, listed=((("A", "A"),),) * 2))
    scene.check = partial(checks.instant, scene)
    # What the ERP knows of sales it learns only when everything is over.
    scene.erp.behind = timedelta(days=1)
    donor, receiver = scene.names
    scene.reconfigure(donor, 4)
    scene.pass_time(PAUSE)
    await scene.run()
    scene.restart()
    if pull is Pull.WEIGHTS:
        scene.reconfigure(receiver, 16)
        return Board(scene=scene, budget=budget)
    at = scene.clock.now()
    demand = [
        DemandRow(receiver, A, sold=50.0, seconds=5000.0, recent=5.0, stocked=True, at=at),
        DemandRow(donor, A, sold=0.01, seconds=5000.0, recent=0.0, stocked=True, at=at),
    ]
    await scene.store.save_virtual(Virtual(demand=demand))
    return Board(scene=scene, budget=budget)


async def after(board: Board) -> AsyncIterator[Board]:
    """Yield the board after one more cycle, once for everything that can happen in it."""
    scripts: list[tuple[int, ...]] = [()]
    while scripts:
        chooser = Chooser(scripts.pop())
        copy = clone(board)
        copy.scene.restart(Choices(copy, chooser))
        copy.scene.pass_time(PAUSE)
        await copy.scene.run()
        copy.scene.restart()
        scripts += chooser.others
        yield copy


async def explored(board: Board, cycles: int) -> tuple[list[Board], int]:
    """Return every different state after so many cycles, and in how many ways they were reached."""
    states, ways = {await board.key(): board}, 0
    for _ in range(cycles):
        reached: dict[Hashable, Board] = {}
        for one in states.values():
            async for found in after(one):
                ways += 1
                await checks.books(found.scene)
                reached.setdefault(await found.key(), found)
        states = reached
    return list(states.values()), ways


async def at_rest(scene: Scene) -> list[str]:
    """Return what is still wrong once the ERP knows all and nothing more happens."""
    scene.erp.behind = timedelta(0)
    found: list[str] = []
    for _ in range(ROUNDS):
        for key in scene.erp.due():
            scene.erp.learn(key)
        scene.pass_time(20 * PAUSE)
        await scene.run()
        # A shop with one listing zeroes all it has: the guard asks, and somebody says yes.
        await scene.approve()
        found = await checks.calm(scene)
        if not found:
            break
    return found
