"""`syncd listings`: what every listing is bound to, and what it should and can read."""

from collections.abc import Sequence
from pathlib import Path

from syncd.cli.exits import Exit
from syncd.cli.naming import known_shop
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, document, line
from syncd.cli.tables import interval, table
from syncd.domain.model import ListingRow

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
        document({"listings": [_document(row) for row in rows]})
    else:
        _print(rows)
    return Exit.DONE


def _document(row: ListingRow) -> Json:
    return {
        "shop": row.shop,
        "listing": row.id,
        "code": row.code,
        "title": row.title,
        "sku": row.sku,
        "units": row.units,
        "desired": row.desired,
        "expected": _expected(row),
        "observed": row.observed,
        "observed_at": row.observed_at.isoformat() if row.observed_at else None,
        "on_sale": row.on_sale,
        "delisted_by": row.delisted_by,
        "unbound_because": row.unbound_because,
        "holds": _holds(row),
        "gone": row.gone,
    }


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
        holds = _holds(row)
        why = f"{why}; holds {'an unknown number' if holds is None else holds} of {row.sku}"
    counters = row.desired, interval(_expected(row)), row.observed
    return row.shop, row.id, row.code, row.sku, row.units, *counters, row.on_sale, row.delisted_by, why


def _holds(row: ListingRow) -> int | None:
    """Return how many units of its last SKU an unbound listing can still sell, None where nobody knows."""
    if not row.is_held:
        return 0
    return None if row.expected_hi is None else row.expected_hi * row.units


def _expected(row: ListingRow) -> list[int] | None:
    if row.expected_lo is None or row.expected_hi is None:
        return None
    return [row.expected_lo, row.expected_hi]
