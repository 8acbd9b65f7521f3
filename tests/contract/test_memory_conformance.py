"""The shop in memory conforms, with several traits, or tests that use it prove nothing."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from syncd.domain.model import Action
from syncd.ports.channel import DeductsAt, Unlists
from tests.contract.memory_rig import ALL_MODES, memory_bench

ONE_BY_ONE = replace(
    ALL_MODES, max_batch=1, max_batch_listing=1, write_modes=(Action.SET,), deducts_at=DeductsAt.PAYMENT
)
WHOLE_ITEMS = replace(
    ALL_MODES,
    max_batch=20,
    one_item_per_call=True,
    write_modes=(Action.DELTA, Action.SET),
    delta_clips=True,
    idempotent=False,
    withholds=True,
    unlists=Unlists.ITEM,
    auto_delists_at_zero=True,
)


class TestMemory(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return memory_bench()


@pytest.mark.slow
class TestMemoryOneByOne(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return memory_bench(ONE_BY_ONE)


@pytest.mark.slow
class TestMemoryOfWholeItems(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return memory_bench(WHOLE_ITEMS)
