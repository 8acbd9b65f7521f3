"""The shop in memory: what it shows, what writes do to it, and how it fails."""

from dataclasses import replace
from typing import Any

import pytest

from syncd.adapters.memory import Fault, MemoryChannel
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, OffReason, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits, Unlists

ONE = ListingId("1")
TWO = ListingId("2")
EVERY = (Action.COMPARE_AND_SET, Action.DELTA, Action.SET)


def _listing(listing: str = "1", quantity: int | None = 5, *, item: str = "9") -> ObservedListing:
    return ObservedListing(
        id=ListingId(listing), code="A", item=ItemId(item), quantity=quantity, on_sale=True
    )


def _write(
    value: int = 0, *, listing: str = "1", action: Action = Action.SET, base: int | None = None, key: str = ""
) -> Write:
    return Write(
        listing=ListingId(listing),
        item=ItemId("9"),
        action=action,
        value=value,
        base=base,
        key=key or f"{listing}:{action}:{value}",
    )


def _shop(*listings: ObservedListing, **traits: Any) -> MemoryChannel:  # noqa: ANN401
    given: dict[str, Any] = {"max_batch": 3, "max_batch_listing": 2, "can_unlist": True, "write_modes": EVERY}
    return MemoryChannel(listings or [_listing()], traits=ChannelTraits(**(given | traits)))


async def _pages(channel: Channel, *listings: str) -> list[list[str]]:
    wanted = [ListingId(listing) for listing in listings] or None
    return [[listing.id async for page in channel.observe(wanted) for listing in page]]


async def _push(channel: Channel, *writes: Write) -> list[Kind]:
    return [outcome.kind for outcome in await channel.push(writes)]


# --- reading ---------------------------------------------------------------------------------------------


async def test_a_shop_is_observed_whole() -> None:
    assert await _pages(_shop(_listing("1"), _listing("2"))) == [["1", "2"]]


async def test_a_shop_is_observed_a_page_at_a_time() -> None:
    channel = MemoryChannel([_listing(str(number)) for number in range(5)], page_size=2)
    assert [len(page) async for page in channel.observe()] == [2, 2, 1]


async def test_some_listings_are_observed_alone_and_the_missing_left_out() -> None:
    channel = _shop(_listing("1"), _listing("2"), observes_some=True)
    assert await _pages(channel, "2", "7") == [["2"]]


async def test_a_shop_that_is_read_whole_only_shows_all() -> None:
    assert await _pages(_shop(_listing("1"), _listing("2"), observes_some=False), "2") == [["1", "2"]]


async def test_what_was_asked_is_recorded() -> None:
    channel = _shop()
    await _pages(channel)
    await _pages(channel, "1")
    assert channel.observed == [None, (ONE,)]


async def test_an_observation_can_fail_after_some_pages() -> None:
    channel = MemoryChannel([_listing(str(number)) for number in range(5)], page_size=2)
    channel.fail_observe(PortError(Kind.THROTTLED, "slow down"), after_pages=1)
    pages = channel.observe()
    assert len(await anext(pages)) == 2
    with pytest.raises(PortError, match="slow down"):
        await anext(pages)


async def test_the_observation_after_a_failed_one_is_whole() -> None:
    channel = _shop()
    channel.fail_observe(PortError(Kind.TRANSIENT, "down"))
    with pytest.raises(PortError):
        await _pages(channel)
    assert await _pages(channel) == [["1"]]


# --- writing ---------------------------------------------------------------------------------------------


async def test_a_set_counter_is_shown() -> None:
    channel = _shop()
    await channel.push([_write(3)])
    assert channel.shown(ONE).quantity == 3


async def test_the_outcome_carries_the_counter() -> None:
    assert await _shop().push([_write(3)]) == [Outcome(kind=Kind.DONE, counter=3)]


async def test_a_delta_is_added() -> None:
    channel = _shop()
    await channel.push([_write(-2, action=Action.DELTA)])
    assert channel.shown(ONE).quantity == 3


async def test_a_delta_below_0_is_refused() -> None:
    channel = _shop()
    assert await _push(channel, _write(-6, action=Action.DELTA)) == [Kind.REJECTED]
    assert channel.shown(ONE).quantity == 5


async def test_a_delta_below_0_is_cut_where_the_shop_clips() -> None:
    outcomes = await _shop(delta_clips=True).push([_write(-6, action=Action.DELTA)])
    assert outcomes == [Outcome(kind=Kind.DONE, counter=0)]


async def test_a_comparison_that_holds_sets_the_counter() -> None:
    channel = _shop()
    await channel.push([_write(2, action=Action.COMPARE_AND_SET, base=5)])
    assert channel.shown(ONE).quantity == 2


async def test_a_comparison_that_fails_says_the_counter() -> None:
    (outcome,) = await _shop().push([_write(2, action=Action.COMPARE_AND_SET, base=4)])
    assert (outcome.kind, outcome.counter) == (Kind.REJECTED, 5)


@pytest.mark.parametrize(
    ("traits", "write"),
    [
        ({"write_modes": (Action.SET,)}, _write(1, action=Action.DELTA)),
        ({"max_quantity": 10}, _write(11)),
        ({}, _write(-1)),
        ({"zero_allowed": False}, _write(0)),
        ({"can_unlist": False}, _write(action=Action.DELIST)),
    ],
)
async def test_what_the_traits_exclude_is_refused(traits: dict[str, Any], write: Write) -> None:
    assert await _push(_shop(**traits), write) == [Kind.REJECTED]


async def test_a_counter_below_the_withheld_units_is_refused() -> None:
    channel = _shop(replace(_listing(), withheld=3), withholds=True)
    assert await _push(channel, _write(2)) == [Kind.REJECTED]


async def test_a_missing_listing_is_not_found() -> None:
    assert await _push(_shop(), _write(1, listing="7")) == [Kind.NOT_FOUND]


async def test_one_bad_line_does_not_stop_the_others() -> None:
    channel = _shop(_listing("1"), _listing("2"))
    assert await _push(channel, _write(-1), _write(1, listing="2")) == [Kind.REJECTED, Kind.DONE]


async def test_a_repeated_key_is_a_duplicate_where_the_shop_knows_keys() -> None:
    channel = _shop(idempotent=True)
    write = _write(-1, action=Action.DELTA)
    assert [await _push(channel, write), await _push(channel, write)] == [[Kind.DONE], [Kind.DUPLICATE]]
    assert channel.shown(ONE).quantity == 4


async def test_a_repeated_delta_is_applied_twice_elsewhere() -> None:
    channel = _shop()
    for _ in range(2):
        await channel.push([_write(-1, action=Action.DELTA)])
    assert channel.shown(ONE).quantity == 3


async def test_a_refused_key_can_be_sent_again() -> None:
    channel = _shop(idempotent=True)
    await channel.push([_write(-6, action=Action.DELTA, key="k")])
    channel.put(_listing(quantity=9))
    assert await _push(channel, _write(-6, action=Action.DELTA, key="k")) == [Kind.DONE]


async def test_a_delisted_listing_is_off_sale() -> None:
    channel = _shop()
    await channel.push([_write(action=Action.DELIST)])
    assert channel.shown(ONE).on_sale is False


async def test_a_delisting_leaves_the_rest_of_its_item() -> None:
    channel = _shop(_listing("1"), _listing("2"))
    await channel.push([_write(action=Action.DELIST)])
    assert channel.shown(TWO).on_sale is True


async def test_a_delisting_takes_the_whole_item_where_the_shop_does() -> None:
    channel = _shop(_listing("1"), _listing("2"), _listing("3", item="8"), unlists=Unlists.ITEM)
    await channel.push([_write(action=Action.DELIST)])
    assert [channel.shown(ListingId(n)).on_sale for n in ("1", "2", "3")] == [False, False, True]


async def test_a_relisted_listing_is_on_sale() -> None:
    channel = _shop(replace(_listing(), on_sale=False, off_reason=OffReason.PERSON))
    await channel.push([_write(action=Action.RELIST)])
    assert (channel.shown(ONE).on_sale, channel.shown(ONE).off_reason) == (True, None)


async def test_a_violation_is_not_relisted() -> None:
    channel = _shop(replace(_listing(), on_sale=False, off_reason=OffReason.VIOLATION))
    assert await _push(channel, _write(action=Action.RELIST)) == [Kind.REJECTED]


async def test_a_counter_of_0_goes_off_sale_where_the_shop_does_so() -> None:
    channel = _shop(auto_delists_at_zero=True)
    await channel.push([_write(0)])
    assert channel.shown(ONE).off_reason is OffReason.SOLD_OUT


async def test_such_a_shop_does_not_relist_at_0() -> None:
    channel = _shop(auto_delists_at_zero=True)
    await channel.push([_write(0)])
    assert await _push(channel, _write(action=Action.RELIST)) == [Kind.REJECTED]


# --- the batch rule --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("traits", "writes"),
    [
        ({}, [_write(1), _write(1, action=Action.DELTA)]),
        ({}, [_write(1)] * 4),
        ({}, [_write(action=Action.DELIST)] * 3),
        ({"one_item_per_call": True}, [_write(1), _write(1)._replace(item=ItemId("8"))]),
        ({"max_items": 1}, [_write(1), _write(1)._replace(item=ItemId("8"))]),
        ({"max_per_item": 1}, [_write(1), _write(2)]),
    ],
)
async def test_a_call_against_the_batch_rule_is_a_mistake(
    traits: dict[str, Any], writes: list[Write]
) -> None:
    with pytest.raises(ValueError, match="a call carries"):
        await _shop(**traits).push(writes)


# --- buyers and faults -----------------------------------------------------------------------------------


def test_a_buyer_lowers_the_counter() -> None:
    channel = _shop()
    assert channel.sell(ONE, 2) == 2
    assert channel.shown(ONE).quantity == 3


def test_a_buyer_gets_no_more_than_is_shown() -> None:
    assert _shop().sell(ONE, 9) == 5


def test_a_buyer_gets_nothing_off_sale() -> None:
    assert _shop(replace(_listing(), on_sale=False)).sell(ONE) == 0


async def test_a_dropped_listing_is_seen_no_more() -> None:
    channel = _shop(_listing("1"), _listing("2"))
    channel.drop(ONE)
    assert await _pages(channel) == [["2"]]


async def test_every_call_is_recorded() -> None:
    channel = _shop()
    channel.fail_push(PortError(Kind.TRANSIENT, "down"))
    with pytest.raises(PortError):
        await channel.push([_write(3)])
    assert channel.pushed == [(_write(3),)]


async def test_a_call_that_failed_before_did_nothing() -> None:
    channel = _shop()
    channel.fail_push(PortError(Kind.TRANSIENT, "down"))
    with pytest.raises(PortError):
        await channel.push([_write(3)])
    assert channel.shown(ONE).quantity == 5


async def test_a_call_that_failed_after_did_everything() -> None:
    channel = _shop()
    channel.fail_push(Fault(error=PortError(Kind.UNKNOWN, "cut"), applied=True))
    with pytest.raises(PortError):
        await channel.push([_write(3)])
    assert channel.shown(ONE).quantity == 3


async def test_a_fault_meets_one_call() -> None:
    channel = _shop()
    channel.fail_push(PortError(Kind.TRANSIENT, "down"))
    with pytest.raises(PortError):
        await channel.push([_write(3)])
    assert await _push(channel, _write(3)) == [Kind.DONE]


async def test_a_line_can_have_an_outcome_of_its_own_and_is_not_applied() -> None:
    channel = _shop(_listing("1"), _listing("2"))
    channel.fail_push(Fault(outcomes={ONE: Outcome(kind=Kind.PERMISSION)}))
    assert await _push(channel, _write(3), _write(3, listing="2")) == [Kind.PERMISSION, Kind.DONE]
    assert channel.shown(ONE).quantity == 5


@pytest.mark.parametrize(("applied", "shown"), [(False, 5), (True, 3)])
async def test_a_silent_line_is_unknown(*, applied: bool, shown: int) -> None:
    channel = _shop()
    channel.fail_push(Fault(silent=frozenset({ONE}), silent_applied=applied))
    assert await _push(channel, _write(3)) == [Kind.UNKNOWN]
    assert channel.shown(ONE).quantity == shown


async def test_a_late_write_is_accepted_and_does_not_show() -> None:
    channel = _shop()
    channel.fail_push(Fault(late=True))
    assert await channel.push([_write(3)]) == [Outcome(kind=Kind.DONE)]
    assert channel.shown(ONE).quantity == 5


async def test_a_late_write_shows_once_it_applies() -> None:
    channel = _shop()
    channel.fail_push(Fault(late=True))
    await channel.push([_write(-2, action=Action.DELTA)])
    channel.apply_late()
    channel.apply_late()
    assert channel.shown(ONE).quantity == 3


async def test_a_late_write_is_a_duplicate_when_it_is_sent_again() -> None:
    channel = _shop(idempotent=True)
    channel.fail_push(Fault(late=True))
    await channel.push([_write(3)])
    assert await _push(channel, _write(3)) == [Kind.DUPLICATE]


async def test_a_late_write_to_a_listing_that_went_is_passed_over() -> None:
    channel = _shop()
    channel.fail_push(Fault(late=True))
    await channel.push([_write(3)])
    channel.drop(ONE)
    channel.apply_late()
    assert await _pages(channel) == [[]]


async def test_a_write_that_is_refused_is_not_late() -> None:
    channel = _shop()
    channel.fail_push(Fault(late=True))
    assert await _push(channel, _write(-1)) == [Kind.REJECTED]


async def test_something_can_happen_between_reading_and_writing() -> None:
    channel = _shop()
    channel.fail_push(Fault(meanwhile=lambda: channel.put(_listing(quantity=4))))
    assert await _push(channel, _write(2, action=Action.COMPARE_AND_SET, base=5)) == [Kind.REJECTED]
