"""`syncd shops`: how the shops are, how old things get there, and which of them are paused or frozen."""

from pathlib import Path

from syncd.bootstrap import open_app
from syncd.cli.advising import print_advice
from syncd.cli.asking import ask
from syncd.cli.exits import Exit
from syncd.cli.naming import known_shop
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.tables import moment, percent, span, table
from syncd.domain.model import ShopName
from syncd.domain.records import Measure

_COLUMNS = (
    *("shop", "type", "status", "listings", "unbound", "read at"),
    *("sales seen within", "lowered within", "throttled", "spared", "oldest decrease", "error", "since"),
)


_GONE = (
    "warning: --gone frees the units of {shop} on your word. If buyers can still buy there, or orders that "
    "it took never reach your ERP, units are sold twice. `syncd shops resume {shop}` takes it back."
)


async def shops(config: Path, output: Format) -> Exit:
    """Print every configured shop with its status and what is wrong with it."""
    async with looking(configured(config, calls=False)) as app:
        content = await app.desk.shops()
    if output is Format.JSON:
        document(content)
    else:
        table(_COLUMNS, [_cells(entry) for entry in content["shops"]])
        print_advice(content["shops"], content["pools"])
    return Exit.DONE


async def retire(config: Path, output: Format, *, shop: str, off_sale: bool, gone: bool) -> Exit:
    """Have a shop taken off sale and its units freed, and print how far that is."""
    if gone:
        done = await set_status(config, output, verb="retire_gone", shop=shop)
        complain(_GONE.format(shop=shop))
        return done
    return await set_status(config, output, verb="retire_off_sale" if off_sale else "retire", shop=shop)


async def set_status(config: Path, output: Format, *, verb: str, shop: str) -> Exit:
    """Have a shop paused, resumed, frozen, unfrozen or retired, and print what came of it."""
    configuration = configured(config, calls=False)
    name = known_shop(shop, configuration) or ShopName(shop)
    async with open_app(configuration) as app:
        answer = await ask(app, verb, name)
    if output is Format.JSON:
        document({"shop": name, "answer": answer.text})
    else:
        line(f"{answer.text[:1].upper()}{answer.text[1:]}.")
    return Exit.DONE


def _cells(entry: Json) -> tuple[object, ...]:
    within = [
        entry["delays"][what]["within"] for what in (Measure.SALE_TO_SEEN, Measure.DECISION_TO_ACCEPTED)
    ]
    return (
        *(entry[key] for key in ("shop", "type", "status", "listings", "unbound")),
        moment(entry["observed_at"]) or "",
        *map(span, within),
        percent(entry["throttled_share"]),
        percent(entry["spared_share"]),
        _oldest(entry["decreases"]),
        entry["error"],
        moment(entry["since"]) or "",
    )


def _oldest(decreases: Json) -> str:
    """Return since when a shop waits to be lowered; empty where nothing waits."""
    if not decreases["waiting"]:
        return ""
    held = f", {decreases['held']} held" if decreases["held"] else ""
    return f"{moment(decreases['oldest'])} ({decreases['waiting']} wait{held})"
