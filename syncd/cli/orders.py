"""`syncd orders`: the order lines that the state knows, and what of them no snapshot contains yet."""

from collections.abc import Collection
from pathlib import Path

from syncd.cli.exits import Exit
from syncd.cli.naming import known_shop, near_codes
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, document, line
from syncd.cli.tables import moment, table
from syncd.domain.model import Sku
from syncd.errors import UsageError
from syncd.services.desk.sales import read_all_sales
from syncd.services.sales import Wanted, orders_document

_NAMES = ("created", "shop", "order", "line", "listing", "sku", "stage")
_COLUMNS = (*_NAMES, "units", "released", "shipped", "open", "contained", "doubt")


async def orders(
    config: Path, output: Format, *, shop: str | None, sku: str | None, open_only: bool, limit: int
) -> Exit:
    """Print the newest order lines, of one shop or SKU where asked."""
    configuration = configured(config, calls=False)
    shop_name = known_shop(shop, configuration)
    async with looking(configuration) as app:
        sales, listings = await read_all_sales(app.desk.ground), await app.store.listings()
        codes = {row.sku for row in await app.store.stock()} | {row.sku for row in listings if row.sku}
    codes |= {bundle.sku for bundle in configuration.topology.bundles}
    wanted = Wanted(shop=shop_name, sku=_known(sku, codes), open_only=open_only, limit=limit)
    content = orders_document(sales, wanted, listings)
    if output is Format.JSON:
        document(content)
    else:
        _print(content)
    return Exit.DONE


def _known(sku: str | None, codes: Collection[Sku]) -> Sku | None:
    if sku is None or sku in codes:
        return None if sku is None else Sku(sku)
    near = near_codes(sku, codes)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"the state knows no SKU {sku!r}{hint}")


def _print(content: Json) -> None:
    table(_COLUMNS, [_cells(row) for row in content["orders"]])
    for row in content["orders"]:
        for what in row["waits_for"]:
            line(f"shop {row['shop']}: order line {row['line']} waits for {what}")
    line()
    if content["left_out"]:
        line(f"Older lines left out: {content['left_out']}; --limit shows more.")
    for shop, feed in content["feeds"].items():
        known = moment(feed["known_until"])
        line(
            f"Orders of shop {shop} are known until {known}." if known else f"Shop {shop} told no orders yet."
        )
        if feed["error"]:
            line(f"Orders of shop {shop} cannot be read since {moment(feed['since'])}: {feed['error']}")
    if not content["feeds"]:
        line("No shop tells its orders; sales are presumed from counters that fall.")


def _cells(row: Json) -> tuple[object, ...]:
    skus = ", ".join(sku if each == 1 else f"{each} {sku}" for sku, each in row["skus"].items())
    figures = row["units"], row["released"], row["shipped"], row["open"], row["contained"]
    names = row["shop"], row["order"], row["line"], row["listing"]
    return moment(row["created"]), *names, skus, row["stage"], *figures, row["doubt"]
