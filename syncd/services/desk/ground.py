"""What the desk stands on: the state, the clock, and what the configuration says of shops and pools."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from syncd.domain.model import ShopName
from syncd.domain.ordering import OrderRules
from syncd.domain.topology import Topology
from syncd.ports.clock import Clock
from syncd.ports.store import Store
from syncd.services.recall import Recall

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What documents are made from.

    `types` is the channel of every configured shop, in the order of the configuration; `rules` say how its
    orders count, and `applies` how many seconds it may take to show what it accepted. The shops in `told`
    tell their orders. `risk` is what the operator is willing to take.
    """

    store: Store
    clock: Clock
    topology: Topology
    types: Mapping[ShopName, str]
    recall: Recall
    rules: Mapping[ShopName, OrderRules] = field(default_factory=dict)
    applies: Mapping[ShopName, float] = field(default_factory=dict)
    told: frozenset[ShopName] = frozenset()
    risk: float = 0.01


class Kept(Generic[T]):
    """An answer that costs a look at everything, kept for some seconds for all who ask."""

    def __init__(self, clock: Clock, seconds: float, ask: Callable[[], Awaitable[T]]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._ask = ask
        self._answer: tuple[float, T] | None = None
        # Who asks at one time has one answer.
        self._turn = asyncio.Lock()

    async def get(self) -> T:
        """Return the answer, not older than the seconds."""
        async with self._turn:
            now = self._clock.monotonic()
            if self._answer is None or now - self._answer[0] >= self._seconds:
                self._answer = now, await self._ask()
            return self._answer[1]
