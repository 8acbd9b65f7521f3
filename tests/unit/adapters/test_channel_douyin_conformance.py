"""The channel `douyin` conforms in all its modes, against a small gateway over real HTTP."""

from contextlib import AbstractAsyncContextManager

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.unit.adapters.douyin_bench import DouyinBench


class TestDouyinRows(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return DouyinBench().bench()


class TestDouyinProducts(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return DouyinBench(calls="product", sign_method="md5").bench()


class TestDouyinSkus(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return DouyinBench(calls="sku").bench()
