"""Whatever happens around it, syncd never sells from a split pool what is not there, and forgets nothing.

What each thing that is held guards:

- `instant`: every write and sale; that nothing is given before its taking is proven, and nothing given twice
- `books`: the sums after each cycle; that shares, moves and claims are the pool, and that nobody thinks that
  more is free than is
- `claims`: the intake; that no sale is counted zero times
- `audited`: the audit; that it takes nothing for damage that is none
- `settle`: the end; that all is for sale again, and that nothing stays open, hidden or on its way for ever
"""

import pytest
from hypothesis import settings

from tests.integration.exactness.machine import Machine, case_of
from tests.integration.exactness.outside import Meddled
from tests.integration.exactness.till import Mode

pytestmark = pytest.mark.timeout(900)

FEW = settings(max_examples=15, stateful_step_count=25, deadline=None, derandomize=True, database=None)
MANY = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True, database=None)


class Provable(Machine):
    """Shops whose writes prove what they took."""

    MODES = (Mode.COMPARING, Mode.KEYED, Mode.REFUSING)


class Clipping(Machine):
    """Shops whose platform cuts a counter at zero and says that all was done."""

    MODES = (Mode.CLIPPING, Mode.COMPARING)


class Absolute(Machine):
    """Shops in which every write may put on sale again what was sold since the last intake, and no more."""

    MODES = (Mode.ABSOLUTE, Mode.KEYED)


class Mixed(Meddled):
    """All kinds of shops, a warehouse that loses units, and people who write counters themselves."""


TestProvable, TestClipping, TestAbsolute, TestMixed = (
    case_of(machine, FEW) for machine in (Provable, Clipping, Absolute, Mixed)
)

_SLOW = [case_of(machine, MANY) for machine in (Provable, Clipping, Absolute, Mixed)]
TestManyProvable, TestManyClipping, TestManyAbsolute, TestManyMixed = map(pytest.mark.slow, _SLOW)
