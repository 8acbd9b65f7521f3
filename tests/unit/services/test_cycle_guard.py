"""What the guard holds stays held, what it lets go goes, and a person's word frees exactly what it names."""

from dataclasses import replace

from syncd.adapters.memory import Fault
from syncd.domain.model import Cause, ChangeKind, ListingId, Outcome, Sku
from syncd.domain.policy import Stop
from syncd.domain.topology import GuardLimits
from syncd.errors import Kind, PortError
from syncd.services.cycle import Selection
from tests.unit.services.cycle_world import World, changes, shops_of, shown, stops

SKUS = [f"S{number:02}" for number in range(10)]
FULL = dict.fromkeys(SKUS, 10)
EMPTY = dict.fromkeys(SKUS, 0)
ONE = shops_of("a")


def emptied(count: int) -> dict[str, int]:
    return {sku: 0 if place < count else 10 for place, sku in enumerate(SKUS)}


async def test_a_mass_zero_of_the_snapshot_is_held() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))

    report = await world.run()

    assert report.held
    assert world.counters("a") == FULL


async def test_as_many_zeros_as_the_limit_allows_go_out() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(3))

    report = await world.run()

    assert not report.held
    assert world.counters("a") == emptied(3)


async def test_the_limit_counts_what_went_out_within_the_window() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(3))
    await world.run()
    world.stock(**emptied(4))

    report = await world.run()

    assert report.held
    assert world.counters("a") == emptied(3)


async def test_after_the_window_the_limit_counts_anew() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(3))
    await world.run()
    world.stock(**emptied(4))

    report = await world.run(after=3601)

    assert not report.held


async def test_a_held_zero_stays_held_in_the_next_cycles() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))
    for _ in range(4):
        await world.run()
    report = await world.run()

    assert {change.cause for change in changes(report).values()} == {Cause.SNAPSHOT}
    assert world.counters("a") == FULL


async def test_a_held_zero_stays_held_after_a_restart() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))
    await world.run()
    world.restart()

    await world.run()

    assert world.counters("a") == FULL


async def test_a_zero_that_never_reached_the_shop_is_no_repair_afterwards() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(3))
    world.shop("a").fail_push(PortError(Kind.TRANSIENT, "refused", sent=False))
    await world.run()

    report = await world.run(selection=Selection(sku=Sku("none")))

    assert {change.cause for change in changes(report).values()} == {Cause.SNAPSHOT}


async def test_zeros_that_failed_to_go_out_cannot_add_up_past_the_limit() -> None:
    world = await World(FULL, shops=ONE).filled()
    for count in (2, 4, 6):
        world.stock(**emptied(count))
        world.shop("a").fail_push(PortError(Kind.TRANSIENT, "refused", sent=False))
        await world.run()

    await world.run()

    assert sum(units == 0 for units in world.counters("a").values()) <= 3


async def test_holds_do_not_starve_other_changes() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**(emptied(4) | {"S09": 12}))

    await world.run()

    assert world.counters("a")["S09"] == 12


async def test_one_shop_that_is_held_does_not_hold_another() -> None:
    strict = shops_of("a", guard=GuardLimits(max_off_percent=10))
    world = await World(FULL, shops=(*strict, *shops_of("b"))).filled()
    world.stock(**emptied(2))

    await world.run()

    assert (world.counters("a"), world.counters("b")) == (FULL, emptied(2))


async def test_approval_releases_what_was_held() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))
    report = await world.run()

    await world.approve(report.view.decision.digest)
    await world.run()

    assert world.counters("a") == emptied(4)


async def test_approval_does_not_release_what_was_not_held_then() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))
    report = await world.run()
    await world.approve(report.view.decision.digest)
    world.stock(**emptied(9))

    await world.run()

    assert world.counters("a") == emptied(4)


async def test_an_approval_runs_out() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))
    report = await world.run()
    await world.approve(report.view.decision.digest)

    await world.run(after=1801)

    assert world.counters("a") == FULL


async def test_an_approval_holds_though_the_listing_sold_meanwhile() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))
    report = await world.run()
    await world.approve(report.view.decision.digest)
    world.shop("a").sell(ListingId("S00"), 2)

    await world.run()

    assert world.counters("a") == emptied(4)


async def test_a_held_listing_follows_the_sales_of_the_other_shop() -> None:
    world = await World(FULL).filled()
    world.stock(**emptied(4))
    await world.run()
    world.shop("a").sell(ListingId("S00"), 3)

    await world.run()

    assert (world.counters("a")["S00"], world.counters("b")["S00"]) == (7, 7)


async def test_a_held_listing_that_followed_a_sale_is_still_held() -> None:
    world = await World(FULL).filled()
    world.stock(**emptied(4))
    await world.run()
    world.shop("a").sell(ListingId("S00"), 3)
    await world.run()

    report = await world.run()

    assert stops(report)["b", "S00"] is Stop.HELD
    assert world.counters("b")["S00"] == 7


async def test_open_claims_do_not_smuggle_a_mass_zero_past_the_guard() -> None:
    world = await World(FULL, shops=ONE).filled()
    for sku in SKUS:
        world.shop("a").sell(ListingId(sku), 1)
    await world.run()
    world.stock(**EMPTY)

    await world.run()

    assert all(world.counters("a").values())


async def test_sales_that_empty_the_pool_are_never_held() -> None:
    world = await World(FULL).filled()
    for sku in SKUS:
        world.shop("a").sell(ListingId(sku), 10)

    report = await world.run()

    assert not report.held
    assert world.counters("b") == EMPTY


async def test_all_listings_at_once_are_held_at_any_size() -> None:
    world = await World({"A": 5, "B": 5}, shops=ONE).filled()
    world.stock(A=0, B=0)

    report = await world.run()

    assert report.held
    assert world.counters("a") == {"A": 5, "B": 5}


async def test_a_first_fill_is_no_raise() -> None:
    world = World(dict.fromkeys(SKUS, 1000), shops=ONE)
    world.shop("a").put(*(shown(sku, 1) for sku in SKUS))

    report = await world.run()

    assert not report.held
    assert world.counters("a") == dict.fromkeys(SKUS, 1000)


async def test_after_the_first_fill_a_mass_raise_is_held() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**dict.fromkeys(SKUS, 1000))

    report = await world.run()

    assert report.held
    assert world.counters("a") == FULL


async def test_a_line_that_is_refused_for_ever_does_not_keep_the_first_fill_open() -> None:
    world = World(FULL, shops=shops_of("a", guard=GuardLimits(from_listings=5)))
    world.shop("a").fail_push(_refusing("S00"), _refusing("S00"))
    await world.run()
    world.stock(**dict.fromkeys(SKUS, 1000))

    await world.run()

    assert world.counters("a")["S05"] == 10


async def test_after_a_first_fill_with_a_refused_line_raises_are_written_down_one_by_one() -> None:
    world = World(FULL, shops=ONE)
    world.shop("a").fail_push(_refusing("S00"))
    await world.run()
    world.stock(**(FULL | {"S01": 12}))

    await world.run()

    assert [row.listing for row in await world.ledger("counter") if row.new == 12] == ["S01"]


async def test_a_shop_that_was_never_filled_whole_is_guarded_where_it_was_filled() -> None:
    world = await World(FULL, shops=ONE).filled()
    for state in (await world.store.shops()).values():
        await world.store.save_shop(replace(state, accepted_at=None))
    world.stock(**dict.fromkeys(SKUS, 1000))

    report = await world.run()

    assert report.held
    assert world.counters("a") == FULL


async def test_what_is_held_is_told_with_the_way_to_release_it() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.stock(**emptied(4))

    report = await world.run()

    because = str(world.told.named("held")[0]["because"])
    assert "guard.max_off_percent" in because
    assert f"syncd approve {report.view.decision.digest}" in because


async def test_a_vanished_sku_is_held_until_it_is_approved() -> None:
    world = await World({"A": 5, "B": 5, "C": 5, "D": 5}, shops=ONE).filled()
    world.stock(B=5, C=5, D=5)
    await world.run()
    report = await world.run()
    assert world.counters("a")["A"] == 5

    await world.approve(report.view.decision.digest)
    await world.run()

    assert world.counters("a")["A"] == 0


async def test_a_sale_of_a_vanished_sku_is_followed_though_it_is_held() -> None:
    world = await World({"A": 5, "B": 5, "C": 5, "D": 5}).filled()
    world.stock(B=5, C=5, D=5)
    await world.run()
    await world.run()
    world.shop("a").sell(ListingId("A"), 2)

    await world.run()

    assert (world.counters("a")["A"], world.counters("b")["A"]) == (3, 3)


async def test_a_changed_configuration_is_blamed_for_what_it_changes() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.rule(sku="S00", cap=4)

    report = await world.run()

    assert changes(report)["a", "S00"].cause is Cause.CONFIG


async def test_a_configuration_that_empties_a_shop_is_held() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.rule(cap=0)

    for _ in range(2):
        await world.run()
    report = await world.run()

    assert report.held
    assert world.counters("a") == FULL


async def test_a_counter_that_a_hand_raised_is_lowered_again() -> None:
    world = await World(FULL, shops=ONE).filled()
    world.shop("a").put(shown("S00", 50))

    report = await world.run()

    assert changes(report)["a", "S00"].kind is ChangeKind.LOWER
    assert world.counters("a") == FULL


def _refusing(*listings: str) -> Fault:

    refused = Outcome(kind=Kind.REJECTED, message="no")
    return Fault(outcomes={ListingId(listing): refused for listing in listings})


async def test_an_unbound_listing_on_sale_does_not_let_all_others_go_at_once() -> None:
    world = await World({"A": 5, "B": 5}, shops=ONE).filled()
    world.shop("a").put(shown("nobody's", 2, code="unknown to all"))
    world.stock(A=0, B=0)

    report = await world.run()

    assert report.held
    assert world.counters("a") == {"A": 5, "B": 5, "nobody's": 2}
