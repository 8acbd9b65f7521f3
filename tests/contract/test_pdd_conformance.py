"""The channel `pdd` conforms against the Pinduoduo mock, whether refusals are final to it or not."""

from contextlib import AbstractAsyncContextManager

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.pdd_rig import CurtPddRig, FinalPddRig, PddRig


class TestPdd(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return PddRig().bench()


class TestPddFinal(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return FinalPddRig().bench()


class TestPddSetOnly(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return CurtPddRig(
            write_modes=["set"], deducts_at="order", takes_on_order=True, text_times=False
        ).bench()
