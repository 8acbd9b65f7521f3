"""The suite for the channel that `pytest --syncd-channel` names."""

from contextlib import AbstractAsyncContextManager

import pytest

from syncd.conformance.plugin import FACTORY
from syncd.conformance.rig import Bench
from syncd.conformance.suite import ChannelConformance


class TestChannel(ChannelConformance):
    """Everything that a channel owes, asked of the named one."""

    def opened(self, config: pytest.Config) -> AbstractAsyncContextManager[Bench]:
        """Return the bench that the named factory opens."""
        return config.stash[FACTORY]()
