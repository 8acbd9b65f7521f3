"""Let a SKU go that its sources left out: a person confirms that it is gone (DESIGN 5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.domain.acceptance import CONFIRMED, VANISHED
from syncd.domain.model import ListingId, ShopName, Sku, StockRow
from syncd.domain.records import LedgerRow, RequestRow
from syncd.domain.said import say
from syncd.errors import UsageError
from syncd.ports.clock import Clock
from syncd.ports.store import Store

RETIRE_SKU = "retire_sku"
"""The verb of the request; its argument is the SKU."""


class SkuRetiring:
    """Confirms for good that SKUs are gone, so that nothing of theirs is held any more."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def obey(self, request: RequestRow) -> str:
        """Confirm that a SKU is gone; one that a source tells again lives again.

        Raises:
            UsageError: no source ever told it, or one has it still.
        """
        sku = Sku(request.argument)
        rows = await self._store.stock([sku])
        refuse_living(sku, rows)
        fresh = [row for row in rows if row.missed < CONFIRMED]
        sources = await self._store.sources()
        for name in sorted({row.source for row in fresh}):
            mine = [row._replace(missed=CONFIRMED) for row in fresh if row.source == name]
            await self._store.accept(sources[name], mine, None)
        listings = [row for row in await self._store.listings(skus=[sku]) if not row.gone]
        if fresh:
            nothing = (ShopName(""), ListingId(""), sku)
            entry = LedgerRow(
                self._clock.now(), *nothing, "sku_retired", None, None, "operator", "", request.asked_by
            )
            await self._store.resolve((), (), (entry,))
        return say(
            "SKU %(sku)s is retired; its %(count)s listings go to zero and stay there",
            sku=sku,
            count=len(listings),
        )


def refuse_living(sku: Sku, rows: Sequence[StockRow]) -> None:
    """Return if all sources left a SKU out in two full snapshots.

    Raises:
        UsageError: they did not, with the reason.
    """
    if not rows:
        raise UsageError(say("no source ever told the SKU %(sku)r", sku=sku))
    for row in sorted(rows, key=lambda row: row.missed):
        if not row.missed:
            raise UsageError(
                say(
                    "SKU %(sku)s: source %(source)s has it still in warehouse %(place)s; take it out there, "
                    "or set it to 0",
                    sku=sku,
                    source=row.source,
                    place=row.warehouse,
                )
            )
        if row.missed < VANISHED:
            raise UsageError(
                say(
                    "SKU %(sku)s: source %(source)s left it out of one full snapshot only (warehouse "
                    "%(place)s); wait for the next one",
                    sku=sku,
                    source=row.source,
                    place=row.warehouse,
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A SKU that its sources left out, whether a person confirmed that, and how many listings it has."""

    sku: Sku
    confirmed: bool
    listings: int
    on_sale: int


async def gone_skus(store: Store) -> list[Gone]:
    """Return the SKUs that all their sources left out, in order."""
    by_sku: dict[Sku, list[StockRow]] = {}
    for row in await store.stock():
        by_sku.setdefault(row.sku, []).append(row)
    gone = {sku: rows for sku, rows in by_sku.items() if all(row.missed >= VANISHED for row in rows)}
    listings = await store.listings(skus=list(gone)) if gone else ()
    found = []
    for sku, rows in sorted(gone.items()):
        mine = [row for row in listings if row.sku == sku and not row.gone]
        on_sale = sum(row.on_sale is not False and row.expected_hi != 0 for row in mine)
        confirmed = all(row.missed >= CONFIRMED for row in rows)
        found.append(Gone(sku=sku, confirmed=confirmed, listings=len(mine), on_sale=on_sale))
    return found
