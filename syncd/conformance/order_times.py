"""What a feed of orders owes in time: every change of the time it is asked for, whatever moves meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from syncd.conformance.rig import Ability, Bench
from syncd.conformance.words import Desk, buy, buy_paid, desk_of, later, need, orders_told, ranked, told
from syncd.domain.orders import Stage
from syncd.errors import PortError

_HOUR = 3600.0
_DAY = 86_400.0

EDGES = [0, 1, 899, 900, 901, 1799, 1800, 1801, 3599, 3600, 3601, 43_200, 86_399, 86_400, 86_401]
"""Seconds at which a feed may cut a long time into windows."""

MOMENTS = {
    "midnight in UTC": datetime(2026, 11, 19, 0, 0, 0, tzinfo=UTC),
    "a second before midnight in Beijing": datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC),
    "midnight in Beijing": datetime(2026, 11, 18, 16, 0, 0, tzinfo=UTC),
    "midnight in Los Angeles in winter": datetime(2026, 11, 18, 8, 0, 0, tzinfo=UTC),
    "midnight in Los Angeles in summer": datetime(2026, 10, 14, 7, 0, 0, tzinfo=UTC),
    "the end of a month in Beijing": datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC),
    "before the clocks of Los Angeles go back": datetime(2026, 11, 1, 7, 59, 59, tzinfo=UTC),
    "after the clocks of Los Angeles went back": datetime(2026, 11, 1, 10, 0, 0, tzinfo=UTC),
}
"""Times at which a mistaken time zone loses an order or dates it wrong."""

REPEATED = {
    "for the first time": datetime(2026, 11, 1, 8, 30, 0, tzinfo=UTC),
    "for the second time": datetime(2026, 11, 1, 9, 30, 0, tzinfo=UTC),
}
"""Half past one in Los Angeles on the day on which the clocks go back."""


def _fill(bench: Bench, desk: Desk, *, apart: float = 1) -> list[str]:
    return [buy(bench, desk, (desk.one, 1), after=apart * number) for number in range(bench.many_orders)]


class OrderTimes:
    """Windows, pages and time zones."""

    async def test_every_time_is_in_utc(self, bench: Bench) -> None:
        desk = desk_of(bench)
        buy_paid(bench, desk, (desk.one, 2), paid=40)
        (line,) = await told(bench)
        times = [line.created, line.modified, line.paid, line.sent, line.ended]
        assert {time.utcoffset() for time in times if time} == {timedelta(0)}

    @pytest.mark.parametrize("moment", MOMENTS.values(), ids=[name.replace(" ", "-") for name in MOMENTS])
    async def test_an_order_is_dated_alike_in_every_time_zone(self, bench: Bench, moment: datetime) -> None:
        desk = desk_of(bench)
        order = desk.buyers.order((desk.one, 1), at=moment)
        desk.buyers.pay(order, at=moment)
        (line,) = await told(bench, since=moment, until=moment)
        assert (line.order, line.created, line.paid, line.modified) == (order, moment, moment, moment)

    @pytest.mark.parametrize("moment", REPEATED.values(), ids=[name.replace(" ", "-") for name in REPEATED])
    async def test_an_order_of_an_hour_that_comes_twice_is_told(self, bench: Bench, moment: datetime) -> None:
        desk = desk_of(bench)
        order = desk.buyers.order((desk.one, 1), at=moment)
        desk.buyers.pay(order, at=moment)
        around = timedelta(minutes=10)
        (line,) = await told(bench, since=moment - around, until=moment + around)
        assert line.order == order
        if Ability.EXACT_TIMES in bench.abilities:
            assert (line.created, line.modified) == (moment, moment)

    # --- windows -------------------------------------------------------------------------------------------

    async def test_changes_at_both_ends_of_the_time_are_told(self, bench: Bench) -> None:
        desk = desk_of(bench)
        orders = [buy(bench, desk, (desk.one, 1), after=after) for after in (0, 60)]
        assert await orders_told(bench, until=later(bench, 60)) == ranked(orders)

    async def test_changes_at_the_edges_of_inner_windows_are_told(self, bench: Bench) -> None:
        desk = desk_of(bench)
        orders = [buy(bench, desk, (desk.one, 1), after=after) for after in EDGES]
        assert await orders_told(bench, until=later(bench, EDGES[-1])) == ranked(orders)

    async def test_a_moment_can_be_asked_for(self, bench: Bench) -> None:
        desk = desk_of(bench)
        order = buy(bench, desk, (desk.one, 1))
        assert await orders_told(bench, until=later(bench, 0)) == [order]

    async def test_a_time_with_a_fraction_of_a_second_misses_nothing(self, bench: Bench) -> None:
        desk = desk_of(bench)
        orders = [buy(bench, desk, (desk.one, 1), after=after) for after in (1, 2)]
        found = await orders_told(bench, since=later(bench, 0.75), until=later(bench, 2.25))
        assert found == ranked(orders)

    async def test_an_old_order_that_changed_is_told(self, bench: Bench) -> None:
        desk = desk_of(bench)
        order = desk.buyers.order((desk.one, 1), at=later(bench, -_DAY - _HOUR))
        desk.buyers.pay(order, at=later(bench, 5))
        (line,) = await told(bench)
        assert (line.order, line.created) == (order, later(bench, -_DAY - _HOUR))

    async def test_an_order_that_changed_before_the_time_need_not_be_told(self, bench: Bench) -> None:
        desk = desk_of(bench)
        buy(bench, desk, (desk.one, 1), after=-2 * _HOUR)
        order = buy(bench, desk, (desk.one, 1))
        assert order in await orders_told(bench)

    async def test_the_second_change_of_a_second_is_told(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.TIMES_TWICE)
        order = buy_paid(bench, desk, (desk.one, 1), paid=3)
        desk.buyers.ship(order, at=later(bench, 3))
        (line,) = await told(bench)
        assert (line.stage, line.modified) == (Stage.SHIPPED, later(bench, 3))

    # --- pages ---------------------------------------------------------------------------------------------

    async def test_more_orders_than_a_page_are_told_each(self, bench: Bench) -> None:
        orders = _fill(bench, desk_of(bench))
        assert await orders_told(bench) == ranked(orders)

    async def test_more_orders_of_one_second_than_a_page_are_told_each(self, bench: Bench) -> None:
        orders = _fill(bench, desk_of(bench), apart=0)
        assert await orders_told(bench) == ranked(orders)

    @pytest.mark.parametrize("call", [1, 2, 3, 4])
    async def test_orders_that_leave_the_window_hide_no_other(self, bench: Bench, call: int) -> None:
        need(bench, Ability.WIRE)
        desk = desk_of(bench)
        orders = _fill(bench, desk)
        left = orders[1:4]
        paid = Ability.UNPAID not in bench.abilities

        def leave() -> None:
            for order in left:
                (desk.buyers.ship if paid else desk.buyers.pay)(order, at=later(bench, 2 * _HOUR))

        bench.rig.before_call(call, leave)
        assert set(orders) - set(left) - set(await self._told_or_refused(bench, orders)) == set()

    @pytest.mark.parametrize("call", [1, 2, 3, 4])
    async def test_orders_that_move_within_the_window_hide_no_other(self, bench: Bench, call: int) -> None:
        need(bench, Ability.WIRE)
        desk = desk_of(bench)
        orders = _fill(bench, desk)
        paid = Ability.UNPAID not in bench.abilities

        def move() -> None:
            for order in orders[1:4]:
                (desk.buyers.ship if paid else desk.buyers.pay)(order, at=later(bench, 1800))

        bench.rig.before_call(call, move)
        assert set(orders) - set(await self._told_or_refused(bench, orders)) == set()

    @pytest.mark.parametrize("call", [1, 2, 3])
    async def test_orders_that_come_in_meanwhile_hide_no_other(self, bench: Bench, call: int) -> None:
        need(bench, Ability.WIRE)
        desk = desk_of(bench)
        orders = _fill(bench, desk)
        bench.rig.before_call(call, lambda: [buy(bench, desk, (desk.two, 1), after=1700) for _ in range(4)])
        assert set(orders) - set(await self._told_or_refused(bench, orders)) == set()

    @staticmethod
    async def _told_or_refused(bench: Bench, orders: list[str]) -> list[str]:
        """Return what is told; a feed may also refuse to go on, and is asked again."""
        try:
            return await orders_told(bench)
        except PortError:
            return orders
