"""What a stated risk would ask for: what the advice rests on, and how people read it."""

from collections.abc import Sequence

from syncd.bootstrap import App
from syncd.cli.output import Json, line
from syncd.cli.tables import table
from syncd.services.advice import Stated


async def read_stated(app: App) -> Stated:
    """Return the risk that the configuration states, and what the state knows to advise for it."""
    return Stated(
        risk=app.configuration.settings.cycle.risk,
        measures=await app.store.measures(),
        demand=await app.store.demand(),
        applies={name: one.traits.max_apply_delay for name, one in app.channels.items()},
    )


def print_advice(shops: Sequence[Json], pools: Sequence[Json]) -> None:
    """Print the levels of pools and the buffers of shops, those that are known; nothing where none is."""
    levels = [(one, "", "warning_level") for one in pools]
    buffers = [(one, shop["shop"], "buffer") for shop in shops for one in shop["advice"]]
    rows = [
        (one["pool"], shop, setting, one[setting], one["most"], one["sku"])
        for one, shop, setting in (*levels, *buffers)
        if one[setting] is not None
    ]
    if rows:
        line()
        line(f"For a risk of {pools[0]['risk']:g} these would do; it is advice, nothing changes by itself:")
        table(("pool", "shop", "setting", "for 99 of 100 SKUs", "for the fastest", "which is"), rows)
