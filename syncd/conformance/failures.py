"""What a call that fails as a whole owes: the kind of failure, once, and no claim beyond what is known."""

import asyncio

import pytest

from syncd.conformance.meanings import meaning
from syncd.conformance.rig import Ability, Bench, Fault, Stock
from syncd.conformance.words import (
    QUICK_FAULTS,
    kind_of_push,
    named,
    need,
    need_action,
    need_fault,
    observed,
    pushed,
    quantities,
    raising,
    write,
)
from syncd.domain.model import Action, ListingId
from syncd.errors import Kind, PortError

_APPLIED = frozenset({Fault.LOST_REPLY, Fault.TIMED_OUT})
"""The faults after which the write stands."""

_MAY_APPLY = frozenset(
    {Fault.HANGING, Fault.HTML, Fault.MALFORMED, Fault.EMPTY, Fault.BLANK, Fault.TRUNCATED}
) | {Fault.HUGE}
"""The faults after which it stands or not, as the rig likes."""


class Failures:
    """Calls that break, at any point."""

    @pytest.mark.parametrize("fault", Fault, ids=named)
    async def test_a_failed_reading_has_a_kind(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        expected = meaning(bench, fault)
        assert caught.value.kind in expected.read
        assert caught.value.retry_after == expected.wait

    @pytest.mark.parametrize("fault", QUICK_FAULTS, ids=named)
    async def test_a_failed_reading_of_some_has_a_kind(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        asked = [bench.rig.put(Stock(key="1"))]
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await observed(bench.channel, asked)
        assert caught.value.kind in meaning(bench, fault).read

    @pytest.mark.parametrize("fault", Fault, ids=named)
    async def test_a_failed_write_has_a_kind(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await pushed(bench, raising(bench, listing))
        expected = meaning(bench, fault)
        assert caught.value.kind in expected.write
        assert caught.value.retry_after == expected.wait
        assert caught.value.sent
        self._see_counter(bench, listing, fault)

    @pytest.mark.parametrize("fault", QUICK_FAULTS, ids=named)
    async def test_a_failed_call_is_not_repeated(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        with pytest.raises(PortError):
            await pushed(bench, raising(bench, listing))
        assert bench.rig.writes() == 1

    @pytest.mark.parametrize("fault", QUICK_FAULTS, ids=named)
    async def test_the_channel_works_on_after_a_failure(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        with pytest.raises(PortError):
            await observed(bench.channel)
        assert await quantities(bench.channel) == {listing: 5}
        assert await kind_of_push(bench, raising(bench, listing)) == [Kind.DONE]

    async def test_a_lost_reply_is_unknown_though_it_was_applied(self, bench: Bench) -> None:
        need_fault(bench, Fault.LOST_REPLY)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(Fault.LOST_REPLY)
        with pytest.raises(PortError) as caught:
            await pushed(bench, raising(bench, listing))
        assert (caught.value.kind, caught.value.sent, bench.rig.counter(listing)) == (Kind.UNKNOWN, True, 7)

    async def test_trouble_of_the_platform_is_unknown_though_it_was_applied(self, bench: Bench) -> None:
        need_fault(bench, Fault.TIMED_OUT)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(Fault.TIMED_OUT)
        assert await kind_of_push(bench, raising(bench, listing)) == [Kind.UNKNOWN]
        assert bench.rig.counter(listing) == 7

    async def test_a_zero_whose_reply_was_lost_is_unknown_too(self, bench: Bench) -> None:
        need_action(bench, Action.SET)
        need_fault(bench, Fault.LOST_REPLY)
        listing = bench.rig.put(Stock(key="1"))
        value = 0 if bench.channel.traits.zero_allowed else 1
        bench.rig.fail(Fault.LOST_REPLY)
        with pytest.raises(PortError) as caught:
            await pushed(bench, write(bench, listing, value))
        assert (caught.value.kind, bench.rig.counter(listing)) == (Kind.UNKNOWN, value)

    @pytest.mark.parametrize("fault", [Fault.RESET, Fault.TRUNCATED, Fault.THROTTLED], ids=named)
    async def test_a_later_page_that_fails_ends_the_reading(self, bench: Bench, fault: Fault) -> None:
        need(bench, Ability.WIRE)
        need_fault(bench, fault)
        put = {bench.rig.put(Stock(key=f"L{n}", code=f"C{n}")) for n in range(bench.many)}
        bench.rig.fail(fault, after=2)
        found: set[ListingId] = set()

        async def read() -> None:
            async for page in bench.channel.observe():
                found.update(listing.id for listing in page)

        with pytest.raises(PortError):
            await read()
        assert found < put

    # --- what never left -----------------------------------------------------------------------------------

    async def test_a_refused_connection_proves_that_nothing_was_sent(self, bench: Bench) -> None:
        need(bench, Ability.DOOR)
        listing = bench.rig.put(Stock(key="1"))
        await bench.rig.shut()
        with pytest.raises(PortError) as caught:
            await pushed(bench, raising(bench, listing))
        assert (caught.value.kind, caught.value.sent) == (Kind.TRANSIENT, False)
        assert bench.rig.counter(listing) == 5

    async def test_reading_from_a_refused_connection_fails(self, bench: Bench) -> None:
        need(bench, Ability.DOOR)
        bench.rig.put(Stock(key="1"))
        await bench.rig.shut()
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        assert (caught.value.kind, caught.value.sent) == (Kind.TRANSIENT, False)

    # --- cancellation --------------------------------------------------------------------------------------

    async def test_a_cancelled_write_ends_at_once(self, bench: Bench) -> None:
        need(bench, Ability.WIRE)
        need_fault(bench, Fault.HANGING)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(Fault.HANGING)
        call = asyncio.create_task(pushed(bench, raising(bench, listing)))
        await bench.rig.arrived()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert bench.rig.writes() == 1

    async def test_a_cancelled_reading_ends_at_once(self, bench: Bench) -> None:
        need(bench, Ability.WIRE)
        need_fault(bench, Fault.HANGING)
        bench.rig.put(Stock(key="1"))
        bench.rig.fail(Fault.HANGING)
        call = asyncio.create_task(observed(bench.channel))
        await bench.rig.arrived()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert bench.rig.calls() == 1

    async def test_the_channel_works_on_after_a_cancellation(self, bench: Bench) -> None:
        need(bench, Ability.WIRE)
        need_fault(bench, Fault.HANGING)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(Fault.HANGING)
        call = asyncio.create_task(observed(bench.channel))
        await bench.rig.arrived()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await quantities(bench.channel) == {listing: 5}

    async def test_a_reader_who_stops_early_is_let_go(self, bench: Bench) -> None:
        for number in range(bench.many):
            bench.rig.put(Stock(key=f"L{number}", code=f"C{number}"))
        pages = bench.channel.observe()
        async for page in pages:
            if page:
                break
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()
        assert len(await observed(bench.channel)) == bench.many

    async def test_calls_at_the_same_time_do_not_meet(self, bench: Bench) -> None:
        listings = [bench.rig.put(Stock(key=f"L{n}", code=f"C{n}")) for n in range(8)]
        read, *written = await asyncio.gather(
            quantities(bench.channel), *(kind_of_push(bench, raising(bench, listing)) for listing in listings)
        )
        assert written == [[Kind.DONE]] * 8
        assert isinstance(read, dict)
        assert read.keys() == set(listings)
        assert [bench.rig.counter(listing) for listing in listings] == [7] * 8

    @staticmethod
    def _see_counter(bench: Bench, listing: ListingId, fault: Fault) -> None:
        counter = bench.rig.counter(listing)
        if fault not in _MAY_APPLY:
            assert counter == (7 if fault in _APPLIED else 5), "the rig and the channel mean the same fault"
