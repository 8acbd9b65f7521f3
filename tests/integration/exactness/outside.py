"""The events for which nobody inside can answer: lost units, and counters that people write."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from syncd.domain.model import Sku
from tests.integration.exactness.machine import FEW, PICK, Machine, of
from tests.integration.exactness.scene import A, B


class Meddled(Machine):
    """A machine in which such things happen too; what they cost is blamed on them and on nobody else."""

    @rule(sku=st.sampled_from([A, B]), units=FEW)
    def write_off(self, sku: Sku, units: int) -> None:
        self.scene.write_off(sku, units)

    @rule(shop=PICK, listing=PICK, counter=st.integers(0, 4))
    def edit(self, shop: int, listing: int, counter: int) -> None:
        till = self.till(shop)
        self.scene.edit(till.name, of(till.listings(), listing), counter)
