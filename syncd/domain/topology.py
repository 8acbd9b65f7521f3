"""Which warehouses feed which shops, and by which rules: the configuration as the domain sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncd.domain.model import PoolName, ShopName, Sku, SourceName, WarehouseName


class PoolMode(StrEnum):
    """Whether every shop shows the whole pool, or each shop has a share that no other shop shows."""

    SHARED = "shared"
    SPLIT = "split"


class Assemble(StrEnum):
    """How far apart the components of a bundle may lie to be packed together."""

    WAREHOUSE = "warehouse"
    POOL = "pool"
    SHOP = "shop"


class Repeated(StrEnum):
    """Whether several listings of one SKU in one shop divide its units or each show all of them."""

    SPLIT = "split"
    MIRROR = "mirror"


class PolicyName(StrEnum):
    """A filter over a plan (DESIGN 7)."""

    FULL = "full"
    NO_RAISE = "no_raise"
    NO_DELIST = "no_delist"
    FREEZE = "freeze"
    DRY_RUN = "dry_run"


RULE_DEFAULTS: Mapping[str, int] = {
    "weight": 1,
    "cap": 1_000_000_000,
    "percent": 100,
    "buffer": 0,
    "extra": 0,
    "floor": 0,
    "warning_level": 0,
    "relist_level": -1,
    "last_units": 0,
    "notice_level": -1,
}
"""The settings that a rule can decide per pool, shop and SKU, with the value each has where no rule names it.

`relist_level` -1, or one that mixed rules put at or below the warning level, means one more than that.
`last_units` is 1 for the shop that keeps the rest below the warning level. `notice_level` -1 means that
nobody is told.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Some settings for the pools, shops and SKUs it matches; the last match wins, setting by setting.

    `name` is what people find it by (`pools.main`, `shops.tmall`, `overrides[3]`). `pools` and `shops` empty
    means all. `skus` are exact codes or globs (`*`, `?`, `[...]`, case matters); empty means all.
    """

    name: str
    values: Mapping[str, int]
    pools: tuple[PoolName, ...] = ()
    shops: tuple[ShopName, ...] = ()
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A set of warehouses that serves a set of shops; `reserve_percent` of it starts unassigned.

    Below the warning level it contributes nothing; it comes back at the relist level in `relist_after`
    snapshots that agree and not before `least_off_seconds` have passed.
    """

    name: PoolName
    mode: PoolMode
    warehouses: tuple[WarehouseName, ...]
    shops: tuple[ShopName, ...]
    reserve_percent: int = 0
    relist_after: int = 2
    least_off_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRules:
    """How a shop's codes hide a SKU: separators whose prefix or suffix is cut, empty for none."""

    prefix_separators: tuple[str, ...] = ()
    suffix_separators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A code of a shop that stands for `units` of `sku` (a case of 12), before any alias rule."""

    code: str
    sku: Sku
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """How much one plan may zero, delist or raise because of a snapshot or the configuration (DESIGN 7).

    Percentages are of the listings (for raises: units) on sale in the shop at the start of the window.
    """

    max_off_percent: int = 30
    max_off_count: int = 1_000_000_000
    max_raised_percent: int = 300
    max_raised_units: int = 1_000_000_000
    from_listings: int = 10
    window_seconds: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One account on a channel."""

    name: ShopName
    aliases: AliasRules = AliasRules()
    packs: tuple[Pack, ...] = ()
    repeated: Repeated = Repeated.SPLIT
    policy: PolicyName = PolicyName.FULL
    guard: GuardLimits = GuardLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A code that is sold as one but made of several SKUs; `components` gives the units of each."""

    sku: Sku
    components: Mapping[Sku, int]
    assemble: Assemble = Assemble.WAREHOUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualStock:
    """Units that may be sold though they are not there (V), until a date; None means for good."""

    sku: Sku
    warehouse: WarehouseName
    units: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """What the domain must know of a source: where it counts, and when its silence becomes a fact.

    `unsellable_suffix` marks separate SKU codes of unsellable units (`351038U`), empty for none. A delta's
    figures hold for `max_age_seconds`; a full snapshot that lacks more than `max_missing_percent` of the
    SKUs known from it is refused.
    """

    name: SourceName
    warehouses: tuple[WarehouseName, ...] = ()
    unsellable_suffix: str = ""
    max_age_seconds: float = 3600.0
    max_missing_percent: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """Everything that a configuration says about who sells what; validated before it gets here.

    A warehouse is in exactly one pool and counted by exactly one source. `rules` are in the order in which
    they apply: pools, shops, overrides; the last match wins.
    """

    sources: tuple[SourceRules, ...]
    pools: tuple[Pool, ...]
    shops: tuple[Shop, ...]
    rules: tuple[Rule, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    virtual: tuple[VirtualStock, ...] = ()
    policy: PolicyName = PolicyName.FULL

    @property
    def has_shares(self) -> bool:
        """Return whether any pool is split: the shops of such a one have shares of their own."""
        return any(pool.mode is PoolMode.SPLIT for pool in self.pools)
