"""What every channel owes, as one suite: subclass `ChannelContract` and override its two fixtures."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import pytest

from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel


class Fault(StrEnum):
    """How the platform's next call goes wrong."""

    RESET = "the connection breaks before anything is applied"
    LOST_REPLY = "all is applied, but the answer never comes"
    HANGING = "the platform says nothing at all"
    SERVER_ERROR = "a gateway answers for the platform"
    THROTTLED = "too many calls, without a hint"
    THROTTLED_FOR_7_SECONDS = "too many calls, come back in 7 seconds"
    BAD_TOKEN = "the credentials are not accepted"
    FORBIDDEN = "the credentials do not allow it"
    HTML = "a page for people"
    MALFORMED = "JSON of another shape"
    TRUNCATED = "the answer is cut short"
    HUGE = "the answer is larger than the channel reads"


class Rig(Protocol):
    """The platform behind the channel, as a test moves and reads it."""

    arrived: asyncio.Event
    """Set when a call with the fault `HANGING` has come in."""

    def put(self, listing: ObservedListing) -> None:
        """List something."""
        ...

    def counter(self, listing: str) -> int:
        """Return the counter as the platform has it."""
        ...

    def is_on_sale(self, listing: str) -> bool:
        """Return whether it can be bought."""
        ...

    def calls(self) -> int:
        """Return how many calls have come in."""
        ...

    def fail(self, fault: Fault) -> None:
        """Let the next call go wrong."""
        ...

    def refuse(self, listing: str, kind: Kind) -> None:
        """Let the next write to this listing be refused in the platform's way of saying `kind`."""
        ...

    def silence(self, listing: str) -> None:
        """Let the next answer leave out the line of this listing, after applying it."""
        ...


def stocked(key: str, quantity: int = 5, *, code: str = "ABC") -> ObservedListing:
    """Return a listing that is on sale."""
    return ObservedListing(
        id=ListingId(key), code=code, item=ItemId(f"item-{key}"), quantity=quantity, on_sale=True
    )


def write(
    key: str, value: int, *, action: Action = Action.SET, base: int | None = 5, intent: str = ""
) -> Write:
    """Return a write whose idempotency key is its own unless given."""
    intent = intent or f"{action}-{key}-{value}"
    return Write(
        listing=ListingId(key), item=ItemId(f"item-{key}"), action=action, value=value, base=base, key=intent
    )


async def observed(channel: Channel, ids: Sequence[str] | None = None) -> list[ObservedListing]:
    """Return all that the channel yields."""
    asked = None if ids is None else [ListingId(key) for key in ids]
    return [listing async for page in channel.observe(asked) for listing in page]


async def pushed(channel: Channel, *writes: Write) -> list[Outcome]:
    """Return the outcomes of one call."""
    return list(await channel.push(writes))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a fault means: for a read and for a write, and the wait that goes with it."""

    read: frozenset[Kind]
    write: frozenset[Kind]
    wait: float | None = None


_THROTTLED = frozenset({Kind.THROTTLED})
_AUTH = frozenset({Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED})
_PERMISSION = frozenset({Kind.PERMISSION})
_BROKEN = Meaning(frozenset({Kind.TRANSIENT, Kind.UNKNOWN}), frozenset({Kind.UNKNOWN}))

MEANINGS: dict[Fault, Meaning] = {
    Fault.RESET: _BROKEN,
    Fault.LOST_REPLY: _BROKEN,
    Fault.HANGING: _BROKEN,
    Fault.SERVER_ERROR: _BROKEN,
    Fault.HTML: _BROKEN,
    Fault.MALFORMED: _BROKEN,
    Fault.TRUNCATED: _BROKEN,
    Fault.HUGE: _BROKEN,
    Fault.THROTTLED: Meaning(_THROTTLED, _THROTTLED),
    Fault.THROTTLED_FOR_7_SECONDS: Meaning(_THROTTLED, _THROTTLED, 7.0),
    Fault.BAD_TOKEN: Meaning(_AUTH, _AUTH),
    Fault.FORBIDDEN: Meaning(_PERMISSION, _PERMISSION),
}

ODD_KEYS = [
    "7",
    "９９",
    "中文-商品",
    " leading and trailing ",
    "a/b?c&d=e#f%2F",
    "9223372036854775807",
    "🙂",
    "a,b",
]


def _needs(channel: Channel, action: Action) -> None:
    if action not in channel.traits.write_modes:
        pytest.skip(f"the channel has no {action}")


class ChannelContract:
    """Override `rig` and `channel`; `secret` is what must never be shown."""

    secret = "hush-hush-token"
    listings_beyond_one_page = 250

    @pytest.fixture
    async def rig(self) -> Rig:
        raise NotImplementedError

    @pytest.fixture
    async def channel(self, rig: Rig) -> Channel:
        raise NotImplementedError

    # --- observing -----------------------------------------------------------------------------------------

    async def test_all_listings_are_read_over_all_pages(self, rig: Rig, channel: Channel) -> None:
        for number in range(self.listings_beyond_one_page):
            rig.put(stocked(f"L{number}", number))
        found = {listing.id: listing.quantity for listing in await observed(channel)}
        assert found == {f"L{number}": number for number in range(self.listings_beyond_one_page)}

    async def test_an_empty_shop_has_no_listings(self, rig: Rig, channel: Channel) -> None:
        assert rig.calls() == 0
        assert await observed(channel) == []

    async def test_opening_makes_no_call(self, rig: Rig, channel: Channel) -> None:
        assert channel.traits.max_batch >= 1
        assert rig.calls() == 0

    @pytest.mark.parametrize("key", ODD_KEYS)
    async def test_odd_ids_are_read_exactly(self, rig: Rig, channel: Channel, key: str) -> None:
        rig.put(stocked(key, 3))
        assert [(listing.id, listing.quantity) for listing in await observed(channel)] == [(key, 3)]

    @pytest.mark.parametrize("key", ODD_KEYS)
    async def test_odd_codes_are_read_exactly(self, rig: Rig, channel: Channel, key: str) -> None:
        rig.put(stocked("1", code=key))
        assert [listing.code for listing in await observed(channel)] == [key]

    @pytest.mark.parametrize("key", ODD_KEYS)
    async def test_odd_ids_are_read_alone(self, rig: Rig, channel: Channel, key: str) -> None:
        rig.put(stocked("other"))
        rig.put(stocked(key, 3))
        found = {listing.id: listing.quantity for listing in await observed(channel, [key])}
        assert found[ListingId(key)] == 3

    async def test_some_listings_are_read_however_many(self, rig: Rig, channel: Channel) -> None:
        keys = [f"L{number}" for number in range(self.listings_beyond_one_page)]
        for key in keys:
            rig.put(stocked(key))
        found = {listing.id for listing in await observed(channel, keys)}
        assert found >= set(keys)

    async def test_a_listing_that_does_not_exist_is_left_out(self, rig: Rig, channel: Channel) -> None:
        rig.put(stocked("there"))
        assert [listing.id for listing in await observed(channel, ["there", "gone"])] == ["there"]

    async def test_no_listings_need_no_call(self, rig: Rig, channel: Channel) -> None:
        assert await observed(channel, []) == []
        assert rig.calls() == 0

    @pytest.mark.parametrize("fault", Fault)
    async def test_a_failed_reading_has_a_kind(self, rig: Rig, channel: Channel, fault: Fault) -> None:
        rig.put(stocked("1"))
        rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await observed(channel)
        assert caught.value.kind in MEANINGS[fault].read
        assert caught.value.retry_after == MEANINGS[fault].wait

    # --- pushing -------------------------------------------------------------------------------------------

    async def test_nothing_to_push_needs_no_call(self, rig: Rig, channel: Channel) -> None:
        assert await pushed(channel) == []
        assert rig.calls() == 0

    @pytest.mark.parametrize(
        ("action", "value", "after"),
        [
            (Action.SET, 8, 8),
            (Action.SET, 2, 2),
            (Action.DELTA, 3, 8),
            (Action.DELTA, -3, 2),
            (Action.COMPARE_AND_SET, 8, 8),
            (Action.COMPARE_AND_SET, 2, 2),
        ],
    )
    async def test_a_write_is_applied(
        self, rig: Rig, channel: Channel, action: Action, value: int, after: int
    ) -> None:
        _needs(channel, action)
        rig.put(stocked("1", 5))
        (outcome,) = await pushed(channel, write("1", value, action=action))
        assert (outcome.kind, rig.counter("1")) == (Kind.DONE, after)
        assert outcome.counter in {after, None}

    @pytest.mark.parametrize("key", ODD_KEYS)
    async def test_odd_ids_are_written_exactly(self, rig: Rig, channel: Channel, key: str) -> None:
        action = channel.traits.write_modes[0]
        value = 2 if action is Action.DELTA else 7
        rig.put(stocked(key, 5))
        (outcome,) = await pushed(channel, write(key, value, action=action))
        assert (outcome.kind, rig.counter(key)) == (Kind.DONE, 7)

    async def test_zero_is_written(self, rig: Rig, channel: Channel) -> None:
        _needs(channel, Action.SET)
        if not channel.traits.zero_allowed:
            pytest.skip("the channel takes no zero")
        rig.put(stocked("1", 5))
        (outcome,) = await pushed(channel, write("1", 0))
        assert (outcome.kind, rig.counter("1")) == (Kind.DONE, 0)

    async def test_compare_and_set_leaves_a_counter_that_moved(self, rig: Rig, channel: Channel) -> None:
        _needs(channel, Action.COMPARE_AND_SET)
        rig.put(stocked("1", 4))
        (outcome,) = await pushed(channel, write("1", 9, action=Action.COMPARE_AND_SET, base=5))
        assert outcome.kind not in {Kind.DONE, Kind.DUPLICATE}
        assert rig.counter("1") == 4

    async def test_a_delta_below_zero_is_refused_or_clipped_as_told(self, rig: Rig, channel: Channel) -> None:
        _needs(channel, Action.DELTA)
        rig.put(stocked("1", 5))
        (outcome,) = await pushed(channel, write("1", -6, action=Action.DELTA))
        if channel.traits.delta_clips:
            assert (outcome.kind, rig.counter("1")) == (Kind.DONE, 0)
        else:
            assert (outcome.kind is Kind.DONE, rig.counter("1")) == (False, 5)

    async def test_a_repeated_key_is_a_duplicate(self, rig: Rig, channel: Channel) -> None:
        _needs(channel, Action.DELTA)
        if not channel.traits.idempotent:
            pytest.skip("the channel does not know keys")
        rig.put(stocked("1", 5))
        delta = write("1", 2, action=Action.DELTA)
        outcomes = [*await pushed(channel, delta), *await pushed(channel, delta)]
        assert outcomes[0].kind is Kind.DONE
        # Not every platform tells that it knew the key.
        assert outcomes[1].kind in {Kind.DONE, Kind.DUPLICATE}
        assert rig.counter("1") == 7

    async def test_a_full_batch_is_answered_in_its_order(self, rig: Rig, channel: Channel) -> None:
        _needs(channel, Action.SET)
        if channel.traits.one_item_per_call:
            pytest.skip("a call carries one item only")
        most = min(channel.traits.max_batch, channel.traits.max_items or 50, 50)
        keys = [f"L{number}" for number in range(most, 0, -1)]
        for number, key in enumerate(keys):
            rig.put(stocked(key, number))
        outcomes = await pushed(channel, *(write(key, 100 + number) for number, key in enumerate(keys)))
        assert [outcome.kind for outcome in outcomes] == [Kind.DONE] * len(keys)
        assert [rig.counter(key) for key in keys] == [100 + number for number in range(len(keys))]

    @pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND, Kind.THROTTLED, Kind.PERMISSION])
    async def test_a_refused_line_does_not_stop_the_batch(
        self, rig: Rig, channel: Channel, kind: Kind
    ) -> None:
        self._needs_batch(channel)
        for key in "abc":
            rig.put(stocked(key, 5))
        rig.refuse("b", kind)
        outcomes = await pushed(channel, *(write(key, 7) for key in "abc"))
        assert [outcome.kind for outcome in outcomes] == [Kind.DONE, kind, Kind.DONE]
        assert [rig.counter(key) for key in "abc"] == [7, 5, 7]

    async def test_a_refused_line_says_why(self, rig: Rig, channel: Channel) -> None:
        rig.put(stocked("1", 5))
        rig.refuse("1", Kind.REJECTED)
        (outcome,) = await pushed(channel, write("1", 2, action=channel.traits.write_modes[-1]))
        assert outcome.message

    async def test_a_line_that_the_answer_leaves_out_is_unknown(self, rig: Rig, channel: Channel) -> None:
        self._needs_batch(channel)
        for key in "abc":
            rig.put(stocked(key, 5))
        rig.silence("b")
        outcomes = await pushed(channel, *(write(key, 7) for key in "abc"))
        assert [outcome.kind for outcome in outcomes] == [Kind.DONE, Kind.UNKNOWN, Kind.DONE]

    async def test_a_lost_reply_is_unknown_though_it_was_applied(self, rig: Rig, channel: Channel) -> None:
        _needs(channel, Action.SET)
        rig.put(stocked("1", 5))
        rig.fail(Fault.LOST_REPLY)
        with pytest.raises(PortError) as caught:
            await pushed(channel, write("1", 7))
        assert (caught.value.kind, caught.value.sent, rig.counter("1")) == (Kind.UNKNOWN, True, 7)

    @pytest.mark.parametrize("fault", Fault)
    async def test_a_failed_write_has_a_kind(self, rig: Rig, channel: Channel, fault: Fault) -> None:
        rig.put(stocked("1", 5))
        rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await pushed(channel, write("1", 2, action=channel.traits.write_modes[0]))
        assert caught.value.kind in MEANINGS[fault].write
        assert caught.value.retry_after == MEANINGS[fault].wait
        assert caught.value.sent

    @pytest.mark.parametrize("fault", Fault)
    async def test_a_failed_call_is_not_repeated(self, rig: Rig, channel: Channel, fault: Fault) -> None:
        rig.put(stocked("1", 5))
        rig.fail(fault)
        with pytest.raises(PortError):
            await pushed(channel, write("1", 2, action=channel.traits.write_modes[0]))
        assert rig.calls() == 1

    @pytest.mark.parametrize("fault", Fault)
    async def test_no_failure_shows_the_credentials(self, rig: Rig, channel: Channel, fault: Fault) -> None:
        rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await observed(channel)
        shown = f"{caught.value!r}{caught.value.__cause__!r}{channel!r}"
        assert self.secret not in shown

    async def test_a_cancelled_call_ends_at_once(self, rig: Rig, channel: Channel) -> None:
        rig.put(stocked("1", 5))
        rig.fail(Fault.HANGING)
        call = asyncio.create_task(pushed(channel, write("1", 2, action=channel.traits.write_modes[0])))
        await rig.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    async def test_the_channel_works_on_after_a_failure(self, rig: Rig, channel: Channel) -> None:
        rig.put(stocked("1", 5))
        rig.fail(Fault.RESET)
        with pytest.raises(PortError):
            await observed(channel)
        assert [listing.quantity for listing in await observed(channel)] == [5]

    # --- off sale and back ---------------------------------------------------------------------------------

    async def test_a_listing_goes_off_sale_and_comes_back(self, rig: Rig, channel: Channel) -> None:
        if not channel.traits.can_unlist:
            pytest.skip("the channel cannot unlist")
        rig.put(stocked("1", 5))
        off = await pushed(channel, write("1", 0, action=Action.DELIST))
        was_off = not rig.is_on_sale("1")
        on = await pushed(channel, write("1", 0, action=Action.RELIST))
        assert [outcome.kind for outcome in off + on] == [Kind.DONE, Kind.DONE]
        assert (was_off, rig.is_on_sale("1")) == (True, True)

    async def test_the_reason_for_being_off_sale_is_not_invented(self, rig: Rig, channel: Channel) -> None:
        if not channel.traits.can_unlist:
            pytest.skip("the channel cannot unlist")
        rig.put(stocked("1", 5))
        await pushed(channel, write("1", 0, action=Action.DELIST))
        (listing,) = await observed(channel)
        assert (listing.on_sale, listing.quantity) == (False, 5)

    @staticmethod
    def _needs_batch(channel: Channel) -> None:
        _needs(channel, Action.SET)
        if channel.traits.max_batch < 3 or channel.traits.one_item_per_call:
            pytest.skip("a call carries one line only")
