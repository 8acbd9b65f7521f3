"""`syncd explain`: why a number is what it is, from the warehouses to every listing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from syncd.cli.exits import Exit
from syncd.cli.naming import known_shop, known_sku
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.tables import interval, moment, span, table
from syncd.domain.model import Sku
from syncd.services.cycle import CycleReport
from syncd.services.desk.explaining import LEDGER_ROWS, READ_ROWS
from syncd.services.desk.sales import read_all_sales
from syncd.services.desk.shops import read_stated
from syncd.services.queries import Explainer
from syncd.services.standing import Beside

_LISTING_COLUMNS = ("listing", "code", "units", "desired", "expected", "observed", "on sale", "rule")


async def explain(config: Path, output: Format, *, sku: str, shop: str | None) -> Exit:
    """Print the chain of one SKU or bundle; what cannot be read is explained from the last good figures."""
    configuration = configured(config, calls=True)
    shop_name = known_shop(shop, configuration)
    async with looking(configuration) as app:
        view = await app.cycle.look(save=False)
        code = known_sku(sku, view) or Sku(sku)
        beside = Beside(
            intents=await app.store.unresolved(),
            ledger=await app.store.ledger(sku=code, shop=shop_name, limit=READ_ROWS),
            sales=await read_all_sales(app.desk.ground),
            rows=LEDGER_ROWS,
            stated=await read_stated(app.desk.ground, await app.store.demand()),
        )
        explainer = Explainer(view, beside)
    content = explainer.explain(code, shop_name)
    failures = CycleReport(view=view).failures
    if output is Format.JSON:
        document(content | {"problems": failures})
    else:
        _print(content)
    for failure in failures:
        complain(failure)
    if failures:
        complain("What could not be read is explained from its last good figures.")
    return Exit.DONE


def _print(content: Json) -> None:
    if "components" in content:
        _print_bundle(content)
        return
    _print_stock(content)
    for name, entry in content["shops"].items():
        _print_shop(name, entry)
    _print_ledger(content)


def _print_bundle(content: Json) -> None:
    line(f"{content['sku']} is a bundle")
    for name, entry in content["shops"].items():
        _print_shop(name, entry)
    for code, component in content["components"].items():
        line()
        if component is None:
            line(f"Component {code}: no source knows this SKU, so the bundle's quantity is unknown")
            continue
        line(f"Component {code}, {component['units']} in a bundle")
        _print_stock(component)
        for name, entry in component["shops"].items():
            _print_shop(name, entry)


def _print_stock(content: Json) -> None:
    line(
        f"SKU {content['sku']}: {content['available']} available, {content['claims']} claimed by open orders"
    )
    _print_named("Warehouses", "warehouse", content["warehouses"])
    _print_named("Pools", "pool", content["pools"])
    _print_claims(content["open_claims"])
    _print_moving(content["moving"])


def _print_claims(claims: Sequence[Json]) -> None:
    if not claims:
        return
    line()
    line("Open claims")
    rows = []
    for claim in claims:
        what = f"counter of {claim['listing']} fell" if claim["presumed"] else f"order line {claim['line']}"
        waits = "; ".join(claim["waits_for"])
        rows.append((claim["shop"], what, claim["units"], moment(claim["since"]), waits))
    table(("shop", "sale", "units", "since", "waits for"), rows)


def _print_moving(moving: Sequence[Json]) -> None:
    if not moving:
        return
    line()
    line("On their way between shares")
    keys = ("pool", "from", "to", "units")
    rows = [
        (*(row[key] for key in keys), moment(row["since"]), "; ".join(row["waits_for"])) for row in moving
    ]
    table((*keys, "since", "waits for"), rows)


def _print_named(title: str, heading: str, entries: Mapping[str, Mapping[str, Any]]) -> None:
    """Print entries of the same keys; one that lacks a key does not know it."""
    line()
    line(title)
    # An entry that is not known has fewer keys, and none of them may be lost for the others.
    columns = list(dict.fromkeys(key for entry in entries.values() for key in entry))
    rows = [(name, *(_shown(key, entry.get(key)) for key in columns)) for name, entry in entries.items()]
    table((heading, *(column.replace("_", " ") for column in columns)), rows)


def _shown(key: str, value: object) -> object:
    return moment(value) if key == "as_of" and isinstance(value, str) else value


def _print_shop(name: str, entry: Json) -> None:
    line()
    line(f"Shop {name}")
    if "steps" in entry:
        steps = [(step["name"], step["value"], step["rule"]) for step in entry["steps"]]
        table(("step", "value", "rule"), [*steps, ("quantity", entry["quantity"], "sum over its pools")])
        line()
        _print_shares(entry)
        _print_advice(entry)
    if not entry["listings"]:
        line("No listing of it is known here.")
        return
    table(_LISTING_COLUMNS, [_listing(row) for row in entry["listings"]])
    for row in entry["listings"]:
        for key in row["open_intents"]:
            line(f"listing {row['listing']}: write {key} has no answer yet")
        for moved in row["moved_by"]:
            line(f"listing {row['listing']}: since it was read: {moment(moved['at'])} {moved['text']}")
        if row["held_because"]:
            line(f"listing {row['listing']} is not written: {row['held_because']}")


def _print_shares(entry: Json) -> None:
    for pool, units in entry["shares"].items():
        line(
            f"Its share of pool {pool} is {units}."
            if units is not None
            else f"Pool {pool} has no shares yet."
        )
    if entry["history"]:
        rows = [(moment(row["at"]), row["old"], row["new"], row["because"]) for row in entry["history"]]
        table(("at", "share was", "is", "because"), rows)
    if entry["shares"]:
        line()


def _print_advice(entry: Json) -> None:
    rate = entry["sold_per_day"]
    sold = "Nothing is known yet of how fast it sells" if rate is None else f"It sells {rate:g} a day"
    seen, lowered = _late(entry["seen_within"]), _late(entry["lowered_within"])
    line(f"{sold}; its sales are seen {seen}, and it is lowered {lowered}.")
    for one in entry["advice"]:
        buffer = "not known yet" if one["buffer"] is None else one["buffer"]
        line(f"For a risk of {one['risk']:g} its buffer in pool {one['pool']} would be: {buffer}")
    line()


def _late(seconds: float | None) -> str:
    return "after a time that was not measured yet" if seconds is None else f"within {span(seconds)}"


def _listing(row: Json) -> tuple[object, ...]:
    desired = "off sale" if row["off_sale"] else row["desired"]
    on_sale = f"no, by {row['delisted_by']}" if row["delisted_by"] else row["on_sale"]
    counters = desired, interval(row["expected"]), row["observed"]
    return row["listing"], row["code"], row["units"], *counters, on_sale, row["rule"]


def _print_ledger(content: Json) -> None:
    if not content["ledger"]:
        return
    line()
    line("Latest changes")
    keys = ("shop", "listing", "what", "old", "new", "cause", "rule", "who")
    rows = [(moment(row["at"]), *(row[key] for key in keys)) for row in content["ledger"]]
    table(("at", *keys), rows)
