"""The channel `jd` conforms, in all its modes, against the JD mock: two readings of one document."""

from contextlib import AbstractAsyncContextManager

import pytest

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.jd_rig import JdRig


class TestJd(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return JdRig().bench()


@pytest.mark.slow
class TestJdKeyedCalls(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return JdRig(keyed_calls=True).bench()


@pytest.mark.slow
class TestJdFailuresOnly(ChannelConformance):
    """Answers name the rows that failed and no others, as the document calls them."""

    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return JdRig(lists_all=False, unlisted_is_done=True).bench()
