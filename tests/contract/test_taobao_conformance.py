"""The channel `taobao` conforms, against the Taobao mock: two readings of one document, over real HTTP."""

from contextlib import AbstractAsyncContextManager

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.taobao_mock_rig import TaobaoRig


class TestTaobao(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return TaobaoRig().bench()
