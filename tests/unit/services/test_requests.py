"""What the command line asks for is done once and answered in words."""

from datetime import timedelta

import pytest

from syncd.domain.held import Direction, HeldNow, HeldRow
from syncd.domain.model import ListingId, ShopName
from syncd.domain.records import ShopState, ShopStatus
from syncd.services.requests import Outcome, Requests
from tests.unit.domain.alert_desk import row_of
from tests.unit.services.cycle_world import World

A = ShopName("a")
DIGEST = "0123456789abcdef"


def a_world(status: ShopStatus | None = None) -> World:
    world = World({"A": 10})
    if status is not None:
        world.store._shops[A] = ShopState(name=A, status=status, fingerprint="f")
    return world


async def ask(world: World, verb: str, argument: str = "a", requests: Requests | None = None) -> str:
    """Ask as `ann`, let it be obeyed, and return the answer."""
    request = await world.store.ask(verb, argument, at=world.clock.now(), by="ann")
    await (requests or world.requests).obey()
    return await world.store.answered(request)


async def hold(world: World, digest: str = DIGEST) -> None:
    held = [
        HeldRow(digest, A, ListingId("A"), Direction.OFF, 0),
        HeldRow(digest, A, ListingId("B"), Direction.RAISE, 30),
    ]
    await world.store.save_plan(
        desired=(), levels=(), dropped_levels=(), held=held, ledger=(), at=world.clock.now()
    )
    await world.store.stand(HeldNow(digest=digest, since={A: world.clock.now()}), ())


# --- approve -------------------------------------------------------------------------------------------


async def test_approve_releases_exactly_what_was_held() -> None:
    await hold(world := a_world())

    await ask(world, "approve", DIGEST)

    rows = [row[:4] for row in await world.store.approvals(world.clock.now())]
    assert rows == [(A, "A", Direction.OFF, 0), (A, "B", Direction.RAISE, 30)]


async def test_approve_says_how_many_and_until_when() -> None:
    await hold(world := a_world())

    assert await ask(world, "approve", DIGEST) == "approved 2 changes until 10:30 UTC"


@pytest.mark.parametrize(("after", "holds"), [(1799, True), (1800, False)])
async def test_an_approval_ends_after_half_an_hour(after: float, *, holds: bool) -> None:
    await hold(world := a_world())
    await ask(world, "approve", DIGEST)

    world.clock.advance(after)

    assert bool(await world.store.approvals(world.clock.now())) is holds


async def test_an_approval_ends_when_the_configuration_says() -> None:
    await hold(world := a_world())
    requests = Requests(
        store=world.store, clock=world.clock, events=world.told, approve_for=timedelta(hours=2)
    )

    assert await ask(world, "approve", DIGEST, requests) == "approved 2 changes until 12:00 UTC"


async def test_approve_writes_down_who_released_what() -> None:
    await hold(world := a_world())

    await ask(world, "approve", DIGEST)

    rows = [(row.listing, row.new, row.who) for row in await world.ledger("approved")]
    assert rows == [("B", 30, "ann"), ("A", 0, "ann")]


async def test_approve_takes_the_beginning_of_a_digest() -> None:
    await hold(world := a_world())

    assert (await ask(world, "approve", DIGEST[:8])).startswith("approved 2")


@pytest.mark.parametrize("digest", ["fedcba9876543210", "01234567ffff", ""])
async def test_approve_refuses_a_digest_that_nothing_is_held_under(digest: str) -> None:
    await hold(world := a_world())

    assert await ask(world, "approve", digest) == f"refused: nothing is held under {digest}"


async def test_a_refused_approval_releases_nothing() -> None:
    await hold(world := a_world())

    await ask(world, "approve", "fedcba9876543210")

    assert not await world.store.approvals(world.clock.now())


# --- the status of a shop ------------------------------------------------------------------------------

STATUSES = [
    ("pause", None, ShopStatus.PAUSED),
    ("pause", ShopStatus.ACTIVE, ShopStatus.PAUSED),
    ("pause", ShopStatus.PAUSED, ShopStatus.PAUSED),
    ("resume", ShopStatus.PAUSED, ShopStatus.ACTIVE),
    ("resume", ShopStatus.ACTIVE, ShopStatus.ACTIVE),
    ("resume", ShopStatus.RETIRING, ShopStatus.ACTIVE),
    ("resume", ShopStatus.RETIRED, ShopStatus.ACTIVE),
    ("freeze", ShopStatus.ACTIVE, ShopStatus.FROZEN),
    ("freeze", ShopStatus.PAUSED, ShopStatus.FROZEN),
    ("unfreeze", ShopStatus.FROZEN, ShopStatus.ACTIVE),
    ("unfreeze", ShopStatus.ACTIVE, ShopStatus.ACTIVE),
]
WRONG_ENDS = [
    ("resume", ShopStatus.FROZEN),
    ("unfreeze", ShopStatus.PAUSED),
    ("unfreeze", ShopStatus.RETIRED),
]


@pytest.mark.parametrize(("verb", "before", "after"), STATUSES)
async def test_a_verb_sets_the_status_of_its_shop(
    verb: str, before: ShopStatus | None, after: ShopStatus
) -> None:
    world = a_world(before)

    answer = await ask(world, verb)

    assert ((await world.store.shops())[A].status, answer) == (after, f"shop a is {after.value}")


@pytest.mark.parametrize(("verb", "status"), WRONG_ENDS)
async def test_a_verb_ends_no_status_but_its_own(verb: str, status: ShopStatus) -> None:
    world = a_world(status)

    await ask(world, verb)

    assert (await world.store.shops())[A].status is status


@pytest.mark.parametrize(("verb", "status"), WRONG_ENDS)
async def test_a_verb_that_ends_nothing_says_so(verb: str, status: ShopStatus) -> None:
    answer = await ask(a_world(status), verb)

    assert answer == f"refused: shop a is {status.value}; {verb} does not end that"


async def test_a_new_status_keeps_what_else_is_known() -> None:
    world = a_world(ShopStatus.ACTIVE)

    await ask(world, "pause")

    assert (await world.store.shops())[A].fingerprint == "f"


async def test_a_new_status_is_written_down_with_who_asked() -> None:
    world = a_world()

    await ask(world, "pause")

    assert [(row.shop, row.cause, row.who) for row in await world.ledger("status")] == [(A, "paused", "ann")]


# --- requests as such ----------------------------------------------------------------------------------


async def test_an_unknown_request_is_refused_in_words() -> None:
    assert await ask(a_world(), "dance") == "refused: this program does not know the request dance"


async def test_a_refused_request_does_not_stop_the_next_one() -> None:
    world = a_world()
    await world.store.ask("dance", "a", at=world.clock.now(), by="ann")

    assert await ask(world, "pause") == "shop a is paused"


async def test_a_sync_waits_for_a_cycle() -> None:
    world = a_world()
    request = await world.store.ask("sync", "", at=world.clock.now(), by="ann")

    waiting = await world.requests.obey()

    assert ([row.id for row in waiting], await world.store.answered(request)) == ([request], "")


async def test_a_request_is_obeyed_once() -> None:
    world = a_world()
    await ask(world, "pause")

    await world.requests.obey()

    assert len(await world.ledger("status")) == 1


async def test_what_was_obeyed_is_told_with_its_answer() -> None:
    world = a_world()

    await ask(world, "pause")

    assert world.told.named("obeyed") == [{"verb": "pause", "by": "ann", "answer": "shop a is paused"}]


# --- alerts --------------------------------------------------------------------------------------------


async def test_an_alert_is_acknowledged_by_who_asks() -> None:
    world = a_world()
    await world.store.save_alerts([row_of()])

    answer = await ask(world, "ack_alert", "1")

    (alert,) = await world.store.alerts()
    assert answer == "alert 1 is acknowledged by ann"
    assert (alert.acked_by, alert.acked_at) == ("ann", world.clock.now())


@pytest.mark.parametrize("argument", ["2", "", "one", "-1", "１", "9" * 40])
async def test_an_alert_that_there_is_not_cannot_be_acknowledged(argument: str) -> None:
    world = a_world()
    await world.store.save_alerts([row_of()])

    assert await ask(world, "ack_alert", argument) == f"refused: there is no alert {argument}"


# --- the outcome of a cycle ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [Outcome(done=0), Outcome(done=3, held=DIGEST), Outcome(done=1, failures=("shop 天猫: no route", "b"))],
)
def test_an_outcome_survives_being_written_and_read(outcome: Outcome) -> None:
    assert Outcome.read(outcome.text()) == outcome


async def test_an_outcome_counts_what_was_done_in_all_shops() -> None:
    world = World({"A": 10, "B": 10})

    assert Outcome.of(await world.run()).done == 4


async def test_an_outcome_names_the_digest_only_where_something_is_held() -> None:
    world = await World({"A": 10}).filled()

    free = Outcome.of(await world.run())
    world.stock(A=0)
    report = await world.run()

    assert (free.held, Outcome.of(report).held) == ("", report.view.decision.digest)
