"""Whatever is locked, released, ended, sold and booked: every unit of a split pool is in one place."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.domain.model import ListingId
from syncd.domain.topology import PoolMode
from syncd.services.cycle import CycleReport
from syncd.services.lock_requests import END, RELEASE, release_text
from tests.unit.services.cycle_world import TELLS, World
from tests.unit.services.locks_world import ask, lock, shown
from tests.unit.services.orders_world import order

A = ListingId("A")
STOCK = 30


class Books:
    """A split pool of two shops that tell their orders, and what was really sold of it."""

    def __init__(self) -> None:
        self.world = World({"A": STOCK}, mode=PoolMode.SPLIT, traits=TELLS)
        self.sold = 0
        self.open: list[tuple[str, str, int]] = []

    async def lock(self, shop: str, units: int) -> None:
        await lock(self.world, units, shop=shop, only=units % 2 == 1 and bool(shop), released=units // 2)

    async def release(self, _: str, number: int) -> None:
        await ask(self.world, RELEASE, release_text(number % 3 + 1, None))

    async def end(self, _: str, number: int) -> None:
        await ask(self.world, END, str(number % 3 + 1))

    async def sell(self, shop: str, units: int) -> None:
        if number := order(self.world, units, shop=shop or "a"):
            self.sold += units
            self.open.append((shop or "a", number, units))

    async def cancel(self, _: str, __: int) -> None:
        if self.open:
            shop, number, units = self.open.pop()
            self.sold -= units
            self.world.shop(shop).buyers.cancel(number, at=self.world.clock.now())

    async def book(self, _: str, __: int) -> None:
        """Let the ERP know of all that was sold."""
        self.world.stock(A=STOCK - self.sold)
        await self.world.run(after=1200)

    async def pause(self, shop: str, _: int) -> None:
        await ask(self.world, "pause", shop or "b")

    async def resume(self, shop: str, _: int) -> None:
        await ask(self.world, "resume", shop or "b")


EVENTS = ("lock", "lock", "release", "end", "sell", "sell", "sell", "cancel", "book", "pause", "resume")
steps = st.tuples(st.sampled_from(EVENTS), st.sampled_from(("", "a", "b")), st.integers(1, 9))


def places(report: CycleReport) -> tuple[int, int]:
    """Return the units in shares, moving and locked, and the units that the pool has after claims."""
    figures = report.view.decision.plan.figures
    at = figures.book.sku_index[figures.book.state.listings[0].sku]
    # What is on its way to a share stands in it already.
    shared_out = int(figures.shares.base[:, at].sum())
    return shared_out + int(figures.pools.locks.live[0, at]), int(figures.pools.available[0, at])


async def _follow(
    events: list[tuple[str, str, int]], check: Callable[[Books, CycleReport], Any], *, whole: bool = False
) -> None:
    books = Books()
    await books.world.filled()
    for name, shop, units in events:
        act: Callable[[str, int], Awaitable[None]] = getattr(books, name)
        await act(shop, units)
        # Faster than the ERP learns of sales by itself, which would be a promise that this one breaks.
        check(books, await books.world.run(after=20, whole=whole))


@given(st.lists(steps, min_size=3, max_size=14))
@settings(max_examples=12)
async def test_no_more_is_on_sale_than_is_there(events: list[tuple[str, str, int]]) -> None:
    def check(books: Books, _: CycleReport) -> None:
        assert sum(shown(books.world)) <= STOCK - books.sold

    await _follow(events, check)


@given(st.lists(steps.filter(lambda step: step[0] != "pause"), min_size=3, max_size=14))
@settings(max_examples=12)
async def test_no_unit_is_in_two_places(events: list[tuple[str, str, int]]) -> None:
    def check(_: Books, report: CycleReport) -> None:
        placed, available = places(report)
        assert placed <= available

    # A report on news says nothing of a SKU that nothing new touched.
    await _follow(events, check, whole=True)


@pytest.mark.parametrize("shop", ["a", "b"])
async def test_what_is_locked_for_a_shop_the_other_never_shows(shop: str) -> None:
    books = Books()
    await books.world.filled()
    await lock(books.world, 12, shop=shop, released=12)
    for _ in range(4):
        await books.world.run()
    other = shown(books.world)["ba".index(shop)]
    assert (other, sum(shown(books.world))) == (9, STOCK)
