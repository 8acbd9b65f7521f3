"""Turn checked tables into what the domain and the bootstrap work with."""

from collections.abc import Iterator

from syncd.config.configuration import ShopConfig, SourceConfig
from syncd.config.drafts import Drafts
from syncd.config.problems import key_text
from syncd.config.rule_checks import rule_values
from syncd.config.settings import OverrideTable, PoolTable, ShopTable, SourceTable
from syncd.domain.model import PoolName, ShopName, Sku, SourceName, WarehouseName
from syncd.domain.topology import (
    AliasRules,
    Bundle,
    Pack,
    Pool,
    Rule,
    Shop,
    SourceRules,
    Topology,
    VirtualStock,
)


def compose_topology(drafts: Drafts) -> Topology:
    """Return who sells what; the tables keep the order of the files."""
    cycle = drafts.cycle.model
    return Topology(
        sources=tuple(_source(name, each.table.model) for name, each in drafts.sources.items()),
        pools=tuple(_pool(name, table.model) for name, table in drafts.pools.items()),
        shops=tuple(_shop(name, each.table.model, drafts) for name, each in drafts.shops.items()),
        rules=tuple(_rules(drafts)),
        bundles=tuple(
            Bundle(
                sku=Sku(row.model.sku),
                components={Sku(sku): units for sku, units in row.model.components.items()},
                assemble=row.model.assemble,
            )
            for row in drafts.bundles
        ),
        virtual=tuple(
            VirtualStock(
                sku=Sku(row.model.sku),
                warehouse=WarehouseName(row.model.warehouse),
                units=row.model.units,
                until=row.model.until,
            )
            for row in drafts.virtual
        ),
        policy=cycle.policy,
    )


def compose_sources(drafts: Drafts) -> dict[SourceName, SourceConfig]:
    """Return every source with its adapter."""
    return {
        SourceName(name): SourceConfig(
            name=SourceName(name),
            core=each.table.model,
            adapter=each.adapter,
            options=each.options,
            unresolved=tuple(key_text(path) for path in each.unresolved),
        )
        for name, each in drafts.sources.items()
        if each.adapter is not None
    }


def compose_shops(drafts: Drafts) -> dict[ShopName, ShopConfig]:
    """Return every shop with its adapter."""
    default = drafts.cycle.model.observe_every
    return {
        ShopName(name): ShopConfig(
            name=ShopName(name),
            core=each.table.model,
            adapter=each.adapter,
            options=each.options,
            observe_every=own if (own := each.table.model.observe_every) is not None else default,
            unresolved=tuple(key_text(path) for path in each.unresolved),
        )
        for name, each in drafts.shops.items()
        if each.adapter is not None
    }


def _source(name: str, table: SourceTable) -> SourceRules:
    return SourceRules(
        name=SourceName(name),
        warehouses=tuple(map(WarehouseName, table.warehouses)),
        unsellable_suffix=table.unsellable_suffix,
        max_age_seconds=table.max_age,
        max_missing_percent=float(table.max_missing),
    )


def _pool(name: str, table: PoolTable) -> Pool:
    return Pool(
        name=PoolName(name),
        mode=table.mode,
        warehouses=tuple(map(WarehouseName, table.warehouses)),
        shops=tuple(map(ShopName, table.shops)),
        reserve_percent=table.reserve,
        relist_after=table.relist_after,
        least_off_seconds=table.least_off_time,
    )


def _shop(name: str, table: ShopTable, drafts: Drafts) -> Shop:
    return Shop(
        name=ShopName(name),
        aliases=AliasRules(
            prefix_separators=table.prefix_separators, suffix_separators=table.suffix_separators
        ),
        packs=tuple(Pack(code=row.code, sku=Sku(row.sku), units=row.units) for row in table.packs),
        repeated=table.repeated,
        policy=table.policy,
        guard=table.guard.over(drafts.guard.model).limits(),
    )


def _rules(drafts: Drafts) -> Iterator[Rule]:
    """Yield the rules in the order in which they apply: pools, shops, overrides."""
    for name, table in drafts.pools.items():
        rule, pool = key_text(table.path), PoolName(name)
        values = rule_values(table.model)
        if values:
            yield Rule(name=rule, values=values, pools=(pool,))
        if table.model.last_units is not None:
            shop = ShopName(table.model.last_units)
            yield Rule(name=rule, values={"last_units": 1}, pools=(pool,), shops=(shop,))
    for name, each in drafts.shops.items():
        values = rule_values(each.table.model)
        if values:
            yield Rule(name=key_text(each.table.path), values=values, shops=(ShopName(name),))
    for row in drafts.overrides:
        yield from _override(key_text(row.path), row.model)


def _override(name: str, table: OverrideTable) -> Iterator[Rule]:
    pools, skus = tuple(map(PoolName, table.pool or ())), table.sku or ()
    values = rule_values(table)
    if values:
        shops = tuple(map(ShopName, table.shop or ()))
        yield Rule(name=name, values=values, pools=pools, shops=shops, skus=skus)
    if table.last_units is not None:
        keeps = bool(table.last_units)
        shops = (ShopName(table.last_units),) if keeps else ()
        yield Rule(name=name, values={"last_units": int(keeps)}, pools=pools, shops=shops, skus=skus)
