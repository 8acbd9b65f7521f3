"""The channel `aliexpress` conforms against the AliExpress mock: two readings of one document."""

from contextlib import AbstractAsyncContextManager

import pytest

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.aliexpress_mock_rig import AliexpressRig, FewWords, OtherReading


class TestAliexpress(ChannelConformance):
    """With the meanings of errors that an operator has found out."""

    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return AliexpressRig().bench()


@pytest.mark.slow
class TestAliexpressAsDocumented(ChannelConformance):
    """With an account and nothing else: no error of a product or an order has a meaning."""

    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return FewWords().bench()


@pytest.mark.slow
class TestAliexpressOtherReading(ChannelConformance):
    """Where the documents are silent the platform does the other thing; one product a call."""

    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return OtherReading().bench()
