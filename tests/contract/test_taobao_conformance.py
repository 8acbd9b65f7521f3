"""The channel `taobao` conforms, in all its modes, against the Taobao mock: two readings of one document."""

from contextlib import AbstractAsyncContextManager

import pytest

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.taobao_mock_rig import TaobaoRig


class TestTaobao(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return TaobaoRig().bench()


@pytest.mark.slow
class TestTaobaoSingleCalls(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return TaobaoRig(single_calls=True, tmall_calls=True, sign_method="hmac").bench()


@pytest.mark.slow
class TestTaobaoKeyedCalls(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return TaobaoRig(keyed_calls=True, sign_method="md5").bench()
