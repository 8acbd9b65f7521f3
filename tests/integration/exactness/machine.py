"""The rules of the game: everything that can happen around syncd, in any order."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from syncd.domain.model import Containment, Deducts, Sku, WatermarkEvent
from syncd.domain.ordering import Occupies, Restores
from syncd.domain.records import ShopStatus
from syncd.domain.topology import PoolMode
from tests.integration.exactness import checks
from tests.integration.exactness.erp import Mood
from tests.integration.exactness.loop import runner
from tests.integration.exactness.scene import A, B, Orders, Scene, Setup
from tests.integration.exactness.till import Habits, Mishap, Mode, Telling, Till

T = TypeVar("T")

PICK = st.integers(0, 30)
FEW = st.integers(1, 3)
SKEWS = (timedelta(0), timedelta(seconds=-60), timedelta(seconds=60))
Happenings = list[tuple[int, int, int, int, int]]
ROUNDS = 24
"""After so many cycles without a fault every counter must read what it should."""


@st.composite
def habits(draw: st.DrawFn, modes: Sequence[Mode]) -> Habits:
    """Return a shop of one of the modes with any habits that fit together."""
    deducts = draw(st.sampled_from([Deducts.ORDER, Deducts.ORDER, Deducts.PAYMENT]))
    at_payment = deducts is Deducts.PAYMENT
    occupies = draw(st.sampled_from([Occupies.ORDER, Occupies.HOLD, *[Occupies.PAYMENT] * at_payment]))
    restores = draw(st.sampled_from(Restores))
    return Habits(
        mode=draw(st.sampled_from(modes)),
        deducts=deducts,
        occupies=occupies,
        knows_deducts=draw(st.sampled_from([True, True, False])),
        known_restores=restores,
        does_restore=restores is Restores.YES or (restores is Restores.UNKNOWN and draw(st.booleans())),
        auto_off=draw(st.sampled_from([False, False, True])),
        delay=draw(st.sampled_from([timedelta(0), timedelta(0), timedelta(seconds=60)])),
        skew=draw(st.sampled_from(SKEWS)),
        # Units that are withheld come on top of what is shown; a merchant whose orders occupy only once they
        # are paid has chosen to sell them twice.
        shows_withheld=at_payment and occupies is not Occupies.PAYMENT and draw(st.booleans()),
    )


@st.composite
def strikes(draw: st.DrawFn) -> Happenings:
    """Return what happens while a cycle runs: at which step what, to which shop and part of it, how much."""
    one = st.tuples(st.integers(1, 16), st.integers(0, 4), PICK, PICK, FEW)
    return draw(st.lists(one, max_size=3))


class Machine(RuleBasedStateMachine):
    """One scene; subclasses say which modes and what kind of pool."""

    MODES: Sequence[Mode] = tuple(Mode)
    POOL = PoolMode.SPLIT
    scene: Scene

    def __init__(self) -> None:
        super().__init__()
        self._runner = runner()

    def teardown(self) -> None:
        try:
            if hasattr(self, "scene"):
                self.settle()
        finally:
            self._runner.close()

    @initialize(data=st.data())
    def open_shops(self, data: st.DataObject) -> None:
        shops = data.draw(st.lists(habits(self.MODES), min_size=2, max_size=4))
        stock = {A: data.draw(st.integers(3, 14)), B: data.draw(st.integers(1, 5))}
        every = data.draw(st.sampled_from([0.0, 0.0, 300.0]))
        self.scene = Scene(
            Setup(shops=shops, stock=stock, mode=self.POOL, observe_every=timedelta(seconds=every))
        )
        self.scene.check = partial(checks.instant, self.scene)
        erp = self.scene.erp
        erp.contains = data.draw(st.sampled_from([Containment.WATERMARK, Containment.NONE]))
        erp.counts = data.draw(st.sampled_from([WatermarkEvent.PAID, WatermarkEvent.CREATED]))
        erp.behind = timedelta(seconds=data.draw(st.sampled_from([0, 120])))
        for _ in range(data.draw(st.sampled_from([3, 3, 0]))):
            self._cycle()

    # --- buyers --------------------------------------------------------------------------------------------

    @rule(shop=PICK, listing=PICK, units=FEW, paid=st.booleans())
    def buy(self, shop: int, listing: int, units: int, paid: bool) -> None:  # noqa: FBT001
        scene = self.scene
        shown = [
            (till.name, one, till.for_sale(one))
            for till in scene.tills.values()
            for one in till.listings()
            if till.for_sale(one)
        ]
        if shown:
            # Only what counters show; a shop is picked before its listing so that none goes without buyers.
            names = sorted({name for name, _, _ in shown})
            name = of(names, shop)
            _, chosen, most = of([one for one in shown if one[0] == name], listing)
            scene.buy(name, chosen, min(units, most), paid=paid)

    @rule(shop=PICK, line=PICK)
    def pay(self, shop: int, line: int) -> None:
        if due := sorted(one.line for one in self.till(shop).open_lines()):
            self.scene.pay(self.till(shop).name, of(due, line))

    @rule(shop=PICK, line=PICK, units=FEW)
    def release(self, shop: int, line: int, units: int) -> None:
        if due := sorted(one.line for one in self.till(shop).open_lines()):
            self.till(shop).release(of(due, line), units)

    # --- the warehouse -------------------------------------------------------------------------------------

    @rule(pick=PICK, count=FEW)
    def learn(self, pick: int, count: int) -> None:
        for _ in range(count):
            if due := self.scene.erp.due():
                self.scene.erp.learn(of(due, pick))

    @rule(shop=PICK, line=PICK)
    def ship(self, shop: int, line: int) -> None:
        till = self.till(shop)
        if due := sorted(one.line for one in till.open_lines()):
            self.scene.erp.ship((till.name, of(due, line)))

    @rule(sku=st.sampled_from([A, B]), units=FEW)
    def receive(self, sku: Sku, units: int) -> None:
        self.scene.erp.good[sku] += units

    # --- syncd ---------------------------------------------------------------------------------------------

    @rule(happens=strikes(), seconds=st.sampled_from([1.0, 20.0]))
    def cycle(self, happens: Happenings, seconds: float) -> None:
        self.scene.pass_time(seconds)
        self._cycle(self._strikes(happens))

    @rule(
        happens=strikes(),
        mishaps=st.lists(st.tuples(PICK, st.sampled_from(Mishap)), max_size=3),
        telling=st.tuples(PICK, st.sampled_from(Telling), PICK),
        unread=st.one_of(st.none(), PICK),
        mood=st.tuples(st.sampled_from(Mood), PICK),
    )
    def bad_cycle(
        self,
        happens: Happenings,
        mishaps: list[tuple[int, Mishap]],
        telling: tuple[int, Telling, int],
        unread: int | None,
        mood: tuple[Mood, int],
    ) -> None:
        for shop, mishap in mishaps:
            self.till(shop).accidents.pushes.append(mishap)
        till = self.till(telling[0])
        if telling[1] is not Telling.LAGGING or till.habits.may_lag:
            till.accidents.tellings.append(telling[1:])
        if unread is not None:
            self.till(unread).accidents.readings.append(True)
        self.scene.erp.mood, self.scene.erp.pick = mood
        self.scene.pass_time(5)
        self._cycle(self._strikes(happens))

    @rule(step=st.integers(1, 90), happens=strikes())
    def die(self, step: int, happens: Happenings) -> None:
        self.scene.pass_time(1)
        self._cycle(self._strikes(happens), fatal=step)

    @rule(
        what=st.tuples(PICK, PICK),
        happens=strikes(),
        mishaps=st.lists(st.tuples(PICK, st.sampled_from(Mishap)), max_size=2),
        fatal=st.sampled_from([0, 0, 0, 7, 15, 30]),
    )
    def hurry(
        self, what: tuple[int, int], happens: Happenings, mishaps: list[tuple[int, Mishap]], fatal: int
    ) -> None:
        for shop, mishap in mishaps:
            self.till(shop).accidents.pushes.append(mishap)
        self.scene.pass_time(1)
        skus, orders = self._pointed_at(*what)
        self._runner.run(self._hurried(skus, orders, self._strikes(happens), fatal))

    async def _hurried(
        self, skus: list[Sku], orders: Orders, happens: dict[int, list[Callable[[], object]]], fatal: int
    ) -> None:
        await self.scene.hurry(skus, orders, fatal=fatal, strikes=happens)
        checks.instant(self.scene, "after it was lowered at once")
        await checks.claims(self.scene)

    def _pointed_at(self, shop: int, pick: int) -> tuple[list[Sku], Orders]:
        """Return some of the SKUs and orders that somebody may point at."""
        till = self.till(shop)
        lines = sorted(till.lines) if till.traits.order_feed else []
        orders = {till.name: [of(lines, pick)]} if lines and pick % 3 else {}
        return [] if orders and pick % 2 else [of([A, B], pick)], orders

    def _hurry_beside(self, shop: int, pick: int, units: int) -> None:
        """Let somebody point while the program runs, who does so after somebody has bought."""
        self.buy(shop, pick, units, paid=True)
        self.scene.hurry_beside(*self._pointed_at(shop, pick))

    @rule(seconds=st.sampled_from([10.0, 70.0, 300.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        self.scene.pass_time(seconds)

    @rule(shop=PICK, status=st.sampled_from([ShopStatus.PAUSED, ShopStatus.ACTIVE]))
    def pause(self, shop: int, status: ShopStatus) -> None:
        self._runner.run(self.scene.set_status(self.till(shop).name, status))

    @rule(shop=PICK, weight=st.integers(1, 4))
    def weigh(self, shop: int, weight: int) -> None:
        self.scene.reconfigure(self.till(shop).name, weight)

    @rule()
    def late_writes_show(self) -> None:
        for till in self.scene.tills.values():
            till.apply_late()

    # --- at last -------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let faults stop and the ERP learn everything; then all must agree, in so many cycles."""
        self._runner.run(self._settle())

    async def _settle(self) -> None:
        scene = self.scene
        for till in scene.tills.values():
            till.accidents.pushes.clear()
            till.accidents.readings.clear()
            till.accidents.tellings.clear()
            await scene.set_status(till.name, ShopStatus.ACTIVE)
        scene.erp.behind = timedelta(0)
        scene.erp.mood = Mood.FRESH
        scene.pass_time(20 * 60)
        found = []
        for number in range(ROUNDS):
            for key in scene.erp.due():
                scene.erp.learn(key)
            scene.pass_time(25 * 3600 if number == ROUNDS // 2 else 300)
            await scene.run()
            await checks.books(scene)
            await checks.claims(scene)
            await scene.approve()
            found = await checks.calm(scene)
            if not found and number > 1:
                break
        assert not found, "\n".join([*found, checks.told(scene), *checks.behind(scene)])

    # --- inside --------------------------------------------------------------------------------------------

    def till(self, pick: int) -> Till:
        """Return the shop that was picked."""
        return of(list(self.scene.tills.values()), pick)

    def _cycle(self, happens: dict[int, list[Callable[[], object]]] | None = None, fatal: int = 0) -> None:
        self._runner.run(self._one_cycle(happens or {}, fatal))

    async def _one_cycle(self, happens: dict[int, list[Callable[[], object]]], fatal: int) -> None:
        report = await self.scene.run(fatal=fatal, strikes=happens)
        checks.instant(self.scene, "after a cycle")
        if report is not None:
            # Sales that were taken in beside it are claimed, and leave the shares with the next one.
            if not report.view.untaken and not self.scene.was_hurried:
                await checks.books(self.scene)
                await checks.audited(self.scene)
            await checks.claims(self.scene)

    def _strikes(self, happens: Happenings) -> dict[int, list[Callable[[], object]]]:
        acts: list[Callable[[int, int, int], object]] = [
            lambda shop, at, units: self.buy(shop, at, units, paid=True),
            lambda shop, at, units: self.buy(shop, at, units, paid=False),
            self.release,
            lambda shop, at, _: self.pay(shop, at),
            self._hurry_beside,
        ]
        found: dict[int, list[Callable[[], object]]] = {}
        for step, what, *picks in happens:
            found.setdefault(step, []).append(partial(acts[what], *picks))
        return found


def case_of(machine: type[Machine], how: settings) -> type:
    """Return the test that plays a machine so often and so long."""
    found = type(f"Test{machine.__name__}", (machine.TestCase,), {})
    found.settings = how  # type: ignore[attr-defined]
    return found


def of(rows: Sequence[T], pick: int) -> T:
    """Return the row that was picked."""
    return rows[pick % len(rows)]
