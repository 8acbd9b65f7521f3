"""The newest tokens of the shops, within one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from syncd.domain.model import ShopName
from syncd.ports.tokens import Kept


class MemoryVault:
    """`TokenVault` for those who share this object."""

    def __init__(self) -> None:
        self._kept: dict[ShopName, Kept] = {}
        self._taken: set[ShopName] = set()

    @asynccontextmanager
    async def held(self, shop: ShopName) -> AsyncIterator[bool]:
        """Yield True and keep others from renewing `shop` until the block ends; at once False if one does."""
        if shop in self._taken:
            yield False
            return
        self._taken.add(shop)
        try:
            yield True
        finally:
            self._taken.discard(shop)

    async def load(self, shop: ShopName) -> Kept | None:
        """Return what was saved last of `shop`, None if nothing was."""
        return self._kept.get(shop)

    async def save(self, shop: ShopName, kept: Kept) -> None:
        """Keep `kept` instead of what was saved of `shop` before."""
        self._kept[shop] = kept
