"""What each shop may sell: exposure, division, shaping, sum over pools (DESIGN 4.2; 4.5 steps 10 to 14)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from syncd.domain.availability import Availability
from syncd.domain.book import NOTHING, Book, Levels
from syncd.domain.division import divide
from syncd.domain.exposure import exposure, writable_shops
from syncd.domain.levels import EdgeRules
from syncd.domain.model import Bools, Ints
from syncd.domain.records import ShopStatus
from syncd.domain.topology import PoolMode

NO_PACK = 1 << 40
"""The smallest pack of a shop that does not list a SKU at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What shops get, by (edge, sku): `base` before and `result` after shaping, `step` that decided last.

    `quantity`, `known`, `off`, `shaky` and `vanished` are by (shop, sku); an unknown quantity is `NOTHING`.
    `writable` is by shop.
    """

    base: Ints
    result: Ints
    step: Ints
    quantity: Ints
    known: Bools
    off: Bools
    shaky: Bools
    vanished: Bools
    writable: Bools


STEPS = ("weight", "last_units", "percent", "buffer", "cap", "lock", "extra", "floor", "warning_level")
"""What can decide a shop's result, settings but for its locks; `Shares.step` indexes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What shops have from earlier cycles, by (edge, sku).

    `shares` are those that split pools keep, with what is on its way to them: who it is taken from must be
    lowered first (`policy.take_first`). `NOTHING` where there is none yet, so that the rest is divided.
    `extra_used` is what is sold of what they may sell beyond what is there.
    """

    shares: Ints
    extra_used: Ints


def shares(book: Book, pools: Availability, levels: Levels, rules: EdgeRules, before: Remembered) -> Shares:
    """Return what every shop may sell of every SKU."""
    writable = writable_shops(book)
    base = _base(book, pools, levels, rules, before.shares, writable)
    last = rules.last_units & writable[rules.shop][:, None]
    result, step = _shape(base, levels, rules, before.extra_used, last)
    on_shop = ByShop(len(book.topology.shops), rules.shop)
    edge_known = pools.known[rules.pool]
    known = on_shop.any(edge_known)
    quantity = on_shop.sum(result * edge_known)
    quantity[~known] = NOTHING
    # What is locked for a shop stays on sale there when the pool's rest falls below the level.
    on = on_shop.any(edge_known & (~levels.off | (rules.lock > 0)))
    return Shares(
        base=base,
        result=result,
        step=step,
        quantity=quantity,
        known=known,
        off=known & ~on,
        shaky=on_shop.any(pools.shaky[rules.pool]),
        vanished=on_shop.any(pools.vanished[rules.pool]),
        writable=writable,
    )


class ByShop:
    """Turns rows by edge into rows by shop."""

    def __init__(self, shops: int, shop_of_edge: Ints) -> None:
        self._shops, self._shop = shops, shop_of_edge.tolist()

    def sum(self, rows: Ints) -> Ints:
        """Return what the rows of each shop add up to."""
        found = np.zeros((self._shops, rows.shape[1]), dtype=np.int64)
        for shop, row in zip(self._shop, rows, strict=True):
            found[shop] += row
        return found

    def any(self, rows: Bools) -> Bools:
        """Return where one of the rows of each shop is true."""
        found = np.zeros((self._shops, rows.shape[1]), dtype=np.bool_)
        for shop, row in zip(self._shop, rows, strict=True):
            found[shop] |= row
        return found


def _base(  # noqa: PLR0917
    book: Book, pools: Availability, levels: Levels, rules: EdgeRules, kept: Ints, writable: Bools
) -> Ints:
    """Return by (edge, sku) the rest of a shared pool, or the shop's share of a split one (step 11).

    Shares that are `kept` stand; only where there is `NOTHING` a share is divided anew.
    """
    base = kept.copy()
    # Who leaves keeps what it has on sale until that is off, and so does who cannot be written.
    keeps = ~writable | book.shops_that_are(ShopStatus.RETIRING)
    reserved = exposure(book) * keeps[:, None] if keeps.any() else None
    smallest = None
    for index, pool in enumerate(book.topology.pools):
        edges = np.flatnonzero(rules.pool == index)
        if pool.mode is PoolMode.SHARED:
            base[edges] = np.where(kept[edges] == NOTHING, pools.rest[index], kept[edges])
            continue
        rest = pools.rest[index].copy()
        if reserved is not None:
            for shop in sorted({int(shop) for shop in rules.shop[edges] if keeps[shop]}):
                taken = np.minimum(rest, reserved[shop])
                reserved[shop] -= taken
                rest -= taken
        anew = np.flatnonzero((kept[edges] == NOTHING).any(axis=0))
        if not anew.size:
            continue
        smallest = smallest_packs(book) if smallest is None else smallest
        at = np.ix_(edges, anew)
        packs = smallest[np.ix_(rules.shop[edges], anew)]
        part = (packs < NO_PACK) & writable[rules.shop[edges]][:, None] & ~levels.off[at]
        weights = np.where(part & ~rules.only[at], rules.weight[at], 0)
        share = divide(rest[anew], weights.T, rules.cap[at].T).T
        base[at] = np.where(kept[at] == NOTHING, share - share % packs, kept[at])
    return base


def smallest_packs(book: Book) -> Ints:
    """Return by (shop, sku) the units of the smallest pack listed, `NO_PACK` where none is."""
    draws = book.draws
    smallest = np.full((len(book.topology.shops), len(book.skus)), NO_PACK, dtype=np.int64)
    draws.gathered(smallest, draws.units, np.minimum)
    return smallest


def shaping(base: Ints, off: Bools, rules: EdgeRules, used: Ints) -> Iterator[tuple[str, Ints]]:
    """Yield each step of 12 and 13 with the result after it, in the order that is the definition.

    `used` is what is sold of `extra` and `floor`: what is shown beyond the shop's own result comes out of
    what is left of the larger of the two.
    """
    result = base * rules.percent // 100
    yield "percent", result
    result = np.maximum(result - rules.buffer, 0)
    yield "buffer", result
    result = np.minimum(result, rules.cap)
    yield "cap", result
    own = result
    if is_locked := bool(rules.only.any() or rules.lock.any()):
        own = np.where(rules.only, 0, result) + rules.lock
    yield "lock", own
    result, is_extra = own, bool(rules.extra.any() or rules.floor.any())
    # Where nobody has any, in most pools, nothing of this changes a figure.
    if is_extra:
        result = own + np.maximum(rules.extra - used, 0)
    yield "extra", result
    if is_extra:
        left = np.maximum(rules.floor, rules.extra) - used
        result = np.maximum(result, np.minimum(rules.floor, own + left))
    yield "floor", result
    yield "warning_level", np.where(off, rules.lock, result) if is_locked else result * ~off


def _shape(base: Ints, levels: Levels, rules: EdgeRules, used: Ints, last: Bools) -> tuple[Ints, Ints]:
    """Return the result of shaping, and which setting changed it last; `last` says who has the last units."""
    result, step = base, np.where(last, STEPS.index("last_units"), 0)
    for setting, shaped in shaping(base, levels.off, rules, used):
        if shaped is not result:
            np.copyto(step, STEPS.index(setting), where=shaped != result)
        result = shaped
    step[levels.off] = STEPS.index("warning_level")
    if rules.lock.any():
        step[levels.off & (rules.lock > 0)] = STEPS.index("lock")
    return result, step
