"""The channel `http` conforms, against the mock shop with a generic JSON API, over real HTTP."""

from contextlib import AbstractAsyncContextManager

from syncd.conformance import Bench
from syncd.conformance.suite import ChannelConformance
from tests.contract.http_rig import HttpRig


class TestHttp(ChannelConformance):
    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        return HttpRig().bench()
