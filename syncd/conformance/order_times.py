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
    "midnight in UTC": (0, 0, 0),
    "a second before midnight in Beijing": (15, 59, 59),
    "midnight in Beijing": (16, 0, 0),
    "midnight in Los Angeles in winter": (8, 0, 0),
    "a second before midnight in Los Angeles in summer": (6, 59, 59),
    "midnight in Los Angeles in summer": (7, 0, 0),
}
"""Times of a day in UTC at which a mistaken time zone loses an order or dates it wrong."""

CHANGES = {
    "before the clocks go back": (timedelta(hours=-1, seconds=-1), True),
    "half past one for the first time": (timedelta(minutes=-30), False),
    "half past one for the second time": (timedelta(minutes=30), False),
    "after the repeated hour": (timedelta(hours=1), True),
}
"""Times around the moment at which the clocks of Los Angeles go back; whether local time is beyond doubt."""

_KEPT = timedelta(days=80)
"""Platforms forget orders after some months; a bench that begins soon after a change of clocks tests it."""


def clocks_go_back(before: datetime) -> datetime:
    """Return when it last became winter in Los Angeles: on the first Sunday of November, at 9:00 UTC."""
    for year in (before.year, before.year - 1):
        first = datetime(year, 11, 1, 9, tzinfo=UTC)
        change = first + timedelta(days=(6 - first.weekday()) % 7)
        if change <= before:
            return change
    raise AssertionError("every year has a November")


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

    @pytest.mark.parametrize("name", MOMENTS, ids=lambda name: name.replace(" ", "-"))
    async def test_an_order_is_dated_alike_in_every_time_zone(self, bench: Bench, name: str) -> None:
        desk = desk_of(bench)
        hour, minute, second = MOMENTS[name]
        moment = (bench.begins - timedelta(days=1)).replace(hour=hour, minute=minute, second=second)
        order = desk.buyers.order((desk.one, 1), at=moment)
        desk.buyers.pay(order, at=moment)
        (line,) = await told(bench, since=moment, until=moment)
        assert (line.order, line.created, line.paid, line.modified) == (order, moment, moment, moment)

    @pytest.mark.parametrize("name", CHANGES, ids=lambda name: name.replace(" ", "-"))
    async def test_a_change_of_clocks_loses_no_order(self, bench: Bench, name: str) -> None:
        desk = desk_of(bench)
        change = clocks_go_back(bench.begins - timedelta(days=1))
        if bench.begins - change > _KEPT:
            pytest.skip("no clocks went back in the 80 days before the bench begins")
        after, is_exact = CHANGES[name]
        moment, around = change + after, timedelta(minutes=10)
        order = desk.buyers.order((desk.one, 1), at=moment)
        desk.buyers.pay(order, at=moment)
        (line,) = await told(bench, since=moment - around, until=moment + around)
        assert line.order == order
        if is_exact or Ability.EXACT_TIMES in bench.abilities:
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
