"""What cannot wait for a cycle: somebody named SKUs or orders, and shops may sell what is no more."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from syncd.domain.model import Sku
from syncd.services.lowering import Lowered


class Haste:
    """A bell for what is looked at without any pause; rings add up until they are taken."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._skus: set[Sku] = set()

    def ring(self, skus: Collection[Sku] = ()) -> None:
        """Ask for a look at `skus`, and at the orders that were named."""
        self._skus.update(skus)
        self._rung.set()

    @property
    def is_rung(self) -> bool:
        """Return whether somebody has rung."""
        return self._rung.is_set()

    async def heard(self) -> None:
        """Return once somebody has rung."""
        await self._rung.wait()

    def take(self) -> frozenset[Sku]:
        """Silence the bell; return the SKUs that were named."""
        skus = frozenset(self._skus)
        self._skus.clear()
        self._rung.clear()
        return skus


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowerer:
    """Lowers at once what is rung for, also beside a cycle.

    `lower` does it for named SKUs and for the orders that were named, and says what is left to a cycle.
    """

    lower: Callable[[frozenset[Sku]], Awaitable[Lowered]]
    bell: Haste = field(default_factory=Haste)

    async def run(self, tell: Callable[[Lowered], None]) -> None:
        """Lower until cancelled; `tell` hears how each time went.

        Raises:
            SyncdError: the state broke.
        """
        while True:
            await self.bell.heard()
            tell(await self.lower(self.bell.take()))
