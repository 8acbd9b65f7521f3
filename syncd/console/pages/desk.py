"""What the pages ask of the desk: documents, as the API has them, and requests to the daemon."""

from typing import Any, Protocol

from syncd.domain.alerts.words import Language
from syncd.domain.model import ShopName, Sku
from syncd.services.desk import Asked, LockWanted

Json = dict[str, Any]


class Desk(Protocol):
    """Reads the state for people, and leaves requests to the daemon.

    Raises:
        UsageError: what is asked for makes no sense; `NotThere` where it is not there.
    """

    async def overview(self) -> Json:
        """Return how everything stands."""
        ...

    async def shops(self) -> Json:
        """Return every shop with what its pools would need."""
        ...

    async def shop(self, name: ShopName) -> Json:
        """Return one shop with its limits."""
        ...

    async def stock(self, asked: Asked) -> Json:
        """Return SKUs with what shops show of them."""
        ...

    async def explain(self, sku: Sku, shop: ShopName | None = None) -> Json:
        """Return why the figures of a SKU are what they are."""
        ...

    async def history(self, sku: Sku) -> Json:
        """Return what the figures of a SKU were, as steps."""
        ...

    async def listings(self, asked: Asked) -> Json:
        """Return what listings are bound to."""
        ...

    async def plans(self) -> Json:
        """Return what is held now."""
        ...

    async def plan(self, digest: str, asked: Asked) -> Json:
        """Return one held plan with its changes."""
        ...

    async def orders(self, asked: Asked) -> Json:
        """Return order lines."""
        ...

    async def claims(self, asked: Asked) -> Json:
        """Return what no snapshot contains yet."""
        ...

    async def locks(self, *, ended: bool = False) -> Json:
        """Return the locks that live, or also those that have ended."""
        ...

    async def transfers(self, asked: Asked) -> Json:
        """Return units on their way between shares."""
        ...

    async def ledger(self, asked: Asked) -> Json:
        """Return changes of figures, the newest first."""
        ...

    async def alerts(self, asked: Asked, language: Language = ...) -> Json:
        """Return alerts in a language, the newest first."""
        ...

    async def request(self, number: int) -> Json:
        """Return what came of a request."""
        ...

    async def set_status(self, shop: ShopName, verb: str, *, by: str) -> int:
        """Ask for a shop to be paused, resumed, frozen or unfrozen."""
        ...

    async def acknowledge(self, alert: int, *, by: str) -> bool:
        """Note that somebody has seen an alert; return whether there is one."""
        ...

    async def approve(self, digest: str, *, by: str) -> int:
        """Ask for a held plan to go."""
        ...

    async def reject(self, digest: str, *, by: str) -> int:
        """Ask for a held plan to stay back."""
        ...

    async def add_lock(self, wanted: LockWanted, *, by: str) -> int:
        """Ask for units to be locked."""
        ...

    async def release_lock(self, lock: int, units: int | None = None, *, by: str) -> int:
        """Ask for units of a lock to be released."""
        ...

    async def end_lock(self, lock: int, *, by: str) -> int:
        """Ask for a lock to be ended."""
        ...
