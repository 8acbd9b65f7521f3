"""Check the tables against each other: warehouses, pools, shops, levels, bundles."""

from collections.abc import Mapping

from syncd.config.drafts import Drafts
from syncd.config.lines import KeyPath
from syncd.config.problems import Problems, suggestion
from syncd.config.rule_checks import check_bundles, check_levels, check_overrides
from syncd.config.scalars import NAME_PATTERN
from syncd.config.settings import PoolTable, ShopTable, SourceTable
from syncd.config.validation import Table
from syncd.domain.topology import PoolMode, Repeated


def check_tables(drafts: Drafts, problems: Problems) -> None:
    """Add what does not fit together to `problems`; nothing is said of what could not be read."""
    _Checks(drafts, problems).run()
    check_overrides(drafts, problems)
    check_levels(drafts, problems)
    check_bundles(drafts, problems)


class _Checks:
    """Everything is judged only by keys that were read: one mistake is told once, not through its echoes."""

    def __init__(self, drafts: Drafts, problems: Problems) -> None:
        self._drafts = drafts
        self._problems = problems
        sources = [source.table for source in drafts.sources.values()]
        pools = drafts.pools.values()
        self._all_counted = (
            drafts.whole and bool(sources) and all(source.has("warehouses") for source in sources)
        )
        self._all_pooled = drafts.whole and bool(pools) and all(pool.has("warehouses") for pool in pools)
        self._all_served = drafts.whole and bool(pools) and all(pool.has("shops") for pool in pools)
        self._counted = {name for each in sources if each.has("warehouses") for name in each.model.warehouses}

    def run(self) -> None:
        self._parts()
        self._once("sources", {name: each.table for name, each in self._drafts.sources.items()})
        self._once("pools", self._drafts.pools)
        self._warehouses()
        for pool in self._drafts.pools.values():
            self._pool_shops(pool)
            self._last_units(pool)
        self._shops()
        self._virtual()

    def _parts(self) -> None:
        for key in ("sources", "pools", "shops"):
            if self._drafts.whole and not getattr(self._drafts, key):
                self._problems.add((key,), f"there is no [{key}.NAME]", "write at least one such table")

    def _once(
        self, kind: str, tables: Mapping[str, Table[SourceTable]] | Mapping[str, Table[PoolTable]]
    ) -> None:
        """Refuse a warehouse that two tables of one kind claim."""
        owner: dict[str, str] = {}
        verb = "counted by" if kind == "sources" else "in"
        for name, table in tables.items():
            for position, warehouse in enumerate(table.model.warehouses if table.has("warehouses") else ()):
                other = owner.setdefault(warehouse, name)
                if other != name:
                    message = f"the warehouse {warehouse} is {verb} [{kind}.{other}] already"
                    hint = "keep it in one of the two: its units would count twice"
                    self._problems.add((*table.path, "warehouses", position), message, hint)

    def _warehouses(self) -> None:
        pooled = set()
        for pool in self._drafts.pools.values():
            for position, name in enumerate(pool.model.warehouses if pool.has("warehouses") else ()):
                pooled.add(name)
                if self._all_counted and name not in self._counted:
                    hint = suggestion(name, self._counted, "warehouses")
                    path = (*pool.path, "warehouses", position)
                    self._problems.add(path, "is a warehouse that no source counts", hint)
        for source in (each.table for each in self._drafts.sources.values()):
            for position, name in enumerate(source.model.warehouses if source.has("warehouses") else ()):
                if self._all_pooled and name not in pooled:
                    hint = "put it into a pool, or take it out here: its stock would be sold by nobody"
                    path = (*source.path, "warehouses", position)
                    self._problems.add(path, f"the warehouse {name} is in no pool", hint)

    def _pool_shops(self, pool: Table[PoolTable]) -> None:
        for position, name in enumerate(pool.model.shops if pool.has("shops") else ()):
            if self._drafts.whole and self._drafts.shops and name not in self._drafts.shops:
                hint = suggestion(name, self._drafts.shops, "shops")
                path = (*pool.path, "shops", position)
                self._problems.add(path, "is a shop that is not configured", hint)

    def _last_units(self, pool: Table[PoolTable]) -> None:
        if not pool.has("last_units", "shops") or pool.model.last_units is None:
            return
        if pool.model.last_units not in pool.model.shops:
            hint = suggestion(pool.model.last_units, pool.model.shops, "shops of the pool")
            self._problems.add((*pool.path, "last_units"), "is no shop of this pool", hint)

    def _shops(self) -> None:
        pools = self._drafts.pools.values()
        served = {name for pool in pools if pool.has("shops") for name in pool.model.shops}
        split = {
            name: pool.path[-1]
            for pool in pools
            if pool.has("shops", "mode") and pool.model.mode is PoolMode.SPLIT
            for name in pool.model.shops
        }
        for name, shop in self._drafts.shops.items():
            if self._all_served and name not in served and NAME_PATTERN.fullmatch(name):
                hint = "name it in the shops of a pool, or take this table out"
                self._problems.add(("shops", name), f"the shop {name} is in no pool", hint)
            if shop.table.has("packs"):
                self._packs(shop.table.path, [pack.code for pack in shop.table.model.packs])
            self._hook(name, shop.table)
            is_mirror = shop.table.has("repeated") and shop.table.model.repeated is Repeated.MIRROR
            if is_mirror and name in split:
                message = f"mirror has no effect on the shop {name}: [pools.{split[name]}] is split"
                self._problems.note(
                    ("shops", name, "repeated"), message, "repeated listings divide the share"
                )

    def _packs(self, path: KeyPath, codes: list[str]) -> None:
        for position, code in enumerate(codes):
            if code in codes[:position]:
                hint = f"it says the same code as packs[{codes.index(code) + 1}]; take one of them out"
                self._problems.add((*path, "packs", position, "code"), "stands for two packs", hint)

    def _hook(self, name: str, shop: Table[ShopTable]) -> None:
        http = self._drafts.http
        if not shop.has("hook") or shop.model.hook is None or not http.has("port"):
            return
        if http.model.port is None:
            message = f"nobody hears the hook of the shop {name}: there is no http.port"
            self._problems.note(("shops", name, "hook"), message, "write [http] with a port")

    def _virtual(self) -> None:
        for row in self._drafts.virtual:
            if not row.has("warehouse") or not self._all_counted:
                continue
            if row.model.warehouse not in self._counted:
                hint = suggestion(row.model.warehouse, self._counted, "warehouses")
                path = (*row.path, "warehouse")
                self._problems.add(path, "is a warehouse that no source counts", hint)
