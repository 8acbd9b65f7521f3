"""The channel `douyin` conforms against the Douyin mock: two readings of one document."""

from contextlib import AbstractAsyncContextManager

import pytest

from syncd.conformance import Ability, Bench, Stock
from syncd.conformance.suite import ChannelConformance
from syncd.conformance.words import buy_paid, desk_of, later, pushed, raising, several, told
from syncd.errors import Kind
from tests.contract.douyin_mock_rig import DouyinRig, OtherDouyinRig


class OfDouyin(ChannelConformance):
    """What the suite of all channels does not ask."""

    async def test_a_line_that_was_refunded_after_it_left_is_not_free(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.LINE_REFUNDS)
        order = buy_paid(bench, desk, (desk.one, 2), (desk.two, 3))
        desk.buyers.ship(order, *await told(bench), at=later(bench, 2))
        first = next(line for line in await told(bench) if line.listing == desk.one)
        desk.buyers.refund(first, at=later(bench, 3))
        assert {line.listing: (line.released, line.shipped) for line in await told(bench)} == {
            desk.one: (0, 2),
            desk.two: (0, 3),
        }

    async def test_a_write_that_was_done_is_told_as_known_where_it_comes_again(self, bench: Bench) -> None:
        again = raising(bench, bench.rig.put(Stock(key="1")), key="0a")
        kinds = [outcome.kind for outcome in [*await pushed(bench, again), *await pushed(bench, again)]]
        assert (kinds, bench.rig.counter(again.listing)) == ([Kind.DONE, Kind.DUPLICATE], 7)


class TestDouyin(OfDouyin):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return DouyinRig().bench()

    async def test_a_refusal_is_told_of_its_own_row(self, bench: Bench) -> None:
        first, *others = several(bench)
        bench.rig.refuse(first, Kind.REJECTED)
        outcomes = await pushed(bench, *(raising(bench, listing) for listing in (first, *others)))
        assert [outcome.kind for outcome in outcomes] == [Kind.REJECTED, Kind.DONE, Kind.DONE]

    async def test_each_row_of_a_call_that_comes_again_is_known(self, bench: Bench) -> None:
        again = [raising(bench, listing) for listing in several(bench)]
        await pushed(bench, *again)
        assert [outcome.kind for outcome in await pushed(bench, *again)] == [Kind.DUPLICATE] * 3
        assert [bench.rig.counter(write.listing) for write in again] == [7, 7, 7]


@pytest.mark.slow
class TestDouyinOtherwise(OfDouyin):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return OtherDouyinRig().bench()

    async def test_which_rows_of_a_call_that_comes_again_were_done_is_not_known(self, bench: Bench) -> None:
        again = [raising(bench, listing) for listing in several(bench)]
        bench.rig.refuse(again[1].listing, Kind.REJECTED)
        await pushed(bench, *again)
        assert [outcome.kind for outcome in await pushed(bench, *again)] == [Kind.UNKNOWN] * 3
        assert [bench.rig.counter(write.listing) for write in again] == [7, 5, 7]


@pytest.mark.slow
class TestDouyinProducts(OfDouyin):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return DouyinRig(calls="product", sign_method="md5", write_modes=["set", "delta"]).bench()


@pytest.mark.slow
class TestDouyinSkus(OfDouyin):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return DouyinRig(calls="sku").bench()
