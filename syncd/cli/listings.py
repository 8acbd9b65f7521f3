"""`syncd listings`: what every listing is bound to, and what it should and can read."""

from collections.abc import Sequence
from pathlib import Path

from syncd.cli.exits import Exit
from syncd.cli.naming import known_shop
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import document, line
from syncd.cli.tables import interval, table
from syncd.domain.model import ListingRow
from syncd.services.desk.listings import expected_of, holds_of, listing_document

_COLUMNS = (
    "shop",
    "listing",
    "code",
    "sku",
    "units",
    "desired",
    "expected",
    "observed",
    "on sale",
    "off sale by",
    "why unbound",
)


async def listings(config: Path, output: Format, *, shop: str | None, unbound: bool) -> Exit:
    """Print the listings that the state knows, of one shop or all, bound or not."""
    configuration = configured(config, calls=False)
    shop_name = known_shop(shop, configuration)
    async with looking(configuration) as app:
        known = await app.store.listings(shop_name)
    rows = [row for row in known if not unbound or (not row.is_bound and not row.gone)]
    if output is Format.JSON:
        document({"listings": [listing_document(row) for row in rows]})
    else:
        _print(rows)
    return Exit.DONE


def _print(rows: Sequence[ListingRow]) -> None:
    table(_COLUMNS, [_cells(row) for row in rows])
    unbound = sum(not row.is_bound and not row.gone for row in rows)
    line()
    line(f"Listings: {len(rows)}, of which unbound and so never touched: {unbound}.")
    if any(row.is_held for row in rows):
        line("What an unbound listing holds of its last SKU is given to no other until it sells no more.")


def _cells(row: ListingRow) -> tuple[object, ...]:
    why = "the shop shows it no longer" if row.gone else row.unbound_because
    if row.is_held:
        holds = holds_of(row)
        why = f"{why}; holds {'an unknown number' if holds is None else holds} of {row.sku}"
    counters = row.desired, interval(expected_of(row)), row.observed
    return row.shop, row.id, row.code, row.sku, row.units, *counters, row.on_sale, row.delisted_by, why
