"""In a shared pool every shop shows the same units: whatever happens, all agree again once it is over.

A shared pool may sell more than there is, by choice; that syncd never thinks more to be free than is, that no
sale is counted zero times and that all counters come back to the exact figure is held here too.
"""

import pytest
from hypothesis import settings

from syncd.domain.topology import PoolMode
from tests.integration.exactness.machine import case_of
from tests.integration.exactness.outside import Meddled

pytestmark = pytest.mark.timeout(900)


class Shared(Meddled):
    """All kinds of shops on one pool."""

    POOL = PoolMode.SHARED


TestShared = case_of(
    Shared,
    settings(max_examples=10, stateful_step_count=25, deadline=None, derandomize=True, database=None),
)
