"""Find the SKU and the pool that somebody means who wants units locked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.config.problems import suggestion
from syncd.domain.locks.standing import Batch, schedule_text
from syncd.domain.model import PoolName, ShopName, Sku, StockRow, WarehouseName
from syncd.domain.records import LockMode
from syncd.domain.said import Said, say
from syncd.domain.topology import Pool, Topology
from syncd.errors import NotThere, UsageError
from syncd.services.lock_requests import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWanted:
    """A lock that somebody wants: `release` units of it are the shop's at once, and `releases` later."""

    sku: Sku
    units: int
    shop: ShopName | None = None
    pool: PoolName | None = None
    only: bool = False
    release: int = 0
    releases: Sequence[tuple[int, datetime]] = ()

    def of_pool(self, pool: PoolName) -> Wanted:
        """Return it as a request asks for it.

        Raises:
            UsageError: nobody can show only what is locked for nobody, or a release is at no time at all.
        """
        if self.shop is None and self.only:
            raise UsageError(say("only: says what a shop shows; name the shop, or leave it out"))
        try:
            schedule = schedule_text(Batch(units, at) for units, at in self.releases)
        except OverflowError as error:
            raise UsageError(say("releases: nobody has units released at such a time")) from error
        mode = LockMode.NOBODY if self.shop is None else LockMode.ONLY if self.only else LockMode.PLUS
        return Wanted(
            sku=self.sku,
            pool=pool,
            shop=self.shop or ShopName(""),
            mode=mode,
            units=self.units,
            by_hand=self.release,
            schedule=schedule,
        )


def refuse_bundle(code: str, topology: Topology) -> None:
    """Do nothing but for a bundle.

    Raises:
        UsageError: it is one.
    """
    if any(bundle.sku == code for bundle in topology.bundles):
        raise UsageError(
            say("%(code)s is a bundle, which has no stock of its own: lock its components", code=code)
        )


def pools_of(
    sku: Sku, shop: ShopName | None, name: str | None, rows: Sequence[StockRow], topology: Topology
) -> list[PoolName]:
    """Return the pools that have the SKU for the shop, only the one of that name where one is named.

    `rows` are the stock of the SKU.

    Raises:
        UsageError: there is none, or it is not the shop's.
    """
    pools = {pool.name: pool for pool in topology.pools}
    if name is not None and name not in pools:
        raise NotThere(_no_pool(name, pools))
    serving = [pool for pool in pools.values() if shop is None or shop in pool.shops]
    places = {row.warehouse for row in rows}
    having = [pool for pool in pools.values() if _has(pool, sku, places, topology)]
    # A lock where the SKU is not would hold nothing, and say so only in `lock list`.
    where = _where([pool.name for pool in having])
    if name is not None:
        chosen = pools[PoolName(name)]
        if chosen not in serving:
            names = ", ".join(pool.name for pool in serving)
            raise UsageError(
                say(
                    "shop %(shop)s does not draw on pool %(pool)s; it draws on %(names)s",
                    shop=shop,
                    pool=name,
                    names=names,
                )
            )
        if chosen not in having:
            raise UsageError(say("pool %(pool)s has no %(sku)s; %(where)s", pool=name, sku=sku, where=where))
        return [chosen.name]
    fitting = [pool.name for pool in having if pool in serving]
    if not fitting:
        if shop:
            raise UsageError(
                say("no pool of shop %(shop)s has %(sku)s; %(where)s", shop=shop, sku=sku, where=where)
            )
        raise UsageError(say("no pool of any shop has %(sku)s; %(where)s", sku=sku, where=where))
    return fitting


def names_of(pools: Sequence[PoolName]) -> str:
    """Return pools as a sentence has them."""
    return f"pool{'s' * (len(pools) > 1)} {', '.join(pools)}" if pools else "no pool"


def _where(pools: Sequence[PoolName]) -> Said:
    if not pools:
        return say("it is in no pool")
    names = ", ".join(pools)
    return (
        say("it is in pools %(names)s", names=names)
        if pools[1:]
        else say("it is in pool %(name)s", name=names)
    )


def _no_pool(name: str, known: Iterable[str]) -> Said:
    near = suggestion(name, known, "pools")
    return say("there is no pool %(pool)r; %(near)s", pool=name, near=near)


def _has(pool: Pool, sku: Sku, places: set[WarehouseName], topology: Topology) -> bool:
    virtual = {extra.warehouse for extra in topology.virtual if extra.sku == sku}
    return bool(set(pool.warehouses) & (places | virtual))
