"""What a feed of orders owes when a call fails: the kind, once, no secret, and no end that looks complete."""

import asyncio

import pytest

from syncd.conformance.meanings import meaning
from syncd.conformance.rig import Ability, Bench, Fault, Task
from syncd.conformance.words import (
    QUICK_FAULTS,
    buy,
    desk_of,
    gate_of,
    named,
    need,
    need_fault,
    observed,
    orders_told,
    shown_of,
    told,
)
from syncd.errors import Kind, PortError


class OrderFailures:
    """Intakes that break, at any point."""

    @pytest.mark.parametrize("fault", Fault, ids=named)
    async def test_a_failed_intake_has_a_kind(self, bench: Bench, fault: Fault) -> None:
        desk = desk_of(bench)
        need_fault(bench, fault)
        buy(bench, desk, (desk.one, 1))
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await told(bench)
        expected = meaning(bench, fault)
        assert caught.value.kind in expected.read
        assert caught.value.retry_after == expected.wait
        text = shown_of(caught.value)
        assert [number for number, secret in enumerate(bench.secrets) if secret in text] == []

    @pytest.mark.parametrize("fault", QUICK_FAULTS, ids=named)
    async def test_a_failed_question_has_a_kind(self, bench: Bench, fault: Fault) -> None:
        desk = desk_of(bench)
        need_fault(bench, fault)
        order = buy(bench, desk, (desk.one, 1))
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await desk.feed.these_orders([order])
        assert caught.value.kind in meaning(bench, fault).read

    @pytest.mark.parametrize("fault", [Fault.RESET, Fault.BUSY, Fault.THROTTLED, Fault.MALFORMED], ids=named)
    async def test_a_failed_intake_is_not_repeated(self, bench: Bench, fault: Fault) -> None:
        desk = desk_of(bench)
        need_fault(bench, fault)
        buy(bench, desk, (desk.one, 1))
        bench.rig.fail(fault)
        with pytest.raises(PortError):
            await told(bench)
        assert bench.rig.calls() == 1

    @pytest.mark.parametrize("after", [1, 2])
    @pytest.mark.parametrize("fault", [Fault.RESET, Fault.TRUNCATED, Fault.BUSY], ids=named)
    async def test_an_intake_that_fails_on_a_later_page_is_not_complete(
        self, bench: Bench, fault: Fault, after: int
    ) -> None:
        need(bench, Ability.WIRE)
        desk = desk_of(bench)
        need_fault(bench, fault)
        for number in range(bench.many_orders):
            buy(bench, desk, (desk.one, 1), after=number)
        bench.rig.fail(fault, after=after)
        with pytest.raises(PortError):
            await told(bench)

    @pytest.mark.parametrize("fault", [Fault.RESET, Fault.THROTTLED, Fault.TRUNCATED], ids=named)
    async def test_the_feed_works_on_after_a_failure(self, bench: Bench, fault: Fault) -> None:
        desk = desk_of(bench)
        need_fault(bench, fault)
        order = buy(bench, desk, (desk.one, 1))
        bench.rig.fail(fault)
        with pytest.raises(PortError):
            await told(bench)
        assert await orders_told(bench) == [order]

    async def test_a_cancelled_intake_ends_at_once(self, bench: Bench) -> None:
        need(bench, Ability.WIRE)
        desk_of(bench)
        need_fault(bench, Fault.HANGING)
        bench.rig.fail(Fault.HANGING)
        call = asyncio.create_task(told(bench))
        await bench.rig.arrived()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    async def test_orders_that_are_not_permitted_leave_listings_alone(self, bench: Bench) -> None:
        desk = desk_of(bench)
        gate_of(bench, Ability.PERMISSIONS).forbid(Task.ORDERS)
        with pytest.raises(PortError) as caught:
            await told(bench)
        assert caught.value.kind is Kind.PERMISSION
        assert {listing.id for listing in await observed(bench.channel)} == {desk.one, desk.two}

    @pytest.mark.parametrize("seconds", [-120.0, 120.0])
    async def test_a_clock_that_is_a_little_off_loses_no_order(self, bench: Bench, seconds: float) -> None:
        desk = desk_of(bench)
        gate_of(bench, Ability.SKEW).skew(seconds)
        order = buy(bench, desk, (desk.one, 1))
        assert await orders_told(bench) == [order]
