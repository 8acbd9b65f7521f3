"""What the pages ask of the desk: documents, as the API has them, and requests to the daemon."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.errors import UsageError

Json = dict[str, Any]


class NotThere(UsageError):
    """No such SKU, shop, plan, lock or request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a list is asked for."""

    search: str = ""
    shop: ShopName | None = None
    sku: Sku | None = None
    pool: PoolName | None = None
    what: str = ""
    open_only: bool = False
    unbound: bool = False
    ended: bool = False
    since: datetime | None = None
    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWanted:
    """A lock that somebody asks for."""

    sku: Sku
    units: int
    shop: ShopName | None = None
    pool: PoolName | None = None
    only: bool = False
    release: int = 0
    releases: Sequence[tuple[int, datetime]] = ()


class Series(Protocol):
    """The last three hours of a shop, one figure a minute."""

    def document(self, shop: ShopName) -> Mapping[str, Any]:
        """Return lists of figures, oldest first, the running minute last."""
        ...


class Desk(Protocol):
    """Reads the state for people, and leaves requests to the daemon.

    Raises:
        UsageError: what is asked for makes no sense; `NotThere` where it is not there.
    """

    async def overview(self) -> Json: ...
    async def shops(self) -> Json: ...
    async def shop(self, name: ShopName) -> Json: ...
    async def stock(self, asked: Asked) -> Json: ...
    async def explain(self, sku: Sku, shop: ShopName | None = None) -> Json: ...
    async def history(self, sku: Sku) -> Json: ...
    async def listings(self, asked: Asked) -> Json: ...
    async def plans(self) -> Json: ...
    async def plan(self, digest: str, asked: Asked = ...) -> Json: ...
    async def orders(self, asked: Asked) -> Json: ...
    async def claims(self, asked: Asked) -> Json: ...
    async def locks(self, *, ended: bool = False) -> Json: ...
    async def transfers(self, asked: Asked) -> Json: ...
    async def ledger(self, asked: Asked) -> Json: ...
    async def alerts(self, asked: Asked) -> Json: ...
    async def request(self, number: int) -> Json: ...
    async def set_status(self, shop: ShopName, verb: str, *, by: str) -> int: ...
    async def approve(self, digest: str, *, by: str) -> int: ...
    async def reject(self, digest: str, *, by: str) -> int: ...
    async def add_lock(self, wanted: LockWanted, *, by: str) -> int: ...
    async def release_lock(self, lock: int, units: int | None = None, *, by: str) -> int: ...
    async def end_lock(self, lock: int, *, by: str) -> int: ...
