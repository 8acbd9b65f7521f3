"""What a stated risk would ask for, as people read it."""

from collections.abc import Sequence

from syncd.cli.output import Json, line
from syncd.cli.tables import table


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
