"""The channel `aliexpress` conforms against the AliExpress mock: two readings of one document."""

from contextlib import AbstractAsyncContextManager

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.aliexpress_rig import AliexpressRig


class TestAliexpress(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return AliexpressRig().bench()
