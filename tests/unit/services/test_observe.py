"""What a reading may be believed: only what was shown, and only twice that something is not there."""

from dataclasses import replace
from datetime import timedelta

from syncd.adapters.memory import Fault
from syncd.domain.bindings import codes_of
from syncd.domain.model import ListingId, ShopName
from syncd.domain.policy import Stop
from syncd.domain.records import ShopStatus
from syncd.errors import Kind, PortError
from tests.unit.services.cycle_world import CAN, World, changes, shops_of, shown, stops

A, B = ListingId("A"), ListingId("B")
DOWN = PortError(Kind.TRANSIENT, "down")
REVOKED = PortError(Kind.AUTH_REVOKED, "the seller took our leave back")


class Flickering:
    """Lets listings vanish from the next answers of a shop."""

    def __init__(self, world: World, *listings: ListingId) -> None:
        self._world = world
        self._kept = [world.shop("a").shown(listing) for listing in listings]
        world.shop("a").drop(*listings)

    def back(self) -> None:
        self._world.shop("a").put(*self._kept)


async def test_a_shop_that_cannot_be_read_is_not_raised() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    world.stock(A=20, B=10)
    world.shop("a").fail_observe(DOWN)

    await world.run()

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (10, 20)


async def test_a_shop_that_cannot_be_read_is_not_lowered_by_an_absolute_write() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    world.stock(A=6, B=10)
    world.shop("a").fail_observe(DOWN)

    report = await world.run()

    assert stops(report)["a", "A"] is Stop.UNREAD


async def test_a_shop_that_cannot_be_read_is_zeroed_all_the_same() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    world.stock(A=0, B=10)
    world.shop("a").fail_observe(DOWN)

    await world.run()

    assert world.counters("a")["A"] == 0


async def test_an_outage_says_of_what_kind_it_is() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").fail_observe(DOWN)
    await world.run()

    assert [facts["kind"] for facts in world.told.named("shop_failing")] == [DOWN.kind]


async def test_that_a_shop_which_was_down_refuses_our_credentials_is_told_too_and_once() -> None:
    world = await World({"A": 10}).filled()
    for error in (DOWN, REVOKED, REVOKED, DOWN):
        world.shop("a").fail_observe(error)
        await world.run()

    assert [facts["kind"] for facts in world.told.named("shop_failing")] == [DOWN.kind, REVOKED.kind]


async def test_an_outage_and_a_recovery_are_told_once_each() -> None:
    world = await World({"A": 10}).filled()
    world.shop("a").fail_observe(DOWN)
    world.shop("a").fail_observe(DOWN)
    for _ in range(4):
        await world.run()

    assert len(world.told.named("shop_failing")) == 1
    assert len(world.told.named("shop_recovered")) == 1


async def test_a_shop_that_broke_off_its_answer_loses_no_listing() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    world.shop("a").fail_observe(DOWN, after_pages=1)

    await world.run()

    assert not (await world.row("a", "B")).gone


async def test_a_shop_that_shows_nothing_at_all_counts_as_unread() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    Flickering(world, A, B)

    report = await world.run()

    assert "no listing at all" in report.failures[0]
    assert not (await world.row("a", "A")).gone


async def test_a_listing_that_neither_look_shows_is_gone() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    Flickering(world, A)

    await world.run()

    assert (await world.row("a", "A")).gone


async def test_a_listing_that_one_answer_leaves_out_is_asked_for_once_more() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    Flickering(world, A)

    await world.run()

    assert world.shop("a").observed[-1] == (A,)


async def test_where_only_the_whole_shop_can_be_read_two_readings_must_agree_too() -> None:
    world = await World({"A": 10, "B": 10}, traits=replace(CAN, observes_some=False)).filled()
    before = len(world.shop("a").observed)
    Flickering(world, A)

    await world.run()

    assert world.shop("a").observed[before:] == [None, None]
    assert (await world.row("a", "A")).gone


async def test_a_second_look_that_fails_proves_nothing() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    Flickering(world, A)
    observer = world.cycle._hands.observer
    observed = await observer.observe(codes_of(await world.store.stock(), world.topology))
    world.shop("a").fail_observe(DOWN)

    again = await observer.read_back(observed, {ShopName("a"): [A]})

    assert not next(row for row in again.listings if row[:2] == ("a", "A")).gone
    assert ("a", "A") not in again.fresh


async def test_a_listing_that_is_back_is_not_gone() -> None:
    world = await World({"A": 10, "B": 10}).filled()
    flickering = Flickering(world, A)
    await world.run()
    flickering.back()

    await world.run()

    assert not (await world.row("a", "A")).gone


async def test_a_listing_whose_code_changed_is_bound_anew() -> None:
    world = await World({"A": 10, "B": 4}).filled()
    world.shop("a").put(shown("A", 10, code="B"))

    await world.run()
    await world.run()

    assert world.shop("a").shown(A).quantity in (2, 4)
    assert (await world.row("a", "A")).sku == "B"


async def test_an_unknown_code_is_never_touched() -> None:
    world = await World({"A": 10, "B": 4}).filled()
    world.shop("a").put(shown("X", 7, code="nobody knows"))

    await world.run()

    assert world.counters("a")["X"] == 7


async def test_a_shop_that_is_not_due_is_read_back_before_it_is_raised() -> None:
    world = World({"A": 10, "B": 10})
    world.observe_every = timedelta(hours=1)
    await world.filled()
    world.stock(A=20, B=10)
    before = len(world.shop("a").observed)

    await world.run()

    assert world.shop("a").observed[before:] == [(A,)]
    assert world.counters("a")["A"] == 20


async def test_a_sale_that_the_reading_back_finds_is_not_put_back_on_sale() -> None:
    world = World({"A": 10, "B": 10})
    world.observe_every = timedelta(hours=1)
    await world.filled()
    world.stock(A=20, B=10)
    world.shop("a").sell(A, 4)

    await world.run()

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (16, 16)


async def test_an_audit_finds_a_sale_between_two_whole_readings() -> None:
    world = World({"A": 10, "B": 10})
    world.observe_every, world.audit = timedelta(hours=1), 1
    await world.filled()
    world.shop("a").sell(A, 4)

    await world.run()
    await world.run()

    assert world.counters("b")["A"] == 6


async def test_an_open_write_is_read_before_it_is_raised_upon() -> None:
    world = await World({"A": 10}).filled()
    world.stock(A=20)
    world.shop("a").fail_push(Fault(error=DOWN, applied=True))
    await world.run()

    report = await world.run()

    assert not report.failures
    assert not await world.store.unresolved()
    assert world.counters("a")["A"] == 20


async def test_a_retired_shop_is_not_read() -> None:
    world = await World({"A": 10}).filled()
    states = await world.store.shops()
    before = len(world.shop("a").observed)
    retired = next(state for name, state in states.items() if name == "a")
    await world.store.save_shop(replace(retired, status=ShopStatus.RETIRED))

    await world.run()

    assert len(world.shop("a").observed) == before


async def test_a_counter_that_somebody_keeps_raising_is_no_longer_raised() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    for _ in range(3):
        world.shop("a").put(shown("A", 50))
        await world.run()
    world.stock(A=12, B=10)

    report = await world.run()

    assert stops(report)["a", "A"] is Stop.FOREIGN
    assert world.counters("a")["A"] == 10


async def test_a_counter_that_somebody_keeps_raising_is_still_lowered() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    for _ in range(5):
        world.shop("a").put(shown("A", 50))
        await world.run()

    assert world.counters("a")["A"] == 10


async def test_a_foreign_writer_is_told_once_and_written_down_each_time() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    for _ in range(5):
        world.shop("a").put(shown("A", 50))
        await world.run()

    assert [facts["listing"] for facts in world.told.named("foreign_writer")] == ["A"]
    assert [(row.old, row.new) for row in await world.ledger("drift")] == [(10, 50)] * 5


async def test_a_foreign_writer_is_remembered_after_a_restart() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    for _ in range(3):
        world.shop("a").put(shown("A", 50))
        await world.run()
    world.restart()
    world.stock(A=12, B=10)

    report = await world.run()

    assert stops(report)["a", "A"] is Stop.FOREIGN


async def test_a_foreign_writer_that_stopped_for_a_day_is_forgotten() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    for _ in range(3):
        world.shop("a").put(shown("A", 50))
        await world.run()
    world.stock(A=12, B=10)

    await world.run(after=90_000)

    assert world.counters("a")["A"] == 12


async def test_one_that_is_raised_twice_is_a_person_correcting() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    for _ in range(2):
        world.shop("a").put(shown("A", 50))
        await world.run()
    world.stock(A=12, B=10)

    await world.run()

    assert world.counters("a")["A"] == 12


async def test_returns_of_presumed_sales_are_no_foreign_writer() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    for _ in range(4):
        world.shop("a").sell(A, 2)
        await world.run()
        world.shop("a").put(shown("A", 10))
        await world.run()

    assert not world.told.named("foreign_writer")


async def test_a_paused_shop_may_be_raised_by_anybody() -> None:
    world = await World({"A": 10, "B": 10}, shops=shops_of("a")).filled()
    await world.store.ask("pause", "a", at=world.clock.now(), by="ann")
    await world.requests.obey()
    for units in (20, 30, 40, 50):
        world.shop("a").put(shown("A", units))
        await world.run()

    assert not world.told.named("foreign_writer")


async def test_a_plan_that_is_only_looked_at_keeps_nothing() -> None:
    world = World({"A": 10})

    await world.cycle.look(save=False)

    assert not await world.store.listings()
    assert not await world.store.shops()


async def test_every_change_of_a_fresh_shop_is_one_of_its_own_listings() -> None:
    world = World({"A": 10, "B": 10})

    report = await world.run()

    assert set(changes(report)) == {("a", "A"), ("a", "B"), ("b", "A"), ("b", "B")}
