"""The channel `pdd` conforms against the Pinduoduo mock, whether refusals are final to it or not."""

from contextlib import AbstractAsyncContextManager

import pytest

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.pdd_rig import CurtPddRig, FinalPddRig, PddRig


class TestPdd(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return PddRig().bench()


@pytest.mark.slow
class TestPddFinal(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return FinalPddRig().bench()


@pytest.mark.slow
class TestPddSetOnly(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return CurtPddRig(
            write_modes=["set"], deducts_at="order", takes_on_order=True, text_times=False
        ).bench()
