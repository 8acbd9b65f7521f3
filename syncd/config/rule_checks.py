"""Check what overrides, levels and bundles say against the pools and shops they are about."""

from collections.abc import Collection, Iterator

from syncd.config.drafts import Drafts
from syncd.config.lines import KeyPath
from syncd.config.problems import Problems, key_text, suggestion
from syncd.config.settings import OverrideTable, RuleValues
from syncd.config.validation import Table


def rule_values(table: RuleValues) -> dict[str, int]:
    """Return the values that a table sets, without those it leaves to others."""
    values = {key: getattr(table, key) for key in RuleValues.model_fields}
    return {key: value for key, value in values.items() if value is not None}


# --- overrides ---------------------------------------------------------------------------------------------


def check_overrides(drafts: Drafts, problems: Problems) -> None:
    """Refuse overrides that change nothing, are for everything, or name what is not there."""
    all_served = drafts.whole and all(pool.has("shops") for pool in drafts.pools.values())
    for table in drafts.overrides:
        if not table.broken:
            _check_sense(table, problems)
        if drafts.whole:
            _check_last_units(table, drafts, problems)
        unknown = [
            *_unknown((*table.path, "pool"), table.model.pool or (), drafts.pools),
            *_unknown((*table.path, "shop"), table.model.shop or (), drafts.shops),
        ]
        for path, hint in unknown if drafts.whole else ():
            # A single name may be written without brackets, and then has no position.
            exact = path if path in problems.places else path[:-1]
            problems.add(exact, "names what is not configured", hint)
        could_meet = unknown or not all_served or not table.has("pool", "shop") or not table.model.shop
        if not could_meet and not any(_edges(table.model, drafts)):
            hint = "none of its shops is in one of its pools; correct one of the two"
            problems.add(table.path, "is for nothing", hint)


def _check_sense(table: Table[OverrideTable], problems: Problems) -> None:
    override = table.model
    if override.sku is None and override.pool is None and override.shop is None:
        problems.add(table.path, "is for everything", "name a sku, a pool or a shop")
    if not rule_values(override) and override.last_units is None:
        keys = ", ".join((*RuleValues.model_fields, "last_units"))
        problems.add(table.path, "sets no value", f"set one of {keys}")


def _check_last_units(table: Table[OverrideTable], drafts: Drafts, problems: Problems) -> None:
    """Refuse a shop of the last units that a pool of the override does not serve: nobody would sell them."""
    shop, path = table.model.last_units, (*table.path, "last_units")
    if shop is None or not table.has("last_units", "pool", "shop"):
        return
    if table.model.shop is not None:
        hint = "it names its shop itself; take shop out, or write it into an [[overrides]] of its own"
        problems.add(path, "cannot stand beside shop", hint)
        return
    named = table.model.pool or ()
    pools = {name: each for name, each in drafts.pools.items() if not named or name in named}
    served = {name: each.model.shops for name, each in pools.items() if each.has("shops")}
    lacking = [name for name, shops in served.items() if shop not in shops]
    # Without a pool it is for those that serve the shop; one is enough.
    if not shop or not lacking or len(served) < len(pools) or (not named and len(lacking) < len(pools)):
        return
    what = f"is no shop of [pools.{lacking[0]}]" if named else "is no shop of any pool"
    known = served[lacking[0]] if named else {each for shops in served.values() for each in shops}
    problems.add(path, what, suggestion(shop, known, "shops of the pool" if named else "shops"))


def _unknown(path: KeyPath, names: tuple[str, ...], known: Collection[str]) -> Iterator[tuple[KeyPath, str]]:
    for position, name in enumerate(names):
        if name not in known:
            yield (*path, position), suggestion(name, known, f"{path[-1]}s")


def _edges(override: OverrideTable, drafts: Drafts) -> Iterator[tuple[str, str]]:
    """Yield the pool and shop of every share that the override is for."""
    for pool, table in drafts.pools.items():
        if override.pool is not None and pool not in override.pool:
            continue
        for shop in table.model.shops if table.has("shops") else ():
            if shop in drafts.shops and (override.shop is None or shop in override.shop):
                yield pool, shop


# --- levels ------------------------------------------------------------------------------------------------

_LEVELS = ("warning_level", "relist_level")
_Chain = tuple[Table[RuleValues], ...]


def check_levels(drafts: Drafts, problems: Problems) -> None:
    """Refuse a relist level that is not above the warning level: listings would go off and on for ever."""
    shops = {name: shop.table for name, shop in drafts.shops.items()}
    overrides = [row for row in drafts.overrides if not row.broken and _sets_level(row.model)]
    chains: list[_Chain] = [(table,) for table in (*drafts.pools.values(), *shops.values(), *overrides)]
    for pool in drafts.pools.values():
        served = pool.model.shops if pool.has("shops") else ()
        chains += [(pool, shops[shop]) for shop in served if shop in shops]
    bases: dict[tuple[object, object], list[_Chain]] = {}
    for row in overrides:
        # One that sets both levels stands for itself.
        if row.model.warning_level is None or row.model.relist_level is None:
            about = (row.model.pool, row.model.shop)
            if about not in bases:
                bases[about] = _bases(row.model, drafts)
            chains += [(*base, row) for base in bases[about]]
    wrong: set[KeyPath] = set()
    for chain in chains:
        # What is wrong in one table alone is not told again for every shop and override it meets.
        if wrong.isdisjoint(table.path for table in chain):
            wrong |= _check_chain(chain, problems)


def _bases(override: OverrideTable, drafts: Drafts) -> list[_Chain]:
    """Return the tables that the override meets, one pool and shop for each different pair of levels."""
    found: dict[tuple[int | None, ...], _Chain] = {}
    for pool, shop in _edges(override, drafts):
        chain = (drafts.pools[pool], drafts.shops[shop].table)
        levels = (getattr(table.model, level) for table in chain for level in _LEVELS)
        found.setdefault(tuple(levels), chain)
    return list(found.values())


def _sets_level(table: RuleValues) -> bool:
    return table.warning_level is not None or table.relist_level is not None


def _check_chain(chain: _Chain, problems: Problems) -> set[KeyPath]:
    """Check the levels that result where later tables win; return the path of the table to blame."""
    if not all(table.has(*_LEVELS) for table in chain):
        return set()
    setters = [table for table in chain if _sets_level(table.model)]
    warning = next((t for t in reversed(setters) if t.model.warning_level is not None), None)
    relist = next((t for t in reversed(setters) if t.model.relist_level is not None), None)
    if relist is None or (relist.model.relist_level or 0) > ((warning and warning.model.warning_level) or 0):
        return set()
    blamed = setters[-1]
    if blamed is relist:
        other = f"of {key_text(warning.path)} " if warning and warning is not relist else ""
        message = f"must be more than the warning_level {other}".rstrip()
        problems.add((*blamed.path, "relist_level"), message, "raise it, or leave it out for one more")
    else:
        message = f"must be less than the relist_level of {key_text(relist.path)}"
        problems.add((*blamed.path, "warning_level"), message, "set a higher relist_level here too")
    return {blamed.path}


# --- bundles -----------------------------------------------------------------------------------------------


def check_bundles(drafts: Drafts, problems: Problems) -> None:
    """Refuse bundles of bundles, bundles that stand twice, and codes that could be taken for other things."""
    places: dict[str, KeyPath] = {}
    for row in drafts.bundles:
        if not row.has("sku"):
            continue
        first = places.setdefault(row.model.sku, row.path)
        if first != row.path:
            hint = f"{key_text(first)} has the same sku; keep one of the two"
            problems.add((*row.path, "sku"), "is a bundle twice", hint)
        _check_suffix((*row.path, "sku"), row.model.sku, drafts, problems)
    for row in drafts.bundles:
        for component in row.model.components if row.has("components") else ():
            if component in places:
                what = "itself" if row.has("sku") and component == row.model.sku else "another bundle"
                hint = "name the SKUs inside, with their units"
                problems.add((*row.path, "components", component), f"contains {what}", hint)
    for virtual in drafts.virtual:
        if virtual.has("sku") and virtual.model.sku in places:
            hint = "write one [[virtual]] for each SKU inside"
            problems.add((*virtual.path, "sku"), "is a bundle, which lies in no warehouse", hint)


def _check_suffix(path: KeyPath, sku: str, drafts: Drafts, problems: Problems) -> None:
    for name, source in drafts.sources.items():
        suffix = source.table.model.unsellable_suffix if source.table.has("unsellable_suffix") else ""
        if suffix and sku.endswith(suffix):
            hint = f"give the bundle another code, or change sources.{name}.unsellable_suffix"
            problems.add(path, f"ends like the unsellable codes of the source {name}", hint)
