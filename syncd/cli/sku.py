"""`syncd sku`: SKUs that their sources left out, and the word of a person that one is gone."""

from pathlib import Path

from syncd.bootstrap import open_app
from syncd.cli.asking import ask
from syncd.cli.exits import Exit
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import document, line
from syncd.cli.tables import table
from syncd.domain.model import Sku
from syncd.services.sku_retiring import RETIRE_SKU, gone_skus, refuse_living

_COLUMNS = ("sku", "retired", "listings", "on sale")


async def retire(config: Path, output: Format, *, sku: str) -> Exit:
    """Confirm that a SKU is gone; its listings go to zero without further approval."""
    async with open_app(configured(config, calls=False)) as app:
        refuse_living(Sku(sku), await app.store.stock([Sku(sku)]))
        answer = await ask(app, RETIRE_SKU, sku)
    if output is Format.JSON:
        document({"sku": sku, "answer": answer.text, "pushed_by": "daemon" if answer.by_daemon else "sync"})
        return Exit.DONE
    line(f"{answer.text}.")
    who = "The daemon writes them now." if answer.by_daemon else "The next `syncd sync` writes them."
    line(who)
    return Exit.DONE


async def gone(config: Path, output: Format) -> Exit:
    """Print the SKUs that their sources left out."""
    async with looking(configured(config, calls=False)) as app:
        found = await gone_skus(app.store)
    rows = [(one.sku, one.confirmed, one.listings, one.on_sale) for one in found]
    if output is Format.JSON:
        document(
            {"skus": [dict(zip(("sku", "retired", "listings", "on_sale"), row, strict=True)) for row in rows]}
        )
        return Exit.DONE
    table(_COLUMNS, rows)
    line()
    line(f"SKUs that their sources left out: {len(rows)}. `syncd sku retire SKU` says that one is gone.")
    return Exit.DONE
